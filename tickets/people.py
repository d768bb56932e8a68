"""Owns people: who they are, where they belong, whom they report to, and how they prove it is them."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class Person(Base):
    """Someone who files, works on or answers for tickets; `departed_at` is set when they have left."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    superior_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    login: Mapped[str] = mapped_column(sa.String(255), unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="", index=True)
    title: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str] = mapped_column(default="", deferred=True)
    language: Mapped[str] = mapped_column(sa.String(8), default="")
    theme: Mapped[str] = mapped_column(sa.String(8), default="auto")
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    departed_at: Mapped[datetime | None]
