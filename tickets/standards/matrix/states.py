"""Owns what a cell says: the six states of a step record, how they are counted, and the score that comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from engine.database import shared_alias
from engine.expressions import N_
from tickets.standards.tables import Occurrence, StepRecord
from tickets.ticket import Ticket


class State(StrEnum):
    """What became of a step, as of a moment; the worst first."""

    MISSING = "missing"
    OVERDUE = "overdue"
    LATE = "late"
    IN_TIME = "in_time"
    WAIVED = "waived"
    NOT_YET_DUE = "not_yet_due"


WORDS: Mapping[State, str] = {
    State.IN_TIME: N_("In time"),
    State.LATE: N_("Done but late"),
    State.OVERDUE: N_("Past due"),
    State.MISSING: N_("Missing"),
    State.WAIVED: N_("Waived"),
    State.NOT_YET_DUE: N_("Not yet due"),
}
"""In the order of legends, bars and columns."""
CODES: Mapping[State, int] = {state: code for code, state in enumerate(WORDS)}
"""What the database says for each."""
BY_CODE = tuple(WORDS)
COUNTED = frozenset({State.IN_TIME, State.LATE, State.OVERDUE, State.MISSING})
"""The states of what was due: the score is of these."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many step records are in which state (in the order of WORDS), and how many checks of them failed."""

    counts: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    failed: int = 0

    def __getitem__(self, state: State) -> int:
        return self.counts[CODES[state]]

    def __add__(self, other: Tally) -> Tally:
        a, b = self.counts, other.counts
        counts = (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5])
        return Tally(counts, self.failed + other.failed)

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def due(self) -> int:
        """How many the score is of."""
        return sum(self.counts[:4])

    @property
    def score(self) -> Fraction | None:
        """100 × (in time + ½ late − ½ failed checks) ÷ (in time + late + overdue + missing), at least 0; None when
        nothing was due.
        """
        if not self.due:
            return None
        in_time, late = self.counts[0], self.counts[1]
        return max(Fraction(0), Fraction(100 * (2 * in_time + late - self.failed), 2 * self.due))

    @property
    def worst(self) -> State | None:
        """The worst state that occurs; None of nothing."""
        return next((state for state in State if self[state]), None)

    def only(self, states: frozenset[State]) -> Tally:
        """Of these states alone; all of them when none is named."""
        if not states:
            return self
        a, b, c, d, e, f = (count if state in states else 0 for state, count in zip(WORDS, self.counts, strict=True))
        return Tally((a, b, c, d, e, f), self.failed)


NOTHING = Tally()


def added(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    counts, failed = [0] * 6, 0
    for tally in tallies:
        failed += tally.failed
        for code, count in enumerate(tally.counts):
            counts[code] += count
    a, b, c, d, e, f = counts
    return Tally((a, b, c, d, e, f), failed)


def rounded(score: Fraction | None) -> float | None:
    """A score as it is shown: to a tenth, halves upwards."""
    return None if score is None else float(int(score * 10 + Fraction(1, 2))) / 10


def state_of(record: type[StepRecord], as_of: Any) -> sa.ColumnElement[int]:
    """The code of a record's state as of a moment, in SQL.

    What is neither done nor waived though it was due is overdue while somebody is at it (its ticket was open then, or
    the step had been opened) and missing otherwise. Only of these is the ticket looked up.
    """
    done = sa.case((record.done_at <= record.due_at, _code(State.IN_TIME)), else_=_code(State.LATE))
    return sa.case(
        (record.done_at <= as_of, done),
        (record.waiver_id.is_not(None), _code(State.WAIVED)),
        (record.due_at >= as_of, _code(State.NOT_YET_DUE)),
        else_=_undone(record, as_of),
    )


def sums_of(record: type[StepRecord], as_of: Any) -> tuple[sa.ColumnElement[int], ...]:
    """Aggregates from which `tally_of` tells how many records are in which state.

    The same as counting by `state_of`, but what is grouped by that must be sorted; these come in an index's order.
    """
    done, waived, ahead = record.done_at <= as_of, record.waiver_id.is_not(None), record.due_at >= as_of
    undone = sa.or_(record.done_at.is_(None), record.done_at > as_of)
    was_due = sa.case((sa.or_(done, waived, ahead), _code(State.OVERDUE)), else_=_undone(record, as_of))
    return (
        sa.func.count(),
        _many(done),
        _many(sa.and_(done, record.done_at <= record.due_at)),
        _many(sa.and_(undone, waived)),
        _many(sa.and_(undone, record.waiver_id.is_(None), ahead)),
        _many(was_due == _code(State.MISSING)),
    )


def tally_of(sums: Sequence[int], failed: int) -> Tally:
    """The tally that the aggregates of `sums_of` say."""
    total, done, in_time, waived, ahead, missing = sums
    overdue = total - done - waived - ahead - missing
    return Tally((in_time, done - in_time, overdue, missing, waived, ahead), failed)


_OCCURRENCE = shared_alias(Occurrence)
_TICKET = shared_alias(Ticket)


def _by_ticket(record: type[StepRecord], as_of: Any) -> sa.ScalarSelect[int]:
    """What the occurrence's ticket says of a step that is due: nothing when there was none yet."""
    said = sa.case(
        (_TICKET.closed_at <= as_of, _code(State.MISSING)),
        (_TICKET.created_at <= as_of, _code(State.OVERDUE)),
    )
    return (
        sa.select(said)
        .join_from(_OCCURRENCE, _TICKET, _TICKET.id == _OCCURRENCE.ticket_id)
        .where(_OCCURRENCE.id == record.occurrence_id)
        .correlate(record)
        .scalar_subquery()
    )


def _undone(record: type[StepRecord], as_of: Any) -> sa.ColumnElement[int]:
    """What is said of a step that was due and is not done."""
    opened = sa.case((record.opened_at <= as_of, _code(State.OVERDUE)), else_=_code(State.MISSING))
    return sa.func.coalesce(_by_ticket(record, as_of), opened)


def _many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((condition, _ONE)))


def _code(state: State) -> sa.ColumnElement[int]:
    return sa.literal_column(str(CODES[state]), sa.Integer)


_ONE = sa.literal_column("1", sa.Integer)
