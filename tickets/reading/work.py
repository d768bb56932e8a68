"""Reads a ticket's tasks with what hangs on them, and what was answered in those that are done."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.models import TaskCandidate, TaskStatus, UserTask
from tickets.access import Actor
from tickets.evidence.wanted import CONFIRMATION, wanted_of
from tickets.reading.people import Who
from tickets.reading.wanting import Wanting
from tickets.roles import Queue, Role
from tickets.shares import TaskShare
from tickets.standards.tables import Confirmation

TASK_LIMIT = 300
"""Tasks read for one page: the reader's own, then open ones, then the newest finished ones."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered in a form. The form that filed the ticket has no task, so neither id nor name.

    `visible`: its designer lets the requester see it. `turn`: 2 and more where the step was done again, after it had
    been done; `wanting`: what a spot check found wrong with it. `before`: by name, what steps that the reader does not
    see had said by then; only of what the reader was asked themselves, for its form may have shown it to them.
    """

    task_id: uuid.UUID | None
    name: str
    names: Mapping[str, str]
    form_digest: str
    values: Mapping[str, Any]
    by: Who | None
    at: datetime
    visible: bool = False
    turn: int = 1
    wanting: Wanting | None = None
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """A ticket's tasks as read; `offers` are the ids of the open ones that wait in the reader's queues."""

    tasks: tuple[UserTask, ...]
    roles: Mapping[int, Mapping[str, str]]
    offers: frozenset[int]
    shares: tuple[TaskShare, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    wanting: Mapping[int, Wanting] = field(default_factory=dict)

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


def read_work(
    session: Session, actor: Actor, instance_id: int, *, wanting: Mapping[int, Wanting] | None = None
) -> Work:
    """The instance's tasks; four statements, the second only while something waits unclaimed, the third only while
    something is open, the fourth only while that asks for a confirmation. `wanting` is kept with them.
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
        wanting=wanting or {},
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


def answers_of(work: Work, people: Mapping[int, Who], actor: Actor, *, inside: bool) -> tuple[Answers, ...]:
    """What was answered in the finished tasks' forms, oldest first; from outside only one's own and visible ones."""
    turns = _turns(work.done)
    return tuple(
        Answers(
            task_id=task.public_id,
            name=task.name,
            names=task.names,
            form_digest=task.form_digest,
            values=task.submitted,
            by=people.get(task.closed_by_id) if task.closed_by_id is not None else None,
            at=task.closed_at or task.opened_at,
            visible=is_visible(task),
            turn=turns[task.id],
            wanting=work.wanting.get(task.id) if inside else None,
            before={} if inside else _before(task, work, actor),
        )
        for task in work.done
        if task.form_digest is not None and task.submitted and (inside or _is_told(task, actor))
    )


def _is_told(task: UserTask, actor: Actor) -> bool:
    """Whether one from outside reads what was answered in it."""
    return task.closed_by_id == actor.person_id or is_visible(task)


def _before(task: UserTask, work: Work, actor: Actor) -> Mapping[str, Any]:
    """The newest of what was said by name; what the reader sees where it was said is not told again."""
    if actor.person_id not in (task.closed_by_id, task.assignee_id):
        return {}
    said: dict[str, tuple[bool, Any]] = {}
    for each in work.done:
        if each.closed_at is not None and each.closed_at <= task.opened_at:
            said |= {name: (_is_told(each, actor), value) for name, value in (each.submitted or {}).items()}
    return {name: value for name, (told, value) in said.items() if not told}


def _turns(done: Iterable[UserTask]) -> Mapping[int, int]:
    """By task, which time its step was done: another begins once it was done; several may do it side by side."""
    found: dict[int, int] = {}
    earlier: dict[str, list[UserTask]] = {}
    for task in done:
        before = earlier.setdefault(task.element, [])
        over = (found[each.id] for each in before if each.closed_at is not None and each.closed_at <= task.opened_at)
        found[task.id] = max(over, default=0) + 1
        before.append(task)
    return found


def is_visible(task: UserTask) -> bool:
    """Whether its designer lets the requester know of this step and of what was answered in it."""
    return task.settings.get("visible") == "true"
