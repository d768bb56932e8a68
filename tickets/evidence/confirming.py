"""Owns confirmations (旁证): a second person says that a step was done, and is asked to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.models import TaskStatus
from tickets import changing
from tickets.access import Actor
from tickets.assigning.sharing import ask_to
from tickets.at_hand import closed, must_see, read_task
from tickets.cause import UserTaskFacts
from tickets.change import Change, told
from tickets.errors import Conflict, Forbidden, Invalid
from tickets.evidence.wanted import CONFIRMATION, wanted_of
from tickets.inserts import insert_unless_there
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.shares import ShareKind, TaskShare
from tickets.standards.tables import Confirmation
from tickets.task_lookup import hold, was_of
from tickets.timeline import EventKind

LONGEST_NOTE = 500
NOT_ASKED = N_("This step needs no confirmation.")
OWN = N_("Whoever does a step doesn't confirm it; ask a colleague to.")
CLIENT = N_("Only a person confirms that a step was done.")


def confirm(runtime: Runtime, actor: Actor, task_id: UUID, note: str = "") -> str:
    """Say that the open step was done; the ticket's number. Said twice it counts once.

    By anybody who sees the ticket's task and is not its assignee. Raises NotFound, Forbidden, TaskClosed, Conflict.
    """
    text, now = note.strip(), runtime.clock.now()
    if len(text) > LONGEST_NOTE:
        raise Invalid(Message(N_("Shorten this to %(limit)d characters"), {"limit": LONGEST_NOTE}))
    with runtime.writing() as session, session.begin():
        found = read_task(session, task_id)
        task, case = found.task, found.case
        must_see(session, actor, case, task)
        if task.status != TaskStatus.OPEN:
            raise closed(session, found)
        _check(session, actor, task)
        hold(session, task)
        was = was_of(session, case.ticket_id)
        row = {"brand_id": case.site.brand_id, "task_id": task.id, "person_id": actor.person_id}
        if insert_unless_there(session, Confirmation, **row, note=text, at=now):
            _answer(session, actor, task, now)
            params = {**task.label(), "why": text} if text else task.label()
            event = told(was, EventKind.VOUCHED, actor, now, public=False, **params)
            changing.write(session, Change(was, now, actor, {}, [event]))
        return case.number


def take_back(runtime: Runtime, actor: Actor, task_id: UUID) -> str:
    """One's own word does not stand any more, while the step is open; the ticket's number. Twice is fine.

    Raises NotFound, TaskClosed.
    """
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        found = read_task(session, task_id)
        task, case = found.task, found.case
        must_see(session, actor, case, task)
        if task.status != TaskStatus.OPEN:
            raise closed(session, found)
        hold(session, task)
        was = was_of(session, case.ticket_id)
        mine = sa.and_(Confirmation.task_id == task.id, Confirmation.person_id == actor.person_id)
        if session.connection().execute(sa.delete(Confirmation).where(mine)).rowcount:
            event = told(was, EventKind.VOUCH_TAKEN_BACK, actor, now, public=False, **task.label())
            changing.write(session, Change(was, now, actor, {}, [event]))
        return case.number


def ask(runtime: Runtime, actor: Actor, task_id: UUID, people: Sequence[int], note: str = "") -> str:
    """Ask colleagues to confirm: each sees the ticket's inside until they have, or the step is done; its number.

    Raises what a task's verb does, and Invalid for whoever can't confirm.
    """
    return ask_to(runtime, actor, task_id, people, note.strip()[:LONGEST_NOTE], check=_check_wanted)


def _check(session: Session, actor: Actor, task: UserTaskFacts) -> None:
    _check_wanted(task)
    if task.assignee_id == actor.person_id:
        raise Forbidden(Message(OWN))
    if session.scalar(sa.select(Person.is_client).where(Person.id == actor.person_id)):
        raise Forbidden(Message(CLIENT))


def _check_wanted(task: UserTaskFacts) -> None:
    if CONFIRMATION not in wanted_of(task.settings):
        raise Conflict(Message(NOT_ASKED))


def _answer(session: Session, actor: Actor, task: UserTaskFacts, now: datetime) -> None:
    """Who was asked to confirm is asked no more."""
    asked = (TaskShare.task_id == task.id, TaskShare.person_id == actor.person_id)
    mine = sa.update(TaskShare).where(*asked, TaskShare.kind == ShareKind.CONFIRM, TaskShare.closed_at.is_(None))
    session.connection().execute(mine.values(closed_at=now))
