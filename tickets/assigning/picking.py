"""Owns picking people: whom one finds by name, login or phone, and who a typed text means."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.expressions import N_, Message
from tickets.access import Actor, Permission, Scope
from tickets.assigning.loads import load_of
from tickets.assigning.models import Absence
from tickets.assigning.suited import NOBODY, Reason, rank
from tickets.errors import Invalid
from tickets.people import Person, normal_login, person_by_login
from tickets.permissions import permissions_in
from tickets.places import Place
from tickets.roles import Membership, Queue, Role

MOST = 12
TEXT_LIMIT = 100
_IN_BRACKETS = re.compile(r".*[(（]([^()（）]+)[)）]")


class Purpose(StrEnum):
    """What somebody is picked for, which says who may be picked."""

    WORK = "work"  # those whose roles let them work on tasks
    ANYONE = "anyone"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be picked. `load` is what is open with them (1.0: one ordinary task); `away_until` if absent."""

    id: int
    public_id: UUID
    name: str
    login: str
    title: str
    place: str
    place_names: Mapping[str, str]
    load: float
    away_until: datetime | None
    substitute: str

    @property
    def text(self) -> str:
        """What stands in the field once they are picked; `picked` reads it again."""
        return f"{self.name} ({self.login})"

    def is_meant(self, text: str) -> bool:
        """Whether a picker's text means them, as `picked` reads it."""
        typed = text.strip()
        if in_brackets := _IN_BRACKETS.fullmatch(typed):
            return normal_login(in_brackets[1]) == self.login
        return typed in {self.name, str(self.public_id)} or normal_login(typed) == self.login


def suggest(
    session: Session,
    actor: Actor,
    query: str,
    purpose: Purpose,
    *,
    now: datetime,
    brand_id: int | None = None,
    limit: int = MOST,
    suits: Mapping[int, Sequence[Reason]] = NOBODY,
) -> tuple[Candidate, ...]:
    """Those whose name, login or phone has the text in it, for staff the least loaded first; two statements.

    `brand_id`: a ticket's, whose people and the group's may be picked; else those of the actor.
    `suits`: who suits the ticket, and why; they come before the others.
    """
    text = query.strip()[:TEXT_LIMIT]
    if not text.isprintable():
        return ()
    if chosen := _IN_BRACKETS.fullmatch(text):
        text = chosen[1].strip()
    wanted = Person.name.icontains(text, autoescape=True) | Person.login.icontains(text.lower(), autoescape=True)
    if text.isdecimal() and len(text) > 3 and actor.may(Permission.WORK):
        wanted |= Person.phone.startswith(text)
    criteria = [*([wanted] if text else []), *_may_be_picked(session, actor, purpose, brand_id)]
    if not sees_loads(actor):  # the order would tell
        rows = candidates(session, criteria, now=now, limit=limit)
        return tuple(sorted(rows, key=lambda one: one.name))
    rows = candidates(session, criteria, now=now, limit=limit, first=suits)
    order = {one.id: (one.away_until is not None, rank(suits.get(one.id, ())), one.load, one.name) for one in rows}
    return tuple(sorted(rows, key=lambda one: order[one.id]))


def sees_loads(actor: Actor) -> bool:
    """Whether they are told how much is open with people and who is away: who works on tickets or gives them out."""
    return any(actor.may(permission) for permission in (Permission.WORK, Permission.DISPATCH))


def picked(
    session: Session, actor: Actor, text: str, purpose: Purpose = Purpose.WORK, *, brand_id: int | None = None
) -> Person:
    """Who the text of a people picker means: an id, a login, "name (login)" or a name that only one has.

    Raises Invalid when nobody or several are meant, or somebody who can't be picked for this.
    """
    typed = text.strip()[:TEXT_LIMIT]
    if not typed or not typed.isprintable():
        raise Invalid(Message(N_("Choose somebody first: type a part of their name.")))
    allowed = _may_be_picked(session, actor, purpose, brand_id)
    found = list(session.scalars(sa.select(Person).where(_meant(typed), *allowed).order_by(Person.id).limit(6)))
    if len(found) == 1:
        return found[0]
    if not found:
        raise Invalid(Message(N_("Nobody called “%(text)s” can be chosen here; type another name."), {"text": typed}))
    names = tuple(f"{person.name} ({person.login})" for person in found)
    text = N_("Several people are called “%(text)s”: %(names)s. Type the login of the one you mean.")
    raise Invalid(Message(text, {"text": typed, "names": names}))


