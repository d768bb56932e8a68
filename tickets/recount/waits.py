"""Owns comparing what an instance's state waits for with the rows of tasks, timers, events, jobs and incidents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from engine.expressions import N_
from engine.models import InstanceStatus, JobStatus, TaskStatus
from engine.standing import Slot, Standing
from tickets.chain import PAUSE, service_key
from tickets.connectors import asking as connectors
from tickets.recount.dossier import Dossier
from tickets.recount.found import Check, Found, told

Jobs = Mapping[str, JobStatus]
"""How the jobs stand that the batch's service tasks have asked for, by `service_key`, a call's too."""
OVER = (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED)


def waits(kept: Dossier, stands: Standing, jobs: Jobs) -> Found:
    """All that the state waits for has its row, and no row waits for anything else."""
    yield from _tasks(kept, stands)
    yield from _timers(kept, stands)
    yield from _events(kept, stands)
    yield from _jobs(kept, stands, jobs)
    yield from _incidents(kept, stands)
    yield from _ending(kept, stands)
    if stands.data != kept.ticket.data:
        other = sorted(name for name in {*stands.data, *kept.ticket.data} if _differs(name, stands, kept))
        text = N_("The ticket's data are not those of its process: %(names)s.")
        yield told(Check.DATA, text, names=", ".join(other))


def _differs(name: str, stands: Standing, kept: Dossier) -> bool:
    return (name in stands.data) != (name in kept.ticket.data) or stands.data.get(name) != kept.ticket.data.get(name)


def _tasks(kept: Dossier, stands: Standing) -> Found:
    rows = Counter((task.ref, task.element) for task in kept.tasks if task.status == TaskStatus.OPEN)
    state = Counter(stands.tasks.items())
    for ref, element in (state - rows).elements():
        text = N_("The process waits for a person at “%(element)s” (%(ref)s), and no open task is there.")
        yield told(Check.TASKS, text, element=element, ref=ref)
    for ref, element in (rows - state).elements():
        text = N_("The task “%(element)s” (%(ref)s) is open, and the process does not wait for it.")
        yield told(Check.TASKS, text, element=element, ref=ref)


def _timers(kept: Dossier, stands: Standing) -> Found:
    """A timer that failed is kept aside as an incident; none is due before it is set."""
    aside = {(one.payload.get("ref"), one.payload.get("slot")) for one in _open(kept) if one.kind == "timer"}
    rows = Counter((row.ref, row.slot) for row in kept.timers)
    yield from _missing(
        Check.TIMERS,
        N_("The process waits for the timer “%(element)s” (%(ref)s), and none is set."),
        {slot: one.element for slot, one in stands.timers.items() if slot not in rows and slot not in aside},
    )
    yield from _missing(
        Check.TIMERS,
        N_("The timer “%(element)s” (%(ref)s) is set, and the process does not wait for it."),
        {(row.ref, row.slot): row.element for row in kept.timers if (row.ref, row.slot) not in stands.timers},
    )
    for row in kept.timers:
        due = stands.timers.get((row.ref, row.slot))
        if rows[row.ref, row.slot] > 1:
            text = N_("The timer “%(element)s” (%(ref)s) is set twice.")
            yield told(Check.TIMERS, text, element=row.element, ref=row.ref)
        if due is not None and row.due_at != due.due_at and not (row.due_at > due.due_at and _may_rest(kept, row)):
            text = N_("The timer “%(element)s” is due %(row)s, and by the process %(state)s.")
            yield told(Check.TIMERS, text, element=row.element, row=row.due_at, state=due.due_at)


def _may_rest(kept: Dossier, timer: Any) -> bool:
    """It has failed before, or it was due before the step that set it."""
    return timer.attempts or any(timer.due_at in (one.at, one.at + PAUSE) for one in kept.inputs)


def _events(kept: Dossier, stands: Standing) -> Found:
    rows = Counter((one.ref, one.slot, one.element, one.kind, one.name, one.key or "") for one in kept.awaited)
    state = Counter((one.ref, one.slot, one.element, one.kind, one.name, one.key) for one in stands.awaited.values())
    for ref, _, element, kind, name, key in (state - rows).elements():
        text = N_("The process waits for the %(kind)s “%(name)s” (%(key)s) at “%(element)s” (%(ref)s): no row says so.")
        yield told(Check.EVENTS, text, kind=kind, name=name, key=key, element=element, ref=ref)
    for ref, _, element, kind, name, key in (rows - state).elements():
        text = N_("A row waits for the %(kind)s “%(name)s” (%(key)s) at “%(element)s” (%(ref)s); the process does not.")
        yield told(Check.EVENTS, text, kind=kind, name=name, key=key, element=element, ref=ref)


def _jobs(kept: Dossier, stands: Standing, jobs: Jobs) -> Found:
    """A job that failed or was cancelled waits for who looks after them; one that is done must have answered."""
    stuck = {one.payload.get("ref") for one in _open(kept) if one.kind in ("job", "fail", connectors.JOB)}
    for ref, asked in stands.asked.items():
        status = jobs.get(service_key(kept.case.instance_id, ref))
        if status is None and ref not in stuck:
            text = N_("The service task “%(element)s” (%(ref)s) waits for an answer, and no job is there to give it.")
            yield told(Check.JOBS, text, element=asked.element, ref=ref)
        elif status is JobStatus.DONE and ref not in stuck:
            text = N_("The job of “%(element)s” (%(ref)s) is done, and the process still waits for its answer.")
            yield told(Check.JOBS, text, element=asked.element, ref=ref)


def _incidents(kept: Dossier, stands: Standing) -> Found:
    for one in _open(kept):
        if str(one.payload.get("ref", "")).partition(".")[0] not in stands.live:
            text = N_("An incident at “%(element)s” is open, and the process does not wait there any more.")
            yield told(Check.INCIDENTS, text, element=one.element)
    marked = kept.instance.status == InstanceStatus.INCIDENT
    if marked and not _open(kept):
        yield told(Check.INCIDENTS, N_("The process is marked as stopped, and no incident is open."))
    elif _open(kept) and kept.instance.status == InstanceStatus.ACTIVE:
        yield told(Check.INCIDENTS, N_("An incident is open, and the process is not marked as stopped."))


def _ending(kept: Dossier, stands: Standing) -> Found:
    over = kept.instance.status in OVER
    if over != stands.ended:
        state = N_("ended") if stands.ended else N_("running")
        text = N_("The process is kept as %(row)s, and its state is %(state)s.")
        yield told(Check.ENDING, text, row=kept.instance.status, state=state)
    if over != (kept.instance.ended_at is not None):
        yield told(Check.ENDING, N_("When the process ended does not agree with whether it has."))


def _open(kept: Dossier) -> list[Any]:
    """Those set aside too: each stands for what the process waits for, and for nothing else in the tables."""
    return [one for one in kept.incidents if one.resolved_at is None]


def _missing(check: Check, text: str, found: Mapping[Slot, str]) -> Found:
    for (ref, _), element in found.items():
        yield told(check, text, element=element, ref=ref)
