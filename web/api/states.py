"""Owns reading what the API gives: a ticket, a task, a page of tasks, each as the caller may see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session, undefer

from engine.database import shared_alias
from engine.expressions import N_, Message
from engine.models import ProcessDefinition, TaskStatus, UserTask
from tickets.access import inside_tickets, visible_subjects, visible_tickets
from tickets.actor import Actor
from tickets.errors import Invalid, NotFound
from tickets.inbox import View, inbox
from tickets.paging import read_cursor
from tickets.people import Person
from tickets.places import Place
from tickets.privacy.sensitive import may_look, note_look, sensitive_of
from tickets.rows import TaskRow, TicketRow
from tickets.standing import numbered, sees_inside
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.types import TicketType, form_of
from web.api.schemas import (
    CompletedTask,
    PersonRef,
    PlaceRef,
    SubjectKey,
    SubjectRef,
    TaskPage,
    TaskQuery,
    TaskRef,
    TaskState,
    TicketState,
    TypeRef,
)
from web.context import runtime
from web.language import named

_requester, _owner = shared_alias(Person), shared_alias(Person)
_TICKET = (
    sa.select(Ticket, TicketType, ProcessDefinition.version, Place, _requester, _owner, Subject)
    .join(TicketType, TicketType.id == Ticket.type_id)
    .join(ProcessDefinition, ProcessDefinition.id == Ticket.definition_id)
    .join(Place, Place.id == Ticket.place_id)
    .outerjoin(_requester, _requester.id == Ticket.requester_id)
    .outerjoin(_owner, _owner.id == Ticket.owner_id)
    .outerjoin(Subject, Subject.id == Ticket.subject_id)
    .options(undefer(Ticket.data))
)
_TASK = (
    sa.select(UserTask, Ticket.number, Ticket.title, Person)
    .join(Ticket, Ticket.instance_id == UserTask.instance_id)
    .outerjoin(Person, Person.id == UserTask.assignee_id)
)
"""Built once: most calls give one of these back, and building one costs more than running it."""


def ticket_state(actor: Actor, number: str) -> TicketState:
    """A ticket by its number. Raises NotFound, also when they may not see it."""
    inside = inside_tickets(actor).label("inside")
    query = _TICKET.add_columns(inside).where(numbered(number), visible_tickets(actor))
    with runtime().reading() as session:
        found = session.execute(query).one_or_none()
        if found is None:
            raise NotFound(N_("This ticket"))
        ticket, place, sees_inside = found[0], found[3], found[-1]
        data = ticket.data if sees_inside else _filed(session, ticket)
        hidden = _hidden(session, actor, ticket, place, data)
        return _written(found, data, hidden, list(_open_tasks(session, actor, ticket.instance_id, inside=sees_inside)))


def _written(found: Any, data: dict[str, Any], hidden: Collection[str], tasks: list[TaskRef]) -> TicketState:
    """A row of the query as the API gives it, without the data that are hidden."""
    ticket, kind, version, place, requester, owner, subject, _inside = found
    return TicketState(
        id=ticket.public_id,
        number=ticket.number,
        url=url_for("api.read", number=ticket.number),
        type=TypeRef(key=kind.key, name=named(kind.names, kind.name), version=version),
        title=ticket.title,
        status=ticket.status,
        priority=ticket.priority,
        requester=_person(requester),
        owner=_person(owner),
        place=PlaceRef(id=place.public_id, name=named(place.names, place.name)),
        subject=_subject(subject),
        data={name: value for name, value in data.items() if name not in hidden},
        hidden=sorted(hidden),
        tasks=tasks,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        due_at=ticket.due,
        accepted_at=ticket.accepted_at,
        first_reply_at=ticket.first_reply_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
    )


def task_state(actor: Actor, task_id: UUID) -> TaskState:
    """A task of a ticket they see. Raises NotFound."""
    with runtime().reading() as session:
        return TaskState(**_task(session, actor, task_id)[0])


def completed_task(actor: Actor, task_id: UUID) -> CompletedTask:
    """A task that they have completed, and what is open on its ticket now. Raises NotFound."""
    with runtime().reading() as session:
        facts, task, inside = _task(session, actor, task_id)
        return CompletedTask(**facts, next=list(_open_tasks(session, actor, task.instance_id, inside=inside)))


def _task(session: Session, actor: Actor, task_id: UUID) -> tuple[dict[str, Any], UserTask, bool]:
    """What is said of a task, and whether they see the inside of its ticket. Raises NotFound."""
    query = _TASK.add_columns(sees_inside(actor)).where(UserTask.public_id == task_id, visible_tickets(actor))
    found = session.execute(query).one_or_none()
    if found is None or not (found[4] or _shown_outside(actor, found[0])):
        raise NotFound(N_("This task"))
    task, number, title, assignee, inside = found
    said = {
        "id": task.public_id,
        "name": named(task.names, task.name),
        "ticket": number,
        "title": title,
        "status": task.status,
        "assignee": _person(assignee),
        "due_at": task.due,
        "opened_at": task.opened_at,
    }
    return said, task, inside


def task_page(actor: Actor, wanted: TaskQuery) -> TaskPage:
    """The caller's open tasks, or those they may claim, soonest due first. Raises Invalid for a cursor nobody gave."""
    if wanted.cursor is not None and read_cursor(wanted.cursor) is None:
        raise Invalid(Message(N_("The cursor is none that a page gave; start from the first page.")))
    view = View.MINE if wanted.assigned == "me" else View.ROLES
    with runtime().reading() as session:
        page = inbox(session, actor, view=view, cursor=wanted.cursor, limit=wanted.limit)
    items = [_listed(actor, row.ticket, row.task) for row in page.rows if row.task is not None]
    return TaskPage(items=items, next_cursor=page.next_cursor)


