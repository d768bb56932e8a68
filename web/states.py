"""Owns how states look: the icon, the tone and the words of every status, due time, priority and timeline event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.expressions import N_
from tickets.sla import SlaState
from tickets.ticket import Priority, Status
from tickets.timeline import STATUS_WORDS, EventKind


@dataclass(frozen=True, slots=True)
class Look:
    """Never colour alone: an icon and words carry the same."""

    icon: str
    tone: str
    text: str = ""


STATUS: Mapping[str, Look] = {
    Status.UNASSIGNED: Look("circle-dashed", "t-orange", STATUS_WORDS[Status.UNASSIGNED]),
    Status.OFFERED: Look("circle", "t-violet", STATUS_WORDS[Status.OFFERED]),
    Status.IN_PROGRESS: Look("circle-half-2", "t-blue", STATUS_WORDS[Status.IN_PROGRESS]),
    Status.AWAITING_REQUESTER: Look("help-circle", "t-teal", STATUS_WORDS[Status.AWAITING_REQUESTER]),
    Status.SUSPENDED: Look("player-pause", "t-grey", STATUS_WORDS[Status.SUSPENDED]),
    Status.RESOLVED: Look("circle-check", "t-green", STATUS_WORDS[Status.RESOLVED]),
    Status.CLOSED: Look("checks", "t-grey", STATUS_WORDS[Status.CLOSED]),
    Status.WITHDRAWN: Look("circle-x", "t-grey", STATUS_WORDS[Status.WITHDRAWN]),
}

DUE: Mapping[str, Look] = {
    SlaState.OK: Look("clock", "t-grey"),
    SlaState.WARN: Look("clock-exclamation", "t-orange"),
    SlaState.OVER: Look("alert-triangle", "t-red"),
    SlaState.MET: Look("clock-check", "t-green", N_("In time")),
    SlaState.MISSED: Look("clock-x", "t-red", N_("Done late")),
}

PRIORITY: Mapping[str, Look] = {
    Priority.URGENT: Look("alert-square-rounded", "t-red", N_("Urgent")),
    Priority.HIGH: Look("3", "t-orange", N_("High")),
    Priority.NORMAL: Look("2", "t-grey", N_("Normal")),
    Priority.LOW: Look("1", "t-grey", N_("Low")),
}
"""Urgent has an icon; the others a number of bars."""

EVENT_ICONS: Mapping[str, str] = {
    EventKind.FILED: "ticket",
    EventKind.ACCEPTED: "user-check",
    EventKind.OWNER: "transfer",
    EventKind.CLAIMED: "hand-grab",
    EventKind.RELEASED: "arrow-back-up",
    EventKind.COMPLETED: "arrow-right",
    EventKind.STATUS: "arrow-right",
    EventKind.OFFERED: "users",
    EventKind.TIMER: "clock",
    EventKind.MESSAGE: "mail",
    EventKind.SIGNAL: "broadcast",
    EventKind.CONDITION: "circle-check",
    EventKind.ERROR: "alert-circle",
    EventKind.ESCALATION: "stairs-up",
    EventKind.UNDONE: "arrow-back-up",
    EventKind.INCIDENT: "alert-triangle",
    EventKind.RETRIED: "refresh",
    EventKind.CLOSED: "checks",
}
