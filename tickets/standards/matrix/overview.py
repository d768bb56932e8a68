"""Owns the matrix of all standards: places by standards, a score each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.actor import Actor
from tickets.places import Place
from tickets.standards.matrix.asked import Asked
from tickets.standards.matrix.counting import Key, Rows, tallies
from tickets.standards.matrix.reading import (
    Line,
    by_line,
    has_brands,
    line_of,
    line_of_spot,
    paged,
    pages_of,
    rows_at,
    sorting,
    spot_of,
    total_of,
)
from tickets.standards.matrix.scope import Named, Spot, columns_of, land_of, standards_of
from tickets.standards.matrix.states import NOTHING, Tally, added


@dataclass(frozen=True, slots=True)
class Overview:
    """Places and standards; the cells of a line are in the order of `standards`."""

    standards: tuple[Named, ...]
    lines: tuple[Line, ...]
    total: Line
    rows: int
    pages: int
    way: tuple[Spot, ...]
    place: Spot | None
    can_list_campuses: bool
    places: Mapping[int, Place]
    """Where those standards are kept that others are called like, by the standard's id."""


def overview_of(session: Session, actor: Actor, asked: Asked, *, whole: bool = False) -> Overview:
    """Every standard that concerns the actor's places. Raises Forbidden, NotFound (no place of theirs)."""
    land = land_of(session, actor)
    standards = standards_of(session, actor)
    place = spot_of(land, asked)
    columns = {column.id: column.standard_id for column in columns_of(session, standards)}
    inside = [spot.id for spot in land.below(place, only_here=asked.by == "here")]
    counted = tallies(session, asked, Rows.PLACES, places=inside, steps=list(columns))
    found = by_line(_by_standard(counted, columns), line_of(land, place, asked))
    shown = [each for each in standards if each.active or any(key[1] == each.id for key in found)]
    below = rows_at(land, place, asked)
    lines = []
    for row in dict.fromkeys(key[0] for key in found):
        cells = tuple(found.get((row, each.id), NOTHING) for each in shown)
        lines.append(line_of_spot(land.spots[row], cells, below=row in below))
    lines = sorted((line for line in lines if line.total.only(asked.states).total), key=sorting(asked))
    return Overview(
        standards=tuple(shown),
        lines=tuple(lines if whole else paged(lines, asked)),
        total=total_of(found, [each.id for each in shown]),
        rows=len(lines),
        pages=pages_of(lines),
        way=tuple(land.way(place)),
        place=place,
        can_list_campuses=has_brands(land, place),
        places=_told_apart(session, shown),
    )


def _told_apart(session: Session, standards: Sequence[Named]) -> Mapping[int, Place]:
    of_type = Counter(each.type_key for each in standards)
    alike = {each.id: each.place_id for each in standards if of_type[each.type_key] > 1}
    if not alike:
        return {}
    found = {place.id: place for place in session.scalars(sa.select(Place).where(Place.id.in_(set(alike.values()))))}
    return {standard: found[place] for standard, place in alike.items()}


def _by_standard(found: Mapping[Key, Tally], standard_of: Mapping[int, int]) -> Mapping[Key, Tally]:
    together: dict[Key, list[Tally]] = {}
    for (row, column), tally in found.items():
        together.setdefault((row, standard_of[column]), []).append(tally)
    return {key: added(each) for key, each in together.items()}
