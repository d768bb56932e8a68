"""Owns jobs: work after commit, at least once. One port, `enqueue`; here they are kept in a table and drained from it.

On an engine whose option says so they go to Procrastinate instead (`engine.job_queue`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import measures
from engine.clock import Clock
from engine.database import reading, writing
from engine.models import Job, JobStatus
from engine.secrets import without_secrets

log = structlog.get_logger()

AT_ONCE = 500
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 10
WORK = "work"
OUTSIDE = "outside"
"""The queue of what waits for servers of others: it must not keep the rest waiting."""
QUEUES = (WORK, OUTSIDE)
Handler = Callable[[dict[str, Any]], None]

_KEPT = "gongdan_jobs"
_PROCRASTINATE = "procrastinate"


class NotNow(Exception):
    """What a handler raises when something outside is away for now: nothing of ours is at fault, it is tried again."""


@dataclass(frozen=True, slots=True)
class Request:
    """Work to enqueue; a key that is already known adds no job. Jobs of one `line` are done one after another."""

    args: dict[str, Any]
    key: str | None = None
    line: str | None = None


def queued(database: sa.Engine) -> sa.Engine:
    """The same engine, whose jobs go to Procrastinate; on SQLite they stay in the table."""
    if database.dialect.name != "postgresql":
        return database
    return database.execution_options(**{_KEPT: _PROCRASTINATE})


def tabled(database: sa.Engine) -> sa.Engine:
    """The same engine, whose jobs are kept in the table: for a clock of one's own, since a table asks no other."""
    return database.execution_options(**{_KEPT: "table"})


def are_queued(database: sa.Engine | sa.Connection) -> bool:
    """Whether its jobs go to Procrastinate."""
    return database.get_execution_options().get(_KEPT) == _PROCRASTINATE


def enqueue(
    session: Session,
    name: str,
    args: dict[str, Any],
    *,
    run_at: datetime,
    key: str | None = None,
    queue: str = WORK,
) -> None:
    """Adds a job to the session's transaction: it exists if and only if that commits. A key already known adds none."""
    enqueue_all(session, name, [Request(args, key)], run_at=run_at, queue=queue)


def enqueue_all(
    session: Session, name: str, requests: Sequence[Request], *, run_at: datetime, queue: str = WORK
) -> None:
    """Adds a job for each request, in as few statements as the database takes."""
    if are_queued(session.get_bind()):
        from engine import job_queue  # an installation on SQLite has no Procrastinate

        job_queue.defer(session, name, requests, run_at=run_at, queue=queue)
    else:
        _insert(session, name, requests, run_at=run_at)


def args_of(session: Session, key: str) -> dict[str, Any]:
    """What the job with this key was given; it must be there."""
    if are_queued(session.get_bind()):
        from engine import job_queue

        return job_queue.args_of(session, key)
    found: dict[str, Any] = session.scalars(sa.select(Job.args).where(Job.key == key)).one()
    return found


def forget(session: Session, before: datetime) -> None:
    """Drop jobs that were done or cancelled and due before: so long a key is known."""
    if are_queued(session.get_bind()):
        from engine import job_queue

        job_queue.forget(session, before)
    else:
        over = Job.status.in_([JobStatus.DONE, JobStatus.CANCELLED])
        session.connection().execute(sa.delete(Job).where(over, Job.run_at < before))


def later(attempts: int) -> timedelta:
    """How long a job rests that has failed so many times."""
    return timedelta(seconds=min(2**attempts, 3600))


def _insert(session: Session, name: str, requests: Sequence[Request], *, run_at: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    due = {"name": name, "run_at": run_at, "created_at": run_at, "status": JobStatus.QUEUED, "attempts": 0}
    rows = [{**due, "args": request.args, "key": request.key, "last_error": ""} for request in requests]
    for start in range(0, len(rows), AT_ONCE):
        batch = insert(Job).values(rows[start : start + AT_ONCE])
        session.connection().execute(batch.on_conflict_do_nothing(index_elements=["key"]))


def give_back(database: sa.Engine) -> None:
    """Frees what is being run: the process that did so is dead. For a table that one process alone drains."""
    running = sa.update(Job).where(Job.status == JobStatus.RUNNING)
    with writing(database) as session, session.begin():
        session.execute(running.values(status=JobStatus.QUEUED, locked_until=None))


def drain(
    database: sa.Engine,
    handlers: Mapping[str, Handler],
    clock: Clock,
    *,
    limit: int = 100,
    besides: Collection[str] = (),
    only: bool = False,
) -> int:
    """Runs what is due, one after another; how many ran. A handler that fails is tried again, later each time.

    The names in `besides` are left to another drain, such as one that takes `only` the names it has handlers for: work
    that waits for servers outside must not keep the rest waiting.
    """
    names = Job.name.in_(handlers) if only else Job.name.not_in(besides)
    done = 0
    while done < limit and (claimed := _claim(database, clock.now(), names)) is not None:
        _run(database, handlers, clock, claimed)
        done += 1
    return done


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: int
    name: str
    args: dict[str, Any]
    attempts: int
    """Counting this one: a worker that lost its lease has a lower number, and what it writes then does not count."""


def _claim(database: sa.Engine, now: datetime, names: sa.ColumnElement[bool]) -> _Claimed | None:
    """Takes one due job; a lease that ran out counts as due again, since its worker died."""
    due = sa.or_(
        sa.and_(Job.status == JobStatus.QUEUED, Job.run_at <= now),
        sa.and_(Job.status == JobStatus.RUNNING, Job.locked_until < now),
    )
    query = sa.select(Job.id, Job.name, Job.args, Job.attempts).where(due, names).order_by(Job.run_at, Job.id).limit(1)
    with reading(database) as session:
        if session.execute(query).first() is None:
            return None
    with writing(database) as session, session.begin():
        row = session.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        taken = {"status": JobStatus.RUNNING, "locked_until": now + LEASE, "attempts": row.attempts + 1}
        session.execute(sa.update(Job).where(Job.id == row.id).values(taken))
        return _Claimed(row.id, row.name, row.args, row.attempts + 1)


def _run(database: sa.Engine, handlers: Mapping[str, Handler], clock: Clock, job: _Claimed) -> None:
    if job.attempts > MAX_ATTEMPTS:
        _leave(database, job, status=JobStatus.FAILED, last_error="Every worker that ran it died.")
        return
    try:
        with measures.job(job.name, job.id):
            handlers[job.name](job.args)
    except NotNow as error:
        log.warning("job put off", job=job.id, name=job.name, attempts=job.attempts, reason=str(error))
        _put_off(database, clock, job, error)
    except Exception as error:  # one bad job must not stop the others; it is logged and tried again
        log.exception("job failed", job=job.id, name=job.name, attempts=job.attempts)
        _put_off(database, clock, job, error)
    else:
        _leave(database, job, status=JobStatus.DONE)


def _put_off(database: sa.Engine, clock: Clock, job: _Claimed, error: Exception) -> None:
    status = JobStatus.FAILED if job.attempts == MAX_ATTEMPTS else JobStatus.QUEUED
    why = without_secrets(repr(error))[:2000]
    _leave(database, job, status=status, run_at=clock.now() + later(job.attempts), last_error=why)


def _leave(database: sa.Engine, job: _Claimed, **values: Any) -> None:
    mine = sa.and_(Job.id == job.id, Job.status == JobStatus.RUNNING, Job.attempts == job.attempts)
    with writing(database) as session, session.begin():
        session.execute(sa.update(Job).where(mine).values(locked_until=None, **values))
