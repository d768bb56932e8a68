"""Owns comparing an instance with its history: what drove each step is played again, and must lead to where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from engine.expressions import N_
from engine.instances import NotWaiting
from engine.models import TaskStatus
from engine.standing import Given, Standing, Versions, begun_on, replay, standing
from engine.step import StepFailed, Visit, World
from tickets.recount.dossier import Dossier
from tickets.recount.found import Check, Found, told
from tickets.timeline import EventKind

ONCE = ("complete", "job")
"""Kinds of steps that each ref has at most once: a task is completed, a service task answered."""
TOLD: Mapping[str, str] = {
    "complete": EventKind.COMPLETED,
    "timer": EventKind.TIMER,
    "message": EventKind.MESSAGE,
    "signal": EventKind.SIGNAL,
}
"""The kinds of steps of which the timeline has a line each."""

ALSO_INSIDE = frozenset({EventKind.SIGNAL})
"""A process hears its own signals within the step that sends them, which has a line too."""


def written(kept: Dossier) -> Found:
    """Each step was written down once: its input, its line on the timeline, the task it completed."""
    revisions = [one.revision for one in kept.inputs]
    if sorted(revisions) != list(range(1, kept.instance.revision + 1)):
        text = N_("The process is at revision %(revision)s, and %(count)s steps are written down: %(lacking)s lacking.")
        lacking = sorted(set(range(1, kept.instance.revision + 1)) - set(revisions))
        params = {"revision": kept.instance.revision, "count": len(revisions), "lacking": _few(lacking)}
        yield told(Check.STEPS, text, **params)
    if not kept.erased:
        refs = Counter((one.kind, one.payload.get("ref")) for one in kept.inputs if one.kind in ONCE)
        for (kind, ref), count in refs.items():
            if count > 1:
                text = N_("“%(ref)s” was done %(count)s times by steps of the kind %(kind)s.")
                yield told(Check.STEPS, text, ref=ref, count=count, kind=kind)
    kinds, lines = Counter(one.kind for one in kept.inputs), Counter(one.kind for one in kept.events)
    for kind, line in TOLD.items():
        if kinds[kind] != lines[line] and not (line in ALSO_INSIDE and kinds[kind] < lines[line]):
            text = N_("%(steps)s steps of the kind %(kind)s are written down, and the timeline tells of %(lines)s.")
            yield told(Check.COUNTS, text, steps=kinds[kind], kind=kind, lines=lines[line])
    done = sum(task.status == TaskStatus.COMPLETED for task in kept.tasks)
    if done != kinds["complete"]:
        text = N_("%(steps)s steps have completed a task, and %(tasks)s tasks are completed.")
        yield told(Check.COUNTS, text, steps=kinds["complete"], tasks=done)


def played_again(kept: Dossier, stands: Standing, version: Versions, world: World) -> Found:
    """What the history leads to is how the instance stands, by the same way."""
    inputs = [Given(one.revision, one.kind, one.at, one.payload) for one in kept.inputs]
    inputs.sort(key=attrgetter("revision"))
    visits: list[Visit] = []
    live, at = None, 1
    try:
        begun = version(begun_on(inputs, kept.case.definition_id))
        for step in replay(begun, inputs, world, version):
            visits += step.effects.visits
            live, at = step.live, at + 1
    except (NotWaiting, StepFailed, LookupError) as error:
        text = N_("Step %(revision)s (%(kind)s) can't be played again: %(reason)s")
        kind = inputs[at - 1].kind if at <= len(inputs) else ""
        yield told(Check.REPLAY, text, revision=at, kind=kind, reason=_reason(error))
        return
    if live is not None:
        yield from _same(standing(live), stands)
        yield from _visits(kept, visits)


def _reason(error: Exception) -> str:
    return f"nothing waits as “{error}”" if isinstance(error, NotWaiting) else f"{type(error).__name__}: {error}"


def _same(again: Standing, stands: Standing) -> Found:
    for what, ours, theirs in (
        (N_("tasks"), stands.tasks, again.tasks),
        (N_("timers"), stands.timers.keys(), again.timers.keys()),
        (N_("events"), set(stands.awaited.values()), set(again.awaited.values())),
        (N_("service tasks"), _asked(stands), _asked(again)),
        (N_("data"), stands.data, again.data),
    ):
        if ours != theirs:
            text = N_("The %(what)s of the state are not those to which its history leads: %(state)s, not %(again)s.")
            yield told(Check.REPLAY, text, what=what, state=_shown(ours, theirs), again=_shown(theirs, ours))


def _asked(stands: Standing) -> dict[str, str]:
    return {ref: one.element for ref, one in stands.asked.items()}


def _shown(mine: Any, other: Any) -> str:
    """What of it the other lacks; of data only the names, since values may be private."""
    if isinstance(mine, Mapping):
        return _few(sorted(name for name in mine if name not in other or other[name] != mine[name]))
    return _few(sorted(map(str, set(mine) - set(other))))


def _visits(kept: Dossier, again: list[Visit]) -> Found:
    names = ("element", "loop", "entered_at", "left_at", "outcome")
    rows = Counter(tuple(getattr(row, name) for name in names) for row in kept.visits)
    visits = Counter(tuple(getattr(visit, name) for name in names) for visit in again)
    for element, count in _elements(visits - rows):
        text = N_("By its history the process has left “%(element)s” %(count)s times more than is written down.")
        yield told(Check.VISITS, text, element=element, count=count)
    for element, count in _elements(rows - visits):
        text = N_("“%(element)s” is written down as left %(count)s times more than its history says.")
        yield told(Check.VISITS, text, element=element, count=count)


def _elements(visits: Counter[Any]) -> Iterator[tuple[str, int]]:
    for element, same in groupby(sorted(visit[0] for visit in visits.elements())):
        yield element, len(list(same))


def _few(names: list[Any]) -> str:
    """At most eight, separated by commas; "none" without any."""
    shown = ", ".join(map(str, names[:8])) or "none"
    return f"{shown} …" if len(names) > 8 else shown
