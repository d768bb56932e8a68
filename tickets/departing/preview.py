"""Owns what one sees before somebody is marked as departed: all that is theirs, and who would take it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.database import NEVER
from engine.models import UserTask
from tickets.actor import Actor
from tickets.assigning.models import Absence
from tickets.departing.belongings import Emptied, emptied, held, orphaned, owned, reporting
from tickets.departing.heirs import loads
from tickets.departing.lookup import leaver_for
from tickets.departing.naming import Named, named_in_definitions, named_in_settings
from tickets.departing.plan import Way, file_ways
from tickets.people import Person, superior_of
from tickets.places import Place, ancestors
from tickets.roles import Membership, Role
from tickets.rows import TicketRow, ticket_row, ticket_rows
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.tokens import ApiToken
from tickets.types import TicketType

FIRST = 5
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class OfType:
    """How many open tickets of one type they answer for, and what its file says becomes of them."""

    key: str
    name: str
    names: Mapping[str, str]
    icon: str
    count: int
    way: Way | None


@dataclass(frozen=True, slots=True)
class TaskPreview:
    """One of their open tasks; `back`: others were offered it too."""

    name: str
    names: Mapping[str, str]
    number: str
    title: str
    due: datetime | None
    back: bool


@dataclass(frozen=True, slots=True)
class Period:
    """An absence of theirs, or one during which they are somebody's substitute."""

    whose: str
    substitute: str
    until: datetime


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role at a place whose holders may share what is split."""

    role_key: str
    names: tuple[str, str]
    place: Place
    holders: int


@dataclass(frozen=True)
class Preview:
    """Everything of theirs. The lists are the first few of what is counted."""

    person: Person
    place: Place
    superior: Person | None
    superior_load: int
    types: Sequence[OfType]
    tickets: Sequence[TicketRow]
    tasks_back: int
    tasks_alone: int
    tasks: Sequence[TaskPreview]
    reports: Sequence[str]
    subjects: Mapping[str, int]
    contracts_soon: int
    emptied: Sequence[Emptied]
    definitions: Sequence[Named]
    settings: Sequence[Named]
    absences: Sequence[Period]
    tokens: int
    groups: Sequence[RoleAt]
    colleagues: Sequence[Person] = field(default_factory=tuple)

    @property
    def ticket_count(self) -> int:
        return sum(each.count for each in self.types)

    @property
    def task_count(self) -> int:
        return self.tasks_back + self.tasks_alone

    @property
    def subject_count(self) -> int:
        return sum(self.subjects.values())


def preview(session: Session, actor: Actor, who: UUID | str, *, now: datetime) -> Preview:
    """What their departure would do. Raises Forbidden, NotFound."""
    person, place = leaver_for(session, actor, who, locked=False)
    above = superior_of(session, person.id)
    brands = sorted({place.brand_id, ancestors(place.path)[0]})
    back, alone, tasks = _tasks(session, person)
    groups = _groups(session, person, place)
    return Preview(
        person=person,
        place=place,
        superior=session.get(Person, above) if above is not None else None,
        superior_load=loads(session, [above])[above] if above is not None else 0,
        types=_types(session, person, brands),
        tickets=_first_tickets(session, person),
        tasks_back=back,
        tasks_alone=alone,
        tasks=tasks,
        reports=list(session.scalars(sa.select(Person.name).where(reporting(person.id)).order_by(Person.name))),
        subjects=_subjects(session, person),
        contracts_soon=_contracts_soon(session, person, now),
        emptied=emptied(session, person.id),
        definitions=named_in_definitions(session, person, brands),
        settings=named_in_settings(session, person, brands),
        absences=_absences(session, person, now),
        tokens=_tokens(session, person, now),
        groups=groups,
        colleagues=_colleagues(session, person),
    )


def _types(session: Session, person: Person, brands: Sequence[int]) -> list[OfType]:
    ways = file_ways(session, brands)
    query = (
        sa.select(TicketType.key, TicketType.name, TicketType.names, TicketType.icon, sa.func.count())
        .select_from(Ticket)
        .join(TicketType, TicketType.id == Ticket.type_id)
        .where(owned(person.id))
        .group_by(TicketType.id)
        .order_by(sa.func.count().desc(), TicketType.name)
    )
    return [OfType(*row, ways.get(row[0])) for row in session.execute(query)]


def _first_tickets(session: Session, person: Person) -> list[TicketRow]:
    query = ticket_rows().where(owned(person.id)).order_by(Ticket.due_at, Ticket.id).limit(FIRST)
    return [ticket_row(row) for row in session.execute(query)]


def _tasks(session: Session, person: Person) -> tuple[int, int, list[TaskPreview]]:
    """How many go back to others, how many were given to them alone, and the first of all."""
    lost = orphaned(session, person.id)
    theirs = held(person.id, lost)
    offered = sa.func.coalesce(UserTask.offered_key, UserTask.queue_key)
    others = sa.or_(sa.and_(offered.is_not(None), offered.not_in(lost)), UserTask.widely_offered)
    counted = sa.select(sa.func.coalesce(sa.func.sum(sa.case((others, 1), else_=0)), 0), sa.func.count())
    back, total = session.execute(counted.where(theirs)).one()
    query = (
        sa.select(UserTask.name, UserTask.names, Ticket.number, Ticket.title, UserTask.due_at, others)
        .join(Ticket, Ticket.instance_id == UserTask.instance_id)
        .where(theirs)
        .order_by(UserTask.due_at, UserTask.id)
        .limit(FIRST)
    )
    rows = session.execute(query)
    first = [TaskPreview(*row[:4], row[4] if row[4] != NEVER else None, bool(row[5])) for row in rows]
    return int(back), int(total) - int(back), first


def _subjects(session: Session, person: Person) -> dict[str, int]:
    query = sa.select(Subject.kind, sa.func.count()).where(Subject.responsible_id == person.id).group_by(Subject.kind)
    return dict(session.execute(query.order_by(Subject.kind)).all())


def _contracts_soon(session: Session, person: Person, now: datetime) -> int:
    day = now.date()
    query = sa.select(sa.func.count()).select_from(Subject)
    return session.scalars(
        query.where(Subject.responsible_id == person.id, Subject.contract_end.between(day, day + SOON))
    ).one()


def _absences(session: Session, person: Person, now: datetime) -> list[Period]:
    """Theirs and those of people they stand in for, now or to come."""
    away, instead = aliased(Person), aliased(Person)
    query = (
        sa.select(away.name, instead.name, Absence.until_at)
        .join(away, away.id == Absence.person_id)
        .outerjoin(instead, instead.id == Absence.substitute_id)
        .where(Absence.until_at > now, sa.or_(Absence.person_id == person.id, Absence.substitute_id == person.id))
        .order_by(Absence.until_at)
        .limit(50)
    )
    return [Period(whose, substitute or "", until) for whose, substitute, until in session.execute(query)]


def _tokens(session: Session, person: Person, now: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(ApiToken)
    lasting = sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)
    return session.scalars(query.where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None), lasting)).one()


def _groups(session: Session, person: Person, place: Place) -> list[RoleAt]:
    """The roles held at their places and above, with how many hold them besides them: who may share what is split."""
    holding = sa.select(Membership.place_id).where(Membership.person_id == person.id)
    here = sa.or_(Place.id.in_(ancestors(place.path)), Place.id.in_(holding))
    query = (
        sa.select(Role.key, Role.name_zh, Role.name_en, Place, sa.func.count())
        .select_from(Membership)
        .join(Role, Role.id == Membership.role_id)
        .join(Place, Place.id == Membership.place_id)
        .join(Person, Person.id == Membership.person_id)
        .where(here, Person.departed_at.is_(None), Person.id != person.id)
        .group_by(Role.id, Place.id)
        .order_by(sa.func.length(Place.path).desc(), Role.key)
        .limit(50)
    )
    return [RoleAt(key, (zh, en), at, holders) for key, zh, en, at, holders in session.execute(query)]


def _colleagues(session: Session, person: Person) -> list[Person]:
    """Those who report to the same superior, or belong to the same place."""
    near = sa.or_(Person.place_id == person.place_id, Person.superior_id == person.superior_id)
    query = sa.select(Person).where(near, Person.id != person.id, Person.departed_at.is_(None))
    return list(session.scalars(query.order_by(Person.name, Person.id).limit(50)))
