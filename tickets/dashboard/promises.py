"""Owns how each type kept its promises in the last days: first replies and resolutions, in time and late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import UtcDateTime
from tickets.access import KEPT
from tickets.dashboard.figures import Figure
from tickets.dashboard.trend import DAYS
from tickets.lists.query import Moments, Promise, TicketQuery
from tickets.lists.sight import reaches, sights
from tickets.rows import AnySelect
from tickets.service.tables import ClockKind, Outcome, ServiceClock
from tickets.types import TicketType

if TYPE_CHECKING:
    from tickets.actor import Actor

PERIOD = timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """How one type kept one promise in the period."""

    type_key: str
    type_name: str
    type_names: Mapping[str, str]
    kind: ClockKind
    met: Figure
    missed: Figure

    @property
    def share(self) -> float:
        """How many of those judged were met, 0 to 1."""
        judged = self.met.number + self.missed.number
        return self.met.number / judged if judged else 1.0


def service_lines(session: Session, actor: Actor, now: datetime) -> list[ServiceLine]:
    """Of the last PERIOD, by type's name."""
    judged = Moments(now - PERIOD, now)
    total: Counter[tuple[str, ClockKind, str]] = Counter()
    names: dict[str, tuple[str, Mapping[str, str]]] = {}
    bounds = {"start": judged.start, "end": judged.end}
    for key, name, other, kind, outcome, number in session.execute(_counted(actor), bounds):
        if number:
            names.setdefault(key, (name, other))
            total[key, ClockKind(kind), outcome] += number

    def figure(key: str, kind: ClockKind, outcome: Outcome) -> Figure:
        query = TicketQuery(types=(key,), promise=Promise(kind.value, outcome.value, judged))
        return Figure(total[key, kind, outcome.value], query)

    kinds = sorted({(names[key][0], key, kind) for key, kind, _ in total}, key=str)
    return [
        ServiceLine(key, *names[key], kind, figure(key, kind, Outcome.MET), figure(key, kind, Outcome.MISSED))
        for _, key, kind in kinds
    ]


_JUDGED = (Outcome.MET.value, Outcome.MISSED.value)


@lru_cache(KEPT)
def _counted(actor: Actor) -> AnySelect | sa.CompoundSelect[*tuple[Any, ...]]:
    """(type's key, name and names, kind, outcome, number); what a wide scope holds is counted type by type."""
    clock = ServiceClock
    columns = {"brand": clock.brand_id, "place": clock.place_id, "type_id": clock.type_id, "ticket_id": clock.ticket_id}
    seen = sights(actor, **columns)
    wide = [seen.pop(0)] if reaches(actor) and all(reach.is_wide for reach in reaches(actor)) else []
    parts: list[AnySelect] = [*map(_by_type, wide), *map(_grouped, seen)]
    return sa.union_all(*parts) if len(parts) > 1 else parts[0]


_ASKED: Any = sa.union_all(
    *(
        sa.select(sa.literal(kind.value).label("kind"), sa.literal(outcome).label("outcome"))
        for kind, outcome in product(ClockKind, _JUDGED)
    )
).subquery("asked")
_TYPE = (TicketType.key, TicketType.name, TicketType.names)


def _within() -> sa.ColumnElement[bool]:
    start, end = (sa.bindparam(name, type_=UtcDateTime()) for name in ("start", "end"))
    return (ServiceClock.judged_at >= start) & (ServiceClock.judged_at < end)


def _by_type(sight: sa.ColumnElement[bool]) -> AnySelect:
    """For each type, kind and outcome one stretch of an index: there are too many tickets to sort them into groups."""
    clock = ServiceClock
    here = sa.and_(clock.type_id == TicketType.id, clock.kind == _ASKED.c.kind, clock.outcome == _ASKED.c.outcome)
    number = sa.select(sa.func.count()).select_from(clock).where(here, _within(), sight).correlate(TicketType, _ASKED)
    found = sa.select(*_TYPE, _ASKED.c.kind, _ASKED.c.outcome, number.scalar_subquery())
    return found.join_from(TicketType, _ASKED, sa.true())


def _grouped(sight: sa.ColumnElement[bool]) -> AnySelect:
    clock = ServiceClock
    groups = (clock.type_id, clock.kind, clock.outcome)
    found = (
        sa.select(*groups, sa.func.count().label("number"))
        .where(_within(), clock.outcome.in_(_JUDGED), sight, clock.kind.in_(list(ClockKind)))
        .group_by(*groups)
    ).subquery()
    rows = sa.select(*_TYPE, found.c.kind, found.c.outcome, found.c.number)
    return rows.join_from(found, TicketType, TicketType.id == found.c.type_id)
