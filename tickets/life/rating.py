"""Owns rating: the requester says once how the ticket was handled."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, told
from tickets.errors import Conflict, Invalid
from tickets.inserts import insert_unless_there
from tickets.life.models import TicketRating
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.timeline import EventKind

MOST_STARS = 5


def rate(runtime: Runtime, actor: Actor, number: str, stars: int, body: str = "") -> None:
    """1 to 5 stars and a few words; the same once more changes nothing. Raises Invalid; Conflict for another one."""
    if not 1 <= stars <= MOST_STARS:
        raise Invalid(Message(N_("Give 1 to 5 stars.")))
    words = checked_reason(body, needed=False)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.RATE), runtime.clock.now()
        given = rating_of(session, ticket.id)
        if given is not None and (given.stars, given.body) == (stars, words):
            return
        row = {"brand_id": ticket.brand_id, "person_id": actor.person_id, "stars": stars, "body": words, "at": now}
        if given is not None or not insert_unless_there(session, TicketRating, ticket_id=ticket.id, **row):
            raise Conflict(Message(N_("You have rated this ticket before; it stays as it is.")))
        was = Was.of(ticket)
        event = told(was, EventKind.RATED, actor, now, public=True, stars=str(stars), body=words)
        changing.write(session, Change(was, now, actor, {}, [event]))


def rating_of(session: Session, ticket_id: int) -> TicketRating | None:
    return session.get(TicketRating, ticket_id)
