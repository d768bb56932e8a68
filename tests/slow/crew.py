"""A process that does jobs until it is killed: `python -m tests.slow.crew URL SECONDS`, so long each of them takes."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine import jobs
from engine.clock import SystemClock
from engine.database import create_engine, writing
from engine.job_worker import Crew, Lane
from engine.models import Effect


def begun(key: str) -> str:
    """The name of the sign that a job was begun, once for each time."""
    return f"begun:{key}:{time.time_ns()}"


def work(database: sa.Engine, seconds: float, args: dict[str, Any]) -> None:
    """Say that it is begun, take a while, and have the effect once, as every handler of ours."""
    clock = SystemClock()
    with writing(database) as session, session.begin():
        session.add(Effect(key=begun(args["key"]), at=clock.now()))
    time.sleep(seconds)
    with writing(database) as session, session.begin():
        session.execute(insert(Effect).values(key=f"done:{args['key']}", at=clock.now()).on_conflict_do_nothing())


def main(url: str, seconds: float) -> None:
    database = jobs.queued(create_engine(url))
    handlers = {"slow": lambda args: work(database, seconds, args)}
    Crew(database, handlers, [Lane(jobs.WORK, 4)], clock=SystemClock()).start()
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
