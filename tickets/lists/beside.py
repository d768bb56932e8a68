"""Owns what a list shows of its tickets besides their rows: who works on them, tags, subjects; a statement each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.models import TaskStatus, UserTask
from tickets.access import Actor, inside_tickets, visible_subjects
from tickets.family.models import Tag, TicketTag
from tickets.people import Person
from tickets.subjects import Subject
from tickets.ticket import Ticket

_WORKER = shared_alias(Person, "worker")


@dataclass(frozen=True, slots=True)
class Beside:
    """Of one ticket. `subject` is empty for who may not see it."""

    assignees: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    subject: str = ""
    urges: int = 0
    response_due: datetime | None = None


def beside(session: Session, actor: Actor, ids: Collection[int], columns: Collection[str]) -> Mapping[int, Beside]:
    """What these columns need, for every one of the tickets."""
    found = dict.fromkeys(ids, Beside())
    if not ids:
        return found
    for column, read in _READ.items():
        if column in columns:
            for ticket_id, values in read(session, actor, sorted(ids)).items():
                found[ticket_id] = replace(found[ticket_id], **values)
    return found


def _assignees(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    query = (
        sa.select(Ticket.id, _WORKER.name)
        .join(UserTask, UserTask.instance_id == Ticket.instance_id)
        .join(_WORKER, _WORKER.id == UserTask.assignee_id)
        .where(Ticket.id.in_(ids), UserTask.status == TaskStatus.OPEN, inside_tickets(actor))
        .order_by(UserTask.id)
    )
    return _gathered(session, query, "assignees")


def _tags(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    query = sa.select(TicketTag.ticket_id, Tag.name).join(Tag, Tag.id == TicketTag.tag_id)
    query = query.join(Ticket, Ticket.id == TicketTag.ticket_id)
    query = query.where(Ticket.id.in_(ids), inside_tickets(actor)).order_by(Tag.name)
    return _gathered(session, query, "tags")


def _subjects(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    query = sa.select(Ticket.id, Subject.name).join(Subject, Subject.id == Ticket.subject_id)
    rows = session.execute(query.where(Ticket.id.in_(ids), visible_subjects(actor)))
    return {ticket_id: {"subject": name} for ticket_id, name in rows}


def _urges(session: Session, _actor: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = session.execute(sa.select(Ticket.id, Ticket.urges).where(Ticket.id.in_(ids)))
    return {ticket_id: {"urges": urges} for ticket_id, urges in rows}


def _responses(session: Session, _actor: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    due = sa.case((Ticket.first_reply_at.is_(None), Ticket.response_due_at))
    rows = session.execute(sa.select(Ticket.id, due).where(Ticket.id.in_(ids)))
    return {ticket_id: {"response_due": moment} for ticket_id, moment in rows}


def _gathered(session: Session, query: sa.Select[int, str], column: str) -> dict[int, dict[str, Any]]:
    texts: dict[int, dict[str, None]] = {}
    for ticket_id, text in session.execute(query):
        texts.setdefault(ticket_id, {})[text] = None
    return {ticket_id: {column: tuple(each)} for ticket_id, each in texts.items()}


_READ = {
    "assignee": _assignees,
    "tags": _tags,
    "subject": _subjects,
    "urges": _urges,
    "response_due": _responses,
}
"""By the column that asks for it."""
