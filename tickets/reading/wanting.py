"""Reads what spot checks found wanting in a ticket's steps: of what was done, and of what is asked for once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER, shared_alias
from engine.models import ProcessDefinition, TaskStatus, UserTask
from tickets.standards.checking import redone
from tickets.standards.said import STANDARD
from tickets.standards.tables import CheckedStep, StepRecord, Verdict


@dataclass(frozen=True, slots=True)
class Wanting:
    """A spot check that failed: why, and when."""

    reason: str
    at: datetime | None


_BEFORE = shared_alias(StepRecord)
_SINCE = shared_alias(StepRecord)


def found_wanting(session: Session, definition: ProcessDefinition, instance_id: int) -> Mapping[int, Wanting]:
    """By the id of the task: what was done in it and found wanting, or why it is open again. None but of standards."""
    if STANDARD not in definition.settings and definition.key != redone.KEY:
        return {}
    done = _verdicts(StepRecord).join(UserTask, UserTask.id == StepRecord.task_id)
    same = (_BEFORE.occurrence_id == StepRecord.occurrence_id, _BEFORE.step_id == StepRecord.step_id)
    again = (
        _verdicts(_BEFORE)
        .join(StepRecord, sa.and_(*same, _BEFORE.turn == StepRecord.turn - 1))
        .join(UserTask, UserTask.id == StepRecord.task_id)
        .where(StepRecord.valid_to == NEVER, UserTask.status == TaskStatus.OPEN, ~_done_since())
    )
    here = [query.where(UserTask.instance_id == instance_id) for query in (done, again)]
    return {task: Wanting(reason, at) for query in here for task, reason, at in session.execute(query)}


def _done_since() -> sa.Exists:
    """Whether it was done again already: then it is open for another reason."""
    same = (_SINCE.occurrence_id == StepRecord.occurrence_id, _SINCE.step_id == StepRecord.step_id)
    return sa.exists().where(*same, _SINCE.turn == StepRecord.turn, _SINCE.done_at.is_not(None)).correlate(StepRecord)


def _verdicts(record: type[StepRecord]) -> sa.Select[int, str, datetime | None]:
    query = sa.select(UserTask.id, CheckedStep.reason, CheckedStep.judged_at).select_from(CheckedStep)
    query = query.join(record, record.id == CheckedStep.record_id)
    return query.where(CheckedStep.verdict == Verdict.FAILED).order_by(CheckedStep.judged_at)
