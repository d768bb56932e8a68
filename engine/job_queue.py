"""Owns jobs on PostgreSQL: deferred to Procrastinate on the session's own connection, so they commit with the state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from procrastinate import App, SyncPsycopgConnector
from procrastinate.jobs import Job as Deferred
from sqlalchemy.dialects.postgresql import ENUM, JSONB, insert
from sqlalchemy.orm import Session

from engine.database import dumps
from engine.jobs import OUTSIDE, WORK, Request
from engine.models import Job, JobError, JobKey, JobStatus

AT_ONCE = 500
STATUS: Mapping[str, JobStatus] = {
    "todo": JobStatus.QUEUED,
    "doing": JobStatus.RUNNING,
    "succeeded": JobStatus.DONE,
    "failed": JobStatus.FAILED,
    "aborted": JobStatus.FAILED,
    "cancelled": JobStatus.CANCELLED,
}
"""What Procrastinate calls our states."""

jobs = sa.table(
    "procrastinate_jobs",
    sa.column("id", sa.BigInteger),
    sa.column("queue_name", sa.String),
    sa.column("task_name", sa.String),
    sa.column("args", JSONB),
    sa.column("status", ENUM(*STATUS, name="procrastinate_job_status", create_type=False)),
    sa.column("attempts", sa.Integer),
    sa.column("scheduled_at", sa.DateTime(timezone=True)),
)
"""What we read of its table; a job's arguments are `{"args": …, "key": …}`."""
_NOT_OVER = sa.text("status IN ('todo', 'doing', 'failed', 'aborted')")
"""In the very words of the index that holds only these (revision 0019)."""

_app = App(connector=SyncPsycopgConnector(json_dumps=dumps, json_loads=orjson.loads))  # never opened


def defer(session: Session, name: str, requests: Sequence[Request], *, run_at: datetime, queue: str) -> None:
    """Adds a job for each request whose key is new. A duplicate `queueing_lock` would abort the whole transaction."""
    manager, connection = _app.job_manager, driver_connection(session)
    wanted = _new(session, requests, run_at)
    for start in range(0, len(wanted), AT_ONCE):
        batch = [_deferred(name, request, run_at, queue) for request in wanted[start : start + AT_ONCE]]
        manager.batch_defer_jobs(jobs=batch, connection=connection)


def take_over(session: Session, *, outside: Collection[str], now: datetime) -> None:
    """Defer what waits in the table of jobs, or was left there by a worker that died; the names `outside` apart."""
    left = sa.or_(Job.status == JobStatus.QUEUED, sa.and_(Job.status == JobStatus.RUNNING, Job.locked_until < now))
    taken = sa.delete(Job).where(left).returning(Job.name, Job.args, Job.key, Job.run_at)
    for name, args, key, run_at in session.execute(taken).all():
        queue = OUTSIDE if name in outside else WORK
        defer(session, name, [Request(args, key)], run_at=run_at, queue=queue)


def args_of(session: Session, key: str) -> dict[str, Any]:
    """What the job with this key was given."""
    found: dict[str, Any] = session.scalars(
        sa.select(jobs.c.args["args"]).where(jobs.c.args["key"].astext == key)
    ).one()
    return found


def by_state(session: Session, *, not_over: bool = False) -> dict[tuple[str, str], int]:
    """As `engine.job_list.by_state`."""
    query = sa.select(jobs.c.task_name, jobs.c.status, sa.func.count()).where(_NOT_OVER if not_over else sa.true())
    counts: dict[tuple[str, str], int] = {}
    for name, status, count in session.execute(query.group_by(jobs.c.task_name, jobs.c.status)):
        counts[name, STATUS[status]] = counts.get((name, STATUS[status]), 0) + count
    return counts


def by_key(session: Session, keys: Sequence[str]) -> dict[str, JobStatus]:
    """As `engine.job_list.by_key`."""
    key = jobs.c.args["key"].astext
    rows = session.execute(sa.select(key, jobs.c.status).where(key.in_(keys)))
    return {found: STATUS[status] for found, status in rows}


