"""Owns how a list is read: from the filter that leaves few tickets, or in its order through the index that has it.

A database that is given all conditions at once picks one index and may look at a whole brand for one page. So a filter
that leaves few tickets leads (`gather`); where none does, each stretch of an index that is already in order gives its
first rows (`stretches`), and all the other conditions are asked of the rows at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tickets.field_value import FieldValue
from tickets.lists.aside import Aside
from tickets.lists.criteria import Asked, Condition, Filter
from tickets.lists.order import RANKS, Order, Place
from tickets.lists.query import Sort
from tickets.lists.sight import Reach, of_types, own_tickets, reaches
from tickets.rows import AnySelect
from tickets.ticket import Priority, Status, Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor

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
    among = sa.select(next(iter(few.c)).label("id"))
    if lead.name != "text" or plan.asked.dialect == "sqlite":  # what is found is few as it is
        among = among.limit(max(lead.few + 1, size))
    conditions = [each.aside for each in plan.filters if each.name != lead.name]
    if lead.name != "sight" or plan.asked.actor.only_types is not None:
        conditions.append(_seen(plan.asked))
    return _among(plan, among, conditions, size)


def stretches(plan: Plan, size: int) -> AnySelect:
    """(id, key) of the first `size` tickets, from each stretch of an index its first ones; none is in two."""
    arms = _arms(plan, size)
    if len(arms) == 1:
        return arms[0]
    rows = [arm.subquery() for arm in arms]
    together = sa.union_all(*(sa.select(arm.c.id, arm.c.key) for arm in rows)).subquery("together")
    return sa.select(together.c.id, together.c.key).order_by(*plan.order.by(together.c.key, together.c.id)).limit(size)


def some(plan: Plan, size: int) -> sa.Select[int]:
    """The ids of any `size` tickets that fit, to be counted: it stops as soon as it has so many."""
    rows = [arm.subquery() for arm in _arms(plan, size)]
    together = sa.union_all(*(sa.select(arm.c.id) for arm in rows)).subquery("together")
    return sa.select(together.c.id).limit(size)


def _arms(plan: Plan, size: int) -> list[AnySelect]:
    return [*_held_arms(plan, size), *_own(plan, size)]


def _rows(plan: Plan, *, narrow: bool, rank: int | None = None) -> AnySelect:
    """`narrow`: what is read is little, so that a field's order is sorted and not looked for in all of its values."""
    key = _key(plan, rank)
    query: AnySelect = sa.select(Ticket.id.label("id"), key.label("key"))
    if plan.order.sort in {Sort.FIELD, Sort.FIELD_DOWN}:
        name = Aside(FieldValue.name) if narrow else FieldValue.name
        query = query.join(FieldValue, FieldValue.ticket_id == Ticket.id)
        query = query.where(name == plan.asked.query.sort_field, FieldValue.position == 0)
        query = query.where(FieldValue.number.is_not(None)) if isinstance(plan.order.kind, sa.Double) else query
    return query if plan.start is None else query.where(replace(plan.order, key=_known(plan, rank)).after(plan.start))


def _key(plan: Plan, rank: int | None) -> Any:
    known = _known(plan, rank)
    return sa.null() if known is None else known


def _known(plan: Plan, rank: int | None) -> Any:
    """The order's key; where all rows have the same rank, that rank."""
    return plan.order.key if rank is None else sa.literal(rank, sa.Integer())


def _first(plan: Plan, query: AnySelect, size: int, rank: int | None = None) -> AnySelect:
    order = plan.order if rank is None else replace(plan.order, key=None)
    return query.order_by(*order.by(order.key, order.row_id)).limit(size)


def _among(plan: Plan, ids: sa.SelectBase, conditions: Sequence[Condition], size: int) -> AnySelect:
    """The first of the tickets with these ids that fit.

    PostgreSQL can't tell how few they are and would rather read the whole table, so it is told to look each one up,
    which OFFSET 0 does: it keeps the sub-query as it is. In the order of ids it stops when the page is full.
    """
    if plan.asked.dialect == "sqlite":
        return _first(plan, _rows(plan, narrow=True).where(Ticket.id.in_(ids), *conditions), size)
    given = ids.subquery("given")
    lead = _distinct(plan, given.c.id).subquery("few")
    one = _rows(plan, narrow=False).where(Ticket.id == lead.c.id, *conditions).offset(_AS_IT_IS).lateral("one")
    query: AnySelect = sa.select(lead.c.id, one.c.key).join_from(lead, one, sa.true())
    return query.order_by(*plan.order.by(one.c.key, lead.c.id)).limit(size)


def _distinct(plan: Plan, ids: sa.ColumnElement[int]) -> sa.Select[int]:
    """In the list's order, if that is by id: what is found in order is then read only as far as the page goes."""
    query = sa.select(ids.label("id")).distinct()
    return query if plan.order.key is not None else query.order_by(ids.desc() if plan.order.id_down else ids.asc())


_AS_IT_IS: sa.ColumnElement[int] = sa.literal_column("0", sa.Integer())


