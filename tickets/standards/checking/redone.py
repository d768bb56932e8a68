"""Owns what follows when a step is done again in a ticket of its own: its record says so."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from tickets.cause import Cause
from tickets.standards.tables import StepRecord
from tickets.steps import Plan

KEY = "standard_redo"
"""The key of the type that has only such tickets."""


def follow(session: Session, plan: Plan, cause: Cause) -> None:
    """The record whose task was completed is done."""
    if cause.task is None:
        return
    given = {"of_task": cause.task.id, "at": plan.step.now, "by": cause.actor.person_id if cause.actor else None}
    session.connection().execute(_DONE, given)


_DONE = (
    sa.update(StepRecord)
    .where(StepRecord.task_id == sa.bindparam("of_task"), StepRecord.valid_to == NEVER, StepRecord.done_at.is_(None))
    .values(done_at=sa.bindparam("at"), done_by_id=sa.bindparam("by"))
)
