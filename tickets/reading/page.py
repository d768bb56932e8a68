"""Reads everything one ticket's page shows to one reader."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.expressions import N_, Message
from engine.models import ProcessDefinition, UserTask
from tickets.access import Actor, Permission, visible_tickets
from tickets.errors import NotFound
from tickets.event_words import STATUS_WORDS, people_named
from tickets.places import Place
from tickets.policy import Verb
from tickets.privacy.sensitive import may_look
from tickets.reading.elements import Elements, elements_of
from tickets.reading.events import EventView, event_views, newest_events
from tickets.reading.people import Who, everyone
from tickets.reading.progress import (
    Diagram,
    IncidentView,
    Step,
    diagram,
    incident_views,
    open_incidents,
    read_path,
    rests_at,
    steps,
)
from tickets.reading.work import Answers, TaskView, Work, answers_of, current_task, is_visible, read_work, task_views
from tickets.rows import finished_at
from tickets.service.tables import ClockKind, ServiceClock
from tickets.sla import Sla, sla
from tickets.standing import Standing, numbered, standing, standing_columns
from tickets.subjects import Subject
from tickets.ticket import OPEN, PAUSED, Priority, Status, Ticket
from tickets.types import TicketType, form_of

EVENT_LIMIT = 200
MOST_EVENTS = 2000


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
class TicketPage:
    """One ticket before one reader. From outside (`inside` is False: a requester who is not staff) there are no notes,
    no other people's tasks, no diagram and no incidents.
    """

    ticket: TicketHead
    tasks: tuple[TaskView, ...]
    current_task: TaskView | None
    events: tuple[EventView, ...]
    earlier_events: bool
    answers: tuple[Answers, ...]
    steps: tuple[Step, ...]
    diagram: Diagram | None
    incidents: tuple[IncidentView, ...]
    inside: bool
    verbs: frozenset[Verb]
    """What the reader may do with the ticket now (`tickets.policy`)."""
    reply_recipient: str
    may_look: bool
    """Whether they may look at what forms mark as sensitive; until they do, it is masked."""

    @property
    def may_note(self) -> bool:
        return Verb.NOTE in self.verbs

    @property
    def may_reply(self) -> bool:
        return Verb.REPLY in self.verbs

    @property
    def may_ask(self) -> bool:
        return Verb.ASK in self.verbs

    @property
    def may_answer(self) -> bool:
        return Verb.ANSWER in self.verbs

    @property
    def may_accept(self) -> bool:
        return Verb.ACCEPT in self.verbs


def ticket_page(
    session: Session, actor: Actor, number: str, now: datetime, *, language: str = "", events: int = EVENT_LIMIT
) -> TicketPage:
    """The ticket as `actor` sees it at `now`, its timeline worded in `language` ("zh", "en"; default: the actor's) and
    cut to the newest `events`. Raises NotFound alike for a ticket that is not there and one they may not see.
    """
    found = _find(session, actor, number)
    ticket, held = found.ticket, found.standing
    work = read_work(session, actor, ticket.instance_id)
    limit = max(1, min(events, MOST_EVENTS))
    timeline = newest_events(session, ticket.id, internal=held.inside, limit=limit + 1)
    people = everyone(session, _people_of(ticket) | work.people() | people_named(timeline))
    elements = elements_of(session, found.definition)
    oversees = actor.covers(Permission.DISPATCH, brand_id=ticket.brand_id, place_path=found.place.path)
    seen = {"inside": held.inside, "owner": held.owner, "oversees": oversees}
    tasks = task_views(work, people, actor, elements, now=now, **seen)
    inner = _inner(session, actor, found, work, elements) if held.inside else _NOTHING
    head = _head(session, found, people, now)
    return TicketPage(
        ticket=head,
        tasks=tasks,
        current_task=current_task(tasks),
        events=event_views(timeline[-limit:], people, reader_id=actor.person_id, language=language or actor.language),
        earlier_events=len(timeline) > limit,
        answers=_start_answers(session, found, people) + answers_of(work, people, actor, inside=held.inside),
        steps=steps(ticket, _shown(work)),
        diagram=inner.diagram,
        incidents=inner.incidents,
        inside=held.inside,
        verbs=held.verbs,
        reply_recipient=head.requester.name if head.requester else "",
        may_look=held.inside and may_look(actor, brand_id=ticket.brand_id, place_path=found.place.path),
    )


def ticket_version(session: Session, actor: Actor, number: str) -> int:
    """What a live page polls: it grows with every change. Raises NotFound like `ticket_page`."""
    version = session.scalar(sa.select(Ticket.version).where(numbered(number), visible_tickets(actor)))
    if version is None:
        raise NotFound(N_("This ticket"))
    return version


@dataclass(frozen=True, slots=True)
class _Found:
    ticket: Ticket
    type: TicketType
    definition: ProcessDefinition
    place: Place
    subject: Subject | None
    standing: Standing


def _find(session: Session, actor: Actor, number: str) -> _Found:
    query = (
        sa.select(Ticket, TicketType, ProcessDefinition, Place, Subject)
        .add_columns(*standing_columns(actor))
        .join(TicketType, TicketType.id == Ticket.type_id)
        .join(ProcessDefinition, ProcessDefinition.id == Ticket.definition_id)
        .join(Place, Place.id == Ticket.place_id)
        .outerjoin(Subject, Subject.id == Ticket.subject_id)
        .where(numbered(number), visible_tickets(actor))
        .options(undefer(Ticket.data))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(N_("This ticket"))
    ticket, ticket_type, definition, place, subject, *facts = row
    held = standing(actor, ticket, place_path=place.path, facts=tuple(facts))
    return _Found(ticket, ticket_type, definition, place, subject, held)


def _people_of(ticket: Ticket) -> set[int]:
    found = {ticket.requester_id, ticket.owner_id, ticket.filed_by_id}
    return {person_id for person_id in found if person_id is not None}


def _head(session: Session, found: _Found, people: Mapping[int, Who], now: datetime) -> TicketHead:
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
        requester=_who(people, ticket.requester_id),
        owner=_who(people, ticket.owner_id),
        filed_by=_who(people, ticket.filed_by_id),
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


def _who(people: Mapping[int, Who], person_id: int | None) -> Who | None:
    return None if person_id is None else people.get(person_id)


def _subject(subject: Subject | None) -> SubjectView | None:
    if subject is None:
        return None
    return SubjectView(subject.public_id, subject.kind, subject.external_id, subject.name, subject.contract_end)


def _start_answers(session: Session, found: _Found, people: Mapping[int, Who]) -> tuple[Answers, ...]:
    """What the ticket was filed with: of its data, only what that form asks for."""
    ticket = found.ticket
    if ticket.form_digest is None:
        return ()
    by = _who(people, ticket.filed_by_id) or _who(people, ticket.requester_id)
    asked = form_of(session, ticket.form_digest).names
    values = {name: value for name, value in ticket.data.items() if name in asked}
    return (Answers(None, "", {}, ticket.form_digest, values, by, ticket.created_at),)


def _shown(work: Work) -> UserTask | None:
    """The open task whose name the requester may see."""
    return next((task for task in work.open if is_visible(task)), None)


@dataclass(frozen=True, slots=True)
class _Inner:
    """What only those inside see of the process itself."""

    diagram: Diagram | None = None
    incidents: tuple[IncidentView, ...] = ()


_NOTHING = _Inner()


def _inner(session: Session, actor: Actor, found: _Found, work: Work, elements: Elements) -> _Inner:
    incidents = open_incidents(session, found.ticket.instance_id)
    may_retry = actor.covers(Permission.OPERATE, brand_id=found.ticket.brand_id, place_path=found.place.path)
    path, stopped = read_path(session, found.ticket.instance_id), [incident.element for incident in incidents]
    drawn = diagram(
        found.definition.public_id, path, elements, tasks=[task.element for task in work.open], incidents=stopped
    )
    if not drawn.current and found.ticket.status in OPEN:
        drawn = replace(drawn, current=rests_at(session, found.ticket.instance_id, elements))
    return _Inner(diagram=drawn, incidents=incident_views(incidents, elements, may_retry=may_retry))