def _own(plan: Plan, size: int) -> Iterator[AnySelect]:
    """Their own tickets beyond those that their scopes hold."""
    actor = plan.asked.actor
    if reaches(actor) == (Reach(),):
        return
    conditions = [each.aside for each in plan.filters]
    if reaches(actor):
        conditions.append(sa.not_(sa.or_(*_scopes(actor))))
    yield _among(plan, own_tickets(actor), conditions, size)


def _held_arms(plan: Plan, size: int) -> Iterator[AnySelect]:
    actor = plan.asked.actor
    types = of_types(actor, Aside(Ticket.type_id))
    for reach in reaches(actor):
        for stretch in _stretches(plan, reach):
            conditions = [each.aside for each in plan.filters if each.name not in stretch.said]
            rows = _rows(plan, narrow=not reach.is_wide, rank=stretch.rank)
            yield _first(plan, rows.where(*stretch.conditions, *types, *conditions), size, stretch.rank)


def _seen(asked: Asked) -> Condition:
    """What `tickets.access.visible_tickets` says, for many rows: their own tickets are worked out once."""
    if reaches(asked.actor) == (Reach(),):
        return sa.and_(sa.true(), *of_types(asked.actor, Aside(Ticket.type_id)))
    return sa.or_(*_scopes(asked.actor), Ticket.id.in_(own_tickets(asked.actor)))


def _scopes(actor: Actor) -> list[Condition]:
    """What their scopes hold, of a row at hand."""
    types = of_types(actor, Aside(Ticket.type_id))
    return [sa.and_(_held(reach, Aside(Ticket.brand_id)), *types) for reach in reaches(actor)]


def _sight(asked: Asked) -> sa.SelectBase:
    return sa.union(own_tickets(asked.actor), *(_below(asked, reach) for reach in reaches(asked.actor)))


def _below(asked: Asked, reach: Reach) -> sa.Select[int]:
    """The ids of the tickets that it holds, by an index that holds their status and type too."""
    query = sa.select(Ticket.id).where(_held(reach, Ticket.brand_id))
    query = query.where(Ticket.status.in_([status.value for status in sorted(asked.statuses)]))
    return query if asked.named.types is None else query.where(Ticket.type_id.in_(asked.named.types))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Conditions: equal in the columns before the order's own in one index. `said` names the filters that they say.

    `rank` is its one priority's, when the list is by priority.
    """

    conditions: tuple[Condition, ...]
    said: frozenset[str] = frozenset()
    rank: int | None = None


_STATUS, _TYPE, _BOTH = frozenset({"status"}), frozenset({"status", "type"}), frozenset({"status", "priority"})


def _stretches(plan: Plan, reach: Reach) -> Iterator[_Stretch]:
    scope = _held(reach, Aside(Ticket.brand_id))
    if not reach.is_wide:
        yield _Stretch((Ticket.id.in_(_below(plan.asked, reach).correlate(None)),), _TYPE)
        return
    match plan.order.sort:
        case Sort.NEWEST | Sort.OLDEST:
            yield from _by_id(plan, reach)
        case Sort.DUE:
            yield from (_Stretch((scope, status), _STATUS) for status in _statuses(plan))
        case Sort.PRIORITY:
            for status, priority in product(_statuses(plan), _priorities(plan)):
                yield _Stretch((scope, status, Ticket.priority == priority.value), _BOTH, RANKS[priority])
        case Sort.UPDATED | Sort.FIELD | Sort.FIELD_DOWN:
            yield _Stretch((scope,))


def _by_id(plan: Plan, reach: Reach) -> Iterator[_Stretch]:
    types, brands, scope = plan.asked.named.types, _whole_brands(plan), _held(reach, Aside(Ticket.brand_id))
    statuses = _statuses(plan)
    if types is not None and len(types) * len(statuses) <= MOST_STRETCHES:
        yield from (_Stretch((scope, Ticket.type_id == kind, each), _TYPE) for kind, each in product(types, statuses))
    elif reach.brand_id is not None:
        yield from (_Stretch((_held(reach, Ticket.brand_id), status), _STATUS) for status in statuses)
    elif brands:
        yield from (_Stretch((Ticket.brand_id == brand, each), _STATUS) for brand, each in product(brands, statuses))
    elif len(statuses) < len(Status):
        for status, priority in product(statuses, _priorities(plan)):
            yield _Stretch((status, Ticket.priority == priority.value), _BOTH)
    else:
        yield _Stretch((scope,))


def _whole_brands(plan: Plan) -> tuple[int, ...]:
    """The brands that the query names, when it names nothing else of the kind."""
    where = plan.asked.named.where
    return where.brands if where is not None and not where.places and not where.everything else ()


def _statuses(plan: Plan) -> list[Condition]:
    return [Ticket.status == status.value for status in sorted(plan.asked.statuses)]


def _priorities(plan: Plan) -> list[Priority]:
    """In their order; those that the pages before have been through are left out."""
    wanted = plan.asked.query.priorities or frozenset(Priority)
    done = plan.start.key if plan.start is not None and plan.order.sort is Sort.PRIORITY else 0
    return [priority for priority in Priority if priority in wanted and RANKS[priority] >= done]


def _held(reach: Reach, brand: Any) -> Condition:
    """What the scope holds; `brand` is the column to compare, put aside or not."""
    return reach.holds(brand, Ticket.place_id)
