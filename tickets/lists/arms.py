"""Owns how a list is read: from the filter that leaves few tickets, or in its order through the index that has it.

A database that is given all conditions at once picks one index and may look at a whole brand for one page. So a filter
that leaves few tickets leads (`gather`); where none does, each stretch of an index that is already in order gives its
first rows (`stretches`), and all the other conditions are asked of the rows at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa

from tickets.field_value import FieldValue
from tickets.lists.aside import Aside
from tickets.lists.criteria import Asked, Condition, Filter
from tickets.lists.order import RANKS, Order, Place
from tickets.lists.query import Sort
from tickets.lists.sight import Reach, of_types, own_tickets, reaches
from tickets.rows import AnySelect
from tickets.ticket import Priority, Status, Ticket

FEW = 2000
"""So many tickets are quicker sorted than found in order."""
MOST_STRETCHES = 120
"""SQLite takes 500 sub-queries in a statement, and each costs a little."""


LIGHTER = 10
"""So many times more where one index holds all that is asked."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The ids of tickets that fit the filter of this name; of use while there are at most `few`."""

    name: str
    ids: sa.SelectBase
    few: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A query ready to be read: its conditions and order; `start` is where the page before ended."""

    asked: Asked
    filters: Sequence[Filter]
    order: Order
    start: Place | None = None
    few: int = FEW

    def leads(self) -> dict[str, Lead]:
        """What an index can begin with, by name; the reader's own sight too, if it is narrow."""
        found = {
            each.name: Lead(each.name, each.lead, self.few * LIGHTER if each.is_light else self.few)
            for each in self.filters
            if each.lead is not None
        }
        if not any(reach.is_wide for reach in reaches(self.asked.actor)):
            found["sight"] = Lead("sight", _sight(self.asked), self.few * LIGHTER)
        return found


def gather(plan: Plan, lead: Lead, size: int) -> AnySelect:
    """(id, key) of the first `size` tickets among those of one lead."""
    few = lead.ids.subquery("lead")
    among = sa.select(next(iter(few.c))).limit(max(lead.few + 1, size))
    others = (each.aside for each in plan.filters if each.name != lead.name)
    query = _rows(plan, narrow=True).where(Ticket.id.in_(among), *others)
    return _first(plan, query.where(_seen(plan.asked)), size)


def stretches(plan: Plan, size: int) -> AnySelect:
    """(id, key) of the first `size` tickets, from each stretch of an index its first ones."""
    arms = [_first(plan, arm, size) for arm in _arms(plan)]
    if len(arms) == 1:
        return arms[0]
    rows = [arm.subquery() for arm in arms]
    together = sa.union(*(sa.select(arm.c.id, arm.c.key) for arm in rows)).subquery("together")
    return sa.select(together.c.id, together.c.key).order_by(*plan.order.by(together.c.key, together.c.id)).limit(size)


def _rows(plan: Plan, *, narrow: bool) -> AnySelect:
    """`narrow`: what is read is little, so that a field's order is sorted and not looked for in all of its values."""
    key = sa.null() if plan.order.key is None else plan.order.key
    query: AnySelect = sa.select(Ticket.id.label("id"), key.label("key"))
    if plan.order.sort in {Sort.FIELD, Sort.FIELD_DOWN}:
        name = Aside(FieldValue.name) if narrow else FieldValue.name
        query = query.join(FieldValue, FieldValue.ticket_id == Ticket.id)
        query = query.where(name == plan.asked.query.sort_field, FieldValue.position == 0)
        query = query.where(FieldValue.number.is_not(None)) if isinstance(plan.order.kind, sa.Double) else query
    return query


def _first(plan: Plan, query: AnySelect, size: int) -> AnySelect:
    if plan.start is not None:
        query = query.where(plan.order.after(plan.start))
    key = None if plan.order.key is None else plan.order.key
    return query.order_by(*plan.order.by(key, plan.order.row_id)).limit(size)


