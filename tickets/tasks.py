"""Owns the verbs of a person's task: claim, release, save a draft, complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.expressions import N_, Message
from engine.models import TaskStatus, UserTask
from engine.record import Stale
from engine.spiff.workflow import Instance
from engine.step import StepFailed, Values
from forms import Form, Submission
from forms.plain import is_plain
from tickets import changing
from tickets.access import Actor
from tickets.apply import apply
from tickets.assigning.passing import comes_back, give_back
from tickets.at_hand import AtHand, find_task
from tickets.attaching import attach_values
from tickets.case import Case
from tickets.cause import Cause, UserTaskFacts, taken_up
from tickets.change import Change, Was, told
from tickets.conversation import accepted
from tickets.errors import Conflict, Forbidden, FormInvalid, Invalid
from tickets.evidence import proof
from tickets.evidence.signing import opened_with
from tickets.incidents import stuck
from tickets.owning import takes_on
from tickets.people import Person
from tickets.roles import queue_of_person
from tickets.runtime import Runtime
from tickets.steps import TRIES, Plan, at_of, blueprint_of, read_live, run_step, take_live, world_of
from tickets.task_lookup import CHANGED, DELEGATED, change_open, was_of
from tickets.timeline import EventKind

Event = Mapping[str, Any]
Answer = Callable[[Form, Mapping[str, Any]], Submission]
"""Reads a request's values through the task's form, given the data so far."""

MAX_DRAFT_BYTES = 256 * 1024


@dataclass(frozen=True)
class TaskForm:
    """What is needed to show a task's form: the form, the data it starts from, and the draft kept of it."""

    form: Form
    data: Mapping[str, Any]
    draft: Mapping[str, Any] | None
    draft_at: datetime | None


class _Delegated(Exception):
    """Done by whoever it was delegated to: it goes back, with these values."""

    def __init__(self, values: Values) -> None:
        self.values = values


def complete(runtime: Runtime, actor: Actor, task_id: UUID, answer: Answer) -> str:
    """Done, with values; an unclaimed task is claimed along the way. Gives the ticket's number.

    One that was delegated goes back to whoever delegated it, with the values as a draft; they complete it.

    Raises NotFound, Forbidden, TaskClosed, FormInvalid, InstanceStuck (the values are kept as a draft).
    """
    kept: dict[str, Any] = {}

    def plan(session: Session) -> Plan:
        found = find_task(session, actor, task_id)
        owns = takes_on(session, runtime, actor, found.case)
        task, case = found.task, taken_up(found.case, actor, owns=owns)
        live = take_live(session, runtime, case)
        values = _answered(session, runtime, actor, found, live, answer)
        if comes_back(actor, task):
            runtime.hot.put(case.instance_id, case.revision, live)
            raise _Delegated(values)
        kept.update(values=values, task=task, case=case, owns=owns)
        blueprint = blueprint_of(session, runtime, case.definition_id)
        world = world_of(session, case, runtime)
        step = instances.complete(live, at_of(case), ref=task.ref, values=values, world=world)
        return Plan(case, step, blueprint)

    def write(session: Session, planned: Plan) -> str:
        task: UserTaskFacts = kept["task"]
        cause = Cause(actor, task=task, values=kept["values"], becomes_owner=kept["owns"])
        apply(session, planned, cause)
        attach_values(session, actor, planned.case.ticket_id, kept["values"], public=task.visible)
        return planned.case.number

    try:
        return run_step(runtime, plan, write)
    except _Delegated as done:
        return give_back(runtime, actor, task_id, done.values)
    except StepFailed as error:
        raise stuck(runtime, actor, kept["case"], error, kept["task"], kept["values"]) from None
    except instances.NotWaiting:
        raise Conflict(Message(N_("The process has moved on from this task; load the ticket again."))) from None


def back_with(session: Session, task_id: UUID) -> str:
    """Whose the task is again that its delegate has just done; empty where it is done for good."""
    waits = (UserTask.public_id == task_id, UserTask.status == TaskStatus.OPEN)
    query = sa.select(Person.name).join(UserTask, UserTask.assignee_id == Person.id).where(*waits)
    return session.scalar(query) or ""


