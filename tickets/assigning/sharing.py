"""Owns sharing a task: asking others for advice, which comes back, and having others help with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.assigning.fitness import check_works
from tickets.cause import UserTaskFacts
from tickets.change import Change, told
from tickets.conversation import checked_body
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.runtime import Runtime
from tickets.shares import ShareKind, TaskShare
from tickets.task_lookup import HeldTask, task_for
from tickets.task_policy import TaskVerb, task_refusal
from tickets.timeline import EventKind

MOST = 20
"""People that one task is shared with at a time."""


def consult(runtime: Runtime, actor: Actor, task_id: UUID, people: Sequence[int], question: str) -> str:
    """Ask people for advice: each sees the ticket's inside and answers once. Gives the ticket's number."""
    text, now = checked_body(question), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.CONSULT)
        _share(session, held, actor, ShareKind.CONSULT, people, now, question=text)
        events = [
            told(held.was, EventKind.CONSULTED, actor, now, public=False, body=text, **held.task.label(), to_id=each)
            for each in people
        ]
        changing.write(session, Change(held.was, now, actor, {}, events))
        return held.case.number


def advise(runtime: Runtime, actor: Actor, task_id: UUID, answer: str) -> str:
    """Give the advice that was asked for; who asked is told, and the question is answered."""
    text, now = checked_body(answer), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.ADVISE)
        asked = _open_share(session, held, ShareKind.CONSULT, actor.person_id)
        _close(session, asked, now, answer=text)
        params = {**held.task.label(), "to_id": asked.by_id}
        event = told(held.was, EventKind.ADVISED, actor, now, public=False, body=text, **params)
        changing.write(session, Change(held.was, now, actor, {}, [event]))
        return held.case.number


def add_helpers(runtime: Runtime, actor: Actor, task_id: UUID, people: Sequence[int]) -> str:
    """Have people help: they see the task in their inbox, draft, note and complete it, but don't pass it on."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.HELP)
        _share(session, held, actor, ShareKind.HELP, people, now)
        label = held.task.label()
        events = [told(held.was, EventKind.JOINED, actor, now, public=False, **label, to_id=each) for each in people]
        changing.write(session, Change(held.was, now, actor, {}, events))
        return held.case.number


def ask_to(
    runtime: Runtime,
    actor: Actor,
    task_id: UUID,
    people: Sequence[int],
    note: str,
    *,
    check: Callable[[UserTaskFacts], None],
) -> str:
    """Ask people to confirm that the step was done (`tickets.evidence.confirming`); `check` says whether it may be."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        held = task_for(session, actor, task_id, TaskVerb.ASK_CONFIRMATION)
        check(held.task)
        _share(session, held, actor, ShareKind.CONFIRM, people, now, question=note)
        label = {**held.task.label(), **({"why": note} if note else {})}
        kind = EventKind.ASKED_TO_VOUCH
        events = [told(held.was, kind, actor, now, public=False, **label, to_id=each) for each in people]
        changing.write(session, Change(held.was, now, actor, {}, events))
        return held.case.number


def withdraw(runtime: Runtime, actor: Actor, task_id: UUID, share_id: UUID) -> str:
    """Take back a question, or end somebody's help: by who asked, by whoever works on the task, or by the helper."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        share = _shared(session, share_id)
        verb = _WHO_ENDS[ShareKind(share.kind)]
        mine = share.kind == ShareKind.HELP and share.person_id == actor.person_id
        held = task_for(session, actor, task_id, TaskVerb.LEAVE if mine else verb)
        if share.task_id != held.task.id:
            raise NotFound(N_("This question"))
        if share.kind == ShareKind.CONSULT and actor.person_id not in (share.by_id, held.task.assignee_id):
            raise Forbidden(Message(task_refusal(verb, held.relations)))
        _close(session, share, now)
        params = {**held.task.label(), _LEFT[ShareKind(share.kind)]: share.person_id}
        event = told(held.was, EventKind.UNSHARED, actor, now, public=False, **params)
        changing.write(session, Change(held.was, now, actor, {}, [event]))
        return held.case.number


_LEFT = {ShareKind.CONSULT: "to_id", ShareKind.HELP: "helper_id", ShareKind.CONFIRM: "to_id"}
_WHO_ENDS = {
    ShareKind.CONSULT: TaskVerb.CONSULT,
    ShareKind.HELP: TaskVerb.HELP,
    ShareKind.CONFIRM: TaskVerb.ASK_CONFIRMATION,
}


def _share(
    session: Session,
    held: HeldTask,
    actor: Actor,
    kind: ShareKind,
    people: Sequence[int],
    now: datetime,
    **more: Any,
) -> None:
    if not people:
        raise Invalid(Message(N_("Choose somebody first: type a part of their name.")))
    of_task = (TaskShare.task_id == held.task.id, TaskShare.closed_at.is_(None))
    there = session.execute(sa.select(TaskShare.person_id, TaskShare.kind).where(*of_task)).all()
    if len(there) + len(people) > MOST:
        raise Invalid(Message(N_("A task is shared with at most %(most)s people at once."), {"most": MOST}))
    for person_id in people:
        person = check_works(session, held.was, person_id)
        if person_id in (actor.person_id, held.task.assignee_id):
            raise Invalid(Message(N_("%(name)s works on this task already."), {"name": person.name}))
        if (person_id, kind) in {(row.person_id, row.kind) for row in there}:
            raise Conflict(Message(_TWICE[kind], {"name": person.name}))
    rows = [
        {"brand_id": held.was.brand_id, "ticket_id": held.was.id, "task_id": held.task.id, "kind": kind.value}
        | {"person_id": person_id, "by_id": actor.person_id, "at": now, **more}
        for person_id in people
    ]
    session.connection().execute(sa.insert(TaskShare), rows)


_TWICE = {
    ShareKind.CONSULT: N_("%(name)s has been asked and has not answered yet."),
    ShareKind.HELP: N_("%(name)s helps with this task already."),
    ShareKind.CONFIRM: N_("%(name)s has been asked to confirm and has not yet."),
}


def _shared(session: Session, share_id: UUID) -> TaskShare:
    share = session.scalar(sa.select(TaskShare).where(TaskShare.public_id == share_id))
    if share is None:
        raise NotFound(N_("This question"))
    return share


def _open_share(session: Session, held: HeldTask, kind: ShareKind, person_id: int) -> TaskShare:
    wanted = (TaskShare.task_id == held.task.id, TaskShare.kind == kind, TaskShare.person_id == person_id)
    found = session.scalar(sa.select(TaskShare).where(*wanted, TaskShare.closed_at.is_(None)).limit(1))
    if found is None:  # closed between the two statements
        raise Conflict(Message(_CLOSED))
    return found


def _close(session: Session, share: TaskShare, now: datetime, **values: Any) -> None:
    """Raises Conflict when it is closed already."""
    mine = sa.update(TaskShare).where(TaskShare.id == share.id, TaskShare.closed_at.is_(None))
    if session.connection().execute(mine.values(closed_at=now, **values)).rowcount != 1:
        raise Conflict(Message(_CLOSED))


_CLOSED = N_("This has been answered or taken back before; load the ticket again.")
