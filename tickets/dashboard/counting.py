"""Owns counting all that one sees in one statement: by place, by status, and by each measure of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import KEPT
from tickets.dashboard.figures import BY_TIME, IS_OPEN, Measure, at
from tickets.lists.aside import Aside
from tickets.lists.sight import Reach, of_types, own_tickets, reaches, sights
from tickets.places import Place
from tickets.rows import AnySelect
from tickets.ticket import Status, Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor

Counts = Counter[tuple[int | None, str]]
"""How many tickets at a place (of those with wide scopes; else None) have a status before the end, or fit a measure."""


def count(session: Session, actor: Actor, now: datetime) -> Counts:
    """Every number that depends on places."""
    total: Counts = Counter()
    for place, name, number in session.execute(_counted(actor, session.get_bind().dialect.name), at(now)):
        total[place, name] += number
    return total


def measured(counts: Counts, name: Measure) -> Iterator[tuple[int | None, int]]:
    """Where they are, and how many: of statuses the sum, of measures of time as it was counted."""
    wanted = _STATUSES.get(name, frozenset({name.value}))
    return ((place, number) for (place, counted), number in counts.items() if counted in wanted)


_STATUSES = {
    Measure.OPEN: frozenset(status.value for status in Status),
    Measure.UNASSIGNED: frozenset({Status.UNASSIGNED.value}),
}


def has_places(actor: Actor) -> bool:
    """Whether their scopes are so wide that places have lines of their own."""
    return actor.only_types is None and any(reach.is_wide for reach in reaches(actor))


@lru_cache(KEPT)
def _counted(actor: Actor, dialect: str) -> sa.CompoundSelect[int | None, str, int]:
    if dialect == "sqlite":
        return sa.union_all(*_by_status(actor), *_by_time(actor))
    if reaches(actor) == (Reach(),):
        return sa.union_all(_by_brand(actor), *_by_time(actor))
    held, beyond = _apart(actor)
    own = own_tickets(actor).cte("own_tickets")
    measures = _measures(actor)
    counts = [_grouped(*each, held) for each in measures if held is not None]
    return sa.union_all(*counts, *(_grouped_among(own, *each, beyond) for each in measures))


def _by_status(actor: Actor) -> Iterator[AnySelect]:
    """SQLite would walk an index that has the groups in order rather than look into the one that has the tickets."""
    wide = reaches(actor) == (Reach(),)
    place, status = (Ticket.brand_id, Ticket.status) if wide else (_place(actor), Aside(Ticket.status))
    every = (Ticket.brand_id.in_(sa.select(Place.brand_id)),) if wide else ()
    for sight in seen(actor):
        yield sa.select(place, status, sa.func.count()).where(IS_OPEN, sight, *every).group_by(place, status)


def _by_time(actor: Actor) -> Iterator[AnySelect]:
    place = _place(actor)
    for name, condition in BY_TIME.items():
        for sight in seen(actor, aside=True):
            found = sa.select(place, sa.literal(name.value), sa.func.count()).where(condition, sight)
            yield found.group_by(place)


def _by_brand(actor: Actor) -> AnySelect:
    """Brand by brand PostgreSQL takes the index that holds nothing else."""
    brands = sa.select(Place.brand_id).distinct().subquery("brands")
    types = of_types(actor, Ticket.type_id)
    counted = sa.select(Ticket.status, sa.func.count().label("number"))
    counted = counted.where(Ticket.brand_id == brands.c.brand_id, IS_OPEN, *types).group_by(Ticket.status)
    one = counted.lateral("one")
    place: Any = brands.c.brand_id if has_places(actor) else sa.cast(sa.null(), sa.BigInteger())
    return sa.select(place, one.c.status, one.c.number).join_from(brands, one, sa.true())


_Measured = tuple[Any, Any, sa.ColumnElement[bool]]
"""The place and the name of a count, and of which tickets it is."""


def _measures(actor: Actor) -> list[_Measured]:
    place = _place(actor)
    return [
        (place, Ticket.status, IS_OPEN),
        *((place, sa.literal(name.value), condition) for name, condition in BY_TIME.items()),
    ]


def _apart(actor: Actor) -> tuple[sa.ColumnElement[bool] | None, sa.ColumnElement[bool]]:
    """What their scopes hold, if they have any, and what these don't."""
    held = [reach.holds(Ticket.brand_id, Ticket.place_id) for reach in reaches(actor)]
    if not held:
        return None, sa.true()
    within = sa.and_(sa.or_(*held), *of_types(actor, Ticket.type_id))
    return within, sa.not_(within)


def _grouped(place: Any, name: Any, condition: sa.ColumnElement[bool], sight: sa.ColumnElement[bool]) -> AnySelect:
    return sa.select(place, name, sa.func.count()).where(condition, sight).group_by(place, name)


def _grouped_among(
    ids: sa.CTE, place: Any, name: Any, condition: sa.ColumnElement[bool], sight: sa.ColumnElement[bool]
) -> AnySelect:
    """Each of the tickets is looked up, for which PostgreSQL takes them for too many: OFFSET 0 leaves it no choice."""
    row = sa.select(place.label("place"), name.label("name")).where(Ticket.id == ids.c.id, condition, sight)
    one = row.offset(sa.literal_column("0", sa.Integer())).lateral("one")
    return sa.select(one.c.place, one.c.name, sa.func.count()).join_from(ids, one, sa.true()).group_by(*one.c)


def _place(actor: Actor) -> Any:
    """What the lines of places are: brands for the whole group, campuses (and what is below) for brands."""
    if not has_places(actor):
        return sa.cast(sa.null(), sa.BigInteger())
    return Aside(Ticket.brand_id if reaches(actor) == (Reach(),) else Ticket.place_id)


def seen(actor: Actor, *, aside: bool = False) -> list[sa.ColumnElement[bool]]:
    """Conditions that together hold every ticket they see once; `aside`: found by something else than its brand."""
    brand: Any = Aside(Ticket.brand_id) if aside else Ticket.brand_id
    return sights(actor, brand=brand, place=Ticket.place_id, type_id=Ticket.type_id, ticket_id=Ticket.id)
