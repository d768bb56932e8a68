"""Owns when a timer's turns come: once, or again and again, counted from a start so that no turn drifts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.expressions import N_, Message
from engine.timing.cron import Cron, parse_cron
from engine.timing.cron_fields import is_cron
from engine.timing.durations import Duration, parse_duration
from engine.timing.moments import LONGEST, SHOWN, NotATime, bare, parse_date
from engine.timing.working import Calendar

MINIMUM_INTERVAL = timedelta(seconds=60)
MAXIMUM_ROUNDS = 100_000
ENDLESS = 10**9
"""More turns than there are minutes in the years 1 to 1900."""
_PARTS = re.compile(r"/(?=[-+]?P[\dT-]|\d{4})", re.IGNORECASE | re.ASCII)
"""Between an interval's parts; names of zones have a slash, too."""
_CYCLE = re.compile(r"R(?P<rounds>\d{0,9})/(?P<rest>.+)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: `rounds` turns (None: without end), `every` so long or as cron says.

    From `first` on, the first turn at `first` itself; or back from `last`, the last turn; or one `every` after it is
    set. `raised` tells that the text asks for turns more often than once a minute, which is as often as they come.
    """

    every: Duration | Cron
    rounds: int | None = None
    first: datetime | None = None
    last: datetime | None = None
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """When something is due, the moment its turns are counted from, and how many are left with it if they count."""

    at: datetime
    start: datetime
    left: int | None = None


Time: TypeAlias = datetime | Duration | Cycle


def parse_time(text: str, zone: ZoneInfo, *, repeats: bool) -> Time:
    """A date, a duration, an interval's end, a cycle or cron, whichever it is; raises `NotATime`.

    `repeats`: a bare duration is a cycle without end.
    """
    text = bare(text)
    if len(text) > LONGEST:
        raise NotATime(Message(N_("“%(text)s” is too long for a time."), {"text": text[:SHOWN]}))
    if text[:1] in ("R", "r") or is_cron(text):
        return parse_cycle(text, zone)
    if text[:1].isdigit() or _PARTS.search(text):
        return _interval(text, zone)
    return parse_cycle(text, zone) if repeats else _once(text, zone)


def parse_cycle(text: str, zone: ZoneInfo) -> Cycle:
    """`R3/PT1H`, `R/P1D`, `R5/2026-12-01T09:00/P1W`, `R3/PT1H/2026-12-01`, a bare duration, or cron.

    Raises `NotATime`.
    """
    text = bare(text)
    if is_cron(text):
        cron = parse_cron(text)
        return Cycle(cron, raised=cron.text.often)
    match = _CYCLE.fullmatch(text)
    if match is None and text[:1] not in ("P", "p", "+", "-"):
        problem = N_("“%(text)s” is not a cycle such as R3/PT1H or R/P1D, nor cron such as 0 9 * * MON-FRI.")
        raise NotATime(Message(problem, {"text": text[:SHOWN]}))
    if match is None:
        return _checked(Cycle(parse_duration(text)))
    rounds = int(match["rounds"]) if match["rounds"] else None
    if rounds is not None and not 0 < rounds <= MAXIMUM_ROUNDS:
        problem = N_("A cycle repeats between 1 and %(limit)s times.")
        raise NotATime(Message(problem, {"limit": MAXIMUM_ROUNDS}))
    return _checked(replace(_repeated(match["rest"], zone), rounds=rounds))


def first_turn(time: Time, now: datetime, zone: ZoneInfo, calendar: Calendar | None = None) -> Turn:
    """When it is due first. What is over by now is due at once, and once. Raises `NotATime` past the year 9999."""
    if isinstance(time, Cycle):
        return _turn_of(time, _just_before(now), now, zone, calendar) or Turn(now, _start(time, now), 1)
    return Turn(time, time) if isinstance(time, datetime) else Turn(time.after(now, zone, calendar), now)


def coming_turn(time: Time, now: datetime, zone: ZoneInfo, calendar: Calendar | None = None) -> Turn | None:
    """The first turn later than now; None where all are over. Raises `NotATime` past the year 9999."""
    if isinstance(time, Cycle):
        return _turn_of(time, now, now, zone, calendar)
    turn = first_turn(time, now, zone, calendar)
    return turn if turn.at > now else None


def next_turn(time: Time, before: Turn, now: datetime, zone: ZoneInfo, calendar: Calendar | None = None) -> Turn | None:
    """The first turn later than the one before and than now, however many lie between; None where none is left.

    Counted from the start, since a month after Jan 31 is Feb 28, but two months after it are Mar 31. Turns that were
    missed are one; it is one of the `rounds` of a cycle that has neither a first nor a last turn of its own.
    """
    if not isinstance(time, Cycle) or before.left == 1:
        return None
    at = _turn_after(time, before.start, max(now, before.at), zone, calendar)
    return Turn(at, before.start, before.left - 1 if before.left else None) if at is not None else None


def _turn_of(cycle: Cycle, after: datetime, now: datetime, zone: ZoneInfo, calendar: Calendar | None) -> Turn | None:
    start = _start(cycle, now)
    at = _turn_after(cycle, start, after, zone, calendar)
    counts = cycle.first is None and cycle.last is None
    return Turn(at, start, cycle.rounds if counts else None) if at is not None else None


def _start(cycle: Cycle, now: datetime) -> datetime:
    return cycle.first or cycle.last or now


def _just_before(moment: datetime) -> datetime:
    return moment - timedelta(microseconds=1) if moment > datetime.min.replace(tzinfo=UTC) else moment


def _turn_after(
    cycle: Cycle, start: datetime, after: datetime, zone: ZoneInfo, calendar: Calendar | None
) -> datetime | None:
    every = cycle.every
    if isinstance(every, Cron):
        return every.next_after(max(after, start), zone)

    def is_later(number: int) -> bool:
        moment = _turn(every, number, start, zone, calendar)
        return moment > after if moment is not None else number > 0

    rounds = (cycle.rounds if cycle.first or cycle.last else None) or ENDLESS
    if cycle.last is not None:
        back = _first(lambda number: not is_later(-number), _guess(every, start - after), rounds)
        return _turn(every, 1 - back, start, zone, None) if back else None
    begin = 0 if cycle.first is not None else 1
    number = _first(
        lambda turn: is_later(turn + begin), 0 if calendar else _guess(every, after - start) - begin, rounds
    )
    return _turn(every, number + begin, start, zone, calendar) if number < rounds else None


def _turn(every: Duration, number: int, start: datetime, zone: ZoneInfo, calendar: Calendar | None) -> datetime | None:
    """The turn of that number; None where it lies outside the calendar."""
    try:
        return every.times(number).after(start, zone, calendar)
    except NotATime:
        return None


def _first(holds: Callable[[int], bool], guess: int, end: int) -> int:
    """The smallest number from 0 on for which it holds, as it does for all after that; `end` if for none before."""
    low, high, step = 0, min(max(guess, 0), end), 1
    while high < end and not holds(high):
        low, high, step = high + 1, min(high + step, end), step * 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _guess(every: Duration, gone: timedelta) -> int:
    """At most so many turns fit in, a few more or less."""
    return max(int(gone.total_seconds() / every.total) - 2, 0)


def _repeated(text: str, zone: ZoneInfo) -> Cycle:
    """What follows `R3/`: a duration, with a start before it or an end after it; or a start and an end."""
    first, *rest = _PARTS.split(text, maxsplit=1)
    if not rest:
        return Cycle(parse_duration(first))
    if first[:1] in ("P", "p"):
        return Cycle(parse_duration(first), last=parse_date(rest[0], zone))
    start = parse_date(first, zone)
    if rest[0][:1].isdigit():
        end = parse_date(rest[0], zone)
        if end <= start:
            raise NotATime(Message(N_("“%(text)s” ends before it begins."), {"text": text[:SHOWN]}))
        return Cycle(Duration(seconds=(end - start).total_seconds()), first=start)
    return Cycle(parse_duration(rest[0]), first=start)


def _interval(text: str, zone: ZoneInfo) -> datetime:
    """A date; or the end of `2026-12-01/P1D`, `P1D/2026-12-01` or `2026-12-01/2026-12-02`."""
    first, *rest = _PARTS.split(text, maxsplit=1)
    if not rest:
        return parse_date(first, zone)
    start, end = _once(first, zone), _once(rest[0], zone)
    if isinstance(end, datetime):
        return end
    return end.after(start, zone) if isinstance(start, datetime) else parse_date(rest[0], zone)


def _once(text: str, zone: ZoneInfo) -> datetime | Duration:
    return parse_duration(text) if text[:1] in ("P", "p", "+", "-") else parse_date(text, zone)


def _checked(cycle: Cycle) -> Cycle:
    """With turns at least a minute apart."""
    assert isinstance(cycle.every, Duration)
    if cycle.every.total < MINIMUM_INTERVAL.total_seconds():
        return replace(cycle, every=Duration(seconds=MINIMUM_INTERVAL.total_seconds()), raised=True)
    return cycle
