"""Owns subjects: what a ticket is about, kept current by other systems (API) or by people (page, CSV)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class SubjectKind(StrEnum):
    STUDENT = "student"
    CLASS = "class"
    PRODUCT = "product"


class Subject(Base):
    """A student, a class or a product; `responsible_id` is the consultant, teacher or manager who answers for it."""

    __tablename__ = "subject"
    __table_args__ = (sa.UniqueConstraint("brand_id", "kind", "external_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    external_id: Mapped[str] = mapped_column(sa.String(128))
    name: Mapped[str]
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    contract_end: Mapped[date | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
