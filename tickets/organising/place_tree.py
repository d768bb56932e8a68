"""Owns reading places: the tree branch by branch, and finding one among hundreds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.organising.reach import places_within
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place, ancestors

AT_ONCE = 500
OPEN_AT_FIRST = 60
"""How many places the tree shows at most before somebody opens a branch."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place in the tree: how many places are right below it, and how many people belong to it itself.

    `rows` are those below where the branch is open from the beginning.
    """

    place: Place
    below: int
    people: int
    rows: Sequence[PlaceRow] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A place, the way to it, and what is right below."""

    place: Place
    way: Sequence[Place]
    rows: Sequence[PlaceRow]


def branch(session: Session, actor: Actor, public_id: UUID) -> Branch:
    """What is right below a place. Raises NotFound; five statements."""
    reached = _reached(actor)
    place = session.scalar(sa.select(Place).where(Place.public_id == public_id, reached))
    if place is None:
        raise NotFound
    way = session.scalars(
        sa.select(Place).where(Place.id.in_(ancestors(place.path)[:-1]), reached).order_by(Place.path)
    )
    return Branch(place, list(way), _rows(session, _below(session, [place.id])))


def tree(session: Session, actor: Actor, *, most: int = OPEN_AT_FIRST) -> list[PlaceRow]:
    """The topmost places that one manages and what is below, level by level while no more than `most` are shown.

    Raises NotFound for who manages none.
    """
    _reached(actor)
    levels, shown = [_rows(session, _tops(session, actor))], 0
    while below := sum(row.below for row in levels[-1]):
        shown += len(levels[-1])
        if shown + below > most:
            break
        levels.append(_rows(session, _below(session, [row.place.id for row in levels[-1]])))
    return _nested(levels)


def found_places(session: Session, actor: Actor, text: str) -> list[PlaceRow]:
    """The places whose name or external id has the text in it."""
    plain = "".join(filter(str.isprintable, text))[:100].strip()
    english = sa.func.lower(sa.cast(Place.names, sa.String))
    wanted = sa.or_(
        Place.name.icontains(plain, autoescape=True),
        Place.external_id.icontains(plain, autoescape=True),
        english.contains(plain.lower(), autoescape=True),
    )
    query = sa.select(Place).where(_reached(actor), wanted).order_by(Place.path).limit(100)
    return _rows(session, list(session.scalars(query)))


def _reached(actor: Actor) -> sa.ColumnElement[bool]:
    if not actor.may(Permission.MANAGE_PLACES):
        raise NotFound
    return places_within(actor, Permission.MANAGE_PLACES)


def _tops(session: Session, actor: Actor) -> list[Place]:
    """The places of the grants themselves; of the whole group the group."""
    grants = actor.having(Permission.MANAGE_PLACES)
    reached = places_within(actor, Permission.MANAGE_PLACES)
    ids = {grant.place_id for grant in grants} | {grant.brand_id for grant in grants} | {actor.root_id}
    found = list(session.scalars(sa.select(Place).where(Place.id.in_(sorted(ids)), reached).order_by(Place.path)))
    return [place for place in found if not any(place.path.startswith(o.path) for o in found if o.id != place.id)]


def _below(session: Session, ids: Sequence[int]) -> list[Place]:
    order = (Place.closed_at.is_not(None), Place.id)
    return list(session.scalars(sa.select(Place).where(Place.parent_id.in_(ids)).order_by(*order).limit(AT_ONCE)))


def _nested(levels: Sequence[Sequence[PlaceRow]]) -> list[PlaceRow]:
    """Each level's rows within those of the level above."""
    within: dict[int | None, list[PlaceRow]] = {}
    for level in reversed(levels[1:]):
        rows = [replace(row, rows=within.get(row.place.id, ())) for row in level]
        for row in rows:
            within.setdefault(row.place.parent_id, []).append(row)
    return [replace(row, rows=within.get(row.place.id, ())) for row in levels[0]]


def _rows(session: Session, places: Sequence[Place]) -> list[PlaceRow]:
    ids = [place.id for place in places]
    below = sa.select(Place.parent_id, sa.func.count()).where(Place.parent_id.in_(ids)).group_by(Place.parent_id)
    here = sa.and_(Person.place_id.in_(ids), Person.departed_at.is_(None), Person.is_client.is_(False))
    people = sa.select(Person.place_id, sa.func.count()).where(here).group_by(Person.place_id)
    counts = {row[0]: row[1] for row in session.execute(below)}
    persons = {row[0]: row[1] for row in session.execute(people)}
    return [PlaceRow(place, counts.get(place.id, 0), persons.get(place.id, 0)) for place in places]
