"""Owns the words of the normal form: what kinds of nodes, events, timers and loops there are."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a node does; the vendor's spelling is gone."""

    START = "start"
    END = "end"
    CATCH = "catch"
    THROW = "throw"
    BOUNDARY = "boundary"
    USER = "user"
    MANUAL = "manual"
    SCRIPT = "script"
    JOB = "job"
    SEND = "send"
    RECEIVE = "receive"
    DECISION = "decision"
    SUB_PROCESS = "sub_process"
    CALL = "call"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EVENT_BASED = "event_based"
    LINK = "link"


ACTIVITIES = frozenset(
    {
        Kind.USER,
        Kind.MANUAL,
        Kind.SCRIPT,
        Kind.JOB,
        Kind.SEND,
        Kind.RECEIVE,
        Kind.DECISION,
        Kind.SUB_PROCESS,
        Kind.CALL,
    }
)
"""What takes time, may be repeated, and may have events on its boundary."""


PEOPLES = frozenset({Kind.USER, Kind.MANUAL})
"""What a person does."""


class EventKind(StrEnum):
    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    COMPENSATION = "compensation"
    CANCEL = "cancel"
    TERMINATE = "terminate"
    PERSON = "person"
    """A boundary or catch event that the file gives no trigger: a person says that it has happened."""
    MULTIPLE = "multiple"


class TimerKind(StrEnum):
    DATE = "date"
    DURATION = "duration"
    CYCLE = "cycle"


class LoopKind(StrEnum):
    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"
    STANDARD = "standard"
