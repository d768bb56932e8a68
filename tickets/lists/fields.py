"""Owns the columns of a list that a ticket type's form gives: their values for the rows of one page, at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor, inside_tickets, sees_everything
from tickets.field_value import FieldValue
from tickets.ticket import Ticket


def field_texts(
    session: Session, actor: Actor, ticket_ids: Collection[int], names: Sequence[str]
) -> Mapping[int, Mapping[str, tuple[str, ...]]]:
    """The values of these fields by ticket and field, in one statement; what nobody filled in is not there.

    Nor is what a ticket holds that the actor sees only from outside: staff may have filled it in.
    """
    if not ticket_ids or not names:
        return {}
    query = sa.select(FieldValue.ticket_id, FieldValue.name, FieldValue.text).where(
        FieldValue.ticket_id.in_(sorted(ticket_ids)), FieldValue.name.in_(names)
    )
    if not sees_everything(actor):
        query = query.join(Ticket, Ticket.id == FieldValue.ticket_id).where(inside_tickets(actor))
    rows = session.execute(query.order_by(FieldValue.ticket_id, FieldValue.name, FieldValue.position))
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for ticket_id, name, text in rows:
        texts = found.setdefault(ticket_id, {})
        texts[name] = (*texts.get(name, ()), text)
    return found
