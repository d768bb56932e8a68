"""Owns what whoever accepts a ticket takes up with it: its first task, where the type says that its owner works on it.

Answering for a ticket and working on its tasks are two things, so accepting one takes no task that others may be meant
for. It does where the type's `owner` names a role and the task is offered to that very role: then they are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import Kind
from engine.models import TaskCandidate, TaskStatus, UserTask
from tickets.access import Actor, visible_tickets
from tickets.change import Was, told
from tickets.owning import role_named
from tickets.roles import Queue, Role, queue_of_person
from tickets.runtime import Runtime
from tickets.settings import setting
from tickets.standing import numbered
from tickets.steps import blueprint_of
from tickets.ticket import Ticket
from tickets.timeline import EventKind

_FREE = (UserTask.status == TaskStatus.OPEN, UserTask.assignee_id.is_(None))


def hold_offered(session: Session, actor: Actor, number: str) -> None:
    """Locks the tasks that they may claim before their ticket, as steps do: nobody waits for somebody who waits."""
    seen = sa.select(UserTask.id).join(Ticket, Ticket.instance_id == UserTask.instance_id)
    offered = seen.where(numbered(number), visible_tickets(actor), *_FREE, _waits_in(actor))
    session.execute(offered.order_by(UserTask.id).with_for_update(of=UserTask)).all()


def take_first(session: Session, runtime: Runtime, actor: Actor, was: Was, now: datetime) -> Mapping[str, Any] | None:
    """The event of the first task that becomes theirs with the ticket; None where none does."""
    compiled = blueprint_of(session, runtime, was.definition_id).compiled
    key, file = compiled.process.id, compiled.process.settings
    said = setting(session, "owner", type_key=key, brand_id=was.brand_id, root_id=actor.root_id, file=file)
    name = role_named(str(said or ""))
    if not name:
        return None
    role = sa.select(Role.id).where(sa.or_(Role.key == name, Role.name_zh == name, Role.name_en == name))
    query = (
        sa.select(UserTask.id, UserTask.element, UserTask.name, UserTask.names)
        .where(UserTask.instance_id == was.instance_id, *_FREE, _waits_in(actor, Queue.role_id.in_(role)))
        .order_by(UserTask.id)
    )
    for task in session.execute(query):
        node = compiled.node(task.element)
        if node is not None and node.kind in (Kind.BOUNDARY, Kind.START):  # what may happen is nobody's to do
            continue
        theirs = {"assignee_id": actor.person_id, "queue_key": queue_of_person(session, actor.person_id)}
        mine = sa.update(UserTask).where(UserTask.id == task.id, *_FREE).values(**theirs, claimed_at=now)
        if session.connection().execute(mine).rowcount == 1:
            return told(was, EventKind.CLAIMED, actor, now, public=False, task=task.name, task_names=task.names)
    return None


def _waits_in(actor: Actor, *criteria: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """On a query of UserTask: it waits in one of their queues that meets the criteria."""
    theirs = sa.select(Queue.id).where(Queue.id.in_(sorted(actor.queue_keys)), *criteria)
    also = sa.select(TaskCandidate.task_id).where(TaskCandidate.queue_key.in_(theirs))
    return sa.or_(UserTask.queue_key.in_(theirs), UserTask.id.in_(also))
