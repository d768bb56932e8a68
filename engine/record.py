"""Owns writing a step's engine rows: state, tasks, visits, timers, subscriptions, what drove it; one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine import database
from engine.models import (
    ElementVisit,
    Incident,
    InstanceStatus,
    MessageSubscription,
    ProcessInstance,
    StepInput,
    TaskCandidate,
    TaskStatus,
    Timer,
    UserTask,
)
from engine.spiff.codec import CODEC_VERSION
from engine.step import CANCEL, REOPEN, VERSION, Step

Rows = list[dict[str, Any]]
Stale = database.Stale
"""Raised when somebody else moved the instance since the step was planned: plan again."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A step about to be written: of which instance and brand, who did it; no timer of it fires before `earliest`."""

    step: Step
    instance_id: int
    brand_id: int
    actor_id: int | None
    earliest: datetime


def insert_instance(connection: sa.Connection, step: Step, *, brand_id: int, business_key: str) -> int:
    """The new instance's row; its id."""
    values = {
        "brand_id": brand_id,
        "definition_id": step.definition_id,
        "business_key": business_key,
        "started_at": step.now,
        "status": InstanceStatus.ACTIVE,
        **_state(step),
    }
    return int(connection.execute(sa.insert(ProcessInstance).returning(ProcessInstance.id), [values]).scalar_one())


def update_instances(connection: sa.Connection, steps: Sequence[Step]) -> None:
    """Moves each step's instance from the expected revision to the next; raises `Stale`, also for one of many."""
    rows = [{"of_instance": one.instance_id, "at_revision": one.expected_revision, **_state(one)} for one in steps]
    database.update_each(connection, _UPDATE_INSTANCE, rows)


_UPDATE_INSTANCE = sa.update(ProcessInstance).where(
    ProcessInstance.id == sa.bindparam("of_instance"), ProcessInstance.revision == sa.bindparam("at_revision")
)


def _state(step: Step) -> dict[str, Any]:
    """What a step changes of its instance; the mark of an incident stays until `settle_incidents` takes it away."""
    kept = {"revision": step.revision, "codec_version": CODEC_VERSION, "state": step.state}
    if step.ended:
        status = InstanceStatus.CANCELLED if step.kind == CANCEL else InstanceStatus.COMPLETED
        return {**kept, "status": status, "ended_at": step.now}
    if step.kind == REOPEN:
        return {**kept, "status": InstanceStatus.ACTIVE, "ended_at": None}
    return {**kept, "definition_id": step.definition_id} if step.kind == VERSION else kept


def settle_incidents(connection: sa.Connection, step: Step, person_id: int | None) -> None:
    """Resolves the open incidents that the step has overcome: what they are about waits no more."""
    rows = connection.execute(
        sa.select(Incident.id, Incident.payload).where(
            Incident.instance_id == step.instance_id, Incident.resolved_at.is_(None)
        )
    )
    over = [row.id for row in rows if step.ended or not _waits(step, row.payload.get("ref", ""))]
    if over:
        resolve_incidents(connection, step.instance_id or 0, over, at=step.now, person_id=person_id)


def _waits(step: Step, ref: str) -> bool:
    token = step.live.find(ref)
    return token is not None and token.is_live()


def resolve_incidents(
    connection: sa.Connection, instance_id: int, incident_ids: Sequence[int], *, at: datetime, person_id: int | None
) -> None:
    """These incidents are over; with the last one the instance is no longer marked."""
    resolved = {"resolved_at": at, "resolved_by_id": person_id}
    connection.execute(sa.update(Incident).where(Incident.id.in_(incident_ids)).values(resolved))
    still_open = sa.exists().where(Incident.instance_id == instance_id, Incident.resolved_at.is_(None))
    marked = sa.update(ProcessInstance).where(
        ProcessInstance.id == instance_id, ProcessInstance.status == InstanceStatus.INCIDENT, ~still_open
    )
    connection.execute(marked.values(status=InstanceStatus.ACTIVE))