def subject_id(actor: Actor, about: UUID | SubjectKey | None) -> UUID | None:
    """The id of the subject a ticket is about, however it was named. Raises NotFound."""
    if not isinstance(about, SubjectKey):
        return about
    query = sa.select(Subject.public_id).where(
        Subject.kind == about.kind, Subject.external_id == about.external_id, visible_subjects(actor)
    )
    with runtime().reading() as session:
        found = session.scalars(query.limit(2)).all()
    if len(found) != 1:
        raise NotFound(N_("This subject"))
    return found[0]


def _listed(actor: Actor, ticket: TicketRow, task: TaskRow) -> TaskState:
    """A row of the caller's own list, so whoever it is assigned to is the caller."""
    return TaskState(
        id=task.public_id,
        name=named(task.names, task.name),
        ticket=ticket.number,
        title=ticket.title,
        status=TaskStatus.OPEN,
        assignee=PersonRef(id=actor.public_id, name=actor.name) if task.assignee else None,
        due_at=task.due,
        opened_at=task.opened_at,
    )


def _open_tasks(session: Session, actor: Actor, instance_id: int, *, inside: bool) -> Iterable[TaskRef]:
    """The open tasks; from outside only those meant for the requester to see or do."""
    query = (
        sa.select(UserTask, Person)
        .outerjoin(Person, Person.id == UserTask.assignee_id)
        .where(UserTask.instance_id == instance_id, UserTask.status == TaskStatus.OPEN)
        .order_by(UserTask.id)
    )
    for task, assignee in session.execute(query):
        if inside or _shown_outside(actor, task):
            name = named(task.names, task.name)
            yield TaskRef(id=task.public_id, name=name, assignee=_person(assignee), due_at=task.due)


def _shown_outside(actor: Actor, task: UserTask) -> bool:
    """Whether a task is for those to see who see their ticket only from outside."""
    return task.settings.get("visible") == "true" or task.assignee_id == actor.person_id


def _filed(session: Session, ticket: Ticket) -> dict[str, Any]:
    """What the requester gave: the values of the form it was filed with, none that the staff added."""
    if ticket.form_digest is None:
        return {}
    asked = form_of(session, ticket.form_digest).names
    return {name: value for name, value in ticket.data.items() if name in asked}


def _hidden(session: Session, actor: Actor, ticket: Ticket, place: Place, data: dict[str, Any]) -> frozenset[str]:
    """The sensitive names of the data that the caller is not given; who is given some has looked, which is audited."""
    if ticket.requester_id == actor.person_id:
        return frozenset()
    names = sensitive_of(session, ticket.id) & data.keys()
    if not names or not may_look(actor, brand_id=ticket.brand_id, place_path=place.path):
        return names
    session.rollback()
    with runtime().writing() as writing, writing.begin():
        note_look(writing, actor, ticket.number, names, brand_id=ticket.brand_id, runtime=runtime())
    return frozenset()


def _person(person: Person | None) -> PersonRef | None:
    return PersonRef(id=person.public_id, name=person.name) if person else None


def _subject(subject: Subject | None) -> SubjectRef | None:
    if subject is None:
        return None
    return SubjectRef(id=subject.public_id, kind=subject.kind, external_id=subject.external_id, name=subject.name)
