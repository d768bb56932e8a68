"""Owns pausing a ticket: suspended with a reason and until when, and going on again, by hand or by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing, deadlines
from tickets.access import Actor
from tickets.change import Change, Was, status_values, told
from tickets.deadlines import DeadlineKind, Due
from tickets.errors import Invalid
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind

LONGEST = timedelta(days=366)


def suspend(runtime: Runtime, actor: Actor, number: str, why: str, until: datetime | None = None) -> None:
    """Nothing is expected of anybody until it is resumed, at `until` by itself; the requester sees why."""
    reason, now = checked_reason(why), runtime.clock.now()
    _check(until, now)
    with runtime.writing() as session, session.begin():
        ticket = ticket_for(session, actor, number, Verb.SUSPEND)
        was = Was.of(ticket)
        values = {**status_values(was, Status.SUSPENDED, now), "suspended_until": until}
        moment = until.isoformat() if until else None
        event = told(was, EventKind.SUSPENDED, actor, now, public=True, why=reason, until_at=moment)
        changing.write(session, Change(was, now, actor, values, [event]))
        if until is not None:
            deadlines.put(session, DeadlineKind.RESUME, until, ticket_id=was.id, brand_id=was.brand_id)


def resume(runtime: Runtime, actor: Actor, number: str) -> None:
    """A suspended ticket, or one that waits for its requester, goes on."""
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.RESUME), runtime.clock.now()
        _resume(session, actor, Was.of(ticket), now)


def resume_due(runtime: Runtime, due: Due) -> None:
    """The moment until which it was suspended has come."""
    with runtime.writing() as session, session.begin():
        if not deadlines.take(session, due):
            return
        ticket = session.scalars(sa.select(Ticket).where(Ticket.id == due.ticket_id).with_for_update()).one()
        if ticket.status == Status.SUSPENDED:
            _resume(session, None, Was.of(ticket), runtime.clock.now())


def going_on(was: Was, at: datetime) -> dict[str, Any]:
    """The columns of a ticket that somebody works on again; one without an owner waits for a dispatcher."""
    if was.owner_id is None:
        return {**status_values(was, Status.UNASSIGNED, at), "dispatch_at": was.dispatch_at or at}
    return status_values(was, Status.IN_PROGRESS, at)


def _resume(session: Session, actor: Actor | None, was: Was, now: datetime) -> None:
    event = told(was, EventKind.RESUMED, actor, now, public=True)
    changing.write(session, Change(was, now, actor, going_on(was, now), [event]))


def _check(until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise Invalid(Message(N_("The moment to resume has passed; choose a later one.")))
    if until is not None and until > now + LONGEST:
        raise Invalid(Message(N_("The moment to resume is more than a year away; choose an earlier one.")))
