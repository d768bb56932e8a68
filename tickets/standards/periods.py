"""Owns which period something is for that somebody begins by hand: of each subject and period there is one; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.timing import Duration, coming_turn
from engine.timing.cron_fields import is_cron
from engine.timing.moments import bare
from tickets.standards.kept import OVER, Kept
from tickets.standards.tables import Trigger
from tickets.standards.triggers import (
    ONCE,
    Facts,
    Rule,
    anchored,
    dates_of,
    day_in,
    day_of,
    own_start,
    phase_of,
    turn_period,
    turns_between,
)

BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=8), timedelta(days=32), timedelta(days=367))
"""How far back the last turn is looked for: a little first, since turns may come every minute."""
DAYS, WEEKS = timedelta(hours=26), timedelta(days=7, hours=2)
"""Turns that come at least so often are those of days, and of weeks; others are of months. Clocks change by an hour."""


def period_now(rule: Rule, facts: Facts, now: datetime) -> str | None:
    """The period that is begun by hand at this moment; None where the subject's own time is yet to come, or over."""
    match rule.trigger:
        case Trigger.CREATED:
            return ONCE
        case Trigger.CYCLE:
            turn = _turn(rule, facts, now)
            return turn_period(rule.timing, turn, facts.zone) if turn is not None else None
        case Trigger.DATE:
            passed = [(at, period) for period, at in dates_of(facts, rule.timing) if at <= now]
            return max(passed)[1] if passed else None


def had_by_day(rule: Rule, facts: Facts, kept: Iterable[Kept]) -> set[str]:
    """The periods of a cycle that launches begun under the name of their day had, as they did at first."""
    if rule.trigger is not Trigger.CYCLE:
        return set()
    launched = (row for row in kept if row.launch_id is not None and row.state not in OVER)
    by_day = (row for row in launched if row.period == day_in(row.starts_at, facts.zone).isoformat())
    return {period for row in by_day if (period := period_now(rule, facts, row.starts_at)) is not None}


def _turn(rule: Rule, facts: Facts, now: datetime) -> datetime | None:
    """The turn whose period it is: this day's, week's or month's, before or after it; else the last one.

    On the 8th, what comes on the 12th of each month is begun early, and on the 20th made up for. What is counted from a
    day of the subject has its period from turn to turn.
    """
    own, last = own_start(rule, facts), day_of(facts.attributes.get(str(rule.timing.get("until") or "end_date")))
    if (own is not None and own > now) or (last is not None and day_in(now, facts.zone) > last):
        return None
    text = str(rule.timing.get("cycle", ""))
    phase = None if is_cron(bare(text)) else phase_of(rule, facts)
    before, after = _around(text, facts.zone, phase, now)
    if after is None or (last is not None and day_in(after, facts.zone) > last) or not _is_by_calendar(text):
        return before
    apart = after - before if before is not None else WEEKS * 4
    if before is not None and _is_together(before, now, facts.zone, apart):
        return before
    return after if _is_together(now, after, facts.zone, apart) else before


@lru_cache(maxsize=2_000)
def _around(
    text: str, zone: ZoneInfo, phase: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """The last turn up to now and the next one after it; many subjects share those of cron."""
    cycle = anchored(text, phase or now, zone)
    if cycle is None:
        return None, None
    after = coming_turn(cycle, now, zone)
    soon = now + timedelta(microseconds=1)
    before = next((turns[-1] for back in BACK if (turns := turns_between(text, zone, phase, now - back, soon))), None)
    return before, after.at if after is not None else None


@lru_cache(maxsize=500)
def _is_by_calendar(text: str) -> bool:
    """Whether its turns are those of days, weeks or months, and not so many days apart wherever they fall."""
    if is_cron(bare(text)):
        return True
    cycle = anchored(text, datetime.fromisoformat("2000-01-01T00:00Z"), ZoneInfo("UTC"))
    return cycle is not None and isinstance(cycle.every, Duration) and cycle.every.months > 0


def _is_together(one: datetime, other: datetime, zone: ZoneInfo, apart: timedelta) -> bool:
    """Whether both are of the same day, week or month, whichever turns are that far apart."""
    a, b = day_in(one, zone), day_in(other, zone)
    if apart <= DAYS:
        return a == b
    return a.isocalendar()[:2] == b.isocalendar()[:2] if apart <= WEEKS else (a.year, a.month) == (b.year, b.month)
