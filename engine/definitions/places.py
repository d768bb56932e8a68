"""Owns where an event may stand, and which triggers BPMN allows there (BPMN 2.0.2, 10.5.3, table 10.93)."""

from __future__ import annotations

from enum import StrEnum

from engine.definitions.kinds import EventKind


class Place(StrEnum):
    START = "start"
    INNER_START = "inner start"
    EVENT_START = "event start"
    CATCH = "catch"
    BOUNDARY = "boundary"
    THROW = "throw"
    END = "end"


CATCHES = frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL})
"""What may be waited for anywhere."""

FAILS = frozenset({EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATION})
"""What comes from inside a scope to one that stands around it, so that nobody outside can start a process by it."""

THROWS = frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ESCALATION, EventKind.COMPENSATION})

ALLOWED: dict[Place, frozenset[EventKind]] = {
    Place.START: CATCHES | FAILS,
    Place.INNER_START: frozenset(EventKind),
    Place.EVENT_START: CATCHES | FAILS,
    Place.CATCH: CATCHES,
    Place.BOUNDARY: CATCHES | FAILS | {EventKind.CANCEL},
    Place.THROW: THROWS,
    Place.END: THROWS | {EventKind.ERROR, EventKind.CANCEL, EventKind.TERMINATE},
}
"""Start events that never start anything are let in, and said."""

NEVER_START = FAILS | {EventKind.CONDITIONAL}

BY_PERSON = frozenset({Place.CATCH, Place.BOUNDARY, Place.EVENT_START})
"""Where an event whose trigger the file leaves out is a person's to say."""

ALWAYS_INTERRUPT = frozenset({EventKind.ERROR, EventKind.CANCEL})
