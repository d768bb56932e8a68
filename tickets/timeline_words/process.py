"""Owns the timeline's words for what the process does by itself or is made to: its events, its errors, steps back."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_
from tickets.timeline import EventKind

PROCESS: Mapping[str, tuple[str, ...]] = {
    EventKind.TIMER: (
        N_("The time set for “%(task)s” was up: “%(timer)s”"),
        N_("It was time for “%(timer)s”"),
        N_("A timer was due"),
    ),
    EventKind.MESSAGE: (
        N_("%(who)s sent the event “%(message)s”"),
        N_("The event “%(message)s” arrived"),
        N_("An event arrived"),
    ),
    EventKind.SIGNAL: (
        N_("%(who)s sent the signal “%(signal)s”"),
        N_("The signal “%(signal)s” was heard"),
        N_("A signal was heard"),
    ),
    EventKind.CONDITION: (
        N_("“%(event)s” has come true during “%(task)s”"),
        N_("“%(event)s” has come true"),
        N_("What was waited for has come true"),
    ),
    EventKind.ERROR: (
        N_("“%(task)s” failed, so it goes on with “%(event)s”"),
        N_("It failed, so it goes on with “%(event)s”"),
        N_("It failed and ended with the error “%(code)s”"),
        N_("It failed"),
    ),
    EventKind.ESCALATION: (
        N_("“%(task)s” was escalated: “%(event)s”"),
        N_("It was escalated: “%(event)s”"),
        N_("It was escalated"),
    ),
    EventKind.UNDONE: (
        N_("“%(task)s” was undone by “%(event)s”"),
        N_("“%(event)s” undid what was done before"),
        N_("What was done before was undone"),
    ),
    EventKind.INCIDENT: (
        N_("The process stopped at “%(element)s”: %(reason)s"),
        N_("The process stopped at “%(element)s”"),
        N_("The process stopped"),
    ),
    EventKind.RETRIED: (
        N_("%(who)s tried “%(element)s” again"),
        N_("%(who)s tried the stopped process again"),
        N_("“%(element)s” was tried again"),
        N_("The process was tried again"),
    ),
    EventKind.STEPPED_BACK: (
        N_("%(who)s went back from “%(task)s” to “%(next)s”: %(why)s"),
        N_("%(who)s went back to “%(next)s”"),
        N_("The process went back a step"),
    ),
    EventKind.VERSION: (
        N_("%(who)s moved it from version %(old)s of its type to version %(new)s"),
        N_("It was moved from version %(old)s of its type to version %(new)s"),
        N_("It was moved to another version of its type"),
    ),
}
