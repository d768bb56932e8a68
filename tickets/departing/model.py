"""Owns what is kept of a departure: its plan, how far it is, and each row it changed, so that it can be undone."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id

UNDO_WITHIN = timedelta(days=7)


class State(StrEnum):
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"


BUSY = frozenset({State.RUNNING, State.UNDOING})


class ChangeKind(StrEnum):
    TICKET = "ticket"
    TASK = "task"
    SHARE = "share"
    REPORT = "report"


class Outcome(StrEnum):
    """What undoing made of a change."""

    OPEN = ""
    BACK = "back"
    KEPT = "kept"


class Departure(Base):
    """One departure of one person. `total` and `done` count the rows to change, on the way there or back."""

    __tablename__ = "departure"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    via: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(12))
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    @property
    def undo_until(self) -> datetime:
        return self.at + UNDO_WITHIN

    def undoable(self, now: datetime) -> bool:
        return self.state == State.SCHEDULED or (self.state == State.DONE and now <= self.undo_until)


class DepartureChange(Base):
    """One row that a departure changed: its columns before and after, plain JSON.

    `mark` is the last event of the ticket's timeline by then: what came after it, somebody did since.
    """

    __tablename__ = "departure_change"
    __table_args__ = (sa.Index("ix_departure_change_open", "departure_id", "outcome", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    departure_id: Mapped[int] = mapped_column(sa.ForeignKey("departure.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    row_id: Mapped[int] = mapped_column(sa.BigInteger)
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mark: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    outcome: Mapped[str] = mapped_column(sa.String(8), default=Outcome.OPEN)
    reason: Mapped[str] = mapped_column(default="")
