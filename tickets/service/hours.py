"""Owns working hours as people write them: 09:00-12:00, 13:30-18:00."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from engine.expressions import N_, Message
from tickets.errors import Invalid

Hours = Sequence[tuple[time, time]]
ALL_DAY: Hours = ((time(), time()),)
"""An end of 00:00 is the midnight after it, as the Calendar port has it."""
MOST = 8
LONGEST = 255
_SPAN = re.compile(r"(\d{1,2})[:：](\d\d)\s*(?:-|–|—|~|～|至|to)\s*(\d{1,2})[:：](\d\d)", re.ASCII)
_BETWEEN = re.compile(r"[\s,，、;；]+")


def read_hours(text: str) -> Hours:
    """The spans of a day in order; none for an empty text. Raises Invalid that says what to mend."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(Message(N_("Shorten the hours to %(limit)s characters."), {"limit": LONGEST}))
    found, at = [], 0
    for match in _SPAN.finditer(text):
        _nothing_between(text[at : match.start()])
        found.append(_span(match))
        at = match.end()
    _nothing_between(text[at:])
    return _in_order(found)


def write_hours(hours: Hours) -> str:
    """The spans as `read_hours` takes them."""
    return ", ".join(f"{opens:%H:%M}-{'24:00' if closes == time() else f'{closes:%H:%M}'}" for opens, closes in hours)


def _nothing_between(text: str) -> None:
    if _BETWEEN.sub("", text):
        said = text.strip(" ,，、;；")[:60]
        problem = N_("“%(text)s” are not hours such as 09:00-12:00, 13:30-18:00; leave them empty for a day off.")
        raise Invalid(Message(problem, {"text": said}))


def _span(match: re.Match[str]) -> tuple[int, int]:
    first, last = (int(match[hour]) * 60 + int(match[minute]) for hour, minute in ((1, 2), (3, 4)))
    if max(int(match[2]), int(match[4])) > 59 or max(first, last) > 24 * 60:
        problem = N_("“%(text)s” is no time of day; hours go from 00:00 to 24:00.")
        raise Invalid(Message(problem, {"text": match[0]}))
    if first >= last:
        problem = N_(
            "“%(text)s” ends before it begins; write work over midnight as 22:00-24:00 and, the next day, 00:00-06:00."
        )
        raise Invalid(Message(problem, {"text": match[0]}))
    return first, last


def _in_order(spans: list[tuple[int, int]]) -> Hours:
    """Sorted; those that touch are one. Raises Invalid where two overlap or there are too many."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first < joined[-1][1]:
            raise Invalid(Message(N_("Two of the hours overlap; write them one after the other.")))
        if joined and first == joined[-1][1]:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    if len(joined) > MOST:
        raise Invalid(Message(N_("Write at most %(limit)s spans a day."), {"limit": MOST}))
    return tuple((_time(first), _time(last)) for first, last in joined)


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
