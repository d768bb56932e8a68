"""Owns the places that a form offers: those a permission reaches, by brand, each under the one above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.actor import Actor
from tickets.organising.reach import places_within
from tickets.permissions import Permission
from tickets.places import Place, PlaceKind


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place to choose; `depth` is how far it is below its brand (or the group)."""

    place: Place
    depth: int


def place_choices(
    session: Session, actor: Actor, *permissions: Permission, closed: bool = False
) -> list[tuple[Place, Sequence[PlaceChoice]]]:
    """Brand (or group) and its places, in the tree's order; one statement. `closed`: those that are closed too."""
    query = sa.select(Place).where(places_within(actor, *permissions)).order_by(Place.path)
    if not closed:
        query = query.where(Place.closed_at.is_(None))
    reached = list(session.scalars(query))
    heads = {place.id: place for place in reached if place.kind in {PlaceKind.GROUP, PlaceKind.BRAND}}
    missing = sorted({place.brand_id for place in reached} - heads.keys())
    if missing:
        heads |= {place.id: place for place in session.scalars(sa.select(Place).where(Place.id.in_(missing)))}
    by_brand: dict[int, list[Place]] = {brand_id: [] for brand_id in sorted(heads)}
    for place in sorted(reached, key=_order):
        by_brand[place.brand_id].append(place)
    return [(heads[brand_id], _indented(heads[brand_id], places)) for brand_id, places in by_brand.items() if places]


def _order(place: Place) -> list[int]:
    return [int(part) for part in place.path.split("/") if part]


def _indented(head: Place, places: Sequence[Place]) -> list[PlaceChoice]:
    own = head.path.count("/")
    return [PlaceChoice(place, max(place.path.count("/") - own, 0)) for place in places]
