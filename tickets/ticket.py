"""Owns the ticket: its model, its status and the moves allowed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import NEVER, Base, BigId, new_public_id


class Status(StrEnum):
    UNASSIGNED = "unassigned"
    OFFERED = "offered"
    IN_PROGRESS = "in_progress"
    AWAITING_REQUESTER = "awaiting_requester"
    SUSPENDED = "suspended"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OPEN: frozenset[Status] = frozenset(Status) - {Status.CLOSED, Status.WITHDRAWN}

ENDED: frozenset[Status] = frozenset({Status.CLOSED, Status.WITHDRAWN})
PAUSED: frozenset[Status] = frozenset({Status.AWAITING_REQUESTER, Status.SUSPENDED})
"""The service level's clock stands still."""

_WAITING = frozenset({Status.UNASSIGNED, Status.OFFERED})
_WORKING = frozenset({Status.IN_PROGRESS, Status.AWAITING_REQUESTER, Status.SUSPENDED, Status.RESOLVED})
MOVES: Mapping[Status, frozenset[Status]] = {
    Status.UNASSIGNED: _WAITING | _WORKING | ENDED,
    Status.OFFERED: _WAITING | _WORKING | ENDED,
    Status.IN_PROGRESS: _WAITING | _WORKING | ENDED,
    Status.AWAITING_REQUESTER: _WAITING | _WORKING | ENDED,
    Status.SUSPENDED: _WAITING | _WORKING | ENDED,
    Status.RESOLVED: _WAITING | _WORKING - {Status.SUSPENDED} | ENDED,
    Status.CLOSED: frozenset({Status.IN_PROGRESS, Status.UNASSIGNED, Status.OFFERED}),
    Status.WITHDRAWN: frozenset(),
}
"""Which status may follow which (product.md, "A ticket"); staying is always allowed."""


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


def _where(name: str, *columns: str, condition: str) -> sa.Index:
    """An index of only the rows that meet a condition."""
    return sa.Index(name, *columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


class Ticket(Base):
    """One request and the process that answers it; `data` is a projection of its root instance's data.

    `offered_to_id` is whom it was offered to and has not yet accepted it; `dispatch_at` since when it waits for a
    dispatcher; `urged_at` since when an urge waits for its answer; `suspended_until` when it resumes by itself.
    `due_at` and `response_due_at` are by when it is to be resolved and first replied to (`tickets.service`); while its
    clocks stand still neither is known, and `due_left` holds the seconds that are left until it is to be resolved.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        sa.Index("ix_ticket_requester", "requester_id", "id"),
        sa.Index("ix_ticket_owner", "owner_id", "status", "id", "priority"),
        sa.Index("ix_ticket_place", "place_id", "status", "type_id", "id"),
        sa.Index("ix_ticket_brand_status", "brand_id", "status", "id", "place_id"),
        sa.Index("ix_ticket_type", "type_id", "status", "id", "brand_id", "place_id"),
        sa.Index("ix_ticket_due", "status", "due_at", "id", "brand_id", "place_id"),
        sa.Index("ix_ticket_priority", "status", "priority", "id"),
        sa.Index("ix_ticket_updated", "updated_at", "id"),
        sa.Index("ix_ticket_created", "created_at", "brand_id", "place_id"),
        sa.Index("ix_ticket_parent", "parent_id"),
        sa.Index("ix_ticket_merged_into", "merged_into_id"),
        _where("ix_ticket_resolved", "resolved_at", condition="resolved_at IS NOT NULL"),
        _where("ix_ticket_closed", "closed_at", "brand_id", "place_id", condition="closed_at IS NOT NULL"),
        _where("ix_ticket_dispatch", "brand_id", "dispatch_at", "id", condition="dispatch_at IS NOT NULL"),
        _where("ix_ticket_dispatch_due", "due_at", "id", condition="dispatch_at IS NOT NULL"),
        _where("ix_ticket_offered", "offered_to_id", condition="offered_to_id IS NOT NULL"),
        _where(
            "ix_ticket_urged",
            "owner_id",
            "urged_at",
            "status",
            "brand_id",
            "place_id",
            condition="urged_at IS NOT NULL",
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    number: Mapped[str] = mapped_column(sa.String(64), unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    type_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket_type.id"))
    definition_id: Mapped[int] = mapped_column(sa.ForeignKey("process_definition.id"))
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"), unique=True)
    title: Mapped[str]
    requester_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    filed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    subject_id: Mapped[int | None] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    priority: Mapped[str] = mapped_column(sa.String(8), default=Priority.NORMAL)
    status: Mapped[str] = mapped_column(sa.String(24), default=Status.UNASSIGNED)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    form_digest: Mapped[str | None] = mapped_column(sa.String(64))
    due_at: Mapped[datetime] = mapped_column(default=NEVER)
    response_due_at: Mapped[datetime | None]
    due_left: Mapped[int | None]
    offered_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    dispatch_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]
    urges: Mapped[int] = mapped_column(default=0, server_default="0")
    urged_at: Mapped[datetime | None]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @property
    def due(self) -> datetime | None:
        """When it is due, or None when it has no due time."""
        return None if self.due_at == NEVER else self.due_at


class NumberSequence(Base):
    """The installation's one sequence of ticket numbers; gaps are allowed."""

    __tablename__ = "number_sequence"
    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    value: Mapped[int]
