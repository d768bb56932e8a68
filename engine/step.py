"""Owns the result of planning one step: plain data that says everything to be written, and nothing of how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.expressions import Message
from engine.timing import Calendar

Values = dict[str, Any]
CANCEL, REOPEN, VERSION = "cancel", "reopen", "version"
"""The kinds of the steps that end an instance before its time, that give an ended one life again, and that put one on
another version of its process.
"""
HEARD = "heard"
"""Under which the payload of a step holds what its expressions read and asked of the world (`engine.spiff.hearing`)."""


@dataclass(frozen=True)
class World:
    """What a step may know besides the instance's data: the moment, the place's zone, and names from above.

    `names` (ticket, requester, subject, owner) win over form values of the same name; `functions` are read-only.
    """

    now: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    names: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    key: str = ""
    """The instance's correlation key unless its definition declares an expression."""
    calendar: Calendar | None = None
    """The place's working time, for what counts by it (`engine.spiff.working_time`)."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A person's task that waits from now on. `data` is what its form and its assignment may read."""

    ref: str
    element: str
    loop: str | None
    lane: str
    data: Values


@dataclass(frozen=True, slots=True)
class Visit:
    element: str
    loop: str | None
    entered_at: datetime
    left_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class DueTimer:
    ref: str
    slot: int
    element: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message waited for, by name and correlation key; or a signal, by name alone."""

    ref: str
    slot: int
    element: str
    name: str
    key: str
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message for one receiver; or a signal for all that wait for it elsewhere: this instance has seen it."""

    element: str
    name: str
    key: str
    payload: Values
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Asked:
    """Work asked of a job: a service task waits for its answer."""

    ref: str
    element: str
    topic: str
    data: Values


@dataclass
class Effects:
    """Gathered while an instance moves; what begins and ends within one step leaves no trace but its visit."""

    opened: dict[str, Opened] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    timers: dict[tuple[str, int], DueTimer] = field(default_factory=dict)
    timers_gone: set[str] = field(default_factory=set)
    awaited: dict[tuple[str, int], Awaited] = field(default_factory=dict)
    awaited_gone: set[str] = field(default_factory=set)
    thrown: list[Thrown] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One planned step of one instance. `live` is the moved instance, for the hot cache once the step is committed."""

    definition_id: int
    instance_id: int | None
    expected_revision: int
    kind: str
    payload: Values
    now: datetime
    state: bytes
    data: Values
    ended: bool
    effects: Effects
    live: Any = field(compare=False, repr=False)

    @property
    def revision(self) -> int:
        return self.expected_revision + 1


class StepFailed(Exception):
    """The instance cannot go on by itself at `element`; the step is thrown away and an incident says so."""

    def __init__(self, element: str, reason: Message) -> None:
        super().__init__(f"{element}: {reason}")
        self.element, self.reason = element, reason


class Uncaught(StepFailed):
    """What a job ends with is an error that nothing catches: what failed is the job, not the process."""
