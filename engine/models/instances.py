"""Owns the tables of running processes: their state, the way they took, and what drove each step."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class InstanceStatus(StrEnum):
    ACTIVE = "active"
    INCIDENT = "incident"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ProcessInstance(Base):
    """One running process; `state` is the pruned engine state at `revision`, written only with `revision + 1`."""

    __tablename__ = "process_instance"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    definition_id: Mapped[int] = mapped_column(sa.ForeignKey("process_definition.id"), index=True)
    business_key: Mapped[str | None] = mapped_column(index=True)
    revision: Mapped[int]
    codec_version: Mapped[int]
    state: Mapped[bytes] = mapped_column(deferred=True)
    status: Mapped[str] = mapped_column(default=InstanceStatus.ACTIVE)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ElementVisit(Base):
    """One passage through one element: the path, the heat map and the durations are read from here."""

    __tablename__ = "element_visit"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    element: Mapped[str]
    loop: Mapped[str | None]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(sa.String(16))


class StepInput(Base):
    """What drove one step: with the definition, enough to replay the instance."""

    __tablename__ = "step_input"
    __table_args__ = (sa.UniqueConstraint("instance_id", "revision"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"))
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16))
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
