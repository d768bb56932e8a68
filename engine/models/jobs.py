"""Owns the tables of work after commit, and of its keys and effects."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Base):
    """Work to do after commit, at least once; `key` makes it once where the effect writes the key too."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_due", "status", "run_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    args: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)
    run_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=JobStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class JobKey(Base):
    """A key that a job in Procrastinate's table has or had: its own table does not keep keys once."""

    __tablename__ = "job_key"
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class JobError(Base):
    """Why a job in Procrastinate's table failed last."""

    __tablename__ = "job_error"
    job_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    error: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class Effect(Base):
    """A key written with what a job brought about: the same job again finds it and does nothing."""

    __tablename__ = "effect"
    key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    at: Mapped[datetime]
