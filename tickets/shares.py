"""Owns whom a task is shared with besides its assignee: who is consulted (请教) and who helps (协办)."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class ShareKind(StrEnum):
    CONSULT = "consult"
    HELP = "help"
    CONFIRM = "confirm"


class TaskShare(Base):
    """One person asked to a task by its assignee: for advice, which comes back, to work on it too, or to confirm it.

    It is open until `closed_at`: the advice was given, the step confirmed, or the task is done. `ticket_id` is that of
    the task.
    """

    __tablename__ = "task_share"
    __table_args__ = (
        sa.Index("ix_task_share_person", "person_id", "ticket_id"),
        sa.Index("ix_task_share_task", "task_id"),
        sa.Index(
            "ix_task_share_open",
            "person_id",
            "at",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("user_task.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    question: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
