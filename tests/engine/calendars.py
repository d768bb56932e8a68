"""Business calendars for tests: split hours, holidays, and days off that are worked to make up for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time

Hours = Sequence[tuple[time, time]]
OFFICE: Hours = ((time(9), time(12)), (time(13, 30), time(18)))


@dataclass(frozen=True)
class Office:
    """The same hours from Monday to Friday, but for the days that have hours of their own."""

    usual: Hours = OFFICE
    days: Mapping[date, Hours] = field(default_factory=dict)

    def hours(self, day: date) -> Hours:
        return self.days.get(day, self.usual if day.weekday() < 5 else ())


NATIONAL = Office(
    days={
        **{date(2026, 10, number): () for number in range(1, 8)},
        date(2026, 10, 10): OFFICE,
        date(2026, 9, 20): ((time(9), time(12)),),
    }
)
"""A week off in October 2026; a Sunday before and a Saturday after it are worked, the former only in the morning."""
