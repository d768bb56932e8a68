"""Owns the list of people: whom one sees, searched, filtered and paged, with what they hold and have at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.expressions import N_, Message
from engine.models import UserTask
from tickets.actor import Actor
from tickets.assigning.models import Absence
from tickets.departing.model import Departure, State
from tickets.errors import Invalid, NotFound
from tickets.organising.reach import SEES_PEOPLE, people_within
from tickets.organising.sessions import PersonSession
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Queue, Role
from tickets.ticket import OPEN, Ticket

PAGE = 50
LONGEST_SEARCH = 100


class Standing(StrEnum):
    """Which people a list shows."""

    HERE = "here"
    COMING = "coming"  # without a password, so they never signed in
    DEPARTED = "departed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list was asked for; `place` and `superior` are public ids, `role` a role's id."""

    standing: Standing = Standing.HERE
    search: str = ""
    place: UUID | None = None
    role: int | None = None
    superior: UUID | None = None

    @property
    def filtered(self) -> bool:
        return bool(self.search or self.place or self.role or self.superior)


@dataclass(slots=True)
class PersonRow:
    """One person of the list. `at_hand` counts the open tickets they own and the open tasks they hold."""

    person: Person
    place: Place
    superior: str
    roles: list[tuple[str, str]] = field(default_factory=list)
    """Chinese and English name of each."""
    at_hand: int = 0
    seen_at: datetime | None = None
    away_until: datetime | None = None
    leaves_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Rows, the newest first; `counts` are of all that one sees, by standing."""

    rows: Sequence[PersonRow]
    next_cursor: str | None
    counts: Mapping[Standing, int]


def people_list(
    session: Session, actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None
) -> PeoplePage:
    """The people one sees, PAGE at a time, in at most nine statements. Raises NotFound for who sees none, Invalid."""
    check_sees_people(actor)
    query = (
        sa.select(Person, Place, _Superior.name)
        .join(Place, Place.id == Person.place_id)
        .outerjoin(_Superior, _Superior.id == Person.superior_id)
        .where(people_within(actor, *SEES_PEOPLE), _STANDS[wanted.standing], *_criteria(session, wanted))
        .order_by(Person.id.desc())
        .limit(PAGE + 1)
    )
    if cursor:
        query = query.where(Person.id < _position(cursor))
    rows = [PersonRow(person, place, superior or "") for person, place, superior in session.execute(query)]
    more = str(rows[PAGE - 1].person.id) if len(rows) > PAGE else None
    _add_facts(session, {row.person.id: row for row in rows[:PAGE]}, now)
    return PeoplePage(rows[:PAGE], more, _counts(session, actor))


def check_sees_people(actor: Actor) -> None:
    """Raises NotFound for those who see no list of people at all."""
    if not any(actor.may(permission) for permission in SEES_PEOPLE):
        raise NotFound


_Superior = shared_alias(Person, "superior")
_STANDS: Mapping[Standing, sa.ColumnElement[bool]] = {
    Standing.HERE: Person.departed_at.is_(None),
    Standing.COMING: sa.and_(Person.departed_at.is_(None), Person.password_hash == ""),
    Standing.DEPARTED: Person.departed_at.is_not(None),
}


def _criteria(session: Session, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if text := "".join(filter(str.isprintable, wanted.search))[:LONGEST_SEARCH].strip():
        columns = (Person.name, Person.login, Person.phone, Person.email)
        found.append(sa.or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if wanted.place is not None:
        path = session.scalar(sa.select(Place.path).where(Place.public_id == wanted.place))
        found.append(Place.path.startswith(path) if path else sa.false())
    if wanted.role is not None:
        held = sa.exists().where(Membership.person_id == Person.id, Membership.role_id == wanted.role)
        found.append(held.correlate(Person))
    if wanted.superior is not None:
        found.append(_Superior.public_id == wanted.superior)
    return found


def _counts(session: Session, actor: Actor) -> dict[Standing, int]:
    columns = [sa.func.sum(sa.case((criterion, 1), else_=0)) for criterion in _STANDS.values()]
    query = sa.select(*columns).select_from(Person).join(Place, Place.id == Person.place_id)
    row = session.execute(query.where(people_within(actor, *SEES_PEOPLE))).one()
    return {standing: int(count or 0) for standing, count in zip(_STANDS, row, strict=True)}


def _add_facts(session: Session, rows: Mapping[int, PersonRow], now: datetime) -> None:
    ids = list(rows)
    for person_id, zh, en in session.execute(
        sa.select(Membership.person_id, Role.name_zh, Role.name_en)
        .join(Role, Role.id == Membership.role_id)
        .where(Membership.person_id.in_(ids))
        .order_by(Membership.id)
    ):
        if (zh, en) not in rows[person_id].roles:
            rows[person_id].roles.append((zh, en))
    for person_id, count in at_hand(session, ids).items():
        rows[person_id].at_hand = count
    for person_id, seen_at in session.execute(
        sa.select(PersonSession.person_id, sa.func.max(PersonSession.seen_at))
        .where(PersonSession.person_id.in_(ids))
        .group_by(PersonSession.person_id)
    ):
        rows[person_id].seen_at = seen_at
    away = sa.and_(Absence.person_id.in_(ids), Absence.from_at <= now, Absence.until_at > now)
    for person_id, until in session.execute(sa.select(Absence.person_id, Absence.until_at).where(away)):
        rows[person_id].away_until = until
    leaving = sa.and_(Departure.person_id.in_(ids), Departure.state == State.SCHEDULED)
    for person_id, at in session.execute(sa.select(Departure.person_id, Departure.at).where(leaving)):
        rows[person_id].leaves_at = at


def at_hand(session: Session, person_ids: Sequence[int]) -> Mapping[int, int]:
    """How many open tickets each owns and open tasks each holds, together; two statements."""
    counts: dict[int, int] = defaultdict(int)
    open_now = Ticket.status.in_(sorted(status.value for status in OPEN))
    owned = sa.select(Ticket.owner_id, sa.func.count()).where(Ticket.owner_id.in_(person_ids), open_now)
    held = (
        sa.select(Queue.person_id, sa.func.count())
        .join(UserTask, UserTask.queue_key == Queue.id)
        .where(Queue.person_id.in_(person_ids), UserTask.status == sa.literal_column("'open'"))
    )
    for query in (owned.group_by(Ticket.owner_id), held.group_by(Queue.person_id)):
        for person_id, count in session.execute(query):
            counts[int(person_id or 0)] += count
    return counts


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Invalid(Message(N_("This address has a broken page mark; start from the first page.")))
    return int(cursor)
