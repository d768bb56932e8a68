"""Owns what a list shows of a ticket and of a task: one row each, read with one join."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from engine.database import shared_alias
from engine.models import UserTask
from tickets.people import Person
from tickets.places import Place
from tickets.sla import Sla, SlaState, sla
from tickets.ticket import Priority, Status, Ticket
from tickets.types import TicketType


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in a list. Names of nobody are empty; `type_names` and `place_names` hold other languages' names."""

    id: int
    public_id: uuid.UUID
    version: int
    number: str
    title: str
    status: Status
    priority: Priority
    type_key: str
    type_name: str
    type_names: Mapping[str, str]
    place: str
    place_names: Mapping[str, str]
    requester: str
    owner: str
    created_at: datetime
    updated_at: datetime
    accepted_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    due: datetime | None
    due_left: int | None = None
    owner_id: int | None = None
    urges: int = 0
    urged_at: datetime | None = None
    """Since when an urge waits for its answer."""
    reply_due: datetime | None = None
    """By when the requester is to hear something; None once they have."""

    def sla(self, now: datetime) -> Sla | None:
        return sla(self.due, started=self.created_at, now=now, finished=finished_at(self), paused=self.due_left)

    def reply(self, now: datetime) -> Sla | None:
        """The first reply, as long as it presses more than what the ticket is due by."""
        if self.reply_due is None or finished_at(self) is not None:
            return None
        whole, first = self.sla(now), sla(self.reply_due, started=self.created_at, now=now)
        late = whole is not None and whole.state is SlaState.OVER
        return first if first and first.state is not SlaState.OK and not late else None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """An open task in a list; `assignee` is empty until it is claimed."""

    id: int
    public_id: uuid.UUID
    name: str
    names: Mapping[str, str]
    element: str
    priority: int
    opened_at: datetime
    due: datetime | None
    assignee: str
    mine: bool


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of an inbox: a ticket and, except among owned tickets, the task that waits."""

    ticket: TicketRow
    task: TaskRow | None

    def sla(self, now: datetime) -> Sla | None:
        """The task's due time if it has one, else the ticket's.

        What waits in a ticket that is resolved has no deadline but its own: the ticket's promise is kept or broken.
        """
        if self.task is None:
            return self.ticket.sla(now)
        kept = finished_at(self.ticket) is not None
        if self.task.due is not None and not (kept and self.task.due == self.ticket.due):
            return sla(self.task.due, started=self.task.opened_at, now=now)
        return None if kept else self.ticket.sla(now)


Requester = shared_alias(Person, "requester")
Owner = shared_alias(Person, "owner")
Assignee = shared_alias(Person, "assignee")

TICKET_COLUMNS: tuple[Any, ...] = (
    Ticket,
    TicketType.key,
    TicketType.name,
    TicketType.names,
    Place.name,
    Place.names,
    Requester.name,
    Owner.name,
)


AnySelect: TypeAlias = sa.Select[*tuple[Any, ...]]


def ticket_rows() -> AnySelect:
    """A query of TICKET_COLUMNS; add criteria, order and limit, and read each row with `ticket_row`."""
    return with_ticket_facts(sa.select(*TICKET_COLUMNS).select_from(Ticket))


def with_ticket_facts(query: AnySelect) -> AnySelect:
    return (
        query.join(TicketType, TicketType.id == Ticket.type_id)
        .join(Place, Place.id == Ticket.place_id)
        .outerjoin(Requester, Requester.id == Ticket.requester_id)
        .outerjoin(Owner, Owner.id == Ticket.owner_id)
    )


def ticket_row(row: Any) -> TicketRow:
    ticket, key, name, names, place, place_names, requester, owner = row
    status = Status(ticket.status)
    return TicketRow(
        id=ticket.id,
        public_id=ticket.public_id,
        version=ticket.version,
        number=ticket.number,
        title=ticket.title,
        status=status,
        priority=Priority(ticket.priority),
        type_key=key,
        type_name=name,
        type_names=names,
        place=place,
        place_names=place_names,
        requester=requester or "",
        owner=owner or "",
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        accepted_at=ticket.accepted_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        due=ticket.due,
        due_left=ticket.due_left,
        owner_id=ticket.owner_id,
        urges=ticket.urges,
        urged_at=ticket.urged_at,
        reply_due=None if ticket.first_reply_at else ticket.response_due_at,
    )


def finished_at(ticket: Ticket | TicketRow) -> datetime | None:
    """When the service level's clock stopped: resolved, or closed without that; None while somebody works on it."""
    if ticket.status not in {Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN}:
        return None
    return ticket.resolved_at or ticket.closed_at


def task_row(task: UserTask, assignee: str | None, actor_id: int) -> TaskRow:
    return TaskRow(
        id=task.id,
        public_id=task.public_id,
        name=task.name,
        names=task.names,
        element=task.element,
        priority=task.priority,
        opened_at=task.opened_at,
        due=task.due,
        assignee=assignee or "",
        mine=task.assignee_id == actor_id,
    )
