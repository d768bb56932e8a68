"""Owns what dispatchers do: giving a ticket and its open tasks to somebody, offering it, many at once, the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.models import TaskCandidate, UserTask
from engine.record import Stale
from tickets import changing, deadlines
from tickets.access import Actor, visible_tickets
from tickets.actor import load_actor
from tickets.assigning.fitness import check_answers, check_works
from tickets.assigning.offers import offer_to
from tickets.assigning.queue import dispatch_queue
from tickets.change import Change, Was, status_values, told
from tickets.conversation import accepted
from tickets.deadlines import DeadlineKind
from tickets.errors import Conflict, DomainError, Invalid
from tickets.lookup import name_of, ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.roles import queue_of_person
from tickets.runtime import Runtime
from tickets.standing import numbered
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind

AT_ONCE = 200
_OPEN = UserTask.status == sa.literal_column("'open'")


@dataclass(frozen=True, slots=True)
class What:
    """What of a ticket is given: that they answer for it, and the open tasks that nobody has taken."""

    owner: bool = True
    tasks: bool = True


class Manner(StrEnum):
    """How a dispatcher gives one ticket."""

    TICKET = "ticket"  # they answer for it, and what nobody has taken is theirs
    OFFER = "offer"  # they accept or decline it, within the time its type sets
    TASKS = "tasks"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket of many; `refusal` says why not."""

    number: str
    refusal: Message | None


def assign(runtime: Runtime, actor: Actor, number: str, person_id: int, what: What = What(), *, note: str = "") -> None:
    """Give a ticket from the queue to somebody. Raises Conflict "already assigned" when another was faster."""
    text, now = checked_reason(note, needed=False), runtime.clock.now()
    if not (what.owner or what.tasks):
        raise Invalid(Message(N_("Say what is given: the ticket, its open tasks, or both.")))
    with runtime.writing() as session, session.begin():
        if what.tasks:
            _hold_tasks(session, actor, number)
        ticket = ticket_for(session, actor, number, Verb.ASSIGN)
        _check_waits(session, ticket, what)
        was = Was.of(ticket)
        (check_answers if what.owner else check_works)(session, was, person_id)
        values, events = _made_owner(was, actor, person_id, now) if what.owner else ({}, [])
        if what.tasks:
            events += _give_tasks(session, was, actor, person_id, now)
            if events and was.status in (Status.UNASSIGNED, Status.OFFERED):
                values = {**status_values(was, Status.IN_PROGRESS, now), **values}
        if not events:
            raise Conflict(Message(N_("Nothing of %(number)s waits for anybody any more."), {"number": number}))
        events += _noted(was, actor, now, text)
        if what.owner:
            deadlines.drop(session, was.id, DeadlineKind.ACCEPT)
        changing.write(session, Change(was, now, actor, values, events))


def give(runtime: Runtime, actor: Actor, number: str, person_id: int, manner: Manner, *, note: str = "") -> None:
    """`assign` or `offer`. Raises Conflict when somebody else has it by now."""
    if manner is Manner.OFFER:
        offer(runtime, actor, number, person_id, note=note)
    else:
        assign(runtime, actor, number, person_id, What(owner=manner is Manner.TICKET), note=note)


def offer(runtime: Runtime, actor: Actor, number: str, person_id: int, *, note: str = "") -> None:
    """Ask somebody to accept the ticket; declined, or not accepted in time, it goes on to the next. Twice is fine."""
    text, now = checked_reason(note, needed=False), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        ticket = ticket_for(session, actor, number, Verb.ASSIGN)
        if ticket.owner_id is not None:
            raise _taken(session, ticket)
        if ticket.offered_to_id == person_id:
            return
        was = Was.of(ticket)
        check_answers(session, was, person_id)
        values, event = offer_to(session, runtime, actor, was, person_id, now)
        events = [event, *_noted(was, actor, now, text)]
        changing.write(session, Change(was, now, actor, values, events))


