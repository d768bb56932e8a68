"""Owns writing down what becomes of a standard's steps, in the transaction of the step that brings it about.

A ticket of a type that is no standard costs nothing here: what its definition says in memory decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from engine.models import TaskStatus, UserTask
from engine.step import REOPEN
from tickets.cause import Cause, Placed
from tickets.standards import filed_by_hand
from tickets.standards.checking import redone
from tickets.standards.said import STANDARD, SaidStep, due_after, step_key, steps_said
from tickets.standards.tables import Occurrence, Progress, StandardStep, StepRecord
from tickets.steps import Plan

PREFIX = "standard:"
_EFFECT = re.compile(r"standard:([0-9]{1,18})")


def effect_of(occurrence_id: int) -> str:
    """The effect key of an occurrence's start: written with the ticket, so that there is one."""
    return f"{PREFIX}{occurrence_id}"


def occurrence_of(effect: str) -> int | None:
    """The occurrence whose start has this effect; None for other effects."""
    found = _EFFECT.fullmatch(effect)
    return int(found[1]) if found else None


def follow(session: Session, plan: Plan, cause: Cause, opened: Sequence[Placed]) -> None:
    """What the step makes of its ticket's occurrence and of the records of its steps."""
    if plan.blueprint.compiled.process.id == redone.KEY:
        redone.follow(session, plan, cause)
    if STANDARD not in plan.blueprint.compiled.process.settings:
        return
    if plan.step.kind == "start":
        _begin(session, plan, cause)
    done = step_key(cause.task.settings) if cause.task is not None else ""
    fresh = {step_key(placed.node.settings) for placed in opened} - {""}
    if done or fresh:
        _record(session, plan, cause, done, fresh, opened)
    if plan.step.ended or plan.step.kind == REOPEN:
        state = Progress.DONE if plan.step.ended else Progress.RUNNING
        session.connection().execute(_STATE, {"of_ticket": plan.case.ticket_id, "now_state": state.value})


_STATE = (
    sa.update(Occurrence)
    .where(Occurrence.ticket_id == sa.bindparam("of_ticket"))
    .values(state=sa.bindparam("now_state"))
)


def _begin(session: Session, plan: Plan, cause: Cause) -> None:
    """The ticket is its occurrence's; one that was filed by hand about a subject becomes an occurrence, too."""
    occurrence_id = occurrence_of(cause.effect)
    if occurrence_id is not None:
        session.connection().execute(_LINK, {"of_id": occurrence_id, "of_ticket": plan.case.ticket_id})
    elif plan.case.about is not None:
        filed_by_hand.adopt(session, plan.case, plan.blueprint.compiled.process.id, plan.step.now)


_LINK = sa.update(Occurrence).where(Occurrence.id == sa.bindparam("of_id")).values(ticket_id=sa.bindparam("of_ticket"))


@dataclass(frozen=True, slots=True)
class _Known:
    """The record of a step as it is known now; `task` is the status of the task by which it was opened last."""

    id: int
    key: str
    opened_at: datetime | None
    done_at: datetime | None
    due_at: datetime
    turn: int
    task: str | None

    @property
    def opens_again(self) -> bool:
        """Whether a task of it that opens now was there before: done, found wanting by a check, or taken back."""
        redone = self.turn > 1 and self.opened_at is None
        return redone or self.done_at is not None or self.task == TaskStatus.CANCELLED


_RECORDS = (
    sa.select(
        *(StepRecord.id, StandardStep.key, StepRecord.opened_at, StepRecord.done_at, StepRecord.due_at),
        *(StepRecord.turn, UserTask.status),
    )
    .join_from(Occurrence, StepRecord, StepRecord.occurrence_id == Occurrence.id)
    .join(StandardStep, StandardStep.id == StepRecord.step_id)
    .outerjoin(UserTask, UserTask.id == StepRecord.task_id)
    .where(
        Occurrence.ticket_id == sa.bindparam("of_ticket"),
        StepRecord.valid_to == NEVER,
        StandardStep.key.in_(sa.bindparam("keys", expanding=True)),
    )
)
_OPEN_TASKS = (
    sa.select(UserTask.id, UserTask.ref, UserTask.element)
    .where(
        UserTask.instance_id == sa.bindparam("of_instance"),
        UserTask.status == TaskStatus.OPEN,
        UserTask.element.in_(sa.bindparam("elements", expanding=True)),
    )
    .order_by(UserTask.id)
)
"""Built once: what every step of a standard runs."""


