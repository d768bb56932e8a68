"""Owns the tables of standards: what is asked for, of whom and by when, what became of each step, and who looked."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import NEVER, Base, BigId, new_public_id


class Trigger(StrEnum):
    """What a standard starts by, for each subject that it applies to."""

    CREATED = "created"
    DATE = "date"
    CYCLE = "cycle"


class Progress(StrEnum):
    """How far an occurrence or a launch is."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class WaiverState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"


class Verdict(StrEnum):
    """What a spot check found."""

    PASSED = "passed"
    FAILED = "failed"


class Standard(Base):
    """A ticket type that is to be gone through for each subject of a kind, at a place and what is below it.

    `conditions` are [{"attribute", "is", "value"}], all of which hold; `timing` is the trigger's own settings:
    {"attribute", "days"} of a date (negative: before it), {"cycle", "from", "until"} of a cycle while a subject is
    active (`until` names an attribute), nothing of `created`. Nothing begins before `begins_on`.
    """

    __tablename__ = "standard"
    __table_args__ = (sa.UniqueConstraint("brand_id", "type_key", "place_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    type_key: Mapped[str] = mapped_column(sa.String(255))
    subject_kind: Mapped[str] = mapped_column(sa.String(16))
    conditions: Mapped[list[Any]] = mapped_column(default=list)
    trigger: Mapped[str] = mapped_column(sa.String(12))
    timing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    begins_on: Mapped[date]
    active: Mapped[bool] = mapped_column(default=True)
    planned_until: Mapped[datetime | None]
    """Up to here its occurrences have been planned."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    updated_at: Mapped[datetime]


class StandardStep(Base):
    """One named step of a standard (`standardStep` on a user task), in the order of the diagram.

    `deadline` is an ISO 8601 duration from an occurrence's start; one that the definition has no more is not `active`.
    """

    __tablename__ = "standard_step"
    __table_args__ = (sa.UniqueConstraint("standard_id", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))
    key: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(default=dict)
    mandatory: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]
    deadline: Mapped[str] = mapped_column(sa.String(64), default="")
    active: Mapped[bool] = mapped_column(default=True)


class Occurrence(Base):
    """A standard for one subject in one period ("2026-11", "2026-11-23", "stage-2", or "once"): never twice."""

    __tablename__ = "standard_occurrence"
    __table_args__ = (
        sa.UniqueConstraint("standard_id", "subject_id", "period"),
        sa.Index("ix_standard_occurrence_state", "standard_id", "state", "starts_at", "place_id"),
        sa.Index(
            "ix_standard_occurrence_due",
            "starts_at",
            "id",
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))
    subject_id: Mapped[int] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    period: Mapped[str] = mapped_column(sa.String(32))
    starts_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(12), default=Progress.PLANNED)
    reason: Mapped[str] = mapped_column(default="")
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"), unique=True)
    launch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("standard_launch.id"), index=True)
    created_at: Mapped[datetime]


class StepRecord(Base):
    """What became of one step of one occurrence, as it was known from `valid_from` until `valid_to` (else NEVER).

    A moment that comes to be (`opened_at`, `done_at`) is filled in; a change of what was known (done again after a
    failed check, waived, waived no more, due at another time) ends the row and begins another. So any past day can
    be looked at as it was then. `brand_id`, `place_id` and `subject_id` are those of the occurrence.
    """

    __tablename__ = "standard_step_record"
    __table_args__ = (
        sa.Index("ix_standard_step_record_occurrence", "occurrence_id", "step_id", "valid_to"),
        sa.Index(
            "ix_standard_step_record_matrix",
            "step_id",
            "place_id",
            "due_at",
            "valid_to",
            "valid_from",
            "done_at",
            "opened_at",
            "waiver_id",
            "occurrence_id",
            "subject_id",
        ),
        sa.Index("ix_standard_step_record_due", "standard_id", "due_at", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("standard_step.id"))
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("standard_occurrence.id"))
    subject_id: Mapped[int] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None]
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_task.id"), index=True)
    waiver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("standard_waiver.id"))
    turn: Mapped[int] = mapped_column(default=1)
    """2 and more: done again because a spot check failed."""
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime] = mapped_column(default=NEVER)


class Launch(Base):
    """One beginning of a standard for all subjects that exist: a job that goes on where it stopped."""

    __tablename__ = "standard_launch"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"), index=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default=Progress.RUNNING)
    total: Mapped[int] = mapped_column(default=0)
    started: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    after_subject_id: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Waiver(Base):
    """Steps that need not be done: asked for with a reason, approved by another, until a day (the place's, included).

    Of one step or (`step_id` None) all; of one occurrence, of one subject, or of a place and what is below it.
    """

    __tablename__ = "standard_waiver"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(sa.ForeignKey("standard_step.id"))
    subject_id: Mapped[int | None] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    occurrence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("standard_occurrence.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(sa.String(12), default=WaiverState.ASKED, index=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class SpotCheck(Base):
    """A random sample of done steps: `size` of each campus, of those done from `starts_on` to `ends_on`, by `seed`."""

    __tablename__ = "spot_check"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    size: Mapped[int]
    seed: Mapped[str] = mapped_column(sa.String(32))
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class CheckedStep(Base):
    """One step of a sample, and what whoever looked at it found."""

    __tablename__ = "spot_check_step"
    __table_args__ = (
        sa.UniqueConstraint("check_id", "record_id"),
        sa.Index(
            "ix_spot_check_step_failed",
            "judged_at",
            "record_id",
            sqlite_where=sa.text("verdict = 'failed'"),
            postgresql_where=sa.text("verdict = 'failed'"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    check_id: Mapped[int] = mapped_column(sa.ForeignKey("spot_check.id"))
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("standard_step_record.id"), index=True)
    verdict: Mapped[str | None] = mapped_column(sa.String(8))
    reason: Mapped[str] = mapped_column(default="")
    judged_at: Mapped[datetime | None]
    judged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Confirmation(Base):
    """A second person's word that a step was done, given while its task is open; who completes it is another."""

    __tablename__ = "step_confirmation"
    __table_args__ = (sa.UniqueConstraint("task_id", "person_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("user_task.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
