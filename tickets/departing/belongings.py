"""Owns what is somebody's: their open tickets, their open tasks and those that wait for nobody else, their reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.models import TaskStatus, UserTask
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Queue, Role
from tickets.shares import TaskShare
from tickets.ticket import OPEN, Ticket


@dataclass(frozen=True, slots=True)
class Emptied:
    """A role at a place that nobody else holds; `queue_id` is where its tasks wait, if it has a queue."""

    role_id: int
    role_key: str
    names: tuple[str, str]
    place: Place
    queue_id: int | None


def owned(person_id: int) -> sa.ColumnElement[bool]:
    """On a query of Ticket: open, and they answer for it or it was offered to them."""
    theirs = sa.or_(Ticket.owner_id == person_id, Ticket.offered_to_id == person_id)
    return sa.and_(theirs, Ticket.status.in_(sorted(OPEN)))


def held(person_id: int, orphaned: Sequence[int]) -> sa.ColumnElement[bool]:
    """On a query of UserTask: open, and it is theirs or waits in one of these queues that nobody looks into."""
    waits = sa.and_(UserTask.assignee_id.is_(None), UserTask.queue_key.in_(orphaned))
    is_open = UserTask.status == sa.literal_column(f"'{TaskStatus.OPEN}'")
    return sa.and_(is_open, sa.or_(UserTask.assignee_id == person_id, waits))


def shared(person_id: int) -> sa.ColumnElement[bool]:
    """On a query of TaskShare: they are asked for advice or help, and it is not over."""
    return sa.and_(TaskShare.person_id == person_id, TaskShare.closed_at.is_(None))


def reporting(person_id: int) -> sa.ColumnElement[bool]:
    """On a query of Person: they report to them."""
    return sa.and_(Person.superior_id == person_id, Person.departed_at.is_(None), Person.id != person_id)


def emptied(session: Session, person_id: int) -> list[Emptied]:
    """The roles at places that only they hold, of all who have not left."""
    other, holder = _OTHER, _HOLDER
    others = (
        sa.exists()
        .where(other.role_id == Membership.role_id, other.place_id == Membership.place_id)
        .where(other.person_id != person_id, other.person_id == holder.id, holder.departed_at.is_(None))
    )
    query = (
        sa.select(Role, Place, Queue.id)
        .select_from(Membership)
        .join(Role, Role.id == Membership.role_id)
        .join(Place, Place.id == Membership.place_id)
        .outerjoin(Queue, sa.and_(Queue.role_id == Role.id, Queue.place_id == Place.id))
        .where(Membership.person_id == person_id, ~others)
        .order_by(Place.path, Role.key)
    )
    rows = session.execute(query)
    return [Emptied(role.id, role.key, (role.name_zh, role.name_en), place, queue) for role, place, queue in rows]


def orphaned(session: Session, person_id: int) -> list[int]:
    """The queues that nobody looks into without them: their own, and those of the roles that only they hold."""
    own = session.scalars(sa.select(Queue.id).where(Queue.person_id == person_id))
    return [*own, *(each.queue_id for each in emptied(session, person_id) if each.queue_id is not None)]


def how_many(session: Session, person_id: int) -> int:
    """How many rows a departure changes."""
    parts: tuple[tuple[type[Ticket | UserTask | TaskShare | Person], sa.ColumnElement[bool]], ...] = (
        (Ticket, owned(person_id)),
        (UserTask, held(person_id, orphaned(session, person_id))),
        (TaskShare, shared(person_id)),
        (Person, reporting(person_id)),
    )
    counts = (sa.select(sa.func.count()).select_from(model).where(those).scalar_subquery() for model, those in parts)
    return sum(session.execute(sa.select(*counts)).one())


_OTHER = shared_alias(Membership, "other_membership")
_HOLDER = shared_alias(Person, "other_holder")
