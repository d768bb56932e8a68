"""Owns the tables of people's tasks, and of the queues they are offered to."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import NEVER, Base, BigId, new_public_id


class TaskStatus(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class UserTask(Base):
    """A person's task. Open ones are found by `queue_key` (a person's or a role's at a place), soonest due first.

    `offered_key` is the role's queue it was offered to first: a claim takes it out of there, a release puts it back.
    `delegated_by_id` is to whom it comes back when its assignee has done it.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        sa.Index(
            "ix_user_task_inbox",
            "queue_key",
            "due_at",
            "id",
            "assignee_id",
            "priority",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        ),
        sa.Index("ix_user_task_assignee", "assignee_id", "instance_id"),
        sa.Index(
            "ix_user_task_delegated",
            "delegated_by_id",
            "instance_id",
            sqlite_where=sa.text("delegated_by_id IS NOT NULL"),
            postgresql_where=sa.text("delegated_by_id IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    ref: Mapped[str] = mapped_column(sa.String(32))
    element: Mapped[str]
    name: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(default=dict)
    documentation: Mapped[str] = mapped_column(default="")
    lane: Mapped[str | None]
    form_digest: Mapped[str | None] = mapped_column(sa.String(64))
    settings: Mapped[dict[str, str]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(default=TaskStatus.OPEN)
    assignee_id: Mapped[int | None]
    queue_key: Mapped[int | None]
    offered_key: Mapped[int | None]
    widely_offered: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[int] = mapped_column(default=50)
    due_at: Mapped[datetime] = mapped_column(default=NEVER)
    follow_up_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None]
    submitted: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    draft: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    draft_at: Mapped[datetime | None]
    delegated_by_id: Mapped[int | None]

    @property
    def due(self) -> datetime | None:
        """When it is due, or None when it has no due time."""
        return None if self.due_at == NEVER else self.due_at


class TaskCandidate(Base):
    """One more queue an open task is offered to (`widely_offered`), besides its own `queue_key`."""

    __tablename__ = "task_candidate"
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("user_task.id"), primary_key=True)
    queue_key: Mapped[int] = mapped_column(primary_key=True, index=True)
