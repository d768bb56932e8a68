"""Reads everything one ticket's page shows to one reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.expressions import N_
from engine.models import ProcessDefinition, UserTask
from tickets.access import Actor, Permission, visible_tickets
from tickets.errors import NotFound
from tickets.event_words import people_named
from tickets.mending import may_retry
from tickets.places import Place
from tickets.policy import Verb
from tickets.privacy.sensitive import may_look
from tickets.reading.elements import Elements, elements_of
from tickets.reading.events import EventView, event_views, newest_events
from tickets.reading.head import Found, TicketHead, head_of, who
from tickets.reading.people import Who, everyone
from tickets.reading.progress import (
    Awaited,
    Diagram,
    IncidentView,
    Step,
    awaited,
    diagram,
    incident_views,
    open_incidents,
    read_path,
    rests_at,
    steps,
)
from tickets.reading.solution import Solution, solution_of
from tickets.reading.task_views import TaskView, current_task, task_views
from tickets.reading.wanting import found_wanting
from tickets.reading.work import Answers, Work, answers_of, is_visible, read_work
from tickets.standing import numbered, standing, standing_columns
from tickets.subjects import Subject
from tickets.ticket import OPEN, Status, Ticket
from tickets.types import TicketType, form_of

EVENT_LIMIT = 200
MOST_EVENTS = 2000


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
    solution: Solution | None
    steps: tuple[Step, ...]
    diagram: Diagram | None
    incidents: tuple[IncidentView, ...]
    awaited: tuple[Awaited, ...]
    """What comes by itself, where the process waits for it."""
    inside: bool
    verbs: frozenset[Verb]
    """What the reader may do with the ticket now (`tickets.policy`)."""
    reply_recipient: str
    may_look: bool
    """Whether they may look at what forms mark as sensitive; until they do, it is masked."""

    @property
    def undone(self) -> tuple[TaskView, ...]:
        """The open tasks that somebody has to do; not what asks the requester, or only waits beside others."""
        asks = self.ticket.requester
        open_ones = (task for task in self.tasks if not task.beside)
        return tuple(one for one in open_ones if one.assignee is None or asks is None or one.assignee.id != asks.id)

    @property
    def may_note(self) -> bool:
        return Verb.NOTE in self.verbs

    @property
    def asks_oneself(self) -> bool:
        """Whether whoever answers for it filed it, so that neither has anybody to write to."""
        asks, answers = self.ticket.requester, self.ticket.owner
        return asks is not None and answers is not None and asks.id == answers.id

    @property
    def may_reply(self) -> bool:
        return Verb.REPLY in self.verbs and not self.asks_oneself

    @property
    def may_ask(self) -> bool:
        return Verb.ASK in self.verbs and not self.asks_oneself

    @property
    def may_answer(self) -> bool:
        return Verb.ANSWER in self.verbs and not self.asks_oneself

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
    wanting = found_wanting(session, found.definition, ticket.instance_id) if held.inside else {}
    work = read_work(session, actor, ticket.instance_id, wanting=wanting)
    limit = max(1, min(events, MOST_EVENTS))
    timeline = newest_events(session, ticket.id, internal=held.inside, limit=limit + 1)
    people = everyone(session, _people_of(ticket) | work.people() | people_named(timeline))
    elements = elements_of(session, found.definition)
    oversees = actor.covers(Permission.DISPATCH, brand_id=ticket.brand_id, place_path=found.place.path)
    tasks = task_views(work, people, actor, elements, held, now=now, oversees=oversees)
    inner = _inner(session, actor, found, work, elements) if held.inside else _NOTHING
    head = head_of(session, found, people, now)
    told = timeline[-limit:]
    words = event_views(
        told, people, reader_id=actor.person_id, language=language or actor.language, inside=held.inside
    )
    answers = _start_answers(session, found, people) + answers_of(work, people, actor, inside=held.inside)
    return TicketPage(
        ticket=head,
        tasks=tasks,
        current_task=current_task(tasks),
        events=words,
        earlier_events=len(timeline) > limit,
        answers=answers,
        solution=solution_of(ticket.status, answers, words, requester_id=ticket.requester_id),
        steps=steps(ticket, _shown(work)),
        diagram=inner.diagram,
        incidents=inner.incidents,
        awaited=inner.awaited,
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


def _find(session: Session, actor: Actor, number: str) -> Found:
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
    return Found(ticket, ticket_type, definition, place, subject, held)


def _people_of(ticket: Ticket) -> set[int]:
    found = {ticket.requester_id, ticket.owner_id, ticket.filed_by_id}
    return {person_id for person_id in found if person_id is not None}


def _start_answers(session: Session, found: Found, people: Mapping[int, Who]) -> tuple[Answers, ...]:
    """What the ticket was filed with: of its data, only what that form asks for."""
    ticket = found.ticket
    if ticket.form_digest is None:
        return ()
    by = who(people, ticket.filed_by_id) or who(people, ticket.requester_id)
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
    awaited: tuple[Awaited, ...] = ()


_NOTHING = _Inner()


def _inner(session: Session, actor: Actor, found: Found, work: Work, elements: Elements) -> _Inner:
    incidents = open_incidents(session, found.ticket.instance_id)
    brand, path_here = found.ticket.brand_id, found.place.path
    views = incident_views(
        incidents, elements, lambda kind: may_retry(actor, kind, brand_id=brand, place_path=path_here)
    )
    path, stopped = read_path(session, found.ticket.instance_id), [incident.element for incident in incidents]
    drawn = diagram(
        found.definition.public_id, path, elements, tasks=[task.element for task in work.open], incidents=stopped
    )
    if not drawn.current and found.ticket.status in OPEN:
        drawn = replace(drawn, current=rests_at(session, found.ticket.instance_id, elements))
    goes_on = found.ticket.status in OPEN and found.ticket.status != Status.SUSPENDED
    waits = awaited(session, found.ticket.instance_id, elements, drawn.current) if goes_on else ()
    return _Inner(diagram=drawn, incidents=views, awaited=waits)
