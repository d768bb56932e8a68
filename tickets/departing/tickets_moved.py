"""Owns handing over a leaver's tickets: to their heir, or to the dispatch queue."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import changing, deadlines
from tickets.change import Change, Was, status_values, told
from tickets.deadlines import DeadlineKind
from tickets.departing.belongings import owned
from tickets.departing.heirs import Heirs
from tickets.departing.leave import Leave, Moved, keep
from tickets.departing.model import ChangeKind
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind
from tickets.types import TicketType

COLUMNS = ("owner_id", "offered_to_id", "status", "accepted_at", "dispatch_at")
"""What a departure changes of a ticket, and its undoing puts back."""


def move(session: Session, leave: Leave, heirs: Heirs, limit: int) -> int:
    """Hands over the first of what they answer for or were offered; how many."""
    query = sa.select(Ticket, TicketType.key).join(TicketType, TicketType.id == Ticket.type_id)
    theirs = query.where(owned(leave.leaver_id)).order_by(Ticket.id).limit(limit).with_for_update(of=Ticket)
    rows = session.execute(theirs).all()
    return keep(session, leave, [_hand_over(session, leave, heirs, ticket, key) for ticket, key in rows])


def _hand_over(session: Session, leave: Leave, heirs: Heirs, ticket: Ticket, type_key: str) -> Moved:
    was = Was.of(ticket)
    heir = heirs.owner(type_key, not_to=was.requester_id)
    values = _given(was, leave, heir) if was.owner_id == leave.leaver_id else _offered(session, was, leave, heir)
    event = told(was, EventKind.DEPARTED, leave.actor, leave.now, public=True, from_id=leave.leaver_id, to_id=heir)
    changing.write(session, Change(was, leave.now, leave.actor, values, [event]))
    before = {name: getattr(was, name) for name in COLUMNS}
    return Moved(ChangeKind.TICKET, was.id, before, before | values, was.id)


def _given(was: Was, leave: Leave, heir: int | None) -> dict[str, Any]:
    """Another answers for it; or nobody does, and it waits for a dispatcher unless it is done but for a yes."""
    if heir is not None:
        return {
            "owner_id": heir,
            "offered_to_id": None,
            "accepted_at": was.accepted_at or leave.now,
            "dispatch_at": None,
        }
    values: dict[str, Any] = {"owner_id": None}
    if was.status == Status.IN_PROGRESS:
        values |= status_values(was, Status.UNASSIGNED, leave.now)
    if was.status != Status.RESOLVED:
        values["dispatch_at"] = was.dispatch_at or leave.now
    return values


def _offered(session: Session, was: Was, leave: Leave, heir: int | None) -> dict[str, Any]:
    """It waited for their yes: now for another's, who has as long as was left; or for a dispatcher."""
    if heir is not None and was.owner_id is None:
        return {"offered_to_id": heir}
    deadlines.drop(session, was.id, DeadlineKind.ACCEPT)
    values: dict[str, Any] = {"offered_to_id": None}
    if was.owner_id is None:
        values |= {**status_values(was, Status.UNASSIGNED, leave.now), "dispatch_at": was.dispatch_at or leave.now}
    return values
