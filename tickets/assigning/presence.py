"""Owns who is there: somebody absent is stood in for by their substitute, and theirs in turn, never in a circle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import UtcDateTime
from tickets.assigning.models import Absence
from tickets.people import Person, superiors
from tickets.roles import Queue, queue_of_person

CHAIN = 16


@dataclass(frozen=True, slots=True)
class Present:
    """Who is there in place of the person asked for (or that person), and the queue of what they have."""

    person_id: int
    queue_key: int


def present(session: Session, person_id: int, now: datetime) -> Present | None:
    """The person, or who stands in for them; None when they have departed or nobody does. One statement each."""
    seen: set[int] = set()
    wanted: int | None = person_id
    while wanted is not None and wanted not in seen and len(seen) < CHAIN:
        seen.add(wanted)
        rows = session.connection().execute(_PRESENCE, {"person_id": wanted, "now": now}).all()
        if not rows or rows[0].departed_at is not None:
            return None
        if rows[0].absence_id is None:
            return Present(wanted, rows[0].queue_id or queue_of_person(session, wanted))
        wanted = next((row.substitute_id for row in rows if row.substitute_id is not None), None)
    return None


def present_or_above(session: Session, person_id: int, now: datetime) -> Present | None:
    """The person or who stands in for them, else their nearest superior who is there."""
    found = present(session, person_id, now)
    if found is not None:
        return found
    return present_above(session, person_id, now)


def present_above(session: Session, person_id: int, now: datetime) -> Present | None:
    """Their nearest superior who is there; who stands in for that one, unless it is the person."""
    above = (present(session, each, now) for each in superiors(session, person_id)[:CHAIN])
    return next((one for one in above if one is not None and one.person_id != person_id), None)


_NOW = sa.bindparam("now", type_=UtcDateTime())
ABSENT_NOW = sa.and_(Absence.person_id == Person.id, Absence.from_at <= _NOW, Absence.until_at > _NOW)
"""On a query of Person joined with Absence: they are away at `now`."""
_PRESENCE = (
    sa.select(
        Person.departed_at,
        Queue.id.label("queue_id"),
        Absence.id.label("absence_id"),
        Absence.substitute_id,
    )
    .select_from(Person)
    .outerjoin(Queue, Queue.person_id == Person.id)
    .outerjoin(Absence, ABSENT_NOW)
    .where(Person.id == sa.bindparam("person_id"))
    .order_by(Absence.id)
)
"""Built once: a step that gives a task to a person runs it."""
