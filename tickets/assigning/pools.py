"""Owns choosing among those who hold a role: whose turn it is, who has least to do, who knows what is needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.assigning.loads import load_of
from tickets.assigning.models import Absence, PersonSkill, Rotation
from tickets.assigning.presence import ABSENT_NOW, Present, present
from tickets.inserts import insert_unless_there
from tickets.people import Person
from tickets.roles import Membership, Queue, find_role, queue_of_person


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who holds the role; `load` in fiftieths of an ordinary task."""

    id: int
    name: str
    queue_key: int | None
    away: bool
    load: int


@dataclass(frozen=True, slots=True)
class Pool:
    """Those who hold a role at a place or the nearest above it, the longest member first."""

    role_id: int
    place_id: int
    members: tuple[Member, ...]


def pool_of(
    session: Session,
    role: str,
    place_path: str,
    brand_id: int,
    now: datetime,
    *,
    loads: bool = False,
    skills: Collection[str] = (),
) -> Pool | None:
    """Two statements; None where nobody holds the role. With `skills` only those who have all of them."""
    found = find_role(session, role, place_path, brand_id)
    if found is None:
        return None
    role_id, place_id = found
    query = (
        sa.select(
            *(Person.id, Person.name, Queue.id, sa.func.max(Absence.id).is_not(None)),
            load_of(Person.id, Queue.id) if loads else sa.literal(0),
        )
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Queue, Queue.person_id == Person.id)
        .outerjoin(Absence, ABSENT_NOW)
        .where(Membership.role_id == role_id, Membership.place_id == place_id, Person.departed_at.is_(None))
        .group_by(Person.id, Person.name, Queue.id)
        .order_by(sa.func.min(Membership.id))
    )
    if wanted := sorted({skill.strip().lower() for skill in skills if skill.strip()}):
        has = sa.select(sa.func.count()).where(PersonSkill.person_id == Person.id, PersonSkill.skill.in_(wanted))
        query = query.where(has.correlate(Person).scalar_subquery() == len(wanted))
    members = tuple(Member(*row) for row in session.connection().execute(query, {"now": now}))
    return Pool(role_id, place_id, members)


def least_loaded(pool: Pool, but: Collection[int]) -> Member | None:
    """Who is there and has least to do; the longest member among equals."""
    return min(_there(pool, but), key=lambda member: member.load, default=None)


def in_turn(session: Session, pool: Pool, key: str, but: Collection[int]) -> Member | None:
    """Whose turn it is: the one after who had it last, exactly once each, since the row stays locked until commit."""
    there = _there(pool, but)
    if not there:
        return None
    insert_unless_there(session, Rotation, key=key)
    mine = sa.select(Rotation.person_id).where(Rotation.key == key)
    last = session.connection().execute(mine.with_for_update()).scalar_one()
    chosen = _after(pool.members, there, last)
    update = sa.update(Rotation).where(Rotation.key == key).values(person_id=chosen.id)
    session.connection().execute(update)
    return chosen


def stand_in(session: Session, pool: Pool, but: Collection[int], now: datetime) -> Present | None:
    """Where everybody of the pool is away: the first substitute who is there."""
    for member in pool.members:
        found = present(session, member.id, now) if member.away else None
        if found is not None and found.person_id not in but:
            return found
    return None


def place_of(session: Session, member: Member) -> Present:
    """The member with the queue of what they have."""
    return Present(member.id, member.queue_key or queue_of_person(session, member.id))


def _there(pool: Pool, but: Collection[int]) -> list[Member]:
    return [member for member in pool.members if not member.away and member.id not in but]


def _after(members: Sequence[Member], there: Sequence[Member], last: int | None) -> Member:
    """The first who is there after the last one in the pool's order; the first of all where that one has gone."""
    order = [member.id for member in members]
    if last not in order:
        return there[0]
    at = order.index(last)
    return min(there, key=lambda member: (order.index(member.id) - at - 1) % len(order))
