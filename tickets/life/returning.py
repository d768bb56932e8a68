"""Owns returning to an earlier step: who may, which steps there are, and who gets the task again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.expressions import N_, Message
from engine.models import TaskStatus, UserTask
from engine.record import Stale
from engine.spiff.moves import may_step_back
from engine.spiff.workflow import Instance
from engine.step import StepFailed
from tickets.access import Actor
from tickets.apply import apply
from tickets.at_hand import closed, must_see, read_task
from tickets.case import Case
from tickets.cause import Cause, UserTaskFacts
from tickets.change import Was, told
from tickets.errors import Conflict, Forbidden
from tickets.people import Person
from tickets.reasons import checked_reason
from tickets.roles import queue_of_person
from tickets.runtime import Runtime
from tickets.steps import Plan, at_of, blueprint_of, read_live, run_step, take_live, world_of
from tickets.task_lookup import relations_of
from tickets.task_policy import TaskVerb, task_allowed, task_refusal
from tickets.timeline import EventKind

LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Earlier:
    """A task to return to, and who did it last."""

    element: str
    name: str
    names: Mapping[str, str]
    by: str


def step_back(runtime: Runtime, actor: Actor, task_id: UUID, why: str, element: str = "") -> str:
    """An open task is taken back, and an earlier one (the one before, unless named) is done anew; the ticket's number.

    By the task's assignee or the ticket's owner. Raises NotFound, Forbidden, TaskClosed, Conflict.
    """
    reason, kept = checked_reason(why), dict[str, Earlier]()

    def plan(session: Session) -> Plan:
        task, case = _find(session, actor, task_id)
        live = take_live(session, runtime, case)
        back = kept["to"] = _chosen(_earlier(session, case, task, live), element)
        world = world_of(session, case, runtime)
        step = instances.step_back(live, at_of(case), ref=task.ref, element=back.element, world=world)
        return Plan(case, step, blueprint_of(session, runtime, case.definition_id))

    def write(session: Session, planned: Plan) -> str:
        task, case = _find(session, actor, task_id)
        back, now = kept["to"], planned.step.now
        words: dict[str, Any] = {"task": task.name, "next": back.name}
        words |= {"task_names": task.names, "next_names": back.names}
        event = told(Was.of_case(case), EventKind.STEPPED_BACK, actor, now, public=False, why=reason, **words)
        apply(session, planned, Cause(actor, told=[event]))
        to_whoever_did_it(session, planned, back.element, now, answered=True)
        return case.number

    try:
        return run_step(runtime, plan, write)
    except StepFailed as error:
        raise Conflict(error.reason) from None
    except instances.NotWaiting:
        raise Conflict(Message(N_("The process has moved on from this task; load the ticket again."))) from None


def earlier_tasks(runtime: Runtime, session: Session, actor: Actor, task_id: UUID) -> Sequence[Earlier]:
    """The tasks one may return to from this one, the last done first."""
    task, case = _find(session, actor, task_id)
    try:
        return _earlier(session, case, task, read_live(session, runtime, case))
    except Stale:
        return ()


def to_whoever_did_it(session: Session, plan: Plan, element: str, now: datetime, *, answered: bool = False) -> None:
    """The task that opens again waits for who did it last, if they are still there.

    `answered`: what it was answered with is its draft, to be corrected rather than typed again.
    """
    case = plan.case
    last = sa.select(UserTask.assignee_id, UserTask.submitted).where(
        UserTask.instance_id == case.instance_id, UserTask.element == element, UserTask.status != TaskStatus.OPEN
    )
    done = session.execute(last.order_by(UserTask.id.desc()).limit(1)).one_or_none()
    refs = [opened.ref for opened in plan.step.effects.opened.values() if opened.element == element]
    if done is None or len(refs) != 1:
        return
    values: dict[str, Any] = {"draft": done.submitted, "draft_at": now} if answered and done.submitted else {}
    there = sa.select(Person.id).where(Person.id == done.assignee_id, Person.departed_at.is_(None))
    if session.scalar(there) is not None:
        theirs = queue_of_person(session, done.assignee_id)
        values |= {"assignee_id": done.assignee_id, "claimed_at": now, "queue_key": theirs}
    mine = sa.update(UserTask).where(UserTask.instance_id == case.instance_id, UserTask.ref == refs[0])
    if values:
        session.connection().execute(mine.where(UserTask.status == TaskStatus.OPEN).values(**values))


def _find(session: Session, actor: Actor, task_id: UUID) -> tuple[UserTaskFacts, Case]:
    """As `task_for` finds one, without a lock: the step that follows checks that all is still so."""
    found = read_task(session, task_id)
    relations = relations_of(session, actor, found.case, found.task)
    if not task_allowed(TaskVerb.STEP_BACK, relations, oversees=False):
        must_see(session, actor, found.case, found.task)
        raise Forbidden(Message(task_refusal(TaskVerb.STEP_BACK, relations)))
    if found.task.status != TaskStatus.OPEN:
        raise closed(session, found)
    return found.task, found.case


def _earlier(session: Session, case: Case, task: UserTaskFacts, live: Instance) -> list[Earlier]:
    token = live.find(task.ref)
    if token is None or "." in task.ref:
        return []
    query = (
        sa.select(UserTask.element, UserTask.name, UserTask.names, Person.name)
        .outerjoin(Person, Person.id == UserTask.closed_by_id)
        .where(
            UserTask.instance_id == case.instance_id,
            UserTask.status == TaskStatus.COMPLETED,
            UserTask.element != task.element,
        )
        .order_by(UserTask.id.desc())
        .limit(LOOKED_AT)
    )
    found: dict[str, Earlier] = {}
    for element, name, names, by in session.execute(query):
        if element not in found and may_step_back(token, element):
            found[element] = Earlier(element, name, names, by or "")
    return list(found.values())


def _chosen(ways: Sequence[Earlier], element: str) -> Earlier:
    for way in ways:
        if element in ("", way.element):
            return way
    raise Conflict(
        Message(
            N_("There is no earlier step to return to from here: it is the first, or others work at the same time.")
        )
    )
