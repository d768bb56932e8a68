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
from engine.models import TaskCandidate, TaskStatus, UserTask
from engine.spiff.workflow import Instance
from engine.step import Opened, StepFailed, Values
from forms import Form, Submission
from tickets.access import Actor, Permission, visible_tickets
from tickets.apply import apply
from tickets.attaching import attach_values
from tickets.case import CASE, WIDTH, Case, case_from
from tickets.cause import Cause, UserTaskFacts
from tickets.errors import Conflict, Forbidden, FormInvalid, Invalid, NotFound, TaskClosed
from tickets.incidents import stuck
from tickets.names import Assignment
from tickets.offering import Offering
from tickets.people import Person
from tickets.roles import queue_of_person
from tickets.runtime import Runtime
from tickets.steps import Plan, at_of, blueprint_of, read_live, run_step, take_live, world_of
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind, TimelineEvent, event_row
from tickets.types import EMPTY_FORM, form_of

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


def complete(runtime: Runtime, actor: Actor, task_id: UUID, answer: Answer) -> str:
    """Done, with values; an unclaimed task is claimed along the way. Gives the ticket's number.

    Raises NotFound, Forbidden, TaskClosed, FormInvalid, InstanceStuck (the values are kept as a draft).
    """
    kept: dict[str, Any] = {}

    def plan(session: Session) -> Plan:
        task, case = _task_to_work_on(session, actor, task_id)
        live = take_live(session, runtime, case)
        values = _answered(session, runtime, case, task, live, answer)
        kept.update(values=values, task=task, case=case)
        blueprint = blueprint_of(session, runtime, case.definition_id)
        world = world_of(session, case, runtime)
        step = instances.complete(live, at_of(case), ref=task.ref, values=values, world=world)
        return Plan(case, step, blueprint)

    def write(session: Session, planned: Plan) -> str:
        task: UserTaskFacts = kept["task"]
        cause = Cause(actor, task=task, values=kept["values"], becomes_owner=_becomes_owner(actor, planned.case))
        apply(session, planned, cause)
        attach_values(session, actor, planned.case.ticket_id, kept["values"], public=task.visible)
        return planned.case.number

    try:
        return run_step(runtime, plan, write)
    except StepFailed as error:
        raise stuck(runtime, actor, kept["case"], error, kept["task"], kept["values"]) from None
    except instances.NotWaiting:
        raise Conflict(Message(N_("The process has moved on from this task; load the ticket again."))) from None


def claim(runtime: Runtime, actor: Actor, task_id: UUID) -> str:
    """Make an offered task one's own; on a ticket nobody answers for, also accept that. Gives the ticket's number."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        task, case = _task_to_work_on(session, actor, task_id)
        if task.assignee_id == actor.person_id:
            return case.number
        taken = {
            "assignee_id": actor.person_id,
            "claimed_at": now,
            "queue_key": queue_of_person(session, actor.person_id),
        }
        if not _change_open(session, task, UserTask.assignee_id.is_(None), taken):
            raise Conflict(Message(N_("Somebody else was faster and has this task now.")))
        _record(session, actor, case, task, EventKind.CLAIMED, now)
        if _becomes_owner(actor, case):
            _accept(session, actor, case, now)
        return case.number


def release(runtime: Runtime, actor: Actor, task_id: UUID) -> str:
    """Give a claimed task back to those it was offered to. Raises Forbidden when it was given to them alone."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        task, case = _task_to_work_on(session, actor, task_id)
        if task.assignee_id != actor.person_id:
            raise Forbidden(Message(N_("This task is not yours to release.")))
        offered = _offered_to(session, runtime, case, task)
        if offered.queue_key is None or offered.assignee_id is not None:
            raise Forbidden(Message(N_("This task is meant for you alone; ask your superior to pass it on.")))
        back = {"assignee_id": None, "claimed_at": None, "queue_key": offered.queue_key}
        if not _change_open(session, task, UserTask.assignee_id == actor.person_id, back):
            raise Conflict(Message(N_("The task has changed meanwhile; load the ticket again.")))
        _record(session, actor, case, task, EventKind.RELEASED, now)
        return case.number


