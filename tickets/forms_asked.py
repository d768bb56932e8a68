"""Owns what a ticket was asked by forms so far: its start form, the forms of its finished tasks, and its data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskStatus, UserTask
from forms import Form
from tickets.ticket import Ticket
from tickets.types import form_of


@dataclass(frozen=True, slots=True)
class FormsAsked:
    """The forms that filled one ticket's data, the start form (True) first."""

    ticket_id: int
    data: Mapping[str, Any]
    forms: tuple[tuple[Form, bool], ...]


def forms_asked(session: Session, ticket_ids: Collection[int]) -> list[FormsAsked]:
    """Of several tickets, in two statements; forms are read once per process."""
    ids = sorted(ticket_ids)
    tickets = session.execute(
        sa.select(Ticket.id, Ticket.instance_id, Ticket.form_digest, Ticket.data).where(Ticket.id.in_(ids))
    ).all()
    tasks = session.execute(
        sa.select(UserTask.instance_id, UserTask.form_digest)
        .where(
            UserTask.instance_id.in_([row.instance_id for row in tickets]),
            UserTask.status == TaskStatus.COMPLETED,
            UserTask.form_digest.is_not(None),
        )
        .distinct()
    ).all()
    found = []
    for ticket_id, instance_id, digest, data in tickets:
        start = [(form_of(session, digest), True)] if digest else []
        done = [(form_of(session, task.form_digest), False) for task in tasks if task.instance_id == instance_id]
        found.append(FormsAsked(ticket_id, data, (*start, *done)))
    return found
