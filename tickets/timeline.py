"""Owns the timeline: what happened to a ticket, by whom, and whether the requester sees it; worded when read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


class EventKind(StrEnum):
    FILED = "filed"
    ACCEPTED = "accepted"
    CLAIMED = "claimed"
    RELEASED = "released"
    COMPLETED = "completed"
    NOTED = "noted"
    REPLIED = "replied"
    ANSWERED = "answered"
    STATUS = "status"
    OFFERED = "offered"
    TIMER = "timer"
    MESSAGE = "message"
    INCIDENT = "incident"
    RETRIED = "retried"
    CLOSED = "closed"


class TimelineEvent(Base):
    """One thing that happened. `params` hold what the wording of `kind` needs; `body` is what a person wrote."""

    __tablename__ = "timeline_event"
    __table_args__ = (sa.Index("ix_timeline_event_ticket", "ticket_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    brand_id: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(24))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    via: Mapped[str] = mapped_column(sa.String(16))
    public: Mapped[bool]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[str] = mapped_column(default="")
