"""Owns the names of what an address speaks of by id, as far as its reader may know them; a statement for each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor, Permission, Scope, visible_subjects
from tickets.lists.address import Pair
from tickets.lists.query import ME, NOBODY
from tickets.people import Person
from tickets.places import Place, PlaceKind
from tickets.subjects import Subject

PEOPLE = frozenset({"owner", "assignee", "requester"})
Names = tuple[str, Mapping[str, str]]
"""A name, and the same in other languages."""
MOST_PLACES = 600


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place to choose: `depth` 0 the group, 1 a brand, then what is below."""

    public_id: UUID
    name: str
    names: Mapping[str, str]
    kind: PlaceKind
    depth: int


def names_in(session: Session, actor: Actor, pairs: Iterable[Pair]) -> Mapping[Pair, Names]:
    """The names of the people, places and subjects that an address speaks of; what they may not know is left out."""
    wanted = [pair for pair in pairs if pair[0] in {*PEOPLE, "place", "subject"} and pair[1] not in (ME, NOBODY)]
    people = _people(session, actor, {UUID(value) for name, value in wanted if name in PEOPLE})
    places = _places(session, actor, {UUID(value) for name, value in wanted if name == "place"})
    subjects = _subjects(session, actor, {UUID(value) for name, value in wanted if name == "subject"})
    known = dict.fromkeys(PEOPLE, people) | {"place": places, "subject": subjects}
    return {(name, value): known[name][UUID(value)] for name, value in wanted if UUID(value) in known[name]}


def places_to_choose(session: Session, actor: Actor) -> list[PlaceChoice]:
    """The places that they may ask for, each below its brand."""
    query = (
        sa.select(Place.public_id, Place.name, Place.names, Place.kind, Place.path)
        .where(_within_sight(actor), Place.closed_at.is_(None))
        .order_by(Place.path)
        .limit(MOST_PLACES)
    )
    return [
        PlaceChoice(public_id, name, names, PlaceKind(kind), path.count("/") - 2)
        for public_id, name, names, kind, path in session.execute(query)
    ]


def sees_many_brands(actor: Actor) -> bool:
    """Whether tickets of more than one brand may be in their lists."""
    return any(grant.scope is Scope.GROUP for grant in actor.having(Permission.SEE))


def _people(session: Session, actor: Actor, ids: set[UUID]) -> dict[UUID, Names]:
    if not ids:
        return {}
    query = sa.select(Person.public_id, Person.name).where(Person.public_id.in_(sorted(ids)))
    if not sees_many_brands(actor):
        query = query.where(Person.brand_id.in_((actor.brand_id, actor.root_id)))
    return {public_id: (name, {}) for public_id, name in session.execute(query)}


def _places(session: Session, actor: Actor, ids: set[UUID]) -> dict[UUID, Names]:
    if not ids:
        return {}
    query = sa.select(Place.public_id, Place.name, Place.names).where(Place.public_id.in_(sorted(ids)))
    return {row[0]: (row[1], row[2]) for row in session.execute(query.where(_within_sight(actor)))}


def _subjects(session: Session, actor: Actor, ids: set[UUID]) -> dict[UUID, Names]:
    if not ids:
        return {}
    query = sa.select(Subject.public_id, Subject.name).where(
        Subject.public_id.in_(sorted(ids)), visible_subjects(actor)
    )
    return {public_id: (name, {}) for public_id, name in session.execute(query)}


def _within_sight(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Place: those whose tickets they may see, and their own brand's otherwise."""
    if sees_many_brands(actor):
        return sa.true()
    return Place.brand_id == actor.brand_id
