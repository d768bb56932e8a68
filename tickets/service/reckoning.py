"""Owns the arithmetic of a service clock: when so much time has passed on it, whatever stood between; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine.timing import Calendar, parse_duration
from engine.timing.working import move, worked

Pause = tuple[datetime, datetime | None]
"""From when until when; without an end it goes on."""


@dataclass(frozen=True, slots=True)
class Course:
    """How time passes on one clock: since when, by which calendar (None: every hour counts), less its pauses.

    The pauses are in order and apart; only the last may go on.
    """

    started: datetime
    zone: ZoneInfo
    calendar: Calendar | None
    pauses: Sequence[Pause] = ()

    def length(self, span: str) -> timedelta:
        """How long an ISO 8601 duration is on this clock: P2D from here on, as hours. Raises `NotATime`."""
        end = parse_duration(span).after(self.started, self.zone, self.calendar)
        return self._between(self.started, end)

    def reaches(self, length: timedelta) -> datetime | None:
        """The first moment at which so much has passed; None if it stands still before. Raises `NotATime`."""
        left = length
        for begun, ended in self._runs():
            if ended is None:
                return self._later(begun, left)
            ran = self._between(begun, ended)
            if ran >= left:
                return self._later(begun, left)
            left -= ran
        return None

    def passed(self, until: datetime) -> timedelta:
        """How much has passed by then."""
        spans = ((begun, min(ended or until, until)) for begun, ended in self._runs())
        return sum((self._between(begun, ended) for begun, ended in spans if begun < ended), timedelta())

    def _runs(self) -> Iterator[Pause]:
        """When it runs."""
        at = self.started
        for begun, ended in self.pauses:
            if begun > at:
                yield at, begun
            if ended is None:
                return
            at = max(at, ended)
        yield at, None

    def _between(self, start: datetime, end: datetime) -> timedelta:
        if self.calendar is None:
            return end - start
        return worked(start, end, self.zone, self.calendar)

    def _later(self, start: datetime, by: timedelta) -> datetime:
        if self.calendar is None or not by:
            return start + by
        return move(start, self.zone, self.calendar, seconds=by.total_seconds())
