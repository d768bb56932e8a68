"""Owns reading a list: one page of rows with their columns, how many there are, or just the ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.field_value import FieldValue
from tickets.lists.arms import FEW, Lead, Plan, gather, some, stretches
from tickets.lists.criteria import Asked, filters
from tickets.lists.fields import field_texts
from tickets.lists.named import look_up
from tickets.lists.order import Place, order_of, read_place, write_place
from tickets.lists.query import Sort, TicketQuery
from tickets.paging import Page, clamped
from tickets.rows import AnySelect, TicketRow, ticket_row, ticket_rows
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor

COUNTED = 1000
"""Chips count no further: 1000 reads as 1,000+."""


COUNTED_SLOWLY = 100
"""Where each row is asked something that no index of tickets holds."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One row, with the values of the fields that were asked for."""

    ticket: TicketRow
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """How many tickets fit; `more`: at least so many, counting stopped there."""

    number: int
    more: bool


def list_tickets(
    session: Session,
    actor: Actor,
    query: TicketQuery,
    *,
    now: datetime,
    fields: Sequence[str] = (),
    cursor: str | None = None,
    limit: int = 50,
    few: int = FEW,
) -> Page[Listed]:
    """One page of the tickets that fit and that the actor may see; a broken cursor gives the first page.

    A filter that leaves more than `few` tickets is asked of each row in order (`tickets.lists.arms`).

    Two statements for plain queries, one more to weigh filters, one more for `fields`, one more for each kind of thing
    that the query names.
    """
    size = clamped(limit)
    plan = replace(_plan(session, actor, query, now=now, cursor=cursor), few=few)
    found = session.execute(_chosen(session, plan, size + 1)).all()
    shown = found[:size]
    rows = _rows(session, [row.id for row in shown])
    texts = field_texts(session, actor, list(rows), fields)
    listed = tuple(Listed(rows[row.id], texts.get(row.id, {})) for row in shown)
    last = shown[-1] if len(found) > size else None
    return Page(listed, _next(plan, last))


def count_tickets(session: Session, actor: Actor, query: TicketQuery, *, now: datetime, most: int = COUNTED) -> Count:
    """How many tickets the list of this query holds, counted up to `most`, or to COUNTED_SLOWLY."""
    plan = _plan(session, actor, _unsorted(query), now=now, cursor=None)
    most = min(most, COUNTED_SLOWLY) if any(each.is_slow for each in plan.filters) else most
    rows = _chosen(session, plan, most + 1, in_order=False).subquery()
    number = session.scalars(sa.select(sa.func.count()).select_from(rows)).one()
    return Count(min(number, most), number > most)


def ticket_ids(
    session: Session, actor: Actor, query: TicketQuery, *, now: datetime, most: int, cursor: str | None = None
) -> tuple[list[int], str | None]:
    """The ids of the first `most` tickets of the list, and the cursor of those after them: for exports and in bulk."""
    plan = _plan(session, actor, query, now=now, cursor=cursor)
    found = session.execute(_chosen(session, plan, most + 1)).all()
    last = found[most - 1] if len(found) > most else None
    return [row.id for row in found[:most]], _next(plan, last)


def _next(plan: Plan, last: Any) -> str | None:
    """The cursor of the page after this row, if there is one."""
    return None if last is None else write_place(plan.order, Place(last.key, last.id))


def _plan(session: Session, actor: Actor, query: TicketQuery, *, now: datetime, cursor: str | None) -> Plan:
    asked = Asked(query, look_up(session, actor, query), actor, now, session.get_bind().dialect.name)
    order = order_of(query, numeric=_is_numeric(session, query))
    return Plan(asked, filters(asked), order, read_place(order, cursor))


def _is_numeric(session: Session, query: TicketQuery) -> bool:
    """Whether the field that it is sorted by holds numbers."""
    if query.sort not in {Sort.FIELD, Sort.FIELD_DOWN} or not query.sort_field:
        return False
    numbers = sa.select(FieldValue.ticket_id).where(
        FieldValue.name == query.sort_field, FieldValue.number.is_not(None), FieldValue.position == 0
    )
    return session.scalar(numbers.limit(1)) is not None


def _chosen(session: Session, plan: Plan, size: int, *, in_order: bool = True) -> AnySelect:
    """(id, key) of the first rows, read from the lead that leaves fewest tickets, or in order."""
    leads = plan.leads()
    if "text" in leads:
        return gather(plan, leads["text"], size)
    if leads:
        few = {name: _weighed(lead) for name, lead in leads.items()}
        weights = session.execute(sa.select(*(weight.label(name) for name, weight in few.items()))).one()
        weight, lead = min(zip(weights, leads.values(), strict=True), key=lambda pair: pair[0])
        if weight <= lead.few:
            return gather(plan, lead, size)
    return stretches(plan, size) if in_order else some(plan, size)


def _weighed(lead: Lead) -> sa.ScalarSelect[int]:
    few = lead.ids.subquery()
    some = sa.select(next(iter(few.c))).limit(lead.few + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _rows(session: Session, ids: Sequence[int]) -> dict[int, TicketRow]:
    found = session.execute(ticket_rows().where(Ticket.id.in_(ids))) if ids else ()
    rows = (ticket_row(row) for row in found)
    return {row.id: row for row in rows}


def _unsorted(query: TicketQuery) -> TicketQuery:
    """The same tickets in the order that is cheapest; a field's order leaves some out, so it stays."""
    by_field = query.sort in {Sort.FIELD, Sort.FIELD_DOWN} and query.sort_field
    return query if by_field else replace(query, sort=Sort.NEWEST)