def _record(session: Session, plan: Plan, cause: Cause, done: str, fresh: set[str], opened: Sequence[Placed]) -> None:
    connection, now = session.connection(), plan.step.now
    keys = sorted(fresh | ({done} if done else set()))
    given = {"of_ticket": plan.case.ticket_id, "keys": keys}
    known = {row.key: row for row in (_Known(*each) for each in connection.execute(_RECORDS, given))}
    if not known:
        return
    said = {step.key: step for step in steps_said(plan.blueprint.compiled) if step.key in keys}
    elements = {key: frozenset(said[key].elements) if key in said else frozenset() for key in keys}
    tasks = connection.execute(
        _OPEN_TASKS,
        {"of_instance": plan.case.instance_id, "elements": [each for key in keys for each in elements[key]]},
    ).all()
    waiting = {key: [task for task in tasks if task.element in elements[key]] for key in keys}
    if done in known and not waiting[done] and cause.task is not None:
        values = {"done_at": now, "done_by_id": _person(cause), "task_id": cause.task.id}
        values["opened_at"] = known[done].opened_at or now
        connection.execute(sa.update(StepRecord).where(StepRecord.id == known[done].id).values(**values))
    for key in sorted(fresh & known.keys()):
        if waiting[key]:
            _open(connection, known[key], waiting[key][-1].id, now)
    _due(plan, connection, known, waiting, opened, said)


def _open(connection: sa.Connection, known: _Known, task_id: int, now: datetime) -> None:
    """It waits for somebody; one that was done and comes again begins a row of its own."""
    if known.done_at is None:
        values = {"opened_at": known.opened_at or now, "task_id": task_id}
        connection.execute(sa.update(StepRecord).where(StepRecord.id == known.id).values(**values))
        return
    begin_again(connection, known.id, now, opened_at=now, task_id=task_id)


def begin_again(connection: sa.Connection, record_id: int, now: datetime, **values: Any) -> int:
    """Ends a record and begins another of the same step, not done yet and with these values; the new one's id."""
    row = connection.execute(sa.select(*_COLUMNS).where(_RECORD.c.id == record_id)).mappings().one()
    connection.execute(sa.update(StepRecord).where(StepRecord.id == record_id).values(valid_to=now))
    undone = {"done_at": None, "done_by_id": None, "opened_at": None, "task_id": None}
    fresh = {**row, **undone, **values, "valid_from": now, "valid_to": NEVER}
    made = connection.execute(sa.insert(StepRecord).returning(StepRecord.id), [fresh])
    return int(made.scalar_one())


_RECORD = StepRecord.__table__
_COLUMNS = [column for column in _RECORD.c if column.name != "id"]


def _due(
    plan: Plan,
    connection: sa.Connection,
    known: Mapping[str, _Known],
    waiting: Mapping[str, Sequence[Any]],
    opened: Sequence[Placed],
    said: Mapping[str, SaidStep],
) -> None:
    """A task that says nothing of its own is due when its step is; one that opens again, its span from now on.

    Its record keeps when the step was due: the matrix says late, the task does not open overdue.
    """
    for placed in opened:
        record = known.get(step_key(placed.node.settings))
        if record is None or record.due_at == NEVER or (placed.node.work is not None and placed.node.work.due):
            continue
        ids = [task.id for task in waiting[record.key] if task.ref == placed.opened.ref]
        if ids:
            due_at = _anew(plan, said[record.key]) if record.opens_again else record.due_at
            connection.execute(sa.update(UserTask).where(UserTask.id.in_(ids)).values(due_at=due_at))


def _anew(plan: Plan, step: SaidStep) -> datetime:
    """The step's deadline, counted from now as it was from the start of its occurrence."""
    calendar = plan.step.live.world.calendar if step.working else None
    return due_after(step.deadline, plan.step.now, plan.case.site.zone, calendar)


def _person(cause: Cause) -> int | None:
    return cause.actor.person_id if cause.actor is not None else None
