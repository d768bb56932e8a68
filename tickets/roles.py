"""Owns roles, who holds them where, and the queues tasks wait in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


class Role(Base):
    """A set of permissions with a data scope (`tickets.access.Scope`); a group's role serves every brand."""

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
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("role.id"))
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))


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
