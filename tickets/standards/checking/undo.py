"""Owns taking a failed verdict back: what was done counts as it did, and what was opened only to redo it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import StepInput, TaskStatus, UserTask
from engine.record import Stale
from engine.step import REOPEN
from tickets import changing
from tickets.access import Actor
from tickets.case import Case, case_of
from tickets.change import Change, Was, told
from tickets.life.ending import Ending, end
from tickets.runtime import Runtime
from tickets.standards.checking.done import done_of, words_of
from tickets.standards.checking.redone import KEY
from tickets.standards.checking.verdicts import counts_again, look, write_verdict
from tickets.standards.tables import StepRecord, Verdict
from tickets.task_lookup import was_of
from tickets.ticket import OPEN, Status, Ticket
from tickets.timeline import EventKind
from tickets.types import TicketType


def undo_redo(runtime: Runtime, actor: Actor, step_id: UUID, reason: str) -> None:
    """The verdict that it passed after all: it counts as done as it was, and a ticket opened only for it ends."""
    now = runtime.clock.now()
    with runtime.reading() as session:
        judged = look(session, actor, step_id)
        only_for_it = _opened_only_for_it(session, judged.current)
    if only_for_it is None:
        with runtime.writing() as session, session.begin():
            case = _correct(session, actor, step_id, reason, now)
            if case is not None:
                was = was_of(session, case.ticket_id)
                changing.write(
                    session, Change(was, now, actor, {}, [_corrected(session, was, actor, step_id, reason, now)])
                )
        return

    def find(session: Session) -> Case:
        case = case_of(session, Ticket.id == only_for_it)
        if case is None or _opened_only_for_it(session, look(session, actor, step_id).current) != only_for_it:
            raise Stale
        return case

    def also(session: Session, _case: Case, at: datetime) -> None:
        _correct(session, actor, step_id, reason, at)

    with runtime.reading() as session:
        params = words_of(session, look(session, actor, step_id), reason)
    end(runtime, actor, find, Ending(Status.CLOSED, EventKind.CHECK_CORRECTED, params, children_first=False, also=also))


def _correct(session: Session, actor: Actor, step_id: UUID, reason: str, now: datetime) -> Case | None:
    judged = look(session, actor, step_id, lock=True)
    if judged.current.done_at is not None:
        raise Stale
    done = done_of(session, judged)
    write_verdict(session, actor, judged, Verdict.PASSED, reason, now)
    counts_again(session, judged, now)
    return case_of(session, Ticket.id == done.ticket_id) if done is not None else None


def _corrected(session: Session, was: Was, actor: Actor, step_id: UUID, reason: str, now: datetime) -> dict[str, Any]:
    words = words_of(session, look(session, actor, step_id), reason)
    return told(was, EventKind.CHECK_CORRECTED, actor, now, public=False, **words)


def _opened_only_for_it(session: Session, current: StepRecord) -> int | None:
    """The ticket that was opened for this step alone, in which nothing has been done since."""
    if current.task_id is None:
        return None
    query = (
        sa.select(Ticket.id, TicketType.key, UserTask.instance_id)
        .join(UserTask, UserTask.instance_id == Ticket.instance_id)
        .join(TicketType, TicketType.id == Ticket.type_id)
        .where(UserTask.id == current.task_id, UserTask.status == TaskStatus.OPEN, Ticket.status.in_(_OPEN))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    last = sa.select(StepInput.kind).where(StepInput.instance_id == found.instance_id)
    reopened = session.scalar(last.order_by(StepInput.revision.desc()).limit(1)) == REOPEN
    return int(found.id) if reopened or found.key == KEY else None


_OPEN = sorted(OPEN)
