"""Owns the matrix of one standard: its rows (places, subjects or occurrences) by its steps, with totals and scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.places import PlaceKind, ancestors
from tickets.standards.matrix.asked import Asked
from tickets.standards.matrix.counting import Key, Rows, tallies
from tickets.standards.matrix.scope import Column, Land, Named, Spot, columns_of, find_standard, land_of
from tickets.standards.matrix.states import NOTHING, Tally, added
from tickets.standards.tables import Occurrence
from tickets.subjects import Subject

A_PAGE = 50
"""Rows that a page shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: a place, a subject, or one occurrence (`period`) of a subject; `cells` are in the order of the columns.

    `below` says that the row can be looked into; `note` is a place's kind or a subject's number.
    """

    id: int
    public_id: UUID
    name: str
    names: Mapping[str, str]
    note: str
    cells: tuple[Tally, ...]
    total: Tally
    period: str = ""
    below: bool = True


@dataclass(frozen=True, slots=True)
class Matrix:
    """What is shown. `way` leads from the reader's top down to where one is; `lines` are one page of `rows` rows.

    Tallies are of all states, so that a score is; which of them are shown is for `Tally.only`. `every_column` are the
    steps that one may ask for.
    """

    standard: Named
    rows_are: Rows
    columns: tuple[Column, ...]
    every_column: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: Line
    rows: int
    pages: int
    way: tuple[Spot, ...]
    place: Spot | None
    subject: Subject | None
    can_list_campuses: bool


def matrix_of(session: Session, actor: Actor, public_id: UUID, asked: Asked, *, whole: bool = False) -> Matrix:
    """The matrix of one standard as the actor sees it; `whole`: every row instead of one page of them.

    Raises Forbidden (their roles show no standards) and NotFound (not this one, not this place or subject).
    """
    land = land_of(session, actor)
    standard = find_standard(session, actor, public_id)
    place = spot_of(land, asked, standard)
    subject = subject_of(session, land, asked)
    every = columns_of(session, [standard])
    columns = [column for column in every if not asked.steps or column.key in asked.steps]
    rows_are = _rows_are(place, subject)
    found = tallies(
        session,
        asked,
        rows_are,
        places=[spot.id for spot in land.below(place, only_here=asked.by == "here")],
        steps=[column.id for column in columns],
        subject_id=subject.id if subject else None,
    )
    if rows_are is Rows.PLACES:
        found = by_line(found, line_of(land, place, asked))
    columns = [column for column in columns if column.active or any(key[1] == column.id for key in found)]
    lines = _lines(session, rows_are, land, place, asked, found, columns)
    lines = sorted((line for line in lines if line.total.only(asked.states).total), key=sorting(asked))
    return Matrix(
        standard=standard,
        rows_are=rows_are,
        columns=tuple(columns),
        every_column=tuple(column for column in every if column.active or column in columns),
        lines=tuple(lines if whole else paged(lines, asked)),
        total=total_of(found, [column.id for column in columns]),
        rows=len(lines),
        pages=pages_of(lines),
        way=tuple(land.way(place)),
        place=place,
        subject=subject,
        can_list_campuses=rows_are is Rows.PLACES and has_brands(land, place),
    )


def spot_of(land: Land, asked: Asked, standard: Named | None = None) -> Spot | None:
    """The place one looks into: the one asked for, else the standard's or the reader's top; None: several tops."""
    if asked.place is not None:
        return land.find(asked.place)
    if standard is not None and standard.place_id in land.spots:
        return land.spots[standard.place_id]
    return land.tops[0] if len(land.tops) == 1 else None


def subject_of(session: Session, land: Land, asked: Asked) -> Subject | None:
    """The subject one looks into. Raises NotFound when it is at no place of the reader's."""
    if asked.subject is None:
        return None
    found = session.scalar(sa.select(Subject).where(Subject.public_id == asked.subject))
    if found is None or found.place_id not in land.spots:
        raise NotFound(N_("This subject"))
    return found


def has_brands(land: Land, place: Spot | None) -> bool:
    """Whether the rows there are brands, so that one may want every campus instead."""
    return any(spot.kind == PlaceKind.BRAND for spot in land.children(place))


