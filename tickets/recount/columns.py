"""Owns comparing a ticket's columns with its timeline, its tasks and what else is counted into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.expressions import N_
from engine.models import TaskStatus
from tickets.deadlines import DeadlineKind
from tickets.recount.dossier import Dossier
from tickets.recount.found import Check, Found, told
from tickets.recount.waits import OVER
from tickets.ticket import ENDED, Status
from tickets.timeline import EventKind

SAYS: Mapping[str, Status] = {
    EventKind.CLOSED: Status.CLOSED,
    EventKind.CONFIRMED: Status.CLOSED,
    EventKind.MERGED: Status.CLOSED,
    EventKind.ERASED: Status.CLOSED,
    EventKind.WITHDRAWN: Status.WITHDRAWN,
    EventKind.RESOLVED: Status.RESOLVED,
    EventKind.SUSPENDED: Status.SUSPENDED,
}
"""What lines of the timeline say the status is since then; a line of the kind STATUS says it itself."""
KEEPS = frozenset(
    {
        EventKind.COMPLETED,
        EventKind.TIMER,
        EventKind.MESSAGE,
        EventKind.SIGNAL,
        EventKind.NOTED,
        EventKind.URGED,
        EventKind.URGE_CLIMBED,
        EventKind.CC_ADDED,
        EventKind.CC_REMOVED,
        EventKind.PRIORITY,
        EventKind.TITLE,
        EventKind.TAGGED,
        EventKind.LINKED,
        EventKind.UNLINKED,
        EventKind.ABSORBED,
        EventKind.DUE_SOON,
        EventKind.OVERDUE,
        EventKind.ESCALATED,
        EventKind.CONDITION,
        EventKind.ERROR,
        EventKind.ESCALATION,
        EventKind.INCIDENT,
        EventKind.RATED,
    }
)
"""Lines after which the status is as before, unless another line says so; what others do to it is theirs to say."""
GIVES_UP = frozenset({EventKind.DEPARTED, EventKind.CAME_BACK, EventKind.REOPENED})
"""Lines after which somebody else, or nobody, may own the ticket."""


def columns(kept: Dossier) -> Found:
    """What the ticket's row says of itself."""
    yield from _status(kept)
    yield from _moments(kept)
    yield from _owner(kept)
    yield from _counts(kept)
    yield from _queues(kept)
    yield from _deadlines(kept)


def _status(kept: Dossier) -> Found:
    status, over = Status(kept.case.status), kept.instance.status in OVER
    if status in ENDED and not over:
        text = N_("The ticket is %(status)s, and its process is still %(process)s.")
        yield told(Check.STATUS, text, status=status.value, process=kept.instance.status)
    elif over and status not in (*ENDED, Status.RESOLVED):
        text = N_("The process has ended, and the ticket is %(status)s.")
        yield told(Check.STATUS, text, status=status.value)
    said = None if kept.erased else _said_status(kept)
    if said is not None and said != status:
        text = N_("The timeline says the ticket is %(said)s, and it is kept as %(status)s.")
        yield told(Check.STATUS, text, said=said.value, status=status.value)


def _said_status(kept: Dossier) -> Status | None:
    """None when the last word on it is not said."""
    said = None
    for event in kept.events:
        if event.kind == EventKind.STATUS:
            said = Status(event.params["to"])
        elif event.kind in SAYS:
            said = SAYS[event.kind]
        elif event.kind not in KEEPS:
            said = None
    return said


def _moments(kept: Dossier) -> Found:
    case = kept.case
    ended, solved = case.status in ENDED, case.status in (*ENDED, Status.RESOLVED)
    for name, there, wanted in (
        ("closed_at", case.closed_at is not None, ended),
        ("resolved_at", case.resolved_at is not None, solved),
    ):
        if there != wanted:
            text = N_("The ticket is %(status)s, and %(column)s is %(state)s.")
            state = N_("set") if there else N_("not set")
            yield told(Check.STATUS, text, status=case.status, column=name, state=state)
    if case.suspended_until is not None and case.status != Status.SUSPENDED:
        yield told(Check.STATUS, N_("The ticket is to resume, and it is not suspended."))
    if case.dispatch_at is not None and ended:
        yield told(Check.STATUS, N_("The ticket has ended, and still waits for a dispatcher."))


