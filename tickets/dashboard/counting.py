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
from tickets.lists.sight import Reach, reaches, sights
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
    for place, name, number in session.execute(_counted(actor), at(now)):
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
def _counted(actor: Actor) -> sa.CompoundSelect[int | None, str, int]:
    return sa.union_all(*_by_status(actor), *_by_time(actor))


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


def _place(actor: Actor) -> Any:
    """What the lines of places are: brands for the whole group, campuses (and what is below) for brands."""
    if not has_places(actor):
        return sa.cast(sa.null(), sa.BigInteger())
    return Aside(Ticket.brand_id if reaches(actor) == (Reach(),) else Ticket.place_id)


def seen(actor: Actor, *, aside: bool = False) -> list[sa.ColumnElement[bool]]:
    """Conditions that together hold every ticket they see once; `aside`: found by something else than its brand."""
    brand: Any = Aside(Ticket.brand_id) if aside else Ticket.brand_id
    return sights(actor, brand=brand, place=Ticket.place_id, type_id=Ticket.type_id, ticket_id=Ticket.id)
