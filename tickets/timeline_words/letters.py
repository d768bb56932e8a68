"""Owns the timeline's words for what people write to each other: notes, replies and urges."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_
from tickets.timeline import EventKind

LETTERS: Mapping[str, tuple[str, ...]] = {
    EventKind.NOTED: (N_("%(who)s wrote an internal note"), N_("An internal note")),
    EventKind.REPLIED: (N_("%(who)s replied to %(to)s"), N_("%(who)s replied"), N_("A reply")),
    EventKind.ANSWERED: (N_("%(who)s wrote back"), N_("The requester wrote back")),
    EventKind.ASKED: (N_("%(who)s asked %(to)s for more"), N_("%(who)s asked for more"), N_("More was asked for")),
    EventKind.URGED: (N_("%(who)s urged: %(why)s"), N_("%(who)s urged"), N_("The ticket was urged")),
    EventKind.URGE_ANSWERED: (
        N_("%(who)s answered the urge: expected by %(until)s"),
        N_("%(who)s answered the urge"),
        N_("The urge was answered"),
    ),
    EventKind.URGE_CLIMBED: (
        N_("Nobody answered the urge, so %(to)s was told"),
        N_("Nobody answered the urge"),
    ),
}
