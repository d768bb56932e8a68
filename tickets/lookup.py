"""Owns finding a ticket for a verb: the lookup is the permission check, and the row stays locked until the commit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import KEPT, Actor, visible_tickets
from tickets.errors import Conflict, Forbidden, NotFound, NotOwner
from tickets.event_words import STATUS_WORDS
from tickets.people import Person
from tickets.places import Place
from tickets.policy import POLICY, Relation, Verb, fits
from tickets.standing import Standing, numbered, standing, standing_columns
from tickets.ticket import Status, Ticket


def ticket_for(session: Session, actor: Actor, number: str, verb: Verb, *, lock: bool = True) -> Ticket:
    """The ticket, locked unless a step's own check of its version is enough, if they may do this with it now.

    Raises NotFound (invisible), Forbidden and NotOwner (visible, but not for them), Conflict (not as it stands).
    """
    ticket, held = locked(session, actor, number, lock=lock)
    if verb not in held.named:
        if POLICY[verb].relations == {Relation.OWNER}:
            raise NotOwner(name_of(session, ticket.owner_id))
        raise Forbidden(Message(POLICY[verb].refusal))
    if not fits(verb, ticket):
        raise Conflict(_misfit(session, ticket, verb))
    return ticket


def locked(session: Session, actor: Actor, number: str, *, lock: bool = True) -> tuple[Ticket, Standing]:
    """The ticket if they may see it, locked until the transaction ends, and what they are to it."""
    known = number.isprintable()  # no number holds anything else, and not every database takes it
    found = session.execute(_with_standing(actor, lock=lock), {"of_number": number}).one_or_none() if known else None
    if found is None:
        raise NotFound(N_("This ticket"))
    ticket, path, *facts = found
    return ticket, standing(actor, ticket, place_path=path, facts=tuple(facts))


@lru_cache(KEPT)
def _with_standing(actor: Actor, *, lock: bool) -> sa.Select[*tuple[Any, ...]]:
    """The ticket `of_number`, its place's path and what they are to it: built once for who acts more than once."""
    query = (
        sa.select(Ticket, Place.path, *standing_columns(actor))
        .join(Place, Place.id == Ticket.place_id)
        .where(Ticket.number == sa.bindparam("of_number"), visible_tickets(actor))
    )
    return query.with_for_update(of=Ticket) if lock else query


def seen(session: Session, actor: Actor, number: str) -> tuple[int, int]:
    """The ids of a ticket they may see and of its brand, which says whom it may be given to. Raises NotFound."""
    query = sa.select(Ticket.id, Ticket.brand_id).where(numbered(number), visible_tickets(actor))
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(N_("This ticket"))
    return found[0], found[1]


def brand_of_visible(session: Session, actor: Actor, number: str) -> int:
    """The brand of a ticket they may see. Raises NotFound."""
    return seen(session, actor, number)[1]


def name_of(session: Session, person_id: int | None) -> str:
    """The person's name; empty for nobody."""
    return session.scalar(sa.select(Person.name).where(Person.id == person_id)) or "" if person_id else ""


def _misfit(session: Session, ticket: Ticket, verb: Verb) -> Message:
    """Why the ticket is not as the verb needs it."""
    rule = POLICY[verb]
    if ticket.status not in rule.statuses:
        if ticket.status in _OVER:
            return Message(_OVER[Status(ticket.status)])
        status = Message(STATUS_WORDS[ticket.status])
        return Message(N_("This can't be done while the ticket's status is “%(status)s”."), {"status": status})
    if verb is Verb.REOPEN and ticket.merged_into_id is not None:
        return Message(_MERGED)
    if verb in _MISFITS:
        return Message(_MISFITS[verb])
    owner = name_of(session, ticket.owner_id)
    return Message(N_("%(owner)s already answers for this ticket."), {"owner": owner})


_OVER = {
    Status.WITHDRAWN: N_("This ticket was withdrawn; file a new one to go on."),
    Status.CLOSED: N_("This ticket is closed; reopen it first."),
}
_NOBODY_ASKED = N_("Nobody filed this ticket, so there is nobody to reply to; write a note instead.")
_MISFITS = {
    Verb.REPLY: _NOBODY_ASKED,
    Verb.ASK: _NOBODY_ASKED,
    Verb.REOPEN: N_("What this ticket was about has been erased, so it can't be reopened; file a new one."),
    Verb.ANSWER_URGE: N_("There is no urge that waits for an answer."),
}
_MERGED = N_("This ticket was merged into another; go on there.")
