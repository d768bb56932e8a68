"""Owns how many tickets were opened and closed on each of the last days, in the reader's time zone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import UtcDateTime
from tickets.access import KEPT
from tickets.dashboard.counting import seen
from tickets.dashboard.figures import Figure
from tickets.lists.query import Moments, TicketQuery
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor

DAYS = 30


@dataclass(frozen=True, slots=True)
class Day:
    """One day in the reader's time zone."""

    day: date
    opened: Figure
    closed: Figure


def days(session: Session, actor: Actor, now: datetime) -> list[Day]:
    """The last DAYS days, today the last."""
    spans = _spans(now, ZoneInfo(actor.time_zone))
    bounds = {f"low{n}": span.start for n, (_, span) in enumerate(spans)}
    bounds |= {f"high{n}": span.end for n, (_, span) in enumerate(spans)}
    opened, closed = (_per_day(session, actor, column, bounds) for column in ("created_at", "closed_at"))
    return [
        Day(
            day,
            Figure(opened[number], TicketQuery(created=span)),
            Figure(closed[number], TicketQuery(closed=span)),
        )
        for number, (day, span) in enumerate(spans)
    ]


def _spans(now: datetime, zone: ZoneInfo) -> list[tuple[date, Moments]]:
    today = now.astimezone(zone).date()
    found = []
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        start, end = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
        found.append((day, Moments(start, end)))
    return found


def _per_day(session: Session, actor: Actor, column: str, bounds: dict[str, Any]) -> Counter[int]:
    total: Counter[int] = Counter()
    for number, count in session.execute(_counted(actor, column, session.get_bind().dialect.name), bounds):
        total[number] += count
    return total


@lru_cache(2 * KEPT)
def _counted(actor: Actor, column: str, dialect: str) -> sa.CompoundSelect[int, int]:
    """(day, tickets); made once for a reader, since thirty days are many small parts.

    SQLite looks day by day; PostgreSQL would compare all that one sees with every day, if not told to take the month.
    """
    moment = getattr(Ticket, column)
    month = () if dialect == "sqlite" else (moment >= _bound("low", 0), moment < _bound("high", DAYS - 1))
    return sa.union_all(
        *(
            sa.select(_DAYS.c.n, sa.func.count())
            .join_from(_DAYS, Ticket, (moment >= _DAYS.c.low) & (moment < _DAYS.c.high))
            .where(sight, *month)
            .group_by(_DAYS.c.n)
            for sight in seen(actor, aside=True)
        )
    )


def _day(number: int) -> sa.Select[int, datetime, datetime]:
    low, high = _bound("low", number), _bound("high", number)
    return sa.select(sa.literal(number).label("n"), low.label("low"), high.label("high"))


def _bound(name: str, number: int) -> sa.BindParameter[datetime]:
    return sa.bindparam(f"{name}{number}", type_=UtcDateTime())


_DAYS = sa.union_all(*map(_day, range(DAYS))).cte("days")
