"""Owns how states look: the icon, the tone and the words of every status, due time, priority and timeline event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.expressions import N_
from tickets.event_words import PRIORITY_WORDS, STATUS_WORDS
from tickets.sla import SlaState
from tickets.ticket import Priority, Status
from tickets.timeline import EventKind


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
    SlaState.PAUSED: Look("clock-pause", "t-grey", N_("Paused")),
    SlaState.MET: Look("clock-check", "t-green", N_("In time")),
    SlaState.MISSED: Look("clock-x", "t-red", N_("Done late")),
}

PRIORITY: Mapping[str, Look] = {
    Priority.URGENT: Look("alert-square-rounded", "t-red", PRIORITY_WORDS[Priority.URGENT]),
    Priority.HIGH: Look("3", "t-orange", PRIORITY_WORDS[Priority.HIGH]),
    Priority.NORMAL: Look("2", "t-grey", PRIORITY_WORDS[Priority.NORMAL]),
    Priority.LOW: Look("1", "t-grey", PRIORITY_WORDS[Priority.LOW]),
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
    EventKind.ASSIGNED: "user-plus",
    EventKind.DECLINED: "user-x",
    EventKind.LAPSED: "hourglass",
    EventKind.TRANSFERRED: "transfer",
    EventKind.DELEGATED: "user-share",
    EventKind.RETURNED: "arrow-back-up",
    EventKind.JOINED: "users-plus",
    EventKind.UNSHARED: "users-minus",
    EventKind.STEPPED_BACK: "arrow-back-up",
    EventKind.VERSION: "refresh",
    EventKind.SUSPENDED: "player-pause",
    EventKind.RESUMED: "player-play",
    EventKind.RESOLVED: "circle-check",
    EventKind.CONFIRMED: "checks",
    EventKind.REOPENED: "rotate",
    EventKind.WITHDRAWN: "circle-x",
    EventKind.CC_ADDED: "at",
    EventKind.CC_REMOVED: "at-off",
    EventKind.URGED: "bell-ringing",
    EventKind.URGE_CLIMBED: "stairs-up",
    EventKind.PRIORITY: "flag",
    EventKind.TITLE: "pencil",
    EventKind.TAGGED: "tag",
    EventKind.LINKED: "link",
    EventKind.UNLINKED: "unlink",
    EventKind.MERGED: "git-merge",
    EventKind.ABSORBED: "git-merge",
    EventKind.DUE_SOON: "clock-exclamation",
    EventKind.OVERDUE: "clock-x",
    EventKind.ESCALATED: "stairs-up",
    EventKind.DEPARTED: "door-exit",
    EventKind.CAME_BACK: "door-enter",
    EventKind.RATED: "star",
    EventKind.VOUCHED: "rosette-discount-check",
    EventKind.ASKED_TO_VOUCH: "user-question",
    EventKind.VOUCH_TAKEN_BACK: "arrow-back-up",
    EventKind.ERASED: "eraser",
    EventKind.CHECK_FAILED: "rotate",
    EventKind.CHECK_CORRECTED: "circle-check",
    EventKind.WAIVER_ASKED: "shield",
    EventKind.WAIVED: "shield-check",
    EventKind.WAIVER_REFUSED: "shield-x",
    EventKind.WAIVER_ENDED: "shield-off",
    EventKind.VARIANT_LOST: "plug-connected-x",
    EventKind.SUBJECTS_MOVED: "school",
    EventKind.SUBJECTS_GIVEN: "school",
}
