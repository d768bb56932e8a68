"""Owns merging: one ticket goes on in another of its brand, which whoever followed it follows from then on."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.case import Case
from tickets.change import Change, Was, told
from tickets.copies import TicketCc
from tickets.errors import Conflict, Invalid
from tickets.family.pairs import seen
from tickets.family.parents import line_above
from tickets.inserts import insert_unless_there
from tickets.life.ending import Ending, end, found_by
from tickets.policy import Verb
from tickets.runtime import Runtime
from tickets.ticket import ENDED, Status, Ticket
from tickets.timeline import EventKind


def merge(runtime: Runtime, actor: Actor, number: str, into: str) -> None:
    """The ticket closes and its process is cancelled; its letters stay where they are, a link away.

    Its requester and those in copy are in copy of the other; what is below it moves below the other.
    Raises Invalid, Conflict, and what a verb's lookup does.
    """
    with runtime.reading() as session:
        case = found_by(actor, number, Verb.MERGE)(session)
        target = seen(session, actor, into)
        _check(session, case, target)

    def absorb(session: Session, merged: Case, now: datetime) -> None:
        _absorb(session, actor, merged, target.id, now)

    params, columns = {"number": target.number}, {"merged_into_id": target.id}
    ending = Ending(Status.CLOSED, EventKind.MERGED, params, columns, children_first=False, also=absorb)
    end(runtime, actor, found_by(actor, number, Verb.MERGE), ending)


def _check(session: Session, case: Case, target: Ticket) -> None:
    numbers = {"number": target.number}
    if target.id == case.ticket_id:
        raise Invalid(Message(N_("This is the ticket itself; give another one's number.")))
    if target.brand_id != case.site.brand_id:
        raise Invalid(Message(N_("%(number)s belongs to another brand; link it instead."), numbers))
    if target.status in ENDED:
        raise Conflict(Message(N_("%(number)s is closed; choose one that is open."), numbers))
    if case.ticket_id in line_above(session, target):
        raise Invalid(Message(N_("%(number)s lies below this ticket; take it out from there first."), numbers))


def _absorb(session: Session, actor: Actor, merged: Case, target_id: int, now: datetime) -> None:
    query = sa.select(Ticket).where(Ticket.id == target_id).with_for_update()
    target = session.scalars(query.execution_options(populate_existing=True)).one()
    _check(session, merged, target)
    was = Was.of(target)
    event = told(was, EventKind.ABSORBED, actor, now, public=False, number=merged.number)
    changing.write(session, Change(was, now, actor, {}, [event]))
    for person_id in _followers(session, merged) - {target.requester_id, target.owner_id}:
        row = {"brand_id": target.brand_id, "person_id": person_id, "by_id": actor.person_id, "at": now}
        insert_unless_there(session, TicketCc, ticket_id=target.id, **row)
    _move_children(session, actor, merged, target, now)


def _followers(session: Session, merged: Case) -> set[int | None]:
    copied = session.scalars(sa.select(TicketCc.person_id).where(TicketCc.ticket_id == merged.ticket_id))
    return {*copied, *([merged.requester.id] if merged.requester is not None else [])}


def _move_children(session: Session, actor: Actor, merged: Case, target: Ticket, now: datetime) -> None:
    below = sa.select(Ticket).where(Ticket.parent_id == merged.ticket_id)
    for child in session.scalars(below.order_by(Ticket.id).with_for_update()):
        was = Was.of(child)
        event = told(was, EventKind.LINKED, actor, now, public=False, parent=target.number)
        changing.write(session, Change(was, now, actor, {"parent_id": target.id}, [event]))
