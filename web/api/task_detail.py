"""Owns reading one task for a program: its state, its form and data, and the steps that it may go back to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from tickets.actor import Actor
from tickets.errors import DomainError
from tickets.life.returning import earlier_tasks
from tickets.tasks import TaskForm, task_form
from web.api.move_schemas import EarlierStep, TaskDetail
from web.api.states import task_state
from web.context import reading, runtime
from web.language import named


def task_detail(actor: Actor, task_id: UUID) -> TaskDetail:
    """The task as far as they may see it. Raises NotFound."""
    state, session = task_state(actor, task_id), reading()
    found = _form(session, actor, task_id)
    return TaskDetail(
        **state.model_dump(),
        form=dict(found.form.source) if found and found.form.digest else None,
        data=dict(found.data) if found else {},
        draft=dict(found.draft) if found and found.draft is not None else None,
        draft_at=found.draft_at if found else None,
        returns=_returns(session, actor, task_id),
    )


def _form(session: Session, actor: Actor, task_id: UUID) -> TaskForm | None:
    """None for one that is not theirs to do (any more)."""
    try:
        return task_form(runtime(), session, actor, task_id)
    except DomainError:
        return None


def _returns(session: Session, actor: Actor, task_id: UUID) -> list[EarlierStep]:
    try:
        ways = earlier_tasks(runtime(), session, actor, task_id)
    except DomainError:
        return []
    return [EarlierStep(element=way.element, name=named(way.names, way.name), by=way.by) for way in ways]