def assign_all(
    runtime: Runtime, actor: Actor, numbers: Sequence[str], person_id: int, what: What = What(), *, note: str = ""
) -> list[Outcome]:
    """Each of them by itself: what can't be given doesn't keep the others."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise Invalid(Message(N_("Tick the tickets first.")))
    if len(wanted) > AT_ONCE:
        raise Invalid(Message(N_("At most %(most)s tickets are assigned at once."), {"most": AT_ONCE}))
    checked_reason(note, needed=False)
    return [Outcome(number, _refusal(runtime, actor, number, person_id, what, note)) for number in wanted]


def take_next(runtime: Runtime, actor: Actor) -> str | None:
    """Assign the first of the queue to oneself; its number, or None when nothing waits."""
    for _ in range(5):
        with runtime.reading() as session:
            page = dispatch_queue(session, actor, limit=5)
        if not page.rows:
            return None
        for row in page.rows:
            if _refusal(runtime, actor, row.ticket.number, actor.person_id, What(), "") is None:
                return row.ticket.number
    return None


def _refusal(runtime: Runtime, actor: Actor, number: str, person_id: int, what: What, note: str) -> Message | None:
    try:
        assign(runtime, actor, number, person_id, what, note=note)
    except Stale:
        return Message(N_("Others are working on this ticket at this very moment; try again."))
    except DomainError as error:
        return error.message
    return None


def _hold_tasks(session: Session, actor: Actor, number: str) -> None:
    """Locks them before their ticket, as steps and verbs of tasks do: nobody then waits for somebody who waits."""
    seen = sa.select(UserTask.id).join(Ticket, Ticket.instance_id == UserTask.instance_id)
    free = (numbered(number), visible_tickets(actor), _OPEN, UserTask.assignee_id.is_(None))
    session.execute(seen.where(*free).order_by(UserTask.id).with_for_update(of=UserTask)).all()


def _check_waits(session: Session, ticket: Ticket, what: What) -> None:
    """Raises Conflict where somebody has been found meanwhile."""
    if what.owner and ticket.owner_id is not None and ticket.dispatch_at is None:
        raise _taken(session, ticket)


def _taken(session: Session, ticket: Ticket) -> Conflict:
    text = N_("%(number)s is already assigned to %(owner)s.")
    return Conflict(Message(text, {"number": ticket.number, "owner": name_of(session, ticket.owner_id)}))


def _noted(was: Was, actor: Actor, now: datetime, text: str) -> list[dict[str, Any]]:
    return [told(was, EventKind.NOTED, actor, now, public=False, body=text)] if text else []


def _made_owner(was: Was, actor: Actor, person_id: int, now: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if was.owner_id is not None:  # it waits for a task that names nobody; its owner stays
        return {}, []
    event = told(was, EventKind.OWNER, actor, now, public=True, to_id=person_id)
    return accepted(was, person_id, now), [event]


def _give_tasks(session: Session, was: Was, actor: Actor, person_id: int, now: datetime) -> list[dict[str, Any]]:
    """The open tasks that nobody has are theirs, but none of other roles where one is of theirs; an event for each.

    Else whoever gets a late ticket would also get the task of chasing it, which waits for their superior.
    """
    free = (UserTask.instance_id == was.instance_id, _OPEN, UserTask.assignee_id.is_(None))
    query = sa.select(UserTask.id, UserTask.name, UserTask.names, UserTask.queue_key)
    found = session.execute(query.where(*free).order_by(UserTask.id).with_for_update()).all()
    if not found:
        return []
    meant = _offered_to(session, person_id, {task.id: task.queue_key for task in found})
    tasks = [task for task in found if task.id in meant] or found
    values = {"assignee_id": person_id, "queue_key": queue_of_person(session, person_id)}
    session.connection().execute(sa.update(UserTask).where(UserTask.id.in_([task.id for task in tasks])).values(values))
    return [
        told(was, EventKind.ASSIGNED, actor, now, public=False, task=name, task_names=names, to_id=person_id)
        for _, name, names, _ in tasks
    ]


def _offered_to(session: Session, person_id: int, queues: Mapping[int, int | None]) -> set[int]:
    """Those of the tasks (each with its queue) that wait in one of the person's queues."""
    known = load_actor(session, person_id)
    keys = known.queue_keys if known else frozenset()
    also = sa.select(TaskCandidate.task_id).where(TaskCandidate.task_id.in_(queues), TaskCandidate.queue_key.in_(keys))
    return {task for task, queue in queues.items() if queue in keys} | set(session.scalars(also))