def rows_at(land: Land, place: Spot | None, asked: Asked) -> frozenset[int]:
    """The places that have a row of their own there: its children, or every campus below."""
    if asked.by != "campus":
        return frozenset(spot.id for spot in land.children(place))
    return frozenset(spot.id for spot in land.below(place) if spot.kind == PlaceKind.CAMPUS)


def line_of(land: Land, place: Spot | None, asked: Asked) -> Mapping[int, int]:
    """Of each place in sight the one in whose row it counts; what belongs to no row is one by itself."""
    rows = rows_at(land, place, asked)
    inside = land.below(place)
    return {spot.id: next((each for each in ancestors(spot.path) if each in rows), spot.id) for spot in inside}


def by_line(found: Mapping[Key, Tally], line_of: Mapping[int, int]) -> Mapping[Key, Tally]:
    """Tallies of places added up in the rows that they belong to."""
    together: dict[Key, list[Tally]] = {}
    for (place, column), tally in found.items():
        together.setdefault((line_of[place], column), []).append(tally)
    return {key: added(each) if len(each) > 1 else each[0] for key, each in together.items()}


def total_of(found: Mapping[Key, Tally], columns: Sequence[int]) -> Line:
    """The row of totals: of all that was counted, whichever page of rows is shown."""
    by_column: dict[int, list[Tally]] = {column: [] for column in columns}
    for (_, column), tally in found.items():
        if column in by_column:
            by_column[column].append(tally)
    cells = tuple(added(by_column[column]) for column in columns)
    return Line(0, UUID(int=0), "", {}, "", cells, added(cells), below=False)


def line_of_spot(spot: Spot, cells: tuple[Tally, ...], *, below: bool) -> Line:
    """The row of a place."""
    return Line(spot.id, spot.public_id, spot.name, spot.names, spot.kind, cells, added(cells), below=below)


def sorting(asked: Asked) -> Callable[[Line], Any]:
    """The order of rows: the lowest score first (what has none last), or by name."""

    def by_name(line: Line) -> tuple[Any, ...]:
        return line.period, line.name, line.id

    def by_score(line: Line) -> tuple[Any, ...]:
        score = line.total.score
        return (score is None, score or 0, *by_name(line))

    return by_name if asked.sort == "name" else by_score


def paged(lines: Sequence[Line], asked: Asked) -> Sequence[Line]:
    """One page of the rows; of a page beyond the last, the last."""
    first = (min(asked.page, pages_of(lines)) - 1) * A_PAGE
    return lines[first : first + A_PAGE]


def pages_of(lines: Sequence[Line]) -> int:
    return max(1, -(-len(lines) // A_PAGE))


def _rows_are(place: Spot | None, subject: Subject | None) -> Rows:
    if subject is not None:
        return Rows.OCCURRENCES
    return Rows.PLACES if place is None or place.is_wide else Rows.SUBJECTS


def _lines(
    session: Session,
    rows_are: Rows,
    land: Land,
    place: Spot | None,
    asked: Asked,
    found: Mapping[Key, Tally],
    columns: Sequence[Column],
) -> list[Line]:
    """A line for each row of which something was counted."""
    ids = list(dict.fromkeys(key[0] for key in found))
    cells = {row: tuple(found.get((row, column.id), NOTHING) for column in columns) for row in ids}
    if rows_are is Rows.PLACES:
        below = rows_at(land, place, asked)
        return [line_of_spot(land.spots[row], cells[row], below=row in below) for row in ids]
    if rows_are is Rows.SUBJECTS:
        query = sa.select(Subject.id, Subject.public_id, Subject.name, Subject.external_id).where(Subject.id.in_(ids))
        rows = session.execute(query).all() if ids else []
        return [Line(row[0], row[1], row[2], {}, row[3], cells[row[0]], added(cells[row[0]])) for row in rows]
    return [_occurrence(*row, cells=cells[row[0]]) for row in session.execute(_OCCURRENCES, {"ids": ids})]


_OCCURRENCES = (
    sa.select(Occurrence.id, Occurrence.public_id, Occurrence.period, Subject.name)
    .join(Subject, Subject.id == Occurrence.subject_id)
    .where(Occurrence.id.in_(sa.bindparam("ids", expanding=True)))
)


def _occurrence(row_id: int, public_id: UUID, period: str, name: str, *, cells: tuple[Tally, ...]) -> Line:
    return Line(row_id, public_id, name, {}, "", cells, added(cells), period=period, below=False)