def _arms(plan: Plan) -> Iterator[AnySelect]:
    actor = plan.asked.actor
    conditions = [each.aside for each in plan.filters]
    if reaches(actor) != (Reach(),):
        yield _rows(plan, narrow=True).where(Ticket.id.in_(own_tickets(actor)), *conditions)
    types = of_types(actor, Aside(Ticket.type_id))
    for reach in reaches(actor):
        for stretch in _stretches(plan, reach):
            yield _rows(plan, narrow=not reach.is_wide).where(*stretch, *types, *conditions)


def _seen(asked: Asked) -> Condition:
    """What `tickets.access.visible_tickets` says, for many rows: their own tickets are worked out once."""
    if reaches(asked.actor) == (Reach(),):
        return sa.and_(sa.true(), *of_types(asked.actor, Aside(Ticket.type_id)))
    held = [_held(reach, Aside(Ticket.brand_id)) for reach in reaches(asked.actor)]
    types = of_types(asked.actor, Aside(Ticket.type_id))
    return sa.or_(*(sa.and_(each, *types) for each in held), Ticket.id.in_(own_tickets(asked.actor)))


def _sight(asked: Asked) -> sa.SelectBase:
    statuses = [status.value for status in sorted(asked.statuses)]
    below = [_held(reach, Ticket.brand_id) & Ticket.status.in_(statuses) for reach in reaches(asked.actor)]
    return sa.union(own_tickets(asked.actor), *(sa.select(Ticket.id).where(each) for each in below))


def _stretches(plan: Plan, reach: Reach) -> Iterator[tuple[Condition, ...]]:
    """The conditions of each stretch: equal in the columns before the order's own in one index."""
    scope = _held(reach, Aside(Ticket.brand_id))
    if not reach.is_wide:
        statuses = [status.value for status in sorted(plan.asked.statuses)]
        below = sa.select(Ticket.id).where(_held(reach, Ticket.brand_id), Ticket.status.in_(statuses))
        yield (Ticket.id.in_(below.correlate(None)),)
        return
    match plan.order.sort:
        case Sort.NEWEST | Sort.OLDEST:
            yield from _by_id(plan, reach)
        case Sort.DUE:
            yield from product([scope], _statuses(plan))
        case Sort.PRIORITY:
            yield from product([scope], _statuses(plan), _priorities(plan))
        case Sort.UPDATED | Sort.FIELD | Sort.FIELD_DOWN:
            yield (scope,)


def _by_id(plan: Plan, reach: Reach) -> Iterator[tuple[Condition, ...]]:
    types, brands, scope = plan.asked.named.types, _whole_brands(plan), _held(reach, Aside(Ticket.brand_id))
    statuses = _statuses(plan)
    if types is not None and len(types) * len(statuses) <= MOST_STRETCHES:
        yield from product([scope], [Ticket.type_id == kind for kind in types], statuses)
    elif reach.brand_id is not None:
        yield from product([_held(reach, Ticket.brand_id)], statuses)
    elif brands:
        yield from product([Ticket.brand_id == brand for brand in brands], statuses)
    elif len(statuses) < len(Status):
        yield from product(statuses, _priorities(plan))
    else:
        yield (scope,)


def _whole_brands(plan: Plan) -> tuple[int, ...]:
    """The brands that the query names, when it names nothing else of the kind."""
    where = plan.asked.named.where
    return where.brands if where is not None and not where.places and not where.everything else ()


def _statuses(plan: Plan) -> list[Condition]:
    return [Ticket.status == status.value for status in sorted(plan.asked.statuses)]


def _priorities(plan: Plan) -> list[Condition]:
    """In their order; those that the pages before have been through are left out."""
    wanted = plan.asked.query.priorities or frozenset(Priority)
    done = plan.start.key if plan.start is not None and plan.order.sort is Sort.PRIORITY else 0
    ranked = [priority for priority in Priority if priority in wanted and RANKS[priority] >= done]
    return [Ticket.priority == priority.value for priority in ranked] or [sa.false()]


def _held(reach: Reach, brand: Any) -> Condition:
    """What the scope holds; `brand` is the column to compare, put aside or not."""
    return reach.holds(brand, Ticket.place_id)