def record_history(connection: sa.Connection, steps: Sequence[Moved]) -> None:
    """The visits of the steps and what drove them."""
    visits = [
        {
            "instance_id": one.instance_id,
            "element": visit.element,
            "loop": visit.loop,
            "entered_at": visit.entered_at,
            "left_at": visit.left_at,
            "outcome": visit.outcome,
        }
        for one in steps
        for visit in one.step.effects.visits
    ]
    _insert(connection, ElementVisit, visits)
    given = [
        {
            "instance_id": one.instance_id,
            "revision": one.step.revision,
            "kind": one.step.kind,
            "at": one.step.now,
            "actor_id": one.actor_id,
            "payload": one.step.payload,
        }
        for one in steps
    ]
    _insert(connection, StepInput, given)


def record_waits(connection: sa.Connection, steps: Sequence[Moved]) -> None:
    """Timers and subscriptions begun and ended."""
    _delete(connection, Timer, [(one.instance_id, ref) for one in steps for ref in one.step.effects.timers_gone])
    gone = [(one.instance_id, ref) for one in steps for ref in one.step.effects.awaited_gone]
    _delete(connection, MessageSubscription, gone)
    timers = [
        {**_whose(one), "ref": t.ref, "slot": t.slot, "element": t.element, "due_at": max(t.due_at, one.earliest)}
        for one in steps
        for t in one.step.effects.timers.values()
    ]
    _insert(connection, Timer, timers)
    awaited = [
        {
            **_whose(one),
            "kind": a.kind,
            "ref": a.ref,
            "slot": a.slot,
            "element": a.element,
            "name": a.name,
            "key": a.key,
        }
        for one in steps
        for a in one.step.effects.awaited.values()
    ]
    _insert(connection, MessageSubscription, awaited)


def _whose(moved: Moved) -> dict[str, Any]:
    return {"instance_id": moved.instance_id, "brand_id": moved.brand_id}


def close_tasks(connection: sa.Connection, step: Step, closed: Sequence[str]) -> None:
    """Tasks that the process took back: cancelled by a boundary event, a terminate end, or enough answers."""
    if closed:
        these = {"of_instance": step.instance_id, "of_refs": list(closed)}
        connection.execute(_FORGET_OFFERS, these)
        connection.execute(_CANCEL_TASKS, {**these, "at": step.now})


_THESE = (
    UserTask.instance_id == sa.bindparam("of_instance"),
    UserTask.ref.in_(sa.bindparam("of_refs", expanding=True)),
)
_FORGET_OFFERS = sa.delete(TaskCandidate).where(
    TaskCandidate.task_id.in_(sa.select(UserTask.id).where(*_THESE, UserTask.widely_offered))
)
_CANCEL_TASKS = (
    sa.update(UserTask)
    .where(*_THESE, UserTask.status == TaskStatus.OPEN)
    .values(status=TaskStatus.CANCELLED, closed_at=sa.bindparam("at"), draft=None, draft_at=None)
)


def open_tasks(connection: sa.Connection, tasks: Rows, candidates: dict[str, Sequence[int]]) -> None:
    """New tasks; `candidates` maps a task's ref to the further queues it is offered to."""
    if not tasks:
        return
    if not candidates:
        _insert(connection, UserTask, tasks)
        return
    statement = sa.insert(UserTask).returning(UserTask.id, UserTask.ref)
    rows = [{**task, "widely_offered": task["ref"] in candidates} for task in tasks]
    ids = {ref: task_id for task_id, ref in connection.execute(statement, rows)}
    more = [{"task_id": ids[ref], "queue_key": key} for ref, keys in candidates.items() for key in keys]
    _insert(connection, TaskCandidate, more)


def forget_candidates(connection: sa.Connection, task_id: int) -> None:
    """A task that is done waits in nobody's queue."""
    connection.execute(sa.delete(TaskCandidate).where(TaskCandidate.task_id == task_id))


def _insert(connection: sa.Connection, model: type[Any], rows: Rows) -> None:
    database.insert(connection, model, rows)


def _delete(connection: sa.Connection, model: type[Any], gone: Sequence[tuple[int, str]]) -> None:
    """The rows of these tokens; `gone` has an instance and a ref each."""
    if gone:
        rows = [{"of_instance": instance_id, "of_ref": ref} for instance_id, ref in gone]
        connection.execute(_GONE[model], database.several(rows))


_GONE = {
    model: sa.delete(model).where(model.instance_id == sa.bindparam("of_instance"), model.ref == sa.bindparam("of_ref"))
    for model in (Timer, MessageSubscription)
}
