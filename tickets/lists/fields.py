"""Owns the columns of a list that a ticket type's form gives: their values for the rows of one page, at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.field_value import FieldValue


def field_texts(
    session: Session, ticket_ids: Collection[int], names: Sequence[str]
) -> Mapping[int, Mapping[str, tuple[str, ...]]]:
    """The values of these fields by ticket and field, in one statement; what nobody filled in is not there."""
    if not ticket_ids or not names:
        return {}
    rows = session.execute(
        sa.select(FieldValue.ticket_id, FieldValue.name, FieldValue.text)
        .where(FieldValue.ticket_id.in_(sorted(ticket_ids)), FieldValue.name.in_(names))
        .order_by(FieldValue.ticket_id, FieldValue.name, FieldValue.position)
    )
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for ticket_id, name, text in rows:
        texts = found.setdefault(ticket_id, {})
        texts[name] = (*texts.get(name, ()), text)
    return found
