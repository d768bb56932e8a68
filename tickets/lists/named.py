"""Owns looking up what a query names: people, places and types as the ids that the tables hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.lists.query import ME, NOBODY, TicketQuery
from tickets.people import Person
from tickets.places import Place, PlaceKind
from tickets.subjects import Subject
from tickets.types import TicketType

if TYPE_CHECKING:
    from tickets.actor import Actor


@dataclass(frozen=True, slots=True)
class Whom:
    """The ids of people, and whether nobody is meant too; without any, nothing fits."""

    ids: tuple[int, ...]
    nobody: bool


@dataclass(frozen=True, slots=True)
class Where:
    """Places: whole brands by their ids, and the places below the others; everything when the group is named.

    `roots` are all that were named.
    """

    brands: tuple[int, ...]
    places: tuple[int, ...]
    everything: bool
    roots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What a query names, found; None where it names nothing of the kind."""

    owners: Whom | None
    requesters: Whom | None
    assignees: Whom | None
    where: Where | None
    types: tuple[int, ...] | None
    subject: int | None


def look_up(session: Session, actor: Actor, query: TicketQuery) -> Named:
    """What is not found fits no ticket. A statement for each kind of thing that is named; none for plain queries."""
    groups = (query.owners, query.requesters, query.assignees)
    people = _people(session, {name for group in groups for name in group})
    owners, requesters, assignees = (_whom(actor, people, group) for group in groups)
    return Named(
        owners=owners,
        requesters=requesters,
        assignees=assignees,
        where=_where(session, query.places) if query.places else None,
        types=_types(session, query.types) if query.types else None,
        subject=_subject(session, query.subject) if query.subject else None,
    )


def read_ids(texts: Iterable[str]) -> list[UUID]:
    """The public ids among some texts; what is none is left out."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _people(session: Session, names: set[str]) -> dict[str, int]:
    ids = read_ids(names - {ME, NOBODY})
    if not ids:
        return {}
    rows = session.execute(sa.select(Person.public_id, Person.id).where(Person.public_id.in_(ids)))
    return {str(public_id): person_id for public_id, person_id in rows}


def _whom(actor: Actor, people: dict[str, int], names: tuple[str, ...]) -> Whom | None:
    if not names:
        return None
    ids = {people[name] for name in map(str, read_ids(names)) if name in people}
    if ME in names:
        ids.add(actor.person_id)
    return Whom(tuple(sorted(ids)), NOBODY in names)


def _where(session: Session, names: tuple[str, ...]) -> Where:
    rows = session.execute(sa.select(Place.id, Place.kind, Place.path).where(Place.public_id.in_(read_ids(names))))
    found = [(place_id, PlaceKind(kind), path) for place_id, kind, path in rows]
    brands = tuple(place_id for place_id, kind, _ in found if kind is PlaceKind.BRAND)
    paths = [path for _, kind, path in found if kind in {PlaceKind.CAMPUS, PlaceKind.DEPARTMENT}]
    below = sa.select(Place.id).where(sa.or_(*(Place.path.startswith(path) for path in paths))) if paths else None
    ids = tuple(sorted(session.scalars(below))) if below is not None else ()
    everything = any(kind is PlaceKind.GROUP for _, kind, _ in found)
    return Where(brands, ids, everything, tuple(place_id for place_id, _, _ in found))


def _types(session: Session, keys: tuple[str, ...]) -> tuple[int, ...]:
    plain = [key for key in keys if key.isprintable()]
    return tuple(session.scalars(sa.select(TicketType.id).where(TicketType.key.in_(plain)).order_by(TicketType.id)))


def _subject(session: Session, name: str) -> int:
    """Its id; 0, which none has, when it is not found."""
    return session.scalar(sa.select(Subject.id).where(Subject.public_id.in_(read_ids([name])))) or 0