def claim(runtime: Runtime, actor: Actor, task_id: UUID) -> str:
    """Make an offered task one's own; on a ticket nobody answers for, also accept that. Gives the ticket's number."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        found = find_task(session, actor, task_id)
        task, case = found.task, found.case
        if task.assignee_id == actor.person_id:
            return case.number
        taken = {
            "assignee_id": actor.person_id,
            "claimed_at": now,
            "queue_key": queue_of_person(session, actor.person_id),
        }
        if not change_open(session, task, UserTask.assignee_id.is_(None), taken):
            raise Conflict(Message(N_("Somebody else was faster and has this task now.")))
        event = _told(case, actor, EventKind.CLAIMED, task, now)
        _change_ticket(session, actor, case, now, event, owns=takes_on(session, runtime, actor, case))
        return case.number


def release(runtime: Runtime, actor: Actor, task_id: UUID) -> str:
    """Give a claimed task back to those it was offered to. Raises Forbidden when it was given to them alone."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        found = find_task(session, actor, task_id)
        task, case = found.task, found.case
        if task.assignee_id != actor.person_id:
            raise Forbidden(Message(N_("This task is not yours to release.")))
        if task.delegated_by_id is not None:
            raise Forbidden(Message(DELEGATED))
        if task.offered_key is None:
            raise Forbidden(Message(N_("This task is meant for you alone; ask your superior to pass it on.")))
        back = {"assignee_id": None, "claimed_at": None, "queue_key": task.offered_key}
        if not change_open(session, task, UserTask.assignee_id == actor.person_id, back):
            raise Conflict(CHANGED)
        _change_ticket(session, actor, case, now, _told(case, actor, EventKind.RELEASED, task, now), owns=False)
        return case.number


def save_draft(runtime: Runtime, actor: Actor, task_id: UUID, values: Mapping[str, Any]) -> datetime:
    """Keep what is typed so far, unchecked; when it was kept. Raises Invalid when it is too large or no plain JSON."""
    now = runtime.clock.now()
    draft = dict(values)
    if not is_plain(draft):
        raise Invalid(Message(N_("The draft holds characters or values that can't be kept; take them out.")))
    if len(orjson.dumps(draft)) > MAX_DRAFT_BYTES:
        limit = {"limit": MAX_DRAFT_BYTES // 1024}
        raise Invalid(Message(N_("The draft is longer than %(limit)s KB; shorten it or attach a file."), limit))
    with runtime.writing() as session, session.begin():
        task = find_task(session, actor, task_id).task
        if not change_open(session, task, sa.true(), {"draft": draft, "draft_at": now}):
            raise Conflict(CHANGED)
    return now


def task_form(runtime: Runtime, session: Session, actor: Actor, task_id: UUID) -> TaskForm:
    """The form of an open task that is theirs to do, the data that it opens with, and the draft kept of it."""
    found, live = _read(runtime, session, actor, task_id)
    form = found.form(session)
    kept = sa.select(UserTask.draft, UserTask.draft_at).where(UserTask.id == found.task.id)
    draft, draft_at = session.execute(kept).one()
    return TaskForm(form, opened_with(found.case, form, found.opening(live, form)), draft, draft_at)


def _read(runtime: Runtime, session: Session, actor: Actor, task_id: UUID) -> tuple[AtHand, Instance]:
    """The task and its instance at one revision; on PostgreSQL a step may come between the two statements."""
    for _ in range(TRIES):
        found = find_task(session, actor, task_id)
        try:
            return found, read_live(session, runtime, found.case)
        except Stale:
            continue
    raise Conflict(CHANGED)


def _answered(
    session: Session, runtime: Runtime, actor: Actor, found: AtHand, live: Instance, answer: Answer
) -> Values:
    """What was answered, with the evidence that the task asks for: of a delegated one, once it is back."""
    case, task, form = found.case, found.task, found.form(session)
    submission = answer(form, opened_with(found.case, form, found.opening(live, form)))
    try:
        if not comes_back(actor, task):
            proof.check(runtime, proof.Step.of(case, task, actor), form, submission)
        if not submission.ok:
            raise FormInvalid(submission)
    except FormInvalid:
        runtime.hot.put(case.instance_id, case.revision, live)
        raise
    return dict(submission.values)


def _change_ticket(session: Session, actor: Actor, case: Case, now: datetime, *events: Event, owns: bool) -> None:
    """What a task's verb makes of its ticket; a reader's page sees that something changed."""
    was = was_of(session, case.ticket_id)
    values: dict[str, Any] = {}
    if owns and was.owner_id is None:  # somebody else may have accepted it at the same moment
        values = accepted(was, actor.person_id, now)
        events = (*events, told(was, EventKind.ACCEPTED, actor, now, public=True))
    changing.write(session, Change(was, now, actor, values, events))


def _told(case: Case, actor: Actor, kind: EventKind, task: UserTaskFacts, now: datetime) -> Event:
    return told(Was.of_case(case), kind, actor, now, public=False, **task.label())
