"""Owns finding who leaves and what has become of it: the lookup is the permission check (`people.manage` there)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.expressions import N_, Message
from tickets.actor import Actor
from tickets.departing.model import Departure
from tickets.errors import Forbidden, NotFound
from tickets.organising.reach import places_within
from tickets.people import Person, normal_login
from tickets.permissions import Permission
from tickets.places import Place


def leaver_for(session: Session, actor: Actor, who: UUID | str, *, locked: bool = True) -> tuple[Person, Place]:
    """The person by id or login, locked unless only looked at, with their place. Raises Forbidden, NotFound."""
    must_manage(actor)
    login = normal_login(who) if isinstance(who, str) else None
    named = Person.public_id == who if isinstance(who, UUID) else Person.login == login
    theirs = (named, Person.is_client.is_(False), managed(actor))
    query = sa.select(Person, Place).join(Place, Place.id == Person.place_id).where(*theirs)
    found = session.execute(query.with_for_update(of=Person) if locked else query).one_or_none()
    if found is None:
        raise NotFound(N_("This person"))
    return found[0], found[1]


def people_managed(session: Session, actor: Actor, search: str, *, limit: int) -> Sequence[tuple[Person, Place]]:
    """Those they may mark as departed whose name, login or phone has the text in it. Raises Forbidden."""
    must_manage(actor)
    text = "".join(filter(str.isprintable, search))[:100].strip()
    holds = (column.icontains(text, autoescape=True) for column in (Person.name, Person.login, Person.phone))
    query = (
        sa.select(Person, Place)
        .join(Place, Place.id == Person.place_id)
        .where(managed(actor), sa.or_(*holds), Person.departed_at.is_(None), Person.is_client.is_(False))
        .where(Person.id != actor.person_id)
    )
    rows = session.execute(query.order_by(Person.name, Person.id).limit(limit))
    return [(person, place) for person, place in rows]


def departure_for(session: Session, actor: Actor, public_id: UUID) -> Departure:
    """One departure, locked. Raises Forbidden, NotFound."""
    must_manage(actor)
    query = sa.select(Departure).join(Place, Place.id == Departure.place_id)
    found = session.scalars(query.where(Departure.public_id == public_id, managed(actor)).with_for_update(of=Departure))
    departure = found.one_or_none()
    if departure is None:
        raise NotFound(N_("This departure"))
    return departure


def must_manage(actor: Actor) -> None:
    """Raises Forbidden for those who manage people nowhere."""
    if not actor.may(Permission.MANAGE_PEOPLE):
        raise Forbidden(Message(N_("Your roles don't let you manage people; ask an administrator.")))


def managed(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Place: they manage people there."""
    return places_within(actor, Permission.MANAGE_PEOPLE)


@dataclass(frozen=True, slots=True)
class DepartureRow:
    """A departure in a list: who left, from where, and who marked it."""

    departure: Departure
    person: Person
    place: Place
    by: str


def departures(session: Session, actor: Actor, *, before: int | None = None, limit: int = 50) -> Sequence[DepartureRow]:
    """The departures they may see, the newest first; at most one more than `limit`."""
    must_manage(actor)
    query = _rows().where(managed(actor)).order_by(Departure.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Departure.id < before)
    return [DepartureRow(*row) for row in session.execute(query)]


def departure_row(session: Session, actor: Actor, public_id: UUID) -> DepartureRow:
    """One of them. Raises Forbidden, NotFound."""
    must_manage(actor)
    found = session.execute(_rows().where(managed(actor), Departure.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound(N_("This departure"))
    return DepartureRow(*found)


_BY = shared_alias(Person, "marked_by")


def _rows() -> sa.Select[Departure, Person, Place, str]:
    return (
        sa.select(Departure, Person, Place, _BY.name)
        .join(Person, Person.id == Departure.person_id)
        .join(Place, Place.id == Departure.place_id)
        .join(_BY, _BY.id == Departure.by_id)
    )