def login_meant(session: Session, actor: Actor, text: str, brand_id: int | None) -> str:
    """The login of who is meant by a login, "name (login)", or the name of one only of this brand and the group.

    Whether somebody has it, or may be meant, is still to be seen. Raises Invalid, which says what to type instead.
    """
    typed = text.strip()
    if in_brackets := _IN_BRACKETS.fullmatch(typed):
        return in_brackets[1].strip().lower()
    if not typed or person_by_login(session, typed):
        return typed.lower()
    return picked(session, actor, typed, Purpose.ANYONE, brand_id=brand_id).login


def picked_all(
    session: Session,
    actor: Actor,
    texts: Collection[str],
    purpose: Purpose = Purpose.WORK,
    *,
    brand_id: int | None = None,
    most: int = 20,
) -> list[Person]:
    """Everybody whom a picker for several means, each once; the texts may have commas between names."""
    typed = [part for text in texts for part in re.split(r"[,，;；、\n]", text[: most * TEXT_LIMIT]) if part.strip()]
    if len(typed) > most:
        raise Invalid(Message(N_("Choose at most %(most)s people at once."), {"most": most}))
    found = [picked(session, actor, part, purpose, brand_id=brand_id) for part in typed]
    return list({person.id: person for person in found}.values())


def candidates(
    session: Session,
    criteria: Sequence[sa.ColumnElement[bool]],
    *,
    now: datetime,
    limit: int,
    first: Collection[int] = (),
) -> list[Candidate]:
    """The first who meet the criteria, by name, with load and absence; one statement. `first`: before all others."""
    chosen = (
        sa.select(Person.id)
        .where(Person.departed_at.is_(None), *criteria)
        .order_by(sa.case((Person.id.in_(first), 0), else_=1), Person.name, Person.id)
        .limit(limit)
        .subquery()
    )
    query = (
        sa.select(
            *(Person.id, Person.public_id, Person.name, Person.login, Person.title, Place.name, Place.names),
            load_of(Person.id, Queue.id),
            Absence.until_at,
            _Substitute.name,
        )
        .join(Place, Place.id == Person.place_id)
        .outerjoin(Queue, Queue.person_id == Person.id)
        .outerjoin(Absence, sa.and_(Absence.person_id == Person.id, Absence.from_at <= now, Absence.until_at > now))
        .outerjoin(_Substitute, _Substitute.id == Absence.substitute_id)
        .where(Person.id.in_(sa.select(chosen.c.id)))
        .order_by(Person.name, Person.id, Absence.until_at)
    )
    found = [Candidate(*row[:7], row[7] / 50, row[8], row[9] or "") for row in session.execute(query)]
    return list({one.id: one for one in found}.values())


def reached_brands(actor: Actor, brand_id: int | None = None) -> tuple[int, ...] | None:
    """The brands whose people they may pick; None for every brand's: a role of the whole group, for no ticket."""
    if brand_id is not None:
        return (brand_id, actor.root_id)
    if any(grant.scope is Scope.GROUP for grant in actor.grants):
        return None
    return (actor.brand_id, actor.root_id)


_Substitute = shared_alias(Person, "substitute")


def _may_be_picked(
    session: Session, actor: Actor, purpose: Purpose, brand_id: int | None
) -> list[sa.ColumnElement[bool]]:
    criteria: list[sa.ColumnElement[bool]] = [Person.departed_at.is_(None), Person.is_client.is_(False)]
    brands = reached_brands(actor, brand_id)
    if brands is not None:
        criteria.append(Person.brand_id.in_(brands))
    if purpose is Purpose.WORK:
        criteria.append(works(session))
    return criteria


def works(session: Session) -> sa.ColumnElement[bool]:
    """On a query of Person: a role of theirs lets them work on tasks. One statement, to see which roles do."""
    return sa.exists().where(Membership.person_id == Person.id, Membership.role_id.in_(working_roles(session)))


def working_roles(session: Session) -> list[int]:
    """The roles that let one work on tasks."""
    rows = session.execute(sa.select(Role.id, Role.permissions))
    return [role_id for role_id, permissions in rows if Permission.WORK in permissions_in(permissions)]


def _meant(typed: str) -> sa.ColumnElement[bool]:
    in_brackets = _IN_BRACKETS.fullmatch(typed)
    if in_brackets and (login := normal_login(in_brackets[1])):
        return Person.login == login
    try:
        return Person.public_id == UUID(typed)
    except ValueError:
        login = normal_login(typed)
        return Person.name == typed if login is None else sa.or_(Person.name == typed, Person.login == login)
