"""Owns saying that a ticket is resolved."""

from __future__ import annotations

from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, status_values, told
from tickets.life.ending import Ending, end, found_by
from tickets.life.following import close_later
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.ticket import Status
from tickets.timeline import EventKind


def resolve(runtime: Runtime, actor: Actor, number: str, why: str) -> bool:
    """Done, says the owner, and what was done; the requester confirms, or it closes by itself in a while.

    A ticket that nobody asked for (a standard, a timer or an event began it) is closed at once: in its status
    “awaiting confirmation” it would wait for somebody who does not exist. Whether it was; Conflict while tickets
    below it are open.
    """
    reason = checked_reason(why)
    if not _asked_for(runtime, actor, number):
        end(
            runtime,
            actor,
            found_by(actor, number, Verb.RESOLVE),
            Ending(Status.CLOSED, EventKind.CLOSED, {"why": reason}),
        )
        return True
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.RESOLVE), runtime.clock.now()
        was = Was.of(ticket)
        values = status_values(was, Status.RESOLVED, now)
        if ticket.requester_id is not None:
            values["first_reply_at"] = ticket.first_reply_at or now
        event = told(was, EventKind.RESOLVED, actor, now, public=True, why=reason)
        changing.write(session, Change(was, now, actor, values, [event]))
        close_later(session, was, now)
    return False


def _asked_for(runtime: Runtime, actor: Actor, number: str) -> bool:
    with runtime.reading() as session:
        return ticket_for(session, actor, number, Verb.RESOLVE, lock=False).requester_id is not None
