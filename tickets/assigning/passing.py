"""Owns passing tasks on: transferring one for good, delegating one that comes back, taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import record
from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.assigning.fitness import check_answers, check_works
from tickets.attaching import attach_values
from tickets.cause import UserTaskFacts
from tickets.change import Change, Was, status_values, told
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.permissions import Permission
from tickets.reasons import checked_reason
from tickets.roles import Queue, Role, queue_for_role, queue_of_person
from tickets.runtime import Runtime
from tickets.shares import TaskShare
from tickets.task_lookup import HeldTask, change_held, task_for
from tickets.task_policy import TaskRelation, TaskVerb
from tickets.ticket import Status
from tickets.timeline import EventKind

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a task goes: to a person by id, or to a role by key at the ticket's place (the nearest above it)."""

    person_id: int | None = None
    role: str = ""


def transfer(runtime: Runtime, actor: Actor, task_id: UUID, to: Target, why: str, *, hand_over: bool = False) -> str:
    """Give the task to somebody else for good; its draft goes with it. Gives the ticket's number.

    The owner stays who it is, unless `hand_over` passes the ticket too, which its owner and dispatchers may.
    """
    reason, now = checked_reason(why), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.TRANSFER)
        values, events = put_with(session, actor, held.task, held.case.site.path, held.was, to, now, why=reason)
        if hand_over:
            values, event = _handed_over(session, actor, held, to, values, now)
            events = [*events, event]
        changing.write(session, Change(held.was, now, actor, values, events))
        return held.case.number


def put_with(
    session: Session,
    actor: Actor,
    task: UserTaskFacts,
    place_path: str,
    was: Was,
    to: Target,
    now: datetime,
    *,
    why: str = "",
) -> tuple[dict[str, Any], list[Event]]:
    """Move the task; the columns and events that its ticket's change gets. Raises Invalid, NotFound, Conflict."""
    placed, who = _where(session, task, place_path, was, to)
    if to.person_id is not None:
        _end_shares(session, task, to.person_id, now)
    change_held(session, task, {**placed, "delegated_by_id": None})
    if task.widely_offered and to.person_id is None:
        record.forget_candidates(session.connection(), task.id)
    params = {**task.label(), "from_id": task.assignee_id, **who, "why": why}
    status = Status.IN_PROGRESS if to.person_id else Status.OFFERED
    waited = was.status == Status.UNASSIGNED or (was.status == Status.OFFERED and was.offered_to_id is None)
    values = status_values(was, status, now) if waited and was.owner_id is None else {}
    return values, [told(was, EventKind.TRANSFERRED, actor, now, public=False, **params)]


def delegate(runtime: Runtime, actor: Actor, task_id: UUID, person_id: int, why: str = "") -> str:
    """Let somebody else do the task; once they have, it comes back to the delegator, who completes it."""
    reason, now = checked_reason(why, needed=False), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.DELEGATE)
        _check_person(session, held.was, person_id, but=held.task.assignee_id)
        values = {"assignee_id": person_id, "queue_key": queue_of_person(session, person_id)}
        _end_shares(session, held.task, person_id, now)
        change_held(session, held.task, {**values, "claimed_at": None, "delegated_by_id": actor.person_id})
        return _tell(session, held, actor, EventKind.DELEGATED, now, to_id=person_id, why=reason)


def recall(runtime: Runtime, actor: Actor, task_id: UUID) -> str:
    """Take a delegated task back before it is done; what was drafted stays."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.RECALL)
        change_held(session, held.task, _back_to(session, actor.person_id, now))
        return _tell(session, held, actor, EventKind.RETURNED, now, from_id=held.task.assignee_id)


def comes_back(actor: Actor, task: UserTaskFacts) -> bool:
    """Whether the task, done by them, goes back to whoever delegated it."""
    return task.delegated_by_id not in (None, actor.person_id)


def give_back(runtime: Runtime, actor: Actor, task_id: UUID, values: Mapping[str, Any]) -> str:
    """The delegate has done it: the delegator gets it back, or who took their place, with the values as its draft."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.COMPLETE)
        back_to = held.task.delegated_by_id
        if back_to is None:
            raise NotFound(N_("This task"))
        draft = {"draft": dict(values), "draft_at": now}
        change_held(session, held.task, {**_back_to(session, back_to, now), **draft})
        attach_values(session, actor, held.case.ticket_id, values, public=False)  # or the delegator could not see them
        return _tell(session, held, actor, EventKind.RETURNED, now, to_id=back_to)