def save_draft(runtime: Runtime, actor: Actor, task_id: UUID, values: Mapping[str, Any]) -> datetime:
    """Keep what is typed so far, unchecked; when it was kept."""
    now = runtime.clock.now()
    draft = dict(values)
    if len(orjson.dumps(draft)) > MAX_DRAFT_BYTES:
        limit = {"limit": MAX_DRAFT_BYTES // 1024}
        raise Invalid(Message(N_("The draft is longer than %(limit)s KB; shorten it or attach a file."), limit))
    with runtime.writing() as session, session.begin():
        task, _ = _task_to_work_on(session, actor, task_id)
        if not _change_open(session, task, sa.true(), {"draft": draft, "draft_at": now}):
            raise Conflict(Message(N_("The task has changed meanwhile; load the ticket again.")))
    return now


def _offered_to(session: Session, runtime: Runtime, case: Case, task: UserTaskFacts) -> Assignment:
    """Whom the task would be offered to if it opened now."""
    live = read_live(session, runtime, case)
    node = blueprint_of(session, runtime, case.definition_id).compiled.node(task.element)
    assert node is not None, "an instance runs only on elements of its own definition"
    opened = Opened(task.ref, task.element, None, node.lane, _task_data(live, task))
    offering = Offering(session, case, runtime.clock.now())
    return offering.assignment(opened, node, offering.asker(opened, node))


def task_form(runtime: Runtime, session: Session, actor: Actor, task_id: UUID) -> TaskForm:
    """The form of an open task that is theirs to do, with its own data (an item of a repetition has its own)."""
    task, case = _task_to_work_on(session, actor, task_id)
    live = read_live(session, runtime, case)
    draft, draft_at = session.execute(sa.select(UserTask.draft, UserTask.draft_at).where(UserTask.id == task.id)).one()
    form = form_of(session, task.form_digest) if task.form_digest else EMPTY_FORM
    return TaskForm(form, _task_data(live, task), draft, draft_at)


def _answered(
    session: Session, runtime: Runtime, case: Case, task: UserTaskFacts, live: Instance, answer: Answer
) -> Values:
    form = form_of(session, task.form_digest) if task.form_digest else EMPTY_FORM
    submission = answer(form, _task_data(live, task))
    if not submission.ok:
        runtime.hot.put(case.instance_id, case.revision, live)
        raise FormInvalid(submission)
    return dict(submission.values)


def _task_data(live: Instance, task: UserTaskFacts) -> Values:
    token = live.find(task.ref)
    return {**token.look(), **token.result} if token is not None else {}


_task = UserTask.__table__
_FACTS = (
    "id",
    "public_id",
    "ref",
    "element",
    "name",
    "names",
    "settings",
    "form_digest",
    "status",
    "assignee_id",
    "queue_key",
    "widely_offered",
)
_TASK_AND_CASE = (
    CASE.add_columns(*(_task.c[name] for name in _FACTS), _task.c.closed_by_id, _task.c.closed_at)
    .join(_task, _task.c.instance_id == Ticket.__table__.c.instance_id)
    .where(_task.c.public_id == sa.bindparam("task_id"))
)


def _task_to_work_on(session: Session, actor: Actor, task_id: UUID) -> tuple[UserTaskFacts, Case]:
    """The open task, theirs or offered to them. Raises NotFound (invisible), Forbidden (visible), TaskClosed."""
    row = session.connection().execute(_TASK_AND_CASE, {"task_id": task_id}).first()
    if row is None:
        raise NotFound(N_("This task"))
    columns = tuple(row)
    case, task = case_from(columns[:WIDTH]), UserTaskFacts(*columns[WIDTH:-2])
    if task.status == TaskStatus.OPEN and _is_theirs(session, actor, task):
        return task, case
    _must_see(session, actor, case, task)
    if task.status != TaskStatus.OPEN:
        by, at = columns[-2:]
        raise TaskClosed(task=task.name, by=_name_of(session, by), at=at)
    raise Forbidden(Message(_whose(task), {"who": _name_of(session, task.assignee_id)}))


def _whose(task: UserTaskFacts) -> str:
    if task.assignee_id is None:
        return N_("This task waits for other roles than yours.")
    return N_("This task is %(who)s's.")


def _is_theirs(session: Session, actor: Actor, task: UserTaskFacts) -> bool:
    if task.assignee_id is not None:
        return task.assignee_id == actor.person_id
    if task.queue_key in actor.queue_keys:
        return True
    if not task.widely_offered:
        return False
    offered = sa.select(TaskCandidate.task_id).where(
        TaskCandidate.task_id == task.id, TaskCandidate.queue_key.in_(sorted(actor.queue_keys))
    )
    return session.scalar(offered) is not None


def _must_see(session: Session, actor: Actor, case: Case, task: UserTaskFacts) -> None:
    """Whoever sees the ticket sees its tasks, but its requester only those meant for them."""
    seen = sa.select(Ticket.id).where(Ticket.id == case.ticket_id, visible_tickets(actor))
    requester = case.requester is not None and case.requester.id == actor.person_id
    if session.scalar(seen) is None or (requester and not task.visible and not actor.may(Permission.WORK)):
        raise NotFound(N_("This task"))


def _becomes_owner(actor: Actor, case: Case) -> bool:
    """The first of the staff to take up a ticket that nobody answers for answers for it from then on."""
    asks = case.requester is not None and case.requester.id == actor.person_id
    return case.owner is None and not asks and actor.may(Permission.WORK)


def _accept(session: Session, actor: Actor, case: Case, now: datetime) -> None:
    values: dict[str, Any] = {
        "owner_id": actor.person_id,
        "accepted_at": now,
        "updated_at": now,
        "version": Ticket.version + 1,
    }
    if case.status in (Status.UNASSIGNED, Status.OFFERED):
        values["status"] = Status.IN_PROGRESS
    taken = sa.update(Ticket).where(Ticket.id == case.ticket_id, Ticket.owner_id.is_(None)).values(values)
    if session.connection().execute(taken).rowcount != 1:
        raise Conflict(Message(N_("Somebody else was faster and answers for this ticket now.")))
    _record(session, actor, case, None, EventKind.ACCEPTED, now, public=True)


def _change_open(
    session: Session, task: UserTaskFacts, also: sa.ColumnElement[bool], values: Mapping[str, Any]
) -> bool:
    statement = sa.update(UserTask).where(UserTask.id == task.id, UserTask.status == TaskStatus.OPEN, also)
    return session.connection().execute(statement.values(dict(values))).rowcount == 1


def _record(
    session: Session,
    actor: Actor,
    case: Case,
    task: UserTaskFacts | None,
    kind: EventKind,
    now: datetime,
    *,
    public: bool = False,
) -> None:
    params = task.label() if task is not None else {}
    row = event_row(
        case.ticket_id,
        case.site.brand_id,
        kind,
        actor_id=actor.person_id,
        at=now,
        public=public,
        via=actor.via,
        params=params,
    )
    session.connection().execute(sa.insert(TimelineEvent), [row])


def _name_of(session: Session, person_id: int | None) -> str:
    return session.scalar(sa.select(Person.name).where(Person.id == person_id)) or "" if person_id else ""
