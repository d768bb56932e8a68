"""Owns saying that a ticket is resolved."""

from __future__ import annotations

from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, status_values, told
from tickets.life.following import close_later
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.ticket import Status
from tickets.timeline import EventKind


def resolve(runtime: Runtime, actor: Actor, number: str, why: str) -> None:
    """Done, says the owner, and what was done; the requester confirms, or it closes by itself in a while."""
    reason = checked_reason(why)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.RESOLVE), runtime.clock.now()
        was = Was.of(ticket)
        values = status_values(was, Status.RESOLVED, now)
        if ticket.requester_id is not None:
            values["first_reply_at"] = ticket.first_reply_at or now
        event = told(was, EventKind.RESOLVED, actor, now, public=True, why=reason)
        changing.write(session, Change(was, now, actor, values, [event]))
        close_later(session, was, now)
