"""Owns writing a step: the only writer of what is derived from it (tasks, status, owner, data, timeline, jobs)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import record
from engine.database import UtcDateTime, new_public_id
from engine.definitions.model import Node
from engine.definitions.parts import Work
from engine.models import Effect, InstanceStatus, TaskStatus, UserTask
from engine.step import REOPEN, Opened, Step
from tickets import chain, changing, chasing, lineage
from tickets.access import Actor
from tickets.case import Case
from tickets.cause import Cause, Placed, UserTaskFacts
from tickets.change import Change, Was, status_values
from tickets.evidence import proof
from tickets.family.children import kept_open
from tickets.inserts import insert_unless_there
from tickets.names import Assignment
from tickets.offering import Ask, Offering, work_of
from tickets.standards import recording
from tickets.step_events import Events, cause_events, inner_events, opened_events, status_events
from tickets.steps import Plan
from tickets.ticket import MOVES, Status


class DoneBefore(Exception):
    """This effect has been written already, by an earlier run of the same job."""


class Move(NamedTuple):
    """A planned step, what brought it about, and the lines of the timeline that tell of that."""

    plan: Plan
    cause: Cause
    events: Events


def apply(session: Session, plan: Plan, cause: Cause) -> None:
    """Everything a step of a running ticket writes. Raises `engine.record.Stale` when outrun, `DoneBefore`, and
    `EvidenceMissing` where it would complete a task without its evidence.
    """
    apply_all(session, [(plan, cause)])


def apply_all(session: Session, steps: Sequence[tuple[Plan, Cause]]) -> None:
    """The steps of as many tickets, none of them above another; what is raised is about any of them."""
    for plan, cause in steps:
        once(session, cause, plan.step.now)
    connection = session.connection()
    record.update_instances(connection, [plan.step for plan, _ in steps])
    for plan, cause in steps:
        _take_back(session, plan, cause)
    write_derived(session, [Move(plan, cause, cause_events(plan, cause)) for plan, cause in steps])


def _take_back(session: Session, plan: Plan, cause: Cause) -> None:
    """What was open and is so no more: the task that was completed, others that the process withdrew, incidents."""
    step, case, connection = plan.step, plan.case, session.connection()
    if cause.task is not None:
        proof.require(session, proof.Step.of(case, cause.task, cause.actor), cause.values)
        _close_completed(connection, step, cause)
    own_ref = cause.task.ref if cause.task is not None else None
    record.close_tasks(connection, step, [ref for ref in step.effects.closed if ref != own_ref])
    if case.instance_status == InstanceStatus.INCIDENT:
        record.settle_incidents(connection, step, _person(cause.retried_by or cause.actor))


def write_derived(session: Session, moves: Sequence[Move]) -> None:
    """Tasks opened, waits, history, the ticket's own columns, timeline and jobs: for running and new tickets alike."""
    placed = [_open_tasks(session, move.plan) for move in moves]
    moved = [_moved(move.plan, move.cause) for move in moves]
    connection = session.connection()
    record.record_waits(connection, moved)
    record.record_history(connection, moved)
    statuses = _statuses(session, moves, placed)
    changes = [_change(move, status, opened) for move, status, opened in zip(moves, statuses, placed, strict=True)]
    changing.write_all(session, changes)
    for (plan, cause, _), opened in zip(moves, placed, strict=True):
        recording.follow(session, plan, cause, opened)
        lineage.check(session, plan, cause)
        chain.enqueue(session, plan, cause)


def _moved(plan: Plan, cause: Cause) -> record.Moved:
    case, earliest = plan.case, chain.earliest(plan.step, cause)
    return record.Moved(plan.step, case.instance_id, case.site.brand_id, _person(cause.actor), earliest)


def once(session: Session, cause: Cause, now: datetime) -> None:
    """Writes the cause's effect key, if it has one; raises `DoneBefore` if it is written already."""
    if cause.effect and not insert_unless_there(session, Effect, key=cause.effect, at=now):
        raise DoneBefore(cause.effect)


def status_after(case: Case, step: Step, placed: list[Placed], done: UserTaskFacts | None = None) -> Status:
    """As the opened tasks say; else by whether somebody answers for the ticket; kept when nothing opened.

    Only a person (`done`: the task they completed) resumes a suspended ticket. A status that the completed task had
    given goes with it.
    """
    now = Status(case.status)
    if step.ended:
        return Status.CLOSED
    if now is Status.SUSPENDED and done is None:
        return now
    named = [status for one in placed if (status := one.node.settings.get("status")) in set(Status)]
    if case.requester is None:  # nobody is there to confirm: what is still open is worked on
        named = [status for status in named if status != Status.RESOLVED]
    if not placed:
        taken = case.owner is not None and now in (Status.UNASSIGNED, Status.OFFERED)
        left = now is Status.SUSPENDED or (done is not None and done.settings.get("status") == now)
        wanted = Status.IN_PROGRESS if taken or left or step.kind == "start" else now
    elif case.owner is None and not any(one.assignment.assignee_id for one in placed):
        offered = any(one.assignment.queue_key for one in placed)
        wanted = Status.OFFERED if offered else Status.UNASSIGNED
    else:
        wanted = Status(named[-1]) if named else (now if step.kind == "timer" else Status.IN_PROGRESS)
    if step.kind == REOPEN and wanted not in MOVES[now]:
        return Status.IN_PROGRESS
    return wanted if wanted == now or step.kind == "start" or wanted in MOVES[now] else now


