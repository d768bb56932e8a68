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
    sa.select(Occurrence.ticket_id, StandardStep.key, StepRecord.opened_at, StepRecord.done_at, StepRecord.done_by_id)
    .join_from(Occurrence, StepRecord, StepRecord.occurrence_id == Occurrence.id)
    .join(StandardStep, StandardStep.id == StepRecord.step_id)
    .where(StepRecord.valid_to == NEVER, StepRecord.turn == 1)
    .order_by(StepRecord.id)
)
"""What was opened again after a spot check may be done elsewhere: it is not compared."""
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
    for _, key, opened_at, done_at, done_by_id in records.get(kept.case.ticket_id, ()):
        mine = [row for row in tasks.get(kept.case.instance_id, ()) if step_key(row.settings) == key]
        opened, done, by = last_round(mine)
        if (opened, done) != (opened_at, done_at) or (done is not None and by != done_by_id):
            text = N_("The step “%(step)s” is kept as opened %(opened)s, done %(done)s; its tasks say %(says)s.")
            says = f"{_said(opened)}, {_said(done)}"
            yield told(Check.STANDARDS, text, step=key, opened=_said(opened_at), done=_said(done_at), says=says)


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
