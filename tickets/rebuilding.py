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
from tickets.field_values import refresh
from tickets.runtime import Runtime
from tickets.search.document import READER, SearchDocument
from tickets.search.indexing import empty, index
from tickets.ticket import Ticket

JOB = "rebuild"
AT_ONCE = 200
"""Tickets of one job: on SQLite nobody else writes meanwhile."""


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
        if part is Part.SEARCH:
            empty(session)
        _enqueue(session, part, uuid4().hex, 0, runtime.clock.now())


def catch_up(runtime: Runtime) -> None:
    """At the start of a process: orders the search anew where an older reader wrote it, or none has yet."""
    with runtime.reading() as session:
        reader = session.scalar(sa.select(SearchDocument.reader).order_by(SearchDocument.ticket_id).limit(1))
        any_ticket = session.scalar(sa.select(Ticket.id).where(Ticket.erased_at.is_(None)).limit(1))
    if reader != READER and any_ticket is not None:
        order(runtime, Part.SEARCH)


def rebuild(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job: a stretch of the tickets, and in the same transaction the job for the next one."""
    part = Part(args["part"])
    wanted = sa.select(Ticket.id).where(Ticket.id > args["after"], Ticket.erased_at.is_(None))
    with runtime.writing() as session, session.begin():
        ids = list(session.scalars(wanted.order_by(Ticket.id).limit(AT_ONCE)))
        _MAKE[part](session, ids)
        if len(ids) == AT_ONCE:
            _enqueue(session, part, args["run"], ids[-1], runtime.clock.now())


def _enqueue(session: Session, part: Part, run: str, after: int, now: datetime) -> None:
    args = {"part": part.value, "run": run, "after": after}
    jobs.enqueue(session, JOB, args, run_at=now, key=f"{JOB}:{part}:{run}:{after}")
