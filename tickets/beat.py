"""Owns the beat: everything that is due now, whoever set it: timers, deadlines, aftermath, jobs."""

from __future__ import annotations

from collections.abc import Mapping

from tickets import aftermath, deadlines, timers, work
from tickets.assigning.offers import lapse
from tickets.climbing import climb
from tickets.deadlines import DeadlineKind, Handler
from tickets.life.ending import close_due
from tickets.life.pausing import resume_due
from tickets.runtime import Runtime
from tickets.service import falling_due
from tickets.standards import starting

DEADLINES: Mapping[str, Handler] = {
    DeadlineKind.ACCEPT: lapse,
    DeadlineKind.URGE: climb,
    DeadlineKind.RESUME: resume_due,
    DeadlineKind.CLOSE: close_due,
    **falling_due.HANDLERS,
}
"""Who does what when a deadline has come (`tickets.deadlines.DeadlineKind`)."""


def beat(runtime: Runtime) -> int:
    """Does what is due now; how much there was."""
    return moments(runtime) + consequences(runtime) + work.drain(runtime)


def moments(runtime: Runtime) -> int:
    """Does what goes by the clock; how much there was."""
    return timers.fire_due(runtime).taken + deadlines.tick(runtime, DEADLINES) + starting.tick(runtime)


def consequences(runtime: Runtime) -> int:
    """Takes up what came after a commit; how much there was."""
    return aftermath.tick(runtime)


def settle(runtime: Runtime) -> None:
    """Beats until nothing is left to do now."""
    while beat(runtime):
        pass