def _owner(kept: Dossier) -> Found:
    known, owner = False, None
    for event in () if kept.erased else kept.events:
        if event.kind == EventKind.ACCEPTED:
            known, owner = event.actor_id is not None, event.actor_id
        elif event.kind == EventKind.OWNER:
            known, owner = "to_id" in event.params, event.params.get("to_id")
        elif event.kind in GIVES_UP:
            known = False
    kept_owner = kept.case.owner.id if kept.case.owner is not None else None
    if known and owner != kept_owner:
        text = N_("The timeline says that person %(said)s owns the ticket, and it is kept as person %(owner)s.")
        yield told(Check.OWNER, text, said=owner, owner=kept_owner)


def _counts(kept: Dossier) -> Found:
    lines = sum(event.kind == EventKind.URGED for event in kept.events)
    if not kept.case.urges == lines == len(kept.urges):
        text = N_("The ticket counts %(urges)s urges; %(rows)s are kept, and the timeline tells of %(lines)s.")
        yield told(Check.COUNTS, text, urges=kept.case.urges, rows=len(kept.urges), lines=lines)
    if kept.case.urged_at is not None and all(urge.answered_at is not None for urge in kept.urges):
        yield told(Check.COUNTS, N_("The ticket waits for the answer to an urge, and each was answered."))
    filed = sum(event.kind == EventKind.FILED for event in kept.events)
    if filed != 1:
        yield told(Check.COUNTS, N_("The timeline says %(count)s times that the ticket was filed."), count=filed)
    if kept.instance.business_key != kept.case.number or kept.instance.definition_id != kept.case.definition_id:
        yield told(Check.COUNTS, N_("The process is not that of a ticket with this number and version."))


def _queues(kept: Dossier) -> Found:
    nameless = False
    for task in kept.tasks:
        is_open = task.status == TaskStatus.OPEN
        nameless |= is_open and task.assignee_id is None and task.queue_key is None
        if is_open and task.assignee_id is not None and task.queue_of != task.assignee_id:
            text = N_("The task “%(element)s” (%(ref)s) is somebody's, and waits in another queue than theirs.")
            yield told(Check.QUEUES, text, element=task.element, ref=task.ref)
        if not is_open and task.offered_further:
            text = N_("The task “%(element)s” (%(ref)s) is over, and still offered.")
            yield told(Check.QUEUES, text, element=task.element, ref=task.ref)
        if is_open == (task.closed_at is not None):
            text = N_("When the task “%(element)s” (%(ref)s) was closed does not agree with whether it is.")
            yield told(Check.TASKS, text, element=task.element, ref=task.ref)
    if nameless and kept.case.dispatch_at is None and kept.case.status not in ENDED:
        yield told(Check.QUEUES, N_("A task waits for nobody, and the ticket does not wait for a dispatcher."))


def _deadlines(kept: Dossier) -> Found:
    set_for: dict[str, Any] = {row.kind: row for row in kept.deadlines}
    resume, until = set_for.get(DeadlineKind.RESUME), kept.case.suspended_until
    if (resume is not None) != (until is not None):
        yield told(Check.DEADLINES, N_("Whether the ticket resumes by itself does not agree with its deadline."))
    elif resume is not None and resume.due_at != until and not resume.attempts:
        yield told(Check.DEADLINES, N_("The ticket resumes by itself at another moment than its deadline says."))
    if DeadlineKind.CLOSE in set_for and kept.case.status != Status.RESOLVED:
        yield told(Check.DEADLINES, N_("The ticket is to close by itself, and it is not resolved."))