def _where(
    session: Session, task: UserTaskFacts, place_path: str, was: Was, to: Target
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of a task at its new place, and the words for it."""
    if to.person_id is not None:
        _check_person(session, was, to.person_id, but=task.assignee_id)
        queue = queue_of_person(session, to.person_id)
        return {"assignee_id": to.person_id, "queue_key": queue, "claimed_at": None}, {"to_id": to.person_id}
    key = queue_for_role(session, to.role, place_path, was.brand_id)
    if key is None:
        raise Invalid(Message(N_("Nobody holds the role “%(role)s” at this ticket's place."), {"role": to.role}))
    if task.assignee_id is None and key == task.queue_key:
        raise Invalid(Message(N_("This task waits for this role already.")))
    names = session.execute(
        sa.select(Role.name_zh, Role.name_en).join(Queue, Queue.role_id == Role.id).where(Queue.id == key)
    ).one()
    values = {"assignee_id": None, "queue_key": key, "offered_key": key, "claimed_at": None, "widely_offered": False}
    return values, {"to": names.name_zh, "to_names": {"zh": names.name_zh, "en": names.name_en}}


def _check_person(session: Session, was: Was, person_id: int, *, but: int | None) -> None:
    person = check_works(session, was, person_id)
    if person_id == but:
        raise Invalid(Message(N_("%(name)s has this task already."), {"name": person.name}))


def _end_shares(session: Session, task: UserTaskFacts, person_id: int, now: datetime) -> None:
    """Who helped with the task, or was asked about it, and now has it, is asked nothing any more."""
    theirs = (TaskShare.task_id == task.id, TaskShare.person_id == person_id)
    ended = sa.update(TaskShare).where(*theirs, TaskShare.closed_at.is_(None)).values(closed_at=now)
    session.connection().execute(ended)


def _handed_over(
    session: Session, actor: Actor, held: HeldTask, to: Target, values: Mapping[str, Any], now: datetime
) -> tuple[dict[str, Any], Event]:
    oversees = actor.covers(Permission.DISPATCH, brand_id=held.case.site.brand_id, place_path=held.case.site.path)
    if TaskRelation.OWNER not in held.relations and not oversees:
        raise Forbidden(Message(N_("Only the owner and dispatchers hand the ticket over; transfer the task alone.")))
    if to.person_id is None:
        raise Invalid(Message(N_("A ticket is handed over to a person; choose one, or transfer the task alone.")))
    was = held.was
    check_answers(session, was, to.person_id)
    owner = {"owner_id": to.person_id, "offered_to_id": None, "accepted_at": was.accepted_at or now}
    event = told(was, EventKind.OWNER, actor, now, public=True, from_id=was.owner_id, to_id=to.person_id)
    return {**values, **owner}, event


def _back_to(session: Session, person_id: int, now: datetime) -> dict[str, Any]:
    queue = queue_of_person(session, person_id)
    return {"assignee_id": person_id, "queue_key": queue, "claimed_at": now, "delegated_by_id": None}


def _tell(session: Session, held: HeldTask, actor: Actor, kind: EventKind, now: datetime, **params: Any) -> str:
    task = {**held.task.label(), "task_id": str(held.task.public_id)}
    event = told(held.was, kind, actor, now, public=False, **task, **params)
    changing.write(session, Change(held.was, now, actor, {}, [event]))
    return held.case.number
