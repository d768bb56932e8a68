"""Owns when a standard starts for one subject: by its creation, a date of its own, or a cycle while it is active; pure.

A period is what an occurrence is for: `once`, the name or the day of a date, the day or the month of a cycle's turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.timing import Cycle, Duration, NotATime, Turn, coming_turn, next_turn, parse_cycle, parse_date
from engine.timing.cron_fields import is_cron
from engine.timing.moments import bare
from tickets.standards.tables import Trigger

ONCE = "once"
AGAIN = frozenset({"contract_end"})
"""Dates that move on by a year when all goes well: each of them is a period of its own."""
MOST_DATES = 100
PERIOD = 32
"""Characters."""
CATCH_UP = timedelta(days=31)
"""A date that had passed by more than this when a subject came to be known starts nothing."""
GRACE = timedelta(days=1)
"""Turns of a cycle that were not planned ahead are made up for this long."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What triggers and conditions know of a subject. Dates are those of its place, in `zone`."""

    created_at: datetime
    contract_end: date | None
    attributes: Mapping[str, Any]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Rule:
    """What a standard says of when it starts; nothing does before `begins_on`, or for a cycle before `known_from`."""

    trigger: Trigger
    timing: Mapping[str, Any]
    begins_on: date
    known_from: datetime


def starts(rule: Rule, facts: Facts, *, since: datetime, until: datetime) -> dict[str, datetime]:
    """When it starts for this subject, by period, from `since` up to `until` (not itself)."""
    found: dict[str, datetime] = {}
    for period, at in _starts(rule, facts, since, until):
        if at < until and day_in(at, facts.zone) >= rule.begins_on and is_active(facts, at):
            found.setdefault(period, at)
    return found


def is_active(facts: Facts, at: datetime) -> bool:
    """Whether the subject is still there that day: its `end_date` has not passed, its `status` is not `ended`."""
    if str(facts.attributes.get("status", "")).strip().casefold() == "ended":
        return False
    end = day_of(facts.attributes.get("end_date"))
    return end is None or day_in(at, facts.zone) <= end


def _starts(rule: Rule, facts: Facts, since: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
    match rule.trigger:
        case Trigger.CREATED:
            yield ONCE, facts.created_at
        case Trigger.DATE:
            yield from dates_of(facts, rule.timing)
        case Trigger.CYCLE:
            yield from _turns(rule, facts, since, until)


def dates_of(facts: Facts, timing: Mapping[str, Any]) -> list[tuple[str, datetime]]:
    """The starts that an attribute's date gives, or each of its dates; at the place's midnight where no time is said.

    What can't be read as a date gives none: other systems write the attributes.
    """
    attribute = str(timing.get("attribute", ""))
    value: Any = facts.attributes.get(attribute)
    if attribute == "contract_end" and value is None:
        value = facts.contract_end
    offset = Duration(days=int(timing.get("days", 0)))
    if not isinstance(value, list):
        at = moment_of(value, facts.zone)
        if at is None:
            return []
        period = day_in(at, facts.zone).isoformat() if attribute in AGAIN else ONCE
        return [(period, _moved(at, offset, facts.zone))]
    found = []
    for entry in value[:MOST_DATES]:
        name, given = (entry.get("name"), entry.get("date")) if isinstance(entry, Mapping) else (None, entry)
        at = moment_of(given, facts.zone)
        if at is not None:
            period = " ".join(str(name or "").split())[:PERIOD] or day_in(at, facts.zone).isoformat()
            found.append((period, _moved(at, offset, facts.zone)))
    return found


def _moved(at: datetime, offset: Duration, zone: ZoneInfo) -> datetime:
    try:
        return offset.after(at, zone)
    except NotATime:
        return at


def moment_of(value: Any, zone: ZoneInfo) -> datetime | None:
    """The moment that an attribute's value says; None for what is none."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), zone).astimezone(UTC)
    if not isinstance(value, str) or not value.strip()[:4].isdigit():
        return None
    try:
        at = parse_date(value, zone)
    except NotATime:
        return None
    return at if 1990 <= at.year <= 2200 else None


def day_of(value: Any) -> date | None:
    """The day that an attribute's value says; None for what is none."""
    at = moment_of(value, _UTC)
    return at.date() if at is not None else None


_UTC = ZoneInfo("UTC")


def _turns(rule: Rule, facts: Facts, since: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
    """The turns while it is active: from the day that its attribute says (else from the day the standard begins)."""
    phase = phase_of(rule, facts)
    last = day_of(facts.attributes.get(str(rule.timing.get("until") or "end_date")))
    earliest = max(since, phase, rule.known_from, facts.created_at)
    text = str(rule.timing.get("cycle", ""))
    for at in turns_between(text, facts.zone, None if is_cron(bare(text)) else phase, since, until):
        if last is not None and day_in(at, facts.zone) > last:
            return
        if at >= earliest:
            yield turn_period(rule.timing, at, facts.zone), at


def own_start(rule: Rule, facts: Facts) -> datetime | None:
    """From when on a cycle's turns are the subject's, as its attribute says; None where it says nothing."""
    return moment_of(facts.attributes.get(str(rule.timing.get("from") or "start_date")), facts.zone)


def phase_of(rule: Rule, facts: Facts) -> datetime:
    """What a cycle's turns are counted from that says no beginning of its own."""
    return own_start(rule, facts) or datetime.combine(rule.begins_on, time(), facts.zone).astimezone(UTC)


@lru_cache(maxsize=2_000)
def turns_between(
    text: str, zone: ZoneInfo, phase: datetime | None, since: datetime, until: datetime
) -> Sequence[datetime]:
    """The turns from `since` on, before `until`; many subjects share them, those of cron by the clock alone."""
    cycle = anchored(text, phase or since, zone)
    if cycle is None:
        return ()
    found: list[datetime] = []
    turn: Turn | None = coming_turn(cycle, since - timedelta(microseconds=1), zone)
    while turn is not None and turn.at < until and len(found) < MOST_TURNS:
        found.append(turn.at)
        turn = next_turn(cycle, turn, turn.at, zone)
    return tuple(found)


MOST_TURNS = 400


def anchored(text: str, phase: datetime, zone: ZoneInfo) -> Cycle | None:
    """A cycle whose turns are counted from this moment, where its text names none; None for what is no cycle."""
    try:
        cycle = parse_cycle(text, zone)
    except NotATime:
        return None
    if isinstance(cycle.every, Duration) and cycle.first is None and cycle.last is None:
        return Cycle(cycle.every, rounds=cycle.rounds, first=phase)
    return cycle


def turn_period(timing: Mapping[str, Any], at: datetime, zone: ZoneInfo) -> str:
    """What a turn of the cycle is called: its month where it comes by months, else its day."""
    day = day_in(at, zone)
    return f"{day:%Y-%m}" if _is_monthly(str(timing.get("cycle", ""))) else day.isoformat()


@lru_cache(maxsize=500)
def _is_monthly(text: str) -> bool:
    cycle = anchored(text, datetime(2000, 1, 1, tzinfo=UTC), _UTC)
    return cycle is not None and isinstance(cycle.every, Duration) and cycle.every.months > 0


def day_in(at: datetime, zone: ZoneInfo) -> date:
    """The day that it is there."""
    return at.astimezone(zone).date()
