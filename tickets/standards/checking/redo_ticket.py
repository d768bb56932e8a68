"""Owns the ticket in which a step is done again whose own process can't be taken up: below the one it was done in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.database import NEVER
from engine.models import UserTask
from engine.record import Stale
from tickets import changing
from tickets.access import Actor
from tickets.at_start import MAX_TITLE
from tickets.attaching import names_files
from tickets.case import About, Site, about, site_of
from tickets.change import Change, told
from tickets.filing import Filing, start_ticket
from tickets.notices.audience import HEARD
from tickets.numbers import next_number
from tickets.people import Person
from tickets.roles import queue_of_person
from tickets.runtime import Runtime, calendar_of
from tickets.standards.checking.done import Done, done_of, opened, words_of
from tickets.standards.checking.redo_type import TASK, redo_type
from tickets.standards.checking.verdicts import Judged, begin_again, look, write_verdict
from tickets.standards.dates import Dates
from tickets.standards.tables import Occurrence, Standard, StepRecord, Verdict
from tickets.subjects import Subject
from tickets.task_lookup import was_of
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind
from tickets.types import TicketType


def in_a_ticket(runtime: Runtime, actor: Actor, step_id: UUID, reason: str) -> None:
    """The verdict that it failed, and a ticket whose only task is the step: its name, form and rules, for its doer."""
    kind = redo_type(runtime)
    number = next_number(runtime, kind.prefix)
    with runtime.reading() as session:
        judged = look(session, actor, step_id)
        done = done_of(session, judged)
        filing = _filing(session, judged, done, kind, number)
    kept = dict[str, StepRecord]()

    def first(session: Session) -> None:
        held, now = look(session, actor, step_id, lock=True), runtime.clock.now()
        if held.redone:
            raise Stale
        write_verdict(session, actor, held, Verdict.FAILED, reason, now)
        kept["again"] = begin_again(session, held, now)

    def last(session: Session, ticket_id: int) -> None:
        words = words_of(session, judged, reason)
        _as_the_step(session, judged, done, kept["again"], ticket_id)
        _tied(session, actor, done, ticket_id, kept["again"], {**words, "redo": number})

    start_ticket(runtime, actor, replace(filing, write_first=first, write_last=last))


def _filing(session: Session, judged: Judged, done: Done | None, kind: TicketType, number: str) -> Filing:
    site, subject, data = _where(session, judged, done)
    return Filing(
        kind=kind,
        site=site,
        requester=None,
        subject=subject,
        data=data,
        title=_title(judged, subject),
        start_id=None,
        number=number,
        public=False,
    )


def _title(judged: Judged, subject: About | None) -> str:
    """Whose step it is and which: the name as drawn may hold two languages, so it is the Chinese one."""
    step = dict(judged.step.names).get("zh") or judged.step.name
    return f"{subject.name} {step}"[:MAX_TITLE] if subject is not None else step[:MAX_TITLE]


def _where(session: Session, judged: Judged, done: Done | None) -> tuple[Site, About | None, dict[str, Any]]:
    """The occurrence's place and subject, and what its ticket knows but for its files: the step's form may ask by that.

    Files stay with the ticket they were sent with; the step is to be proved anew.
    """
    place_id, subject_id = session.execute(
        sa.select(Occurrence.place_id, Occurrence.subject_id).where(Occurrence.id == judged.drawn.occurrence_id)
    ).one()
    found = about(session, Subject.id == subject_id)
    ticket = session.get(Ticket, done.ticket_id, options=[undefer(Ticket.data)]) if done is not None else None
    known = ticket.data if ticket is not None else {}
    data = {name: value for name, value in known.items() if not names_files(value)}
    return site_of(session, place_id), found[0] if found else None, data


def _as_the_step(session: Session, judged: Judged, done: Done | None, again: StepRecord, ticket_id: int) -> None:
    """The task is the step's: what it is called, asks for and demands; it waits for who did it, if they are there.

    It is due the step's span from now on; its record keeps when the step was due.
    """
    instance_id = session.scalars(sa.select(Ticket.instance_id).where(Ticket.id == ticket_id)).one()
    now = again.valid_from
    due_at = _due_anew(session, again, now)
    settings = dict(done.settings) if done is not None else {}
    values: dict[str, Any] = {"settings": settings | {"standardStep": judged.step.key}, "due_at": due_at}
    values |= {"name": judged.step.name, "names": dict(judged.step.names)}
    if done is not None:
        values["form_digest"] = done.form_digest
    doer = _doer(session, judged)
    if doer is not None:
        values |= {"assignee_id": doer, "claimed_at": now, "queue_key": queue_of_person(session, doer)}
    mine = sa.update(UserTask).where(UserTask.instance_id == instance_id, UserTask.element == TASK)
    session.connection().execute(mine.values(**values))
    opened(session, again, instance_id, TASK, now)


def _due_anew(session: Session, again: StepRecord, now: datetime) -> datetime:
    standard = session.get_one(Standard, again.standard_id)
    dates = Dates(session, partial(calendar_of, session), standard)
    return dates.due(now, again.place_id, site_of(session, again.place_id).zone).get(again.step_id, NEVER)


def _tied(
    session: Session, actor: Actor, done: Done | None, ticket_id: int, again: StepRecord, words: Mapping[str, Any]
) -> None:
    """It is below the ticket that the step was done in; both timelines tell why, and so the people are told.

    It is theirs from the moment it was filed in: of one moment each hears one thing, that it failed.
    """
    now = again.valid_from
    was = was_of(session, ticket_id)
    filed_at = session.scalars(sa.select(Ticket.created_at).where(Ticket.id == ticket_id)).one()
    values: dict[str, Any] = {}
    doer = session.get(Person, words.get("to_id")) if words.get("to_id") else None
    if doer is not None and doer.departed_at is None:
        values = {"owner_id": doer.id, "accepted_at": filed_at, "status": Status.IN_PROGRESS, "dispatch_at": None}
    here = {name: value for name, value in words.items() if name != "redo"}
    events = [told(was, EventKind.CHECK_FAILED, actor, filed_at, public=False, **here)]
    if done is not None:
        above = was_of(session, done.ticket_id)
        values["parent_id"] = above.id
        events.append(told(was, EventKind.LINKED, actor, filed_at, public=False, parent=above.number))
        # only on the timeline of these: they hear of it by the ticket that waits for them
        there = {name: value for name, value in words.items() if not name.endswith("_id")}
        there[HEARD] = [words[name] for name in ("to_id", "superior_id") if words.get(name)]
        event = told(above, EventKind.CHECK_FAILED, actor, now, public=False, **there)
        changing.write(session, Change(above, now, actor, {}, [event]))
    changing.write(session, Change(was, filed_at, actor, values, events))


def _doer(session: Session, judged: Judged) -> int | None:
    there = sa.select(Person.id).where(Person.id == judged.drawn.done_by_id, Person.departed_at.is_(None))
    return session.scalar(there)
