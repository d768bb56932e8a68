"""Owns comparing the records of a standard's steps with the tasks that are those steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from engine.expressions import N_
from engine.models import TaskStatus, UserTask
from tickets.recount.dossier import Dossier
from tickets.recount.found import Check, Found, told
from tickets.standards.said import step_key
from tickets.standards.tables import Occurrence, StandardStep, StepRecord

Rows = Mapping[int, Sequence[Any]]
"""By ticket, or by instance."""

_RECORDS = (
    sa.select(
        *(Occurrence.ticket_id, StandardStep.key, StepRecord.opened_at, StepRecord.done_at, StepRecord.done_by_id),
        *(StepRecord.turn, StepRecord.task_id, UserTask.status, UserTask.closed_at, UserTask.closed_by_id),
    )
    .join_from(Occurrence, StepRecord, StepRecord.occurrence_id == Occurrence.id)
    .join(StandardStep, StandardStep.id == StepRecord.step_id)
    .outerjoin(UserTask, UserTask.id == StepRecord.task_id)
    .where(StepRecord.valid_to == NEVER)
    .order_by(StepRecord.id)
)
"""With the task that a record names: what was opened again after a spot check may be done in another ticket."""
_TASKS = sa.select(
    UserTask.instance_id,
    UserTask.settings,
    UserTask.status,
    UserTask.opened_at,
    UserTask.closed_at,
    UserTask.closed_by_id,
).order_by(UserTask.id)


def steps_kept(session: Session, kept: Sequence[Dossier]) -> tuple[Rows, Rows]:
    """The records of these tickets and, where there are any, the tasks: a statement, or two."""
    ids = [each.case.ticket_id for each in kept]
    records = _grouped(session, _RECORDS.where(Occurrence.ticket_id.in_(ids)))
    instances = [each.case.instance_id for each in kept if each.case.ticket_id in records]
    tasks = _grouped(session, _TASKS.where(UserTask.instance_id.in_(instances))) if instances else {}
    return records, tasks


def steps(kept: Dossier, records: Rows, tasks: Rows) -> Found:
    """When each step was opened and done, and by whom, as its tasks say."""
    for row in records.get(kept.case.ticket_id, ()):
        if row.turn > 1:
            yield from _again(row)
            continue
        mine = [task for task in tasks.get(kept.case.instance_id, ()) if step_key(task.settings) == row.key]
        opened, done, by = last_round(mine)
        if (opened, done) != (row.opened_at, row.done_at) or (done is not None and by != row.done_by_id):
            yield from _differs(row, f"{_said(opened)}, {_said(done)}")


def _again(row: Any) -> Found:
    """A step that was opened again: as the task it names says, here or in a ticket of its own; without one, undone."""
    done = row.closed_at if row.status == TaskStatus.COMPLETED else None
    by = row.closed_by_id if done is not None else None
    if (done, by) != (row.done_at, row.done_by_id) or (row.opened_at is None) != (row.task_id is None):
        yield from _differs(row, _said(done))


def _differs(row: Any, says: str) -> Found:
    text = N_("The step “%(step)s” is kept as opened %(opened)s, done %(done)s; its tasks say %(says)s.")
    opened, done = _said(row.opened_at), _said(row.done_at)
    yield told(Check.STANDARDS, text, step=row.key, opened=opened, done=done, says=says)


def last_round(tasks: Sequence[Any]) -> tuple[datetime | None, datetime | None, int | None]:
    """When the step was opened, done and by whom: the last time, if the process came to it again.

    It is done when one of its tasks is completed and no other is open.
    """
    opened: datetime | None = None
    done: datetime | None = None
    by: int | None = None
    for moment in sorted({each for row in tasks for each in (row.opened_at, row.closed_at) if each is not None}):
        if any(row.opened_at == moment for row in tasks):
            opened = moment if opened is None or done is not None else opened
            done = by = None
        closed = [row for row in tasks if row.closed_at == moment and row.status == TaskStatus.COMPLETED]
        if closed and not any(_is_open(row, moment) for row in tasks):
            done, by = moment, closed[-1].closed_by_id
    return opened, done, by


def _is_open(row: Any, moment: datetime) -> bool:
    """Whether the task waits for somebody just after this moment."""
    return bool(row.opened_at <= moment and (row.closed_at is None or row.closed_at > moment))


def _said(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment is not None else "-"


def _grouped(session: Session, query: sa.Select[*tuple[Any, ...]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(row)
    return found