def listed(session: Session, *, state: JobStatus | None, limit: int, after: int | None) -> list[tuple[Any, ...]]:
    """The columns of `engine.job_list.Listed`, in its order."""
    error, key = sa.func.coalesce(JobError.error, ""), jobs.c.args["key"].astext
    columns = (jobs.c.id, jobs.c.task_name, jobs.c.status, jobs.c.scheduled_at, jobs.c.attempts, error, key)
    query = sa.select(*columns).outerjoin(JobError, JobError.job_id == jobs.c.id).order_by(jobs.c.id.desc())
    if state is not None:
        query = query.where(jobs.c.status.in_([theirs for theirs, ours in STATUS.items() if ours is state]))
    if after is not None:
        query = query.where(jobs.c.id < after)
    return [(id, name, STATUS[status], *rest) for id, name, status, *rest in session.execute(query.limit(limit))]


def asked(session: Session, id: int) -> tuple[str, Mapping[str, Any]] | None:
    """As `engine.job_list.asked`."""
    query = sa.select(jobs.c.task_name, jobs.c.args["args"]).where(jobs.c.id == id)
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def retry(session: Session, id: int, now: datetime) -> bool:
    """As `engine.job_list.retry`; Procrastinate's own retry takes neither cancelled jobs nor our connection."""
    open_again = jobs.c.status.in_(["todo", "failed", "aborted", "cancelled"])
    values = {"status": "todo", "scheduled_at": now, "attempts": 0}
    again = sa.update(jobs).where(jobs.c.id == id, open_again).values(values)
    return session.connection().execute(again).rowcount == 1


def cancel(session: Session, id: int) -> bool:
    """As `engine.job_list.cancel`."""
    return _app.job_manager.cancel_job_by_id(id, connection=driver_connection(session))


def forget(session: Session, before: datetime) -> None:
    """Drop done and cancelled jobs that were due before, with the keys and errors of that time."""
    over = sa.and_(jobs.c.status.in_(["succeeded", "cancelled"]), jobs.c.scheduled_at < before)
    for statement in (
        sa.delete(jobs).where(over),
        sa.delete(JobKey).where(JobKey.at < before),
        sa.delete(JobError).where(JobError.at < before, ~sa.exists().where(jobs.c.id == JobError.job_id)),
    ):
        session.connection().execute(statement)


def driver_connection(session: Session) -> psycopg.Connection[Any]:
    """The very connection on which the session's transaction runs."""
    found: psycopg.Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]  # it is told as Any or None
    return found


def note_error(session: Session, job_id: int, error: str, at: datetime) -> None:
    """Keep why a job failed last: Procrastinate has no place for it."""
    values = {"error": error[:2000], "at": at}
    row = insert(JobError).values(job_id=job_id, **values)
    session.connection().execute(row.on_conflict_do_update(index_elements=["job_id"], set_=values))


def _new(session: Session, requests: Sequence[Request], run_at: datetime) -> list[Request]:
    """Those without a key, and of each new key the first: whoever commits it first has it."""
    keyed = {request.key: request for request in reversed(requests) if request.key is not None}
    fresh: set[str] = set()
    keys = sorted(keyed)  # two who insert the same keys wait for each other in one order
    for start in range(0, len(keys), AT_ONCE):
        rows = [{"key": key, "at": run_at} for key in keys[start : start + AT_ONCE]]
        statement = insert(JobKey).values(rows).on_conflict_do_nothing().returning(JobKey.key)
        fresh.update(session.connection().execute(statement).scalars())
    first = {id(keyed[key]) for key in fresh}
    return [request for request in requests if request.key is None or id(request) in first]


def _deferred(name: str, request: Request, run_at: datetime, queue: str) -> Deferred:
    return Deferred(
        id=None,
        queue=queue,
        priority=0,
        lock=request.line,
        queueing_lock=None,
        task_name=name,
        task_kwargs={"args": request.args} | ({"key": request.key} if request.key else {}),
        scheduled_at=run_at,
    )
