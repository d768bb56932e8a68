"""Owns what is counted of tickets: each measure as a condition, as a list, and as a number that leads to that list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.database import UtcDateTime
from tickets.lists.aside import Aside
from tickets.lists.criteria import RUNNING
from tickets.lists.query import Moments, TicketQuery
from tickets.ticket import OPEN, Status, Ticket

SOON = timedelta(hours=24)


class Measure(StrEnum):
    """What is counted of a set of tickets."""

    OPEN = "open"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    UNASSIGNED = "unassigned"
    URGED = "urged"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the list that holds as many rows."""

    number: int
    query: TicketQuery


Figures = Mapping[Measure, Figure]


def queries(now: datetime, base: TicketQuery = TicketQuery()) -> Mapping[Measure, TicketQuery]:
    """The list behind each measure, of the tickets that `base` asks for."""
    return {
        Measure.OPEN: replace(base, statuses=OPEN),
        Measure.OVERDUE: replace(base, overdue=True),
        Measure.DUE_SOON: replace(base, statuses=frozenset(RUNNING), due=Moments(now, now + SOON)),
        Measure.UNASSIGNED: replace(base, statuses=frozenset({Status.UNASSIGNED})),
        Measure.URGED: replace(base, statuses=OPEN, urged=True),
    }


def at(now: datetime) -> dict[str, Any]:
    """What the statements made of these conditions are run with."""
    return {"now": now, "soon": now + SOON}


OPEN_NAMES = sorted(status.value for status in OPEN)
IS_OPEN: sa.ColumnElement[bool] = Ticket.status.in_(OPEN_NAMES)
_NOW, _SOON = (sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "soon"))
_RUNNING: sa.ColumnElement[bool] = Ticket.status.in_([status.value for status in RUNNING])
BY_TIME: Mapping[Measure, sa.ColumnElement[bool]] = {
    Measure.OVERDUE: _RUNNING & (Ticket.due_at < _NOW),
    Measure.DUE_SOON: _RUNNING & (Ticket.due_at >= _NOW) & (Ticket.due_at < _SOON),
    Measure.URGED: Ticket.urged_at.is_not(None) & Aside(Ticket.status).in_(OPEN_NAMES),
}
"""Found by their moments, whatever the place."""
CONDITIONS: Mapping[Measure, sa.ColumnElement[bool]] = {
    Measure.OPEN: IS_OPEN,
    Measure.UNASSIGNED: Ticket.status == Status.UNASSIGNED.value,
    **BY_TIME,
}
