"""Owns the tables of what is waited for: timers, messages and signals, and messages nobody waited for yet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


class Timer(Base):
    """A moment something waits for: an instance's event (`instance_id`), or a start event (`definition_id`).

    A start event's turns are counted from `counted_from`; `turns_left` with this one, where the event has a number.
    """

    __tablename__ = "timer"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    instance_id: Mapped[int | None] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    definition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("process_definition.id"), index=True)
    ref: Mapped[str] = mapped_column(sa.String(32))
    slot: Mapped[int] = mapped_column(default=0)
    element: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    counted_from: Mapped[datetime | None]
    turns_left: Mapped[int | None]


class EventType(StrEnum):
    """What comes from outside and is waited for by name: a message finds one key, a signal is heard by all."""

    MESSAGE = "message"
    SIGNAL = "signal"


class MessageSubscription(Base):
    """A message or signal something waits for; `key` is a message's correlation key (None on a start event)."""

    __tablename__ = "message_subscription"
    __table_args__ = (sa.Index("ix_message_subscription_match", "brand_id", "name", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16), default=EventType.MESSAGE, server_default=EventType.MESSAGE)
    name: Mapped[str]
    key: Mapped[str | None]
    instance_id: Mapped[int | None] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    definition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("process_definition.id"), index=True)
    ref: Mapped[str] = mapped_column(sa.String(32))
    slot: Mapped[int] = mapped_column(default=0)
    element: Mapped[str]


class PendingMessage(Base):
    """A message nobody waited for yet; kept 7 days."""

    __tablename__ = "pending_message"
    __table_args__ = (sa.Index("ix_pending_message_match", "brand_id", "name", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    name: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
