"""Owns counting the clocks of open tickets anew, when a policy, a calendar or a closure has changed: by a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from tickets import changing
from tickets.change import Change, Was
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.service import clocks
from tickets.service.following import move_tasks
from tickets.service.policies import file_settings, terms_of
from tickets.service.working import Calendars, touch
from tickets.ticket import ENDED, Status, Ticket

JOB = "service.recount"
AT_ONCE = 50
Files = dict[int, tuple[str, Mapping[str, str]]]
_LIVE = tuple(status.value for status in Status if status not in ENDED and status is not Status.RESOLVED)


def recount_later(session: Session, runtime: Runtime, *, place_id: int) -> None:
    """In the transaction of a change: lets every process look again, and the tickets of that place be counted anew."""
    version = touch(session)
    args = {"place_id": place_id, "after": 0}
    jobs.enqueue(session, JOB, args, run_at=runtime.clock.now(), key=f"{JOB}:{version}:0")


def look_again(runtime: Runtime) -> None:
    """After a change was committed: this process need not wait to notice it."""
    if isinstance(runtime.calendars, Calendars):
        runtime.calendars.forget()


def recount(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job: a stretch of the tickets, then a job for the next one. What is met, missed or paused stays so."""
    look_again(runtime)
    with runtime.writing() as session, session.begin():
        tickets = list(session.scalars(_stretch(session, args)))
        files: Files = {}
        for ticket in tickets:
            _recount(session, runtime, ticket, files)
        if len(tickets) == AT_ONCE:
            following = {**args, "after": tickets[-1].id}
            jobs.enqueue(session, JOB, following, run_at=runtime.clock.now())


def _stretch(session: Session, args: Mapping[str, Any]) -> sa.Select[Ticket]:
    path = session.scalar(sa.select(Place.path).where(Place.id == args["place_id"])) or "/"
    there = sa.select(Place.id).where(Place.path.startswith(path))
    query = sa.select(Ticket).where(Ticket.place_id.in_(there), Ticket.status.in_(_LIVE), Ticket.id > args["after"])
    return query.order_by(Ticket.id).limit(AT_ONCE).with_for_update()


def _recount(session: Session, runtime: Runtime, ticket: Ticket, files: Files) -> None:
    was, now = Was.of(ticket), runtime.clock.now()
    if was.definition_id not in files:
        files[was.definition_id] = file_settings(session, was.definition_id)
    type_key, settings = files[was.definition_id]
    found = clocks.clocks_of(session, was.id)
    held = clocks.tally(session, was, found)
    whose = {"brand_id": was.brand_id, "root_id": held.root_id}
    terms = terms_of(session, type_key=type_key, priority=was.priority, file=settings, **whose)
    before = {clock.kind: (clock.due_at, clock.left, clock.span) for clock in found}
    if not found and not terms.spans:
        return
    clocks.take_terms(session, held, terms)
    values = clocks.count(session, held, status=Status(was.status), replied=was.first_reply_at, at=now)
    _warn_again(session, held)
    session.flush()
    clocks.set_deadlines(session, held)
    if before == {clock.kind: (clock.due_at, clock.left, clock.span) for clock in held.clocks.values()}:
        return
    change = Change(was, now, None, values)
    changing.write(session, change)
    if change.changes("due_at"):
        move_tasks(session, was, change.now("due_at"))


def _warn_again(session: Session, held: clocks.Tally) -> None:
    """Whoever was warned is warned again where the new warning lies later than that."""
    for clock in held.clocks.values():
        if clock.outcome is None and clock.warned_at is not None:
            warned, clock.warned_at = clock.warned_at, None
            later = [moment for _, moment in clocks.next_deadline(clock, held.course(session, clock))]
            if not later or later[0] <= warned:
                clock.warned_at = warned
