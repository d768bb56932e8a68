"""Owns how a due time looks from a given moment: calm, soon, over, paused, met or missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SOON = timedelta(hours=2)
LAST_PART = 0.2
"""It is soon when less than two hours or less than a fifth of the whole time is left."""


class SlaState(StrEnum):
    OK = "ok"
    WARN = "warn"
    OVER = "over"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Sla:
    """A due time as a chip; `left` is negative once it is over, and what was left when it was finished.

    Of a paused one `left` is what is left of it, and `due` is when it would be due if it went on at once.
    """

    state: SlaState
    due: datetime
    left: timedelta


def sla(
    due: datetime | None,
    *,
    started: datetime,
    now: datetime,
    finished: datetime | None = None,
    paused: int | None = None,
) -> Sla | None:
    """How `due` stands at `now`, for what began at `started` and perhaps is `finished`; None without one.

    `paused`: the seconds that are left on a clock that stands still.
    """
    if due is None and paused is not None and finished is None:
        left = timedelta(seconds=paused)
        return Sla(SlaState.PAUSED, now + left, left)
    if due is None:
        return None
    if finished is not None:
        return Sla(SlaState.MET if finished <= due else SlaState.MISSED, due, due - finished)
    left = due - now
    if left < timedelta():
        return Sla(SlaState.OVER, due, left)
    soon = left < SOON or left < LAST_PART * (due - started)
    return Sla(SlaState.WARN if soon else SlaState.OK, due, left)
