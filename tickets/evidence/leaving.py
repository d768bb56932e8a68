"""Owns what stays undone when a ticket of a standard ends before its process: said before, counted as missing after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from engine.models import TaskStatus, UserTask
from tickets.access import Actor, visible_tickets
from tickets.evidence.wanted import is_mandatory
from tickets.standards.tables import Occurrence, StandardStep, StepRecord
from tickets.ticket import Ticket

STEP = "standardStep"
MOST = 50


@dataclass(frozen=True, slots=True)
class LeftStep:
    """A mandatory step that nobody has done."""

    name: str
    names: Mapping[str, str]


def left_undone(session: Session, actor: Actor, number: str) -> list[LeftStep]:
    """The mandatory steps that would be missing if the ticket ended now; none of a ticket of no standard.

    Of an occurrence all that are neither done nor waived, else those whose task is open. Two statements at most.
    """
    seen = (Ticket.number == number, visible_tickets(actor))
    recorded = (
        sa.select(Occurrence.id, StandardStep.name, StandardStep.names)
        .join(Ticket, Ticket.id == Occurrence.ticket_id)
        .join(StepRecord, StepRecord.occurrence_id == Occurrence.id)
        .join(StandardStep, StandardStep.id == StepRecord.step_id)
        .where(*seen, StepRecord.valid_to == NEVER, StepRecord.done_at.is_(None), StepRecord.waiver_id.is_(None))
        .where(StandardStep.mandatory, StandardStep.active)
        .order_by(StandardStep.position, StandardStep.id)
        .limit(MOST)
    )
    if found := session.execute(recorded).all():
        return [LeftStep(row.name, row.names) for row in found]
    waiting = (
        sa.select(UserTask.name, UserTask.names, UserTask.settings)
        .join(Ticket, Ticket.instance_id == UserTask.instance_id)
        .where(*seen, UserTask.status == TaskStatus.OPEN)
        .order_by(UserTask.id)
        .limit(MOST)
    )
    rows = session.execute(waiting).all()
    return [LeftStep(row.name, row.names) for row in rows if row.settings.get(STEP) and is_mandatory(row.settings)]
