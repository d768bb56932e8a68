"""Owns looking after jobs, wherever they are kept: how many of each kind, which ones, done again or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.jobs import are_queued
from engine.models import Job, JobStatus


@dataclass(frozen=True, slots=True)
class Listed:
    """A job as those see it who look after them; what it was given (`args`) may be private, and is not told."""

    id: int
    name: str
    status: JobStatus
    run_at: datetime
    attempts: int
    last_error: str
    key: str | None


COLUMNS = [getattr(Job, name) for name in Listed.__slots__]
NOT_OVER = (JobStatus.FAILED, JobStatus.QUEUED, JobStatus.RUNNING)
AGAIN = (JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.QUEUED)


def by_state(session: Session, *, not_over: bool = False) -> Mapping[tuple[str, str], int]:
    """How many jobs there are by name and status; `not_over`: but those done or cancelled, which are kept for long."""
    if are_queued(session.get_bind()):
        from engine import job_queue  # an installation on SQLite has no Procrastinate

        return job_queue.by_state(session, not_over=not_over)
    wanted = Job.status.in_(NOT_OVER) if not_over else sa.true()
    query = sa.select(Job.name, Job.status, sa.func.count()).where(wanted)
    rows = session.execute(query.group_by(Job.name, Job.status))
    return {(name, status): count for name, status, count in rows}


def by_key(session: Session, keys: Sequence[str]) -> Mapping[str, JobStatus]:
    """How the jobs with these keys stand; those that nobody knows any more are left out."""
    if not keys:
        return {}
    if are_queued(session.get_bind()):
        from engine import job_queue

        return job_queue.by_key(session, keys)
    rows = session.execute(sa.select(Job.key, Job.status).where(Job.key.in_(keys)))
    return {str(key): JobStatus(status) for key, status in rows}


def listed(
    session: Session, *, state: JobStatus | None = None, limit: int = 50, after: int | None = None
) -> Sequence[Listed]:
    """Jobs of a status (or of any), the newest first; `after` is the last id of the page before."""
    if are_queued(session.get_bind()):
        from engine import job_queue

        rows = job_queue.listed(session, state=state, limit=limit, after=after)
    else:
        query = sa.select(*COLUMNS).order_by(Job.id.desc()).limit(limit)
        if state is not None:
            query = query.where(Job.status == state)
        if after is not None:
            query = query.where(Job.id < after)
        rows = [tuple(row) for row in session.execute(query)]
    return [Listed(id, name, JobStatus(status), *rest) for id, name, status, *rest in rows]


def asked(session: Session, id: int) -> tuple[str, Mapping[str, Any]] | None:
    """The job's name and what it was given; None if nobody knows it."""
    if are_queued(session.get_bind()):
        from engine import job_queue

        return job_queue.asked(session, id)
    row = session.execute(sa.select(Job.name, Job.args).where(Job.id == id)).one_or_none()
    return None if row is None else (row.name, row.args)


def retry(session: Session, id: int, now: datetime) -> bool:
    """Have a job done that had failed, was cancelled or waits for its next attempt; False if it is none of these."""
    if are_queued(session.get_bind()):
        from engine import job_queue

        return job_queue.retry(session, id, now)
    values = {"status": JobStatus.QUEUED, "run_at": now, "attempts": 0}
    return _changed(session, sa.update(Job).where(Job.id == id, Job.status.in_(AGAIN)).values(values))


def cancel(session: Session, id: int, now: datetime) -> bool:
    """Have a job that waits not done at all; False if it does not wait."""
    if are_queued(session.get_bind()):
        from engine import job_queue

        return job_queue.cancel(session, id)
    values = {"status": JobStatus.CANCELLED, "run_at": now}
    return _changed(session, sa.update(Job).where(Job.id == id, Job.status == JobStatus.QUEUED).values(values))


def _changed(session: Session, statement: sa.Update) -> bool:
    return session.connection().execute(statement).rowcount == 1
