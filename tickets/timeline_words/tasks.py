"""Owns the timeline's words for who did what with a task, and whom they asked."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_
from tickets.timeline import EventKind

TASKS: Mapping[str, tuple[str, ...]] = {
    EventKind.CLAIMED: (N_("%(who)s claimed “%(task)s”"), N_("A task was claimed")),
    EventKind.RELEASED: (N_("%(who)s released “%(task)s”"), N_("A task was released")),
    EventKind.COMPLETED: (
        N_("%(who)s said that “%(happened)s” has happened"),
        N_("%(who)s began “%(begun)s” in “%(task)s”"),
        N_("%(who)s finished “%(task)s”; nobody needs to do any more: %(dropped)s"),
        N_("%(who)s completed “%(task)s”, next: “%(next)s”"),
        N_("%(who)s completed “%(task)s”"),
        N_("“%(task)s” is done"),
        N_("A task is done"),
    ),
    EventKind.OFFERED: (
        N_("“%(task)s” waits for %(to)s, because %(absent)s has left"),
        N_("“%(task)s” waits for %(to)s, because %(away)s is away"),
        N_("“%(task)s” waits for %(to)s"),
        N_("“%(task)s” waits for somebody to claim it"),
        N_("A task waits for somebody to claim it"),
    ),
    EventKind.TRANSFERRED: (
        N_("%(who)s transferred “%(task)s” from %(from)s to %(to)s: %(why)s"),
        N_("%(who)s transferred “%(task)s” to %(to)s: %(why)s"),
        N_("%(who)s transferred “%(task)s” to %(to)s"),
        N_("“%(task)s” went to %(to)s"),
        N_("A task was transferred"),
    ),
    EventKind.DELEGATED: (
        N_("%(who)s delegated “%(task)s” to %(to)s: %(why)s"),
        N_("%(who)s delegated “%(task)s” to %(to)s"),
        N_("A task was delegated"),
    ),
    EventKind.RETURNED: (
        N_("%(who)s took “%(task)s” back from %(from)s"),
        N_("%(who)s has done “%(task)s” and returned it to %(to)s"),
        N_("“%(task)s” came back to %(to)s"),
        N_("A task came back"),
    ),
    EventKind.CONSULTED: (N_("%(who)s asked %(to)s for advice"), N_("Advice was asked for")),
    EventKind.ADVISED: (N_("%(who)s advised %(to)s"), N_("%(who)s gave advice"), N_("Advice was given")),
    EventKind.JOINED: (
        N_("%(who)s asked %(to)s to help with “%(task)s”"),
        N_("%(to)s helps with “%(task)s”"),
        N_("Somebody helps with a task"),
    ),
    EventKind.VOUCHED: (
        N_("%(who)s confirmed that “%(task)s” was done: %(why)s"),
        N_("%(who)s confirmed that “%(task)s” was done"),
        N_("A step was confirmed"),
    ),
    EventKind.ASKED_TO_VOUCH: (
        N_("%(who)s asked %(to)s to confirm “%(task)s”: %(why)s"),
        N_("%(who)s asked %(to)s to confirm “%(task)s”"),
        N_("Somebody was asked to confirm a step"),
    ),
    EventKind.VOUCH_TAKEN_BACK: (
        N_("%(who)s took their confirmation of “%(task)s” back"),
        N_("A confirmation was taken back"),
    ),
    EventKind.UNSHARED: (
        N_("%(helper)s no longer helps with “%(task)s”"),
        N_("%(who)s no longer asks %(to)s about “%(task)s”"),
        N_("Somebody is no longer asked about a task"),
    ),
}
