"""Owns all that is kept of a ticket besides its state, read for a batch of tickets with one statement a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import (
    ElementVisit,
    Incident,
    MessageSubscription,
    ProcessInstance,
    StepInput,
    TaskCandidate,
    TaskStatus,
    Timer,
    UserTask,
)
from tickets.case import CASE, Case, case_from
from tickets.deadlines import Deadline
from tickets.roles import Queue
from tickets.service.tables import ServiceClock, ServicePause
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent
from tickets.urges import Urge

Rows = Sequence[Any]
Query = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Dossier:
    """One ticket. Rows are in the order in which they were written."""

    case: Case
    ticket: Any
    instance: Any
    tasks: Rows
    timers: Rows
    awaited: Rows
    incidents: Rows
    inputs: Rows
    visits: Rows
    events: Rows
    urges: Rows
    clocks: Rows
    pauses: Rows
    deadlines: Rows

    @property
    def erased(self) -> bool:
        """Nothing is left of it but a skeleton: neither its state nor what drove it."""
        return self.ticket.erased_at is not None


_TICKET = sa.select(Ticket.id, Ticket.data, Ticket.erased_at, Ticket.due_left)
_INSTANCE = sa.select(
    ProcessInstance.id,
    ProcessInstance.definition_id,
    ProcessInstance.business_key,
    ProcessInstance.revision,
    ProcessInstance.state,
    ProcessInstance.status,
    ProcessInstance.ended_at,
)
_TASKS: Query = sa.select(
    UserTask.instance_id,
    UserTask.id,
    UserTask.ref,
    UserTask.element,
    UserTask.status,
    UserTask.assignee_id,
    UserTask.queue_key,
    UserTask.closed_at,
    Queue.person_id.label("queue_of"),
    sa.exists().where(TaskCandidate.task_id == UserTask.id).label("offered_further"),
).outerjoin(Queue, sa.and_(Queue.id == UserTask.queue_key, UserTask.status == TaskStatus.OPEN))


def _columns(model: Any, *names: str) -> Query:
    return sa.select(*(getattr(model, name) for name in names))


OF_INSTANCE: Mapping[str, tuple[Query, Any]] = {
    "tasks": (_TASKS, UserTask),
    "timers": (_columns(Timer, "instance_id", "ref", "slot", "element", "due_at", "attempts"), Timer),
    "awaited": (
        _columns(MessageSubscription, "instance_id", "ref", "slot", "element", "kind", "name", "key"),
        MessageSubscription,
    ),
    "incidents": (_columns(Incident, "instance_id", "element", "kind", "payload", "resolved_at"), Incident),
    "inputs": (_columns(StepInput, "instance_id", "revision", "kind", "at", "payload"), StepInput),
    "visits": (
        _columns(ElementVisit, "instance_id", "element", "loop", "entered_at", "left_at", "outcome"),
        ElementVisit,
    ),
}
"""What belongs to an instance: its columns, the first is the instance's id."""
OF_TICKET: Mapping[str, tuple[Query, Any]] = {
    "events": (_columns(TimelineEvent, "ticket_id", "kind", "at", "actor_id", "params"), TimelineEvent),
    "urges": (_columns(Urge, "ticket_id", "answered_at"), Urge),
    "pauses": (_columns(ServicePause, "ticket_id", "started_at", "ended_at"), ServicePause),
    "deadlines": (_columns(Deadline, "ticket_id", "kind", "key", "due_at", "attempts"), Deadline),
}


def dossiers(session: Session, ticket_ids: Sequence[int]) -> list[Dossier]:
    """Of these tickets, by their ids."""
    cases = [case_from(tuple(row)) for row in session.execute(CASE.where(Ticket.id.in_(ticket_ids)))]
    tickets = {row.id: row for row in session.execute(_TICKET.where(Ticket.id.in_(ticket_ids)))}
    ids = [case.instance_id for case in cases]
    instances = {row.id: row for row in session.execute(_INSTANCE.where(ProcessInstance.id.in_(ids)))}
    of_instance = {
        name: _grouped(session, query.where(model.instance_id.in_(ids)).order_by(model.id))
        for name, (query, model) in OF_INSTANCE.items()
    }
    of_ticket = {
        name: _grouped(session, query.where(model.ticket_id.in_(ticket_ids)).order_by(model.id))
        for name, (query, model) in OF_TICKET.items()
    }
    clocks = _clocks(session, ticket_ids)
    return [
        Dossier(
            case=case,
            ticket=tickets[case.ticket_id],
            instance=instances[case.instance_id],
            clocks=clocks.get(case.ticket_id, []),
            **{name: rows.get(case.instance_id, []) for name, rows in of_instance.items()},
            **{name: rows.get(case.ticket_id, []) for name, rows in of_ticket.items()},
        )
        for case in sorted(cases, key=lambda each: each.ticket_id)
    ]


def _clocks(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[ServiceClock]]:
    """Objects, since they are counted as objects; the session is for reading and never writes them."""
    found: dict[int, list[ServiceClock]] = {}
    query = sa.select(ServiceClock).where(ServiceClock.ticket_id.in_(ticket_ids)).order_by(ServiceClock.id)
    for clock in session.scalars(query):
        found.setdefault(clock.ticket_id, []).append(clock)
    return found


def _grouped(session: Session, query: Query) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(row)
    return found
