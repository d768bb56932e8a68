"""Owns what a person is to a ticket, and from that what they may see of it and say on it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from engine.models import TaskCandidate, TaskStatus, UserTask
from tickets.access import Actor, Permission, inside_tickets
from tickets.ticket import OPEN, Ticket


@dataclass(frozen=True, slots=True)
class Standing:
    """One person before one ticket. `inside`: sees its notes, tasks and diagram; else only what is public."""

    requester: bool
    owner: bool
    inside: bool
    may_note: bool
    may_reply: bool
    may_answer: bool
    may_accept: bool


def standing(actor: Actor, ticket: Ticket, *, place_path: str, inside: bool, worked: bool, offered: bool) -> Standing:
    """From `sees_inside`, `worked_by` and `offered_to`, read together with the ticket."""
    requester = ticket.requester_id == actor.person_id
    owner = ticket.owner_id == actor.person_id
    filed = ticket.filed_by_id == actor.person_id
    is_open = ticket.status in OPEN
    helps = (owner or worked or offered or filed) and actor.may(Permission.NOTE)
    oversees = actor.covers(Permission.NOTE, brand_id=ticket.brand_id, place_path=place_path)
    free = is_open and ticket.owner_id is None
    return Standing(
        requester=requester,
        owner=owner,
        inside=inside,
        may_note=inside and (helps or oversees),
        may_reply=is_open and owner and ticket.requester_id is not None,
        may_answer=is_open and requester,
        may_accept=free and offered and not requester and actor.may(Permission.WORK),
    )


def numbered(number: str) -> sa.ColumnElement[bool]:
    """On a query of Ticket: the one of that number; none for what no number holds and not every database takes."""
    return Ticket.number == number if number.isprintable() else sa.false()


def sees_inside(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: `inside_tickets` as a column, False where its criterion is unknown (no owner)."""
    return sa.func.coalesce(inside_tickets(actor), sa.false())


def worked_by(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: one of its tasks is or was theirs."""
    mine = (UserTask.assignee_id == actor.person_id) | (UserTask.closed_by_id == actor.person_id)
    return sa.exists().where(UserTask.instance_id == Ticket.instance_id, mine)


def offered_to(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: one of its open tasks waits in their queues."""
    also = sa.exists().where(TaskCandidate.task_id == UserTask.id, TaskCandidate.queue_key.in_(actor.queue_keys))
    waiting = UserTask.queue_key.in_(actor.queue_keys) | (UserTask.assignee_id.is_(None) & also)
    return sa.exists().where(UserTask.instance_id == Ticket.instance_id, UserTask.status == TaskStatus.OPEN, waiting)