def _statuses(session: Session, moves: Sequence[Move], placed: Sequence[list[Placed]]) -> list[Status]:
    """What becomes of each ticket; one whose process has ended is resolved, and not closed, while those below it are
    open, unless a verb has decided.
    """
    found = [
        cause.decided or status_after(plan.case, plan.step, opened, cause.task)
        for (plan, cause, _), opened in zip(moves, placed, strict=True)
    ]
    closing = [
        move.plan.case
        for move, status in zip(moves, found, strict=True)
        if status is Status.CLOSED and move.cause.decided is None
    ]
    wait = kept_open(session, closing)
    return [
        Status.RESOLVED if move.plan.case.ticket_id in wait and move.cause.decided is None else status
        for move, status in zip(moves, found, strict=True)
    ]


def _close_completed(connection: sa.Connection, step: Step, cause: Cause) -> None:
    """Closes the task that was completed, if it is still open and nobody else's; else the step is stale."""
    task, actor = cause.task, cause.actor
    assert task is not None
    values = {
        "status": TaskStatus.COMPLETED,
        "closed_at": step.now,
        "closed_by_id": _person(actor),
        "assignee_id": actor.person_id if actor else task.assignee_id,
        "submitted": dict(cause.values),
        "draft": None,
        "draft_at": None,
    }
    values |= {"of_task": task.id, "of_assignee": task.assignee_id, "of_moment": step.now}
    if connection.execute(_CLOSE_TASK, values).rowcount != 1:
        raise record.Stale
    if task.widely_offered:
        record.forget_candidates(connection, task.id)


_CLOSE_TASK = (
    sa.update(UserTask)
    .where(
        UserTask.id == sa.bindparam("of_task"),
        UserTask.status == TaskStatus.OPEN,
        UserTask.assignee_id.is_not_distinct_from(sa.bindparam("of_assignee", type_=sa.Integer)),
    )
    .values(claimed_at=sa.func.coalesce(UserTask.claimed_at, sa.bindparam("of_moment", type_=UtcDateTime())))
)


def _open_tasks(session: Session, plan: Plan) -> list[Placed]:
    step = plan.step
    if not step.effects.opened:
        return []
    process, calendar = plan.blueprint.compiled.process, step.live.world.calendar
    offering = Offering(session, plan.case, step.now, calendar=calendar, process=process)
    placed, rows = [], []
    further: dict[str, Sequence[int]] = {}
    for opened in step.effects.opened.values():
        node = plan.blueprint.compiled.node(opened.element)
        assert node is not None, "an instance runs only on elements of its own definition"
        ask = offering.asker(opened, node)
        compiled = plan.blueprint.compiled
        late = chasing.chased(compiled, node.id)
        assignment = offering.assignment(opened, node, work_of(node, compiled), ask, chased=late)
        placed.append(Placed(opened, node, assignment))
        told = {"documentation": offering.told(opened, node.documentation)}
        rows.append({**_task_row(plan, opened, node, assignment), **told, **_task_times(offering, node, ask)})
        if assignment.further:
            further[opened.ref] = assignment.further
    record.open_tasks(session.connection(), rows, further)
    return placed


def _task_row(plan: Plan, opened: Opened, node: Node, assignment: Assignment) -> dict[str, Any]:
    return {
        "public_id": new_public_id(),
        "brand_id": plan.case.site.brand_id,
        "instance_id": plan.case.instance_id,
        "ref": opened.ref,
        "element": opened.element,
        "name": node.name or node.id,
        "names": node.names,
        "lane": opened.lane or None,
        "form_digest": plan.blueprint.compiled.forms.get(node.id),
        "settings": node.settings,
        "status": TaskStatus.OPEN,
        "assignee_id": assignment.assignee_id,
        "queue_key": assignment.queue_key,
        "offered_key": assignment.queue_key if assignment.assignee_id is None else assignment.offered_key,
        "opened_at": plan.step.now,
    }


def _task_times(offering: Offering, node: Node, ask: Ask) -> dict[str, Any]:
    """When it is due (else when the ticket is), when to look at it again, and its priority (50 is ordinary)."""
    work = node.work or Work()
    priority = str(ask(work.priority) or "")
    return {
        "priority": int(priority) if priority.isdecimal() and len(priority) < 5 else 50,
        "due_at": offering.moment(ask(work.due), node) or offering.case.due_at,
        "follow_up_at": offering.moment(ask(work.follow_up), node),
    }


def _change(move: Move, status: Status, opened: list[Placed]) -> Change:
    """What the step makes of the ticket's own columns; the version tells whether anybody changed it meanwhile.

    A task that waits for nobody makes a dispatcher find somebody.
    """
    plan, cause, told = move
    step, case = plan.step, plan.case
    events = (
        *told,
        *cause.told,
        *inner_events(plan),
        *opened_events(plan, opened),
        *status_events(plan, cause, status),
    )
    was = Was.of_case(case)
    values: dict[str, Any] = {"data": step.data, **status_values(was, status, step.now)}
    if cause.becomes_owner and cause.actor is not None:
        values.update(owner_id=cause.actor.person_id, accepted_at=case.accepted_at or step.now, offered_to_id=None)
    if cause.task is not None and cause.task.visible and _is_owner(case, cause.actor):
        values["first_reply_at"] = case.first_reply_at or step.now
    if any(one.assignment.nobody for one in opened):
        values["dispatch_at"] = case.dispatch_at or step.now
    values.update(cause.columns)
    return Change(was, step.now, cause.actor, values, events, new=step.kind == "start")


def _is_owner(case: Case, actor: Actor | None) -> bool:
    return actor is not None and case.owner is not None and case.owner.id == actor.person_id


def _person(actor: Actor | None) -> int | None:
    return actor.person_id if actor is not None else None
