"""A database whose jobs go to Procrastinate, and a crew that does them; its clock is the database's, the real one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from engine import job_list, jobs
from engine.clock import SystemClock
from engine.database import reading, writing
from engine.job_worker import Crew, Lane
from engine.jobs import Handler, Request

CLOCK = SystemClock()
PATIENCE = 30.0


def put(database: sa.Engine, name: str, *requests: Request, after: timedelta = timedelta(0), **how: Any) -> None:
    """Enqueue them in a transaction of their own."""
    with writing(database) as session, session.begin():
        jobs.enqueue_all(session, name, requests, run_at=CLOCK.now() + after, **how)


def seen(database: sa.Engine, **how: Any) -> Sequence[job_list.Listed]:
    """The jobs there are, the oldest first."""
    with reading(database) as session:
        return list(reversed(job_list.listed(session, **how)))


@contextmanager
def working(
    database: sa.Engine, handlers: Mapping[str, Handler], lanes: Sequence[Lane] = (Lane(jobs.WORK, 4),)
) -> Iterator[Crew]:
    """A crew that works meanwhile."""
    crew = Crew(database, handlers, lanes, clock=CLOCK)
    crew.start()
    try:
        yield crew
    finally:
        assert crew.stop(PATIENCE)


def until(true: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for it."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)
