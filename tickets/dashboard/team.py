"""Owns the dashboard's lines of one's people: how loaded each is, and what of theirs is late; the most loaded first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import KEPT
from tickets.assigning.picking import Candidate, candidates, sees_loads
from tickets.dashboard.counting import seen
from tickets.dashboard.figures import CONDITIONS, IS_OPEN, Figure, Figures, Measure, at, queries
from tickets.lists.query import TicketQuery
from tickets.people import Person
from tickets.rows import AnySelect
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from tickets.actor import Actor

MOST_PEOPLE = 50
MEASURES = tuple(name for name in Measure if name is not Measure.UNASSIGNED)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody whose superior the reader is, and the tickets they answer for of those that the reader sees."""

    person: Candidate
    figures: Figures


def person_lines(session: Session, actor: Actor, now: datetime) -> Sequence[PersonLine]:
    """The first MOST_PEOPLE who report to the reader; nobody for who leads nobody, or isn't told of loads."""
    if not sees_loads(actor):
        return ()
    people = candidates(session, [Person.superior_id == actor.person_id], now=now, limit=MOST_PEOPLE)
    if not people:
        return ()
    numbers = _numbers(session, actor, [one.id for one in people], now)
    return [_line(one, numbers, now) for one in sorted(people, key=lambda one: -one.load)]


def _numbers(session: Session, actor: Actor, people: Sequence[int], now: datetime) -> Counter[tuple[int, Measure]]:
    total: Counter[tuple[int, Measure]] = Counter()
    for owner, *counts in session.execute(_counted(actor), {**at(now), "owners": people}):
        for name, number in zip(MEASURES, counts, strict=True):
            total[owner, name] += number
    return total


@lru_cache(KEPT)
def _counted(actor: Actor) -> sa.CompoundSelect[int, *tuple[int, ...]]:
    """(owner, a column for each measure)."""
    return sa.union_all(*(_of_owners(sight) for sight in seen(actor, aside=True)))


def _of_owners(sight: sa.ColumnElement[bool]) -> AnySelect:
    columns = (sa.func.sum(sa.case((CONDITIONS[name], 1), else_=0)) for name in MEASURES)
    owned = Ticket.owner_id.in_(sa.bindparam("owners", expanding=True))
    return sa.select(Ticket.owner_id, *columns).where(owned, IS_OPEN, sight).group_by(Ticket.owner_id)


def _line(person: Candidate, numbers: Counter[tuple[int, Measure]], now: datetime) -> PersonLine:
    asked = queries(now, TicketQuery(owners=(str(person.public_id),)))
    return PersonLine(person, {name: Figure(numbers[person.id, name], asked[name]) for name in MEASURES})
