"""Owns finding a task for a verb: the lookup is the permission check; and changing it while it is still as found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.models import ProcessDefinition, TaskStatus, UserTask
from tickets.access import Actor
from tickets.at_hand import closed, must_see, open_shares, read_task, waits_for
from tickets.case import Case
from tickets.cause import UserTaskFacts
from tickets.change import WAS, Was
from tickets.errors import Conflict, Forbidden
from tickets.permissions import Permission
from tickets.reading.elements import asks_requester, elements_of
from tickets.shares import ShareKind
from tickets.task_policy import TaskRelation, TaskVerb, task_allowed, task_fits, task_refusal
from tickets.ticket import Ticket

CHANGED = Message(N_("The task has changed meanwhile; load the ticket again."))


@dataclass(frozen=True, slots=True)
class HeldTask:
    """An open task that somebody may do something with. `was`: its ticket, locked until the transaction ends."""

    task: UserTaskFacts
    case: Case
    was: Was
    relations: frozenset[TaskRelation]


def task_for(session: Session, actor: Actor, task_id: UUID, verb: TaskVerb) -> HeldTask:
    """The open task, its ticket locked, if they may do this with it now.

    Raises NotFound (invisible), Forbidden (visible, not for them), TaskClosed, Conflict (not as it stands).
    """
    found = read_task(session, task_id)
    case, task = found.case, found.task
    relations = relations_of(session, actor, case, task)
    oversees = actor.covers(Permission.DISPATCH, brand_id=case.site.brand_id, place_path=case.site.path)
    if not relations:
        must_see(session, actor, case, task)
    if task.status != TaskStatus.OPEN:
        raise closed(session, found)
    if not task_allowed(verb, relations, oversees=oversees):
        raise Forbidden(Message(task_refusal(verb, relations)))
    if not task_fits(verb, delegated=task.delegated_by_id is not None):
        raise Conflict(Message(_MISFIT[task.delegated_by_id is not None]))
    hold(session, task)
    return HeldTask(task, case, was_of(session, case.ticket_id), relations)


DELEGATED = N_("This task was delegated: once it is done, it goes back to whoever delegated it.")
_MISFIT = {
    True: DELEGATED,
    False: N_("This task is not delegated."),
}


def hold(session: Session, task: UserTaskFacts) -> None:
    """Locks the open task, before its ticket as a step does: nobody then waits for somebody who waits for them.

    Raises Conflict when it is open no more.
    """
    held = sa.select(UserTask.id).where(UserTask.id == task.id, UserTask.status == TaskStatus.OPEN)
    if session.scalar(held.with_for_update()) is None:
        raise Conflict(CHANGED)


def relations_of(session: Session, actor: Actor, case: Case, task: UserTaskFacts) -> frozenset[TaskRelation]:
    """What they are to the task; one statement, or two where it is offered widely."""
    me, found = actor.person_id, set()
    if task.assignee_id == me:
        found.add(TaskRelation.REQUESTER if _asks_them(session, actor, case, task) else TaskRelation.ASSIGNEE)
    elif task.assignee_id is None and waits_for(session, actor, task):
        found.add(TaskRelation.CANDIDATE)
    if task.delegated_by_id == me:
        found.add(TaskRelation.DELEGATOR)
    if case.owner is not None and case.owner.id == me:
        found.add(TaskRelation.OWNER)
    return frozenset(found) | {_SHARED[kind] for kind in open_shares(session, actor, task.id)}


_SHARED = {
    ShareKind.HELP: TaskRelation.HELPER,
    ShareKind.CONSULT: TaskRelation.CONSULTED,
    ShareKind.CONFIRM: TaskRelation.WITNESS,
}


def _asks_them(session: Session, actor: Actor, case: Case, task: UserTaskFacts) -> bool:
    """Whether the task is for the ticket's requester, and they are."""
    if case.requester is None or case.requester.id != actor.person_id:
        return False
    definition = session.get_one(ProcessDefinition, case.definition_id)
    return asks_requester(elements_of(session, definition), task.element)


def was_of(session: Session, ticket_id: int) -> Was:
    """The ticket as it is now, locked: a task is changed whatever else has changed on the ticket since."""
    columns = [getattr(Ticket, name) for name in WAS]
    return Was(*session.execute(sa.select(*columns).where(Ticket.id == ticket_id).with_for_update()).one())


def change_open(session: Session, task: UserTaskFacts, also: sa.ColumnElement[bool], values: Mapping[str, Any]) -> bool:
    """Whether the task was still open and as `also` says; then it has these values now."""
    statement = sa.update(UserTask).where(UserTask.id == task.id, UserTask.status == TaskStatus.OPEN, also)
    return session.connection().execute(statement.values(dict(values))).rowcount == 1


def change_held(session: Session, task: UserTaskFacts, values: Mapping[str, Any]) -> None:
    """Give the task these values if it is still with whom it was found. Raises Conflict."""
    same = UserTask.assignee_id.is_not_distinct_from(task.assignee_id)
    if not change_open(session, task, same, values):
        raise Conflict(CHANGED)
