"""Owns the engine's tables. It knows neither tickets nor people: a brand and a person are plain integers here."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.database import NEVER, Base, BigId, new_public_id


class InstanceStatus(StrEnum):
    ACTIVE = "active"
    INCIDENT = "incident"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskStatus(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Deployment(Base):
    """One upload: the files of a definition version, byte for byte."""

    __tablename__ = "deployment"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]
    files: Mapped[list[DeployedFile]] = relationship(order_by="DeployedFile.path")


class DeployedFile(Base):
    __tablename__ = "deployed_file"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "path"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deployment_id: Mapped[int] = mapped_column(sa.ForeignKey("deployment.id"))
    path: Mapped[str]
    digest: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(deferred=True)


class ProcessDefinition(Base):
    """One version of one executable process. Instances run on `compiled`, never on the XML again."""

    __tablename__ = "process_definition"
    __table_args__ = (sa.UniqueConstraint("brand_id", "key", "version"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(255))
    version: Mapped[int]
    name: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(default=dict)
    settings: Mapped[dict[str, str]] = mapped_column(default=dict)
    deployment_id: Mapped[int] = mapped_column(sa.ForeignKey("deployment.id"))
    path: Mapped[str]
    digest: Mapped[str] = mapped_column(sa.String(64))
    reader_version: Mapped[int]
    compiled: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]


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


class Incident(Base):
    """A step that could not be done: nothing of it was written but this and what drove it, to try again.

    One that was set aside (`aside_at`) stays unresolved until the process moves past it, but asks nobody any more.
    """

    __tablename__ = "incident"
    __table_args__ = (
        sa.Index(
            "ix_incident_open",
            "id",
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    element: Mapped[str]
    reason: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kind: Mapped[str] = mapped_column(sa.String(16))
    payload: Mapped[dict[str, Any]]
    actor_id: Mapped[int | None]
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None]
    aside_at: Mapped[datetime | None]


UNRESOLVED = Incident.resolved_at.is_(None)
STOPS = sa.and_(UNRESOLVED, Incident.aside_at.is_(None))
"""On a query of incidents: those that wait for somebody."""


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
