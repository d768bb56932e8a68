"""Owns the whole dashboard of a reader: in a handful of statements however many tickets there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.dashboard.counting import Counts, count, measured
from tickets.dashboard.figures import CONDITIONS, IS_OPEN, Figure, Figures, Measure, at, queries
from tickets.dashboard.places import PlaceLine, place_lines
from tickets.dashboard.promises import ServiceLine, service_lines
from tickets.dashboard.team import PersonLine, person_lines
from tickets.dashboard.trend import Day, days
from tickets.lists.query import ME, TicketQuery
from tickets.ticket import OPEN, Status, Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`mine` are the reader's own; the others count all that they see: `people` by who of theirs answers, `places` only
    for those with wide scopes.
    """

    mine: Figures
    seen: Figures
    backlog: Mapping[Status, Figure]
    days: Sequence[Day]
    people: Sequence[PersonLine]
    places: Sequence[PlaceLine]
    service: Sequence[ServiceLine]


def dashboard(session: Session, actor: Actor, now: datetime) -> Dashboard:
    """All figures."""
    counts = count(session, actor, now)
    return Dashboard(
        mine=_mine(session, actor, now),
        seen=_seen(counts, now),
        backlog=_backlog(counts),
        days=days(session, actor, now),
        people=person_lines(session, actor, now),
        places=place_lines(session, actor, counts, now),
        service=service_lines(session, actor, now),
    )


def _mine(session: Session, actor: Actor, now: datetime) -> Figures:
    """Of the tickets that they answer for."""
    asked = queries(now, TicketQuery(owners=(ME,)))
    counts = session.execute(_OF_OWNER, {**at(now), "owner": actor.person_id}).one()
    numbers = dict(zip(Measure, counts, strict=True))
    return {name: Figure(numbers[name] or 0, each) for name, each in asked.items() if name is not Measure.UNASSIGNED}


_OF_OWNER = sa.select(*(sa.func.sum(sa.case((CONDITIONS[name], 1), else_=0)) for name in Measure)).where(
    IS_OPEN, Ticket.owner_id == sa.bindparam("owner")
)
"""Every measure as a column, for few tickets."""


def _seen(counts: Counts, now: datetime) -> Figures:
    """Of all the tickets that they see."""
    return {
        name: Figure(sum(number for _, number in measured(counts, name)), each) for name, each in queries(now).items()
    }


def _backlog(counts: Counts) -> Mapping[Status, Figure]:
    """How many tickets that they see are in each status before the end."""
    numbers = {status: sum(number for (_, name), number in counts.items() if name == status) for status in OPEN}
    shown = [status for status in Status if status in OPEN]
    return {status: Figure(numbers[status], TicketQuery(statuses=frozenset({status}))) for status in shown}
