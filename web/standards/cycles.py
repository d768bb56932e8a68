"""Owns a cycle as a form asks for it: every day, week or month at a time, or as cron or ISO 8601 write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.expressions import N_
from web.service.calendars import WEEKDAYS
from web.standards.words import CRON, WEEK

EVERY: Mapping[str, str] = {
    "day": N_("Every day"),
    "week": N_("Every week"),
    "month": N_("Every month"),
    "other": N_("Another cycle"),
}
ON: Mapping[str, str] = dict(zip(WEEK, WEEKDAYS, strict=True))
"""The weekdays by how cron calls them."""


class Sent(Protocol):
    """A form or an address's query."""

    def get(self, key: str, default: str, /) -> str: ...


@dataclass(frozen=True, slots=True)
class CycleAsked:
    """What stands in the form, as text; `other` is the whole cycle where it is none of days, weeks or months."""

    every: str = "month"
    weekday: str = "MON"
    day: str = "1"
    at: str = "09:00"
    other: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it says at what time and on which day, where it is to."""
        clock = re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:\d\d)?", self.at, re.ASCII) is not None
        day = self.every != "month" or re.fullmatch(r"0?[1-9]|[12]\d|3[01]", self.day, re.ASCII) is not None
        return self.every not in ("day", "week", "month") or (
            clock and day and (self.every != "week" or self.weekday in ON)
        )

    @property
    def text(self) -> str:
        """The cycle; none while it is not whole."""
        if self.every not in EVERY or self.every == "other":
            return self.other
        if not self.is_whole:
            return ""
        hour, minute = self.at.split(":")[:2]
        clock = f"{int(minute)} {int(hour)}"
        if self.every == "week":
            return f"{clock} * * {self.weekday}"
        return f"{clock} {int(self.day)} * *" if self.every == "month" else f"{clock} * * *"


def cycle_of(text: str) -> CycleAsked:
    """The form of one that is there."""
    if not text:
        return CycleAsked()
    found = CRON.fullmatch(" ".join(text.split()))
    if found is None:
        return CycleAsked("other", other=text)
    at = f"{int(found['hour']):02}:{int(found['minute']):02}"
    day, week = found["day"], found["week"].upper()
    if day in "*?" and week in "*?":
        return CycleAsked("day", at=at)
    if week in "*?":
        return CycleAsked("month", day=day, at=at)
    weekday = WEEK[(int(week) + 6) % 7] if week.isdigit() else week
    if day not in "*?" or weekday not in ON:
        return CycleAsked("other", other=text)
    return CycleAsked("week", weekday=weekday, at=at)


def cycle_sent(form: Sent) -> CycleAsked:
    """As it was sent; without a choice, the cycle itself."""
    given = {name: form.get(name, "").strip()[:LONGEST] for name in ("every", "weekday", "day", "at")}
    return CycleAsked(**{**given, "every": given["every"] or "other"}, other=form.get("cycle", "").strip()[:LONGEST])


LONGEST = 200
