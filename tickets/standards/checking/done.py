"""Owns what is known of a step that was done: its task, the ticket it was done in, and the words that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskStatus, UserTask
from tickets.people import Person
from tickets.standards.checking.verdicts import Judged
from tickets.standards.tables import Occurrence, StepRecord
from tickets.ticket import Ticket

LOOKED_AT = 500
"""Tasks of one ticket that are looked at where the record names none."""


@dataclass(frozen=True, slots=True)
class Done:
    """The task by which the step was done, as far as it is known, and the ticket it was done in."""

    ticket_id: int
    instance_id: int
    element: str
    name: str
    names: Mapping[str, str]
    settings: Mapping[str, str]
    form_digest: str | None


def done_of(session: Session, judged: Judged) -> Done | None:
    """By the record's task, else by the newest of its ticket that stands for this step."""
    task_id = judged.current.task_id or judged.drawn.task_id or _newest(session, judged)
    if task_id is None:
        return None
    columns = (UserTask.instance_id, UserTask.element, UserTask.name, UserTask.names, UserTask.settings)
    query = sa.select(Ticket.id, *columns, UserTask.form_digest).join(
        UserTask, UserTask.instance_id == Ticket.instance_id
    )
    found = session.execute(query.where(UserTask.id == task_id)).one_or_none()
    return Done(*found) if found is not None else None


def words_of(session: Session, judged: Judged, reason: str) -> dict[str, Any]:
    """What an event says of it: the step, why, who did it (`to_id`) and their superior (`superior_id`)."""
    step = judged.step
    words: dict[str, Any] = {"task": step.name, "task_names": dict(step.names), "why": reason}
    doer = session.get(Person, judged.drawn.done_by_id) if judged.drawn.done_by_id is not None else None
    if doer is None:
        return words
    return words | {"to_id": doer.id, "superior_id": doer.superior_id}


def opened(session: Session, again: StepRecord, instance_id: int, element: str, now: datetime) -> None:
    """The new turn of the step is open: by this task of the ticket."""
    query = sa.select(UserTask.id).where(
        UserTask.instance_id == instance_id, UserTask.element == element, UserTask.status == TaskStatus.OPEN
    )
    task_id = session.scalar(query.order_by(UserTask.id.desc()).limit(1))
    if task_id is not None:
        again.task_id, again.opened_at = task_id, now
        session.flush()


def _newest(session: Session, judged: Judged) -> int | None:
    ticket = sa.select(Ticket.instance_id).join(Occurrence, Occurrence.ticket_id == Ticket.id)
    query = sa.select(UserTask.id, UserTask.settings).where(
        UserTask.instance_id.in_(ticket.where(Occurrence.id == judged.drawn.occurrence_id)),
        UserTask.status == TaskStatus.COMPLETED,
    )
    rows = session.execute(query.order_by(UserTask.id.desc()).limit(LOOKED_AT))
    return next((row.id for row in rows if row.settings.get("standardStep") == judged.step.key), None)
