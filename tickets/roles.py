"""Owns roles, who holds them where, and the queues tasks wait in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId
from tickets.inserts import insert_unless_there
from tickets.people import Person
from tickets.places import Place, ancestors


class Role(Base):
    """A set of permissions with a data scope (`tickets.permissions`); a group's role serves every brand."""

    __tablename__ = "role"
    __table_args__ = (sa.UniqueConstraint("brand_id", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(64))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    permissions: Mapped[list[str]] = mapped_column(default=list)
    scope: Mapped[str] = mapped_column(sa.String(16))


class Membership(Base):
    """A person holds a role at a place."""

    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("person_id", "role_id", "place_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("role.id"), index=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)


class Queue(Base):
    """Where open tasks wait: one row per person, and one per role at a place. Its id is a task's `queue_key`."""

    __tablename__ = "queue"
    __table_args__ = (
        sa.UniqueConstraint("role_id", "place_id"),
        sa.CheckConstraint("(person_id IS NULL) <> (role_id IS NULL)", name="person_or_role"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    role_id: Mapped[int | None] = mapped_column(sa.ForeignKey("role.id"))
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"))


def queue_of_person(session: Session, person_id: int) -> int:
    """The key of the queue in which this person's tasks wait; made when missing, in a writing session."""
    return _queue(session, person_id=person_id)


def queue_of_role(session: Session, role_id: int, place_id: int) -> int:
    """The key of the queue in which tasks for this role at this place wait; made when missing."""
    return _queue(session, role_id=role_id, place_id=place_id)


def find_role(session: Session, wanted: str, place_path: str, brand_id: int) -> tuple[int, int] | None:
    """The role that a lane or a candidate group means, as (role id, place id); None when nobody here holds it.

    By key, else by Chinese or English name; at the place, else at the nearest above it where somebody who has not
    departed holds it; the brand's own role before the group's.
    """
    found = _held(session, wanted, place_path, brand_id)
    return (found[0], found[1]) if found else None


def queue_for_role(session: Session, wanted: str, place_path: str, brand_id: int) -> int | None:
    """The queue of the role that `find_role` finds, mostly in the same statement."""
    found = _held(session, wanted, place_path, brand_id)
    if found is None:
        return None
    role_id, place_id, queue_id = found
    return queue_id if queue_id is not None else queue_of_role(session, role_id, place_id)


def _held(session: Session, wanted: str, place_path: str, brand_id: int) -> tuple[int, int, int | None] | None:
    text = wanted.strip()
    places = ancestors(place_path)
    if not text.isprintable() or not places:
        return None
    given = {"brand_id": brand_id, "root_id": places[0], "text": text, "lower": text.lower(), "places": places}
    found = session.connection().execute(_HOLDERS, given).one_or_none()
    return (found[0], found[1], found[2]) if found else None


_TEXT = sa.bindparam("text", type_=sa.String)
_HOLDERS = (
    sa.select(Role.id, Membership.place_id, Queue.id)
    .select_from(Role)
    .join(Membership, Membership.role_id == Role.id)
    .join(Person, Person.id == Membership.person_id)
    .join(Place, Place.id == Membership.place_id)
    .outerjoin(Queue, sa.and_(Queue.role_id == Role.id, Queue.place_id == Membership.place_id))
    .where(
        sa.or_(Role.brand_id == sa.bindparam("brand_id"), Role.brand_id == sa.bindparam("root_id")),
        sa.or_(Role.key == _TEXT, Role.name_zh == _TEXT, sa.func.lower(Role.name_en) == sa.bindparam("lower")),
        Membership.place_id.in_(sa.bindparam("places", expanding=True)),
        Person.departed_at.is_(None),
    )
    .order_by(
        sa.case((Role.key == _TEXT, 0), else_=1),
        sa.func.length(Place.path).desc(),
        sa.case((Role.brand_id == sa.bindparam("brand_id"), 0), else_=1),
        Role.id,
    )
    .limit(1)
)
"""Built once: a step that opens a task for a role runs it, and building costs more than running."""


def members_of(session: Session, role_id: int, place_id: int) -> list[int]:
    """The ids of the people who hold the role at this very place and have not departed, longest member first."""
    return list(
        session.scalars(
            sa.select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.role_id == role_id, Membership.place_id == place_id, Person.departed_at.is_(None))
            .order_by(Membership.id)
        )
    )


def _queue(session: Session, **whose: int) -> int:
    wanted = _QUEUES[tuple(whose)]
    found = session.connection().execute(wanted, whose).scalar()
    if found is None:
        insert_unless_there(session, Queue, **whose)  # two steps may want it at once
        found = session.connection().execute(wanted, whose).scalar_one()
    return found


_QUEUES: dict[tuple[str, ...], sa.Select[int]] = {
    names: sa.select(Queue.id).where(*(getattr(Queue, name) == sa.bindparam(name) for name in names))
    for names in (("person_id",), ("role_id", "place_id"))
}
