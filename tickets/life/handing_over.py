"""Owns passing on who answers for a ticket: handed over to somebody, or declined by whom it was offered to."""

from __future__ import annotations

from tickets import changing, deadlines
from tickets.access import Actor
from tickets.assigning.fitness import check_answers
from tickets.assigning.offers import goes_on
from tickets.change import Change, Was, told
from tickets.conversation import accepted
from tickets.deadlines import DeadlineKind
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.timeline import EventKind


def hand_over(runtime: Runtime, actor: Actor, number: str, to_id: int, why: str = "") -> None:
    """Somebody else answers for the ticket from now on; the requester sees who. Its tasks stay with their people.

    Raises Invalid for one who can't: departed, no staff, not of its place.
    """
    reason = checked_reason(why, needed=False)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.HAND_OVER), runtime.clock.now()
        was = Was.of(ticket)
        if was.owner_id == to_id:
            return
        check_answers(session, was, to_id)
        values = {**accepted(was, to_id, now), "dispatch_at": None}
        event = told(was, EventKind.OWNER, actor, now, public=True, from_id=was.owner_id, to_id=to_id)
        events = [event]
        if reason:
            events.append(told(was, EventKind.NOTED, actor, now, public=False, body=reason))
        changing.write(session, Change(was, now, actor, values, events))
        deadlines.drop(session, was.id, DeadlineKind.ACCEPT)


def decline(runtime: Runtime, actor: Actor, number: str, why: str) -> None:
    """Not theirs to take: it goes on to the next whom the rules find, else to the dispatch queue."""
    reason = checked_reason(why)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.DECLINE), runtime.clock.now()
        was = Was.of(ticket)
        on = goes_on(session, runtime, was, now)
        event = told(was, EventKind.DECLINED, actor, now, public=False, why=reason)
        changing.write(session, Change(was, now, actor, on.values, [event, *on.events]))
