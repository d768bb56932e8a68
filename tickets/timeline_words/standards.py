"""Owns the words for what happens to standards: spot checks, waivers, variants that do not hold any more."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_
from tickets.timeline import EventKind

STANDARDS: Mapping[str, tuple[str, ...]] = {
    EventKind.CHECK_FAILED: (
        N_("A spot check by %(who)s found “%(task)s” wanting, it is done again in %(redo)s: %(why)s"),
        N_("A spot check by %(who)s found “%(task)s” wanting, so it is to be done again: %(why)s"),
        N_("A spot check found a step wanting, so it is to be done again"),
    ),
    EventKind.CHECK_CORRECTED: (
        N_("%(who)s corrected the spot check of “%(task)s”: it had been done well, and counts as done: %(why)s"),
        N_("%(who)s corrected the spot check of “%(task)s”: it had been done well, and counts as done"),
        N_("A spot check was corrected"),
    ),
    EventKind.WAIVER_ASKED: (
        N_("%(who)s asked for a waiver of “%(task)s” at %(place)s until %(until)s: %(why)s"),
        N_("%(who)s asked for a waiver of “%(task)s” until %(until)s: %(why)s"),
        N_("A waiver was asked for"),
    ),
    EventKind.WAIVED: (
        N_("%(who)s waived “%(task)s” at %(place)s until %(until)s"),
        N_("%(who)s waived “%(task)s” until %(until)s"),
        N_("A step was waived"),
    ),
    EventKind.WAIVER_REFUSED: (
        N_("%(who)s refused the waiver of “%(task)s”: %(why)s"),
        N_("A waiver was refused"),
    ),
    EventKind.WAIVER_ENDED: (
        N_("%(who)s ended the waiver of “%(task)s”: %(why)s"),
        N_("The waiver of “%(task)s” is over"),
        N_("A waiver is over"),
    ),
    EventKind.VARIANT_LOST: (
        N_("%(who)s published “%(task)s” anew; the variant of %(place)s (v%(version)s) does not hold to it any more"),
        N_("The variant of %(place)s (v%(version)s) does not hold to “%(task)s” any more"),
        N_("A variant of a standard does not hold any more"),
    ),
}
