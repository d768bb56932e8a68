"""Owns the urge as it is kept: who pressed when and why, and how it was answered."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class Urge(Base):
    """One press. A `merged` one came while another waited for its answer; `climbs` is how often that one climbed."""

    __tablename__ = "urge"
    __table_args__ = (
        sa.Index("ix_urge_ticket", "ticket_id", "id"),
        sa.Index("ix_urge_brand", "brand_id", "at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    merged: Mapped[bool] = mapped_column(default=False)
    climbs: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(default="")
    expected_at: Mapped[datetime | None]
