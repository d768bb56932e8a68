"""The arithmetic of timers: ISO 8601 dates, durations and cycles, cron, and working time; pure, without a clock."""

from engine.timing.cron import Cron, parse_cron
from engine.timing.durations import Duration, parse_duration
from engine.timing.moments import NotATime, parse_date
from engine.timing.turns import (
    MAXIMUM_ROUNDS,
    MINIMUM_INTERVAL,
    Cycle,
    Time,
    Turn,
    coming_turn,
    first_turn,
    next_turn,
    parse_cycle,
    parse_time,
)
from engine.timing.working import Calendar

__all__ = [
    "MAXIMUM_ROUNDS",
    "MINIMUM_INTERVAL",
    "Calendar",
    "Cron",
    "Cycle",
    "Duration",
    "NotATime",
    "Time",
    "Turn",
    "coming_turn",
    "first_turn",
    "next_turn",
    "parse_cron",
    "parse_cycle",
    "parse_date",
    "parse_duration",
    "parse_time",
]
