"""Reads a ticket's tasks as one reader sees them: what is open, what is theirs to do, and what was answered."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.models import TaskCandidate, TaskStatus, UserTask
from tickets.access import Actor
from tickets.evidence.wanted import CONFIRMATION, is_mandatory, wanted_of
from tickets.reading.elements import Elements, beside, happens
from tickets.reading.people import Who
from tickets.roles import Queue, Role
from tickets.shares import ShareKind, TaskShare
from tickets.sla import Sla, sla
from tickets.standards.tables import Confirmation
from tickets.task_policy import TaskRelation, TaskVerb, task_allowed, task_fits

TASK_LIMIT = 300
"""Tasks read for one page: the reader's own, then open ones, then the newest finished ones."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """An open task before its reader. `offered_to` names the role that may claim it, by language; `draft` is what was
    kept of a task that the reader may complete, for whoever does it in the end. One that `happens` is an event's, and
    asks whether it has; `beside`: it waits while others go on. `verbs` are what the reader may do with it now
    (`tickets.task_policy`), `shares` whom else it was shared with. `wanted` is the evidence it asks for, the least of
    each kind, which it can't be done without if it is `mandatory`.
    """

    public_id: uuid.UUID
    name: str
    names: Mapping[str, str]
    element: str
    documentation: str
    settings: Mapping[str, str]
    happens: bool
    beside: bool
    assignee: Who | None
    offered_to: Mapping[str, str]
    delegated_by: Who | None
    shares: tuple[ShareView, ...]
    verbs: frozenset[TaskVerb]
    claimed: bool
    mine: bool
    may_claim: bool
    may_complete: bool
    may_release: bool
    opened_at: datetime
    due: datetime | None
    sla: Sla | None
    form_digest: str | None
    draft: Mapping[str, Any] | None
    draft_at: datetime | None
    wanted: Mapping[str, int]
    mandatory: bool
    confirmations: tuple[ConfirmationView, ...]
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """Somebody's word that the step was done."""

    person: Who | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShareView:
    """Somebody who was asked about an open task or helps with it. `asks_me`: the reader's advice is waited for."""

    public_id: uuid.UUID
    kind: ShareKind
    person: Who | None
    by: Who | None
    question: str
    answer: str
    at: datetime
    open: bool
    asks_me: bool
    may_end: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered in a form. The form that filed the ticket has no task, so neither id nor name."""

    task_id: uuid.UUID | None
    name: str
    names: Mapping[str, str]
    form_digest: str
    values: Mapping[str, Any]
    by: Who | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """A ticket's tasks as read; `offers` are the ids of the open ones that wait in the reader's queues."""

    tasks: tuple[UserTask, ...]
    roles: Mapping[int, Mapping[str, str]]
    offers: frozenset[int]
    shares: tuple[TaskShare, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()

    @property
    def open(self) -> list[UserTask]:
        """Soonest due first."""
        tasks = (task for task in self.tasks if task.status == TaskStatus.OPEN)
        return sorted(tasks, key=lambda task: (task.due_at, task.id))

    @property
    def done(self) -> list[UserTask]:
        """Completed ones, oldest first."""
        tasks = (task for task in self.tasks if task.status == TaskStatus.COMPLETED)
        return sorted(tasks, key=lambda task: (task.closed_at or task.opened_at, task.id))

    def people(self) -> set[int]:
        found = {task.assignee_id for task in self.tasks} | {task.closed_by_id for task in self.tasks}
        found |= {task.delegated_by_id for task in self.tasks}
        found |= {share.person_id for share in self.shares} | {share.by_id for share in self.shares}
        found |= {each.person_id for each in self.confirmations}
        return {person_id for person_id in found if person_id is not None}


def read_work(session: Session, actor: Actor, instance_id: int) -> Work:
    """The instance's tasks; four statements, the second only while something waits unclaimed, the third only while
    something is open, the fourth only while that asks for a confirmation.
    """
    first = sa.case(
        (UserTask.status != TaskStatus.OPEN, 3),
        (UserTask.assignee_id == actor.person_id, 0),
        (UserTask.assignee_id.is_(None), 1),
        else_=2,
    )
    rows = session.execute(
        sa.select(UserTask, Role.name_zh, Role.name_en)
        .outerjoin(Queue, Queue.id == UserTask.queue_key)
        .outerjoin(Role, Role.id == Queue.role_id)
        .where(UserTask.instance_id == instance_id)
        .options(undefer(UserTask.submitted), undefer(UserTask.draft))
        .order_by(first, UserTask.id.desc())
        .limit(TASK_LIMIT)
    ).all()
    tasks = tuple(row[0] for row in rows)
    return Work(
        tasks=tasks,
        roles={task.id: {"zh": zh, "en": en} for task, zh, en in rows if zh is not None},
        offers=_offers(session, tasks, actor.queue_keys),
        shares=_shares(session, tasks),
        confirmations=_confirmations(session, tasks),
    )


def _confirmations(session: Session, tasks: Iterable[UserTask]) -> tuple[Confirmation, ...]:
    """What others have said of the open tasks that ask for it, the first first."""
    waiting = [task.id for task in tasks if task.status == TaskStatus.OPEN and CONFIRMATION in wanted_of(task.settings)]
    if not waiting:
        return ()
    said = sa.select(Confirmation).where(Confirmation.task_id.in_(waiting))
    return tuple(session.scalars(said.order_by(Confirmation.id)))


def _shares(session: Session, tasks: Iterable[UserTask]) -> tuple[TaskShare, ...]:
    """Whom the open tasks were shared with, the first first."""
    waiting = [task.id for task in tasks if task.status == TaskStatus.OPEN]
    if not waiting:
        return ()
    return tuple(session.scalars(sa.select(TaskShare).where(TaskShare.task_id.in_(waiting)).order_by(TaskShare.id)))


def _offers(session: Session, tasks: Iterable[UserTask], keys: Collection[int]) -> frozenset[int]:
    waiting = [task for task in tasks if task.status == TaskStatus.OPEN and task.assignee_id is None]
    if not waiting or not keys:
        return frozenset()
    also = session.scalars(
        sa.select(TaskCandidate.task_id).where(
            TaskCandidate.task_id.in_([task.id for task in waiting]), TaskCandidate.queue_key.in_(sorted(keys))
        )
    )
    return frozenset(task.id for task in waiting if task.queue_key in keys) | frozenset(also)


def task_views(
    work: Work,
    people: Mapping[int, Who],
    actor: Actor,
    elements: Elements,
    *,
    inside: bool,
    now: datetime,
    owner: bool = False,
    oversees: bool = False,
) -> tuple[TaskView, ...]:
    """The open tasks, soonest due first; from outside only those that are or may be the reader's.

    `owner`: the reader answers for the ticket; `oversees`: they are a dispatcher of its place.
    """
    shown = (task for task in work.open if inside or task.assignee_id == actor.person_id or task.id in work.offers)
    also = {TaskRelation.OWNER} if owner else set()
    return tuple(
        _task_view(task, work, people, actor, elements, now, _verbs(task, work, actor, also, oversees=oversees))
        for task in shown
    )


def current_task(tasks: Iterable[TaskView]) -> TaskView | None:
    """The one whose form is shown beside the ticket: mine first, else one I may claim."""
    mine_or_claimable = [task for task in tasks if task.may_complete]
    return min(mine_or_claimable, key=lambda task: (not task.mine, task.beside), default=None)


def answers_of(work: Work, people: Mapping[int, Who], actor: Actor, *, inside: bool) -> tuple[Answers, ...]:
    """What was answered in the finished tasks' forms, oldest first; from outside only one's own and visible ones."""
    return tuple(
        Answers(
            task_id=task.public_id,
            name=task.name,
            names=task.names,
            form_digest=task.form_digest,
            values=task.submitted,
            by=people.get(task.closed_by_id) if task.closed_by_id is not None else None,
            at=task.closed_at or task.opened_at,
        )
        for task in work.done
        if task.form_digest is not None
        and task.submitted
        and (inside or task.closed_by_id == actor.person_id or is_visible(task))
    )


def is_visible(task: UserTask) -> bool:
    """Whether its designer lets the requester know of this step and of what was answered in it."""
    return task.settings.get("visible") == "true"


def _task_view(
    task: UserTask,
    work: Work,
    people: Mapping[int, Who],
    actor: Actor,
    elements: Elements,
    now: datetime,
    verbs: frozenset[TaskVerb],
) -> TaskView:
    mine, may_do = task.assignee_id == actor.person_id, TaskVerb.COMPLETE in verbs
    return TaskView(
        public_id=task.public_id,
        name=task.name,
        names=task.names,
        element=task.element,
        documentation=task.documentation,
        settings=task.settings,
        happens=happens(elements, task.element),
        beside=beside(elements, task.element),
        assignee=people.get(task.assignee_id) if task.assignee_id is not None else None,
        offered_to=work.roles.get(task.id, {}) if task.assignee_id is None else {},
        delegated_by=people.get(task.delegated_by_id) if task.delegated_by_id is not None else None,
        shares=tuple(_share_view(share, people, actor, verbs) for share in work.shares if share.task_id == task.id),
        verbs=verbs,
        claimed=task.claimed_at is not None,
        mine=mine,
        may_claim=task.id in work.offers,
        may_complete=may_do,
        may_release=mine and task.claimed_at is not None and task.delegated_by_id is None,
        opened_at=task.opened_at,
        due=task.due,
        sla=sla(task.due, started=task.opened_at, now=now),
        form_digest=task.form_digest,
        draft=task.draft if may_do else None,
        draft_at=task.draft_at if may_do else None,
        wanted=wanted_of(task.settings),
        mandatory=is_mandatory(task.settings),
        confirmations=tuple(
            ConfirmationView(people.get(each.person_id), each.note, each.at)
            for each in work.confirmations
            if each.task_id == task.id
        ),
        may_confirm=_may_confirm(task, work, actor),
    )


def _may_confirm(task: UserTask, work: Work, actor: Actor) -> bool:
    """Whether their word would count and they have not given it."""
    said = any(each.task_id == task.id and each.person_id == actor.person_id for each in work.confirmations)
    return CONFIRMATION in wanted_of(task.settings) and task.assignee_id != actor.person_id and not said


def _verbs(
    task: UserTask, work: Work, actor: Actor, also: Collection[TaskRelation], *, oversees: bool
) -> frozenset[TaskVerb]:
    """What the reader may do with the task; `also`: what they are to it by owning its ticket."""
    relations, delegated = frozenset(also) | _relations(task, work, actor), task.delegated_by_id is not None
    allowed = (verb for verb in TaskVerb if task_allowed(verb, relations, oversees=oversees))
    asks = CONFIRMATION in wanted_of(task.settings)
    fitting = (verb for verb in allowed if asks or verb is not TaskVerb.ASK_CONFIRMATION)
    return frozenset(verb for verb in fitting if task_fits(verb, delegated=delegated))


def _relations(task: UserTask, work: Work, actor: Actor) -> frozenset[TaskRelation]:
    """What the reader is to the task, besides owning its ticket."""
    me, found = actor.person_id, set()
    if task.assignee_id == me:
        found.add(TaskRelation.ASSIGNEE)
    if task.id in work.offers:
        found.add(TaskRelation.CANDIDATE)
    if task.delegated_by_id == me:
        found.add(TaskRelation.DELEGATOR)
    for share in work.shares:
        if share.task_id == task.id and share.person_id == me and share.closed_at is None:
            found.add(_RELATIONS[ShareKind(share.kind)])
    return frozenset(found)


_RELATIONS = {
    ShareKind.HELP: TaskRelation.HELPER,
    ShareKind.CONSULT: TaskRelation.CONSULTED,
    ShareKind.CONFIRM: TaskRelation.WITNESS,
}


def _share_view(share: TaskShare, people: Mapping[int, Who], actor: Actor, verbs: Collection[TaskVerb]) -> ShareView:
    waits = share.closed_at is None
    mine = share.person_id == actor.person_id
    consult = share.kind == ShareKind.CONSULT
    asker = share.by_id == actor.person_id or TaskVerb.HELP in verbs
    return ShareView(
        public_id=share.public_id,
        kind=ShareKind(share.kind),
        person=people.get(share.person_id),
        by=people.get(share.by_id),
        question=share.question,
        answer=share.answer,
        at=share.at,
        open=waits,
        asks_me=waits and mine and consult,
        may_end=waits and (asker if share.kind != ShareKind.HELP else mine or TaskVerb.HELP in verbs),
    )
