"""Owns what a recount finds: one difference, what it is about, and in words what is kept and what should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.expressions import Message


class Check(StrEnum):
    """What is compared."""

    TASKS = "tasks"
    TIMERS = "timers"
    EVENTS = "events"
    JOBS = "jobs"
    INCIDENTS = "incidents"
    ENDING = "ending"
    STEPS = "steps"
    REPLAY = "replay"
    VISITS = "visits"
    DATA = "data"
    STATUS = "status"
    OWNER = "owner"
    COUNTS = "counts"
    QUEUES = "queues"
    CLOCKS = "clocks"
    DEADLINES = "deadlines"
    STANDARDS = "standards"


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one ticket; `said` names both sides."""

    ticket: str
    check: Check
    said: Message


Found = Iterator[tuple[Check, Message]]
"""What one check of one ticket gives."""


def told(check: Check, text: str, **params: Any) -> tuple[Check, Message]:
    """A difference in words; `text` is a msgid."""
    return check, Message(text, params)
