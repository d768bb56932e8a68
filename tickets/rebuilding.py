"""Owns making anew what is derived from tickets, in batches by jobs: the search's documents, the values lists know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.job_list import by_key as jobs_by_key
from engine.models import JobStatus
from tickets.field_values import refresh
from tickets.runtime import Runtime
from tickets.search.document import READER, SearchDocument
from tickets.search.indexing import empty, index
from tickets.ticket import Ticket

JOB = "rebuild"
AT_ONCE = 200
"""Tickets of one job: on SQLite nobody else writes meanwhile."""
RUNS = 20
"""So many times within the days for which jobs are kept a reader may be overtaken and return."""


class Part(StrEnum):
    """What is made anew."""

    SEARCH = "search"
    FIELDS = "fields"


_MAKE: Mapping[Part, Callable[[Session, Collection[int]], None]] = {
    Part.SEARCH: partial(index, anew=True),
    Part.FIELDS: refresh,
}


def order(runtime: Runtime, part: Part) -> None:
    """From the first ticket on, a job after the other; what happens to tickets meanwhile is kept as ever.

    On SQLite the search finds only what was made anew so far, since its index can't tell what an older reader put in.
    """
    with runtime.writing() as session, session.begin():
        _begin(session, part, uuid4().hex, runtime.clock.now())


def catch_up(runtime: Runtime) -> None:
    """At the start of a process: orders the search anew where an older reader wrote it, or none has yet.

    Of all the processes that start before the first stretch is done, one does: the run is called by its reader.
    """
    with runtime.reading() as session:
        behind = _is_behind(session)
    if behind:
        with runtime.writing() as session, session.begin():
            run = _run_of_reader(session)
            if run is not None and _is_behind(session):
                _begin(session, Part.SEARCH, run, runtime.clock.now())


def _is_behind(session: Session) -> bool:
    reader = session.scalar(sa.select(SearchDocument.reader).order_by(SearchDocument.ticket_id).limit(1))
    any_ticket = session.scalar(sa.select(Ticket.id).where(Ticket.erased_at.is_(None)).limit(1))
    return reader != READER and any_ticket is not None


def _run_of_reader(session: Session) -> str | None:
    """What this reader's next run is called; None while one waits to begin, or was given up and is listed as such.

    A run whose first job is done has been overtaken by another reader (or the search by a restore): one more follows.
    """
    for number in range(1, RUNS):
        run = f"reader {READER}.{number}"
        status = jobs_by_key(session, [key := _key(Part.SEARCH, run, 0)]).get(key)
        if status is None:
            return run
        if status not in (JobStatus.DONE, JobStatus.CANCELLED):
            return None
    return uuid4().hex


def rebuild(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job: a stretch of the tickets, and in the same transaction the job for the next one."""
    part = Part(args["part"])
    wanted = sa.select(Ticket.id).where(Ticket.id > args["after"], Ticket.erased_at.is_(None))
    with runtime.writing() as session, session.begin():
        ids = list(session.scalars(wanted.order_by(Ticket.id).limit(AT_ONCE)))
        _MAKE[part](session, ids)
        if len(ids) == AT_ONCE:
            _enqueue(session, part, args["run"], ids[-1], runtime.clock.now())


def _begin(session: Session, part: Part, run: str, now: datetime) -> None:
    if part is Part.SEARCH:
        empty(session)
    _enqueue(session, part, run, 0, now)


def _key(part: Part, run: str, after: int) -> str:
    return f"{JOB}:{part}:{run}:{after}"


def _enqueue(session: Session, part: Part, run: str, after: int, now: datetime) -> None:
    args = {"part": part.value, "run": run, "after": after}
    jobs.enqueue(session, JOB, args, run_at=now, key=_key(part, run, after))
