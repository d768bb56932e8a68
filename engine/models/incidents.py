"""Owns the table of steps that could not be done."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class Incident(Base):
    """A step that could not be done: nothing of it was written but this and what drove it, to try again.

    One that was set aside (`aside_at`) stays unresolved until the process moves past it, but asks nobody any more.
    """

    __tablename__ = "incident"
    __table_args__ = (
        sa.Index(
            "ix_incident_open",
            "id",
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    element: Mapped[str]
    reason: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kind: Mapped[str] = mapped_column(sa.String(16))
    payload: Mapped[dict[str, Any]]
    actor_id: Mapped[int | None]
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None]
    aside_at: Mapped[datetime | None]


UNRESOLVED = Incident.resolved_at.is_(None)
STOPS = sa.and_(UNRESOLVED, Incident.aside_at.is_(None))
"""On a query of incidents: those that wait for somebody."""
