"""Owns the tables of connectors: secrets, sealed, and the calls that service tasks asked for."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id

_NULLABLE = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class CallState(StrEnum):
    """How far a call is; `refused`: what is asked can't be sent, `failed`: it was, and an incident says what came."""

    WAITING = "waiting"
    DONE = "done"
    ERROR = "error"  # the process caught it
    FAILED = "failed"
    REFUSED = "refused"


class ConnectorSecret(Base):
    """What lets a brand's processes in elsewhere; the group's serve every brand that has none of that name.

    `sealed` is `tickets.connectors.sealing`'s; nobody is ever shown what is in it.
    """

    __tablename__ = "connector_secret"
    __table_args__ = (sa.UniqueConstraint("brand_id", "name"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    about: Mapped[str] = mapped_column(sa.String(200), default="")
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    last_used_at: Mapped[datetime | None]


class ConnectorCall(Base):
    """One call that a service task's token asked for, however often it was tried; its `key` is the same each time.

    `request` is what is sent (`engine.calling.Asking`, stand-ins for secrets), kept until the call is done so that
    trying again sends the same; `status` is 0 where no answer came.
    """

    __tablename__ = "connector_call"
    __table_args__ = (
        sa.UniqueConstraint("instance_id", "ref"),
        sa.Index("ix_connector_call_brand_id_at", "brand_id", "at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"))
    ref: Mapped[str] = mapped_column(sa.String(64))
    element: Mapped[str]
    method: Mapped[str] = mapped_column(sa.String(8))
    host: Mapped[str] = mapped_column(sa.String(255))
    key: Mapped[str] = mapped_column(sa.String(255))
    request: Mapped[dict[str, Any] | None] = mapped_column(_NULLABLE)
    job: Mapped[str] = mapped_column(sa.String(255), default="")
    """The key of the job of its next attempt, where that is not the first one's."""
    state: Mapped[str] = mapped_column(sa.String(8), default=CallState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    ms: Mapped[int | None]
    trouble: Mapped[str] = mapped_column(sa.String(16), default="")
    created_at: Mapped[datetime]
    at: Mapped[datetime]
    """When it was tried last, or first asked for."""
