"""Owns the matrix and its list as rows of a file, the same numbers in the same order as the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.expressions import N_
from tickets.exporting.sheet import Cell, Row
from tickets.standards.matrix.asked import Asked
from tickets.standards.matrix.counting import Rows
from tickets.standards.matrix.overview import Overview
from tickets.standards.matrix.reading import Line, Matrix
from tickets.standards.matrix.records import Record
from tickets.standards.matrix.scope import Named
from tickets.standards.matrix.states import WORDS, State, rounded
from tickets.standards.triggers import ONCE

MOST = 20_000
"""Rows of a list in one file."""
Say = Callable[[str], str]
"""A msgid in the reader's language."""
Name = Callable[[Mapping[str, str], str], str]
"""Of a thing's names the reader's, else its one name."""
FIRST: Mapping[Rows, str] = {
    Rows.PLACES: N_("Place"),
    Rows.SUBJECTS: N_("Subject"),
    Rows.OCCURRENCES: N_("Occurrence"),
}
LIST_HEADS = (
    *(N_("Subject"), N_("Subject number"), N_("Place"), N_("Occurrence"), N_("Step"), N_("State"), N_("Due")),
    *(N_("Opened"), N_("Done"), N_("Done by"), N_("Evidence"), N_("Confirmed by")),
    *(N_("Turn"), N_("Failed checks"), N_("Ticket")),
    *(N_("Waived because"), N_("Waived until")),
)


def matrix_rows(found: Matrix, asked: Asked, say: Say, name: Name) -> Iterator[Row]:
    """A head, the rows, the totals: for each step how many are in each state, then the row's total, checks, score."""
    steps = [name(column.names, column.name) for column in found.columns]
    yield [say(FIRST[found.rows_are]), say(N_("Number")), *_heads(steps, asked, say)]
    for line in found.lines:
        yield _row(
            line, asked, _period(line.period, say) or name(line.names, line.name), "" if _is_place(found) else line.note
        )
    yield _row(found.total, asked, say(N_("Total")), "")


def overview_rows(found: Overview, say: Say, name: Name) -> Iterator[Row]:
    """A head, the places, the totals: each standard's score, and how many of its steps that score counts."""
    titles = [_titled(found, each, name) for each in found.standards]
    heads = [cell for title in titles for cell in (title, f"{title}: {say(N_('Steps counted'))}")]
    yield [say(N_("Place")), *heads, say(N_("Score")), say(N_("Steps counted"))]
    for line, words in [
        *((each, name(each.names, each.name)) for each in found.lines),
        (found.total, say(N_("Total"))),
    ]:
        yield [words, *(cell for tally in (*line.cells, line.total) for cell in (rounded(tally.score), tally.due))]


def record_rows(
    records: Iterable[Record], say: Say, name: Name, zone: ZoneInfo, proved: Callable[[Record], tuple[str, str]]
) -> Iterator[Row]:
    """A row for each step record, moments as the reader's clock shows them.

    `proved` says the evidence of one, and who confirmed it.
    """
    for each in records:
        yield [
            *(each.subject, each.subject_number, name(each.place_names, each.place_name), _period(each.period, say)),
            *(name(each.column.names, each.column.name), say(WORDS[each.state])),
            *(_local(at, zone) for at in (each.due_at, each.opened_at, each.done_at)),
            *(each.done_by, *proved(each), each.turn, each.failed, each.number),
            *((each.waived.reason, each.waived.ends_on.isoformat()) if each.waived else (None, None)),
        ]


def _titled(found: Overview, standard: Named, name: Name) -> str:
    """A standard's name, with its place where another one is called the same, as the page has it."""
    place = found.places.get(standard.id)
    title = name(standard.names, standard.name)
    return f"{title} · {name(place.names, place.name)}" if place else title


def _period(period: str, say: Say) -> str:
    return say(N_("Once")) if period == ONCE else period


def shown(asked: Asked) -> list[State]:
    """The states that are shown, in their order."""
    return [state for state in WORDS if not asked.states or state in asked.states]


def _heads(steps: Iterable[str], asked: Asked, say: Say) -> Iterator[str]:
    for step in (*steps, say(N_("Total"))):
        yield from (f"{step}: {say(WORDS[state])}" for state in shown(asked))
    yield from (say(N_("Failed checks")), say(N_("Score")))


def _row(line: Line, asked: Asked, words: str, number: str) -> Row:
    counts: list[Cell] = [tally[state] for tally in (*line.cells, line.total) for state in shown(asked)]
    return [words, number, *counts, line.total.failed, rounded(line.total.score)]


def _is_place(found: Matrix) -> bool:
    return found.rows_are is Rows.PLACES


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone).replace(tzinfo=None) if at else None
