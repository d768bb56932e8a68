"""Owns the dashboard's lines of places: for the whole group its brands, for brands their campuses; worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.dashboard.counting import Counts, has_places, measured
from tickets.dashboard.figures import Figure, Figures, Measure, queries
from tickets.lists.query import TicketQuery
from tickets.lists.sight import Reach, reaches
from tickets.places import Place, PlaceKind, ancestors

if TYPE_CHECKING:
    from tickets.actor import Actor

MOST_PLACES = 30


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One brand or campus below the reader's scope."""

    public_id: UUID
    name: str
    names: Mapping[str, str]
    figures: Figures


def place_lines(session: Session, actor: Actor, counts: Counts, now: datetime) -> list[PlaceLine]:
    """The worst MOST_PLACES; nothing for narrower scopes."""
    if not has_places(actor):
        return []
    places, line_of = _places(session, [reach for reach in reaches(actor) if reach.is_wide])
    numbers = _numbers(counts, line_of)
    worst = sorted(places, key=lambda place: [-numbers[place.id, name] for name in (Measure.OVERDUE, Measure.OPEN)])
    return [_line(place, numbers, now) for place in worst[:MOST_PLACES]]


def _places(session: Session, wide: Sequence[Reach]) -> tuple[Sequence[Place], Mapping[int, int]]:
    """The places with a line of their own, and of each place that tickets are at the one in whose line they count."""
    if Reach() in wide:
        brands = session.scalars(sa.select(Place).where(Place.kind == PlaceKind.BRAND).order_by(Place.id)).all()
        return brands, {brand.id: brand.id for brand in brands}
    inside = sa.select(Place).where(Place.brand_id.in_([reach.brand_id for reach in wide])).order_by(Place.id)
    places = session.scalars(inside).all()
    campuses = {place.id: place for place in places if place.kind == PlaceKind.CAMPUS}
    above = {place.id: next((each for each in ancestors(place.path) if each in campuses), None) for place in places}
    return list(campuses.values()), {place: campus for place, campus in above.items() if campus is not None}


def _numbers(counts: Counts, line_of: Mapping[int, int]) -> Counter[tuple[int, Measure]]:
    total: Counter[tuple[int, Measure]] = Counter()
    for name in Measure:
        for place, number in measured(counts, name):
            if place is not None and place in line_of:
                total[line_of[place], name] += number
    return total


def _line(place: Place, numbers: Counter[tuple[int, Measure]], now: datetime) -> PlaceLine:
    asked = queries(now, TicketQuery(places=(str(place.public_id),)))
    figures = {name: Figure(numbers[place.id, name], each) for name, each in asked.items()}
    return PlaceLine(place.public_id, place.name, place.names, figures)
