"""Reads the head of one ticket's page: its own facts, whose it is, and how its promises stand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import Message
from engine.models import ProcessDefinition
from tickets.event_words import STATUS_WORDS
from tickets.places import Place
from tickets.reading.people import Who
from tickets.rows import finished_at
from tickets.service.tables import ClockKind, ServiceClock
from tickets.sla import Sla, sla
from tickets.standing import Standing
from tickets.subjects import Subject
from tickets.ticket import PAUSED, Priority, Status, Ticket
from tickets.types import TicketType


@dataclass(frozen=True, slots=True)
class SubjectView:
    """What the ticket is about."""

    public_id: uuid.UUID
    kind: str
    external_id: str
    name: str
    contract_end: date | None


@dataclass(frozen=True, slots=True)
class TicketHead:
    """The ticket's own facts. `type_names` and `place_names` hold the other languages' names; nobody is None."""

    number: str
    public_id: uuid.UUID
    version: int
    title: str
    status: Status
    status_text: Message
    priority: Priority
    type_key: str
    type_name: str
    type_names: Mapping[str, str]
    definition_id: uuid.UUID
    definition_version: int
    place: str
    place_names: Mapping[str, str]
    requester: Who | None
    owner: Who | None
    filed_by: Who | None
    subject: SubjectView | None
    created_at: datetime
    updated_at: datetime
    accepted_at: datetime | None
    first_reply_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    urged_at: datetime | None
    urges: int
    due: datetime | None
    sla: Sla | None
    response: Sla | None
    """By when it is to be replied to first; None once it was."""


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket's rows, and what the reader is to it."""

    ticket: Ticket
    type: TicketType
    definition: ProcessDefinition
    place: Place
    subject: Subject | None
    standing: Standing


def head_of(session: Session, found: Found, people: Mapping[int, Who], now: datetime) -> TicketHead:
    """The head as it stands at `now`; `people` holds everybody it names."""
    ticket = found.ticket
    return TicketHead(
        number=ticket.number,
        public_id=ticket.public_id,
        version=ticket.version,
        title=ticket.title,
        status=Status(ticket.status),
        status_text=Message(STATUS_WORDS[ticket.status]),
        priority=Priority(ticket.priority),
        type_key=found.type.key,
        type_name=found.type.name,
        type_names=found.type.names,
        definition_id=found.definition.public_id,
        definition_version=found.definition.version,
        place=found.place.name,
        place_names=found.place.names,
        requester=who(people, ticket.requester_id),
        owner=who(people, ticket.owner_id),
        filed_by=who(people, ticket.filed_by_id),
        subject=_subject(found.subject),
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        accepted_at=ticket.accepted_at,
        first_reply_at=ticket.first_reply_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        urged_at=ticket.urged_at,
        urges=ticket.urges,
        due=ticket.due,
        sla=sla(ticket.due, started=ticket.created_at, now=now, finished=finished_at(ticket), paused=ticket.due_left),
        response=_response(session, ticket, now),
    )


def _response(session: Session, ticket: Ticket, now: datetime) -> Sla | None:
    if ticket.first_reply_at is not None or finished_at(ticket) is not None:
        return None
    left = session.scalar(_LEFT, {"ticket_id": ticket.id}) if ticket.status in PAUSED else None
    return sla(ticket.response_due_at, started=ticket.created_at, now=now, paused=left)


_LEFT = sa.select(ServiceClock.left).where(
    ServiceClock.ticket_id == sa.bindparam("ticket_id"),
    ServiceClock.kind == ClockKind.RESPONSE.value,
    ServiceClock.stopped_at.is_(None),
)
"""What is left of the first reply's clock while it stands still; the ticket's row keeps only its due time."""


def who(people: Mapping[int, Who], person_id: int | None) -> Who | None:
    """Them among those that were read; None for nobody."""
    return None if person_id is None else people.get(person_id)


def _subject(subject: Subject | None) -> SubjectView | None:
    if subject is None:
        return None
    return SubjectView(subject.public_id, subject.kind, subject.external_id, subject.name, subject.contract_end)
