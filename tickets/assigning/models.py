"""Owns the tables of assignment: rules and how often they changed, rotations, skills, absences."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class Method(StrEnum):
    """How a rule finds who gets a ticket or task."""

    PERSON = "person"
    ROLE = "role"
    RESPONSIBLE = "responsible"
    SUPERIOR = "superior_of"
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    SKILLS = "skills"


class AssignmentRule(Base):
    """One rule of a brand (or of the group, for brands without a rule of their own).

    `type_key` "" is every type; `element` "" is the ticket's owner, "*" each of its tasks. `args` hold what the method
    needs: `who` (a login), `role` (a key), `of` (requester, owner, assignee), `skills` (a list), `field` (whose value
    is a skill).
    """

    __tablename__ = "assignment_rule"
    __table_args__ = (sa.Index("ix_assignment_rule_order", "brand_id", "type_key", "element", "position"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    type_key: Mapped[str] = mapped_column(sa.String(255))
    element: Mapped[str] = mapped_column(sa.String(255))
    position: Mapped[int]
    method: Mapped[str] = mapped_column(sa.String(16))
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class RuleBook(Base):
    """One row: how often any rule has changed, so that a process knows whether the rules it remembers still hold."""

    __tablename__ = "rule_book"
    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    version: Mapped[int]


class Rotation(Base):
    """Whose turn it was last among those of one rule."""

    __tablename__ = "rotation"
    key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    person_id: Mapped[int | None]


class PersonSkill(Base):
    """Something a person knows: a language, a product, a subject; kept in lower case."""

    __tablename__ = "person_skill"
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


class Absence(Base):
    """A period in which a person is not there: their work goes to the substitute, or past them without one.

    `pass_on`: what is open with them when it begins goes too.
    """

    __tablename__ = "absence"
    __table_args__ = (sa.Index("ix_absence_person", "person_id", "until_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    substitute_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    pass_on: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
