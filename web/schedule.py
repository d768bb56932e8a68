"""Owns what happens by itself: timers fire, jobs run, each night old things are dropped. One a process."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog
from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler

from engine import jobs
from engine.database import Away
from tickets import aftermath, beat, timers, work
from tickets.operating.pulse import EVERY as PULSE
from tickets.operating.pulse import Heart, others_live
from tickets.runtime import Runtime
from web.config import Config
from web.post import calling, sending

if TYPE_CHECKING:
    from engine.job_worker import Crew

log = structlog.get_logger()

AT_ONCE = 10
"""So many are sent out in a beat: a program that is to stop waits for no more."""
EVERY = 1
"""Seconds between two beats; a beat that is late is not made up for. The house is kept at 19:30 UTC, 03:30 in China."""
HOUSE_HOURS = 6
"""Hours between two looks whether the house was kept. A job that runs once trips a scheduler stopped just then."""
GATHERED = 0.2
"""Seconds at least between two looks for timers that are due soon."""
RUSH = 3.0
"""Seconds at most that what follows from timers waits while very many are due."""
ROUNDS = 100
PATIENCE = 30.0
"""Seconds."""
CALLERS = 3
"""So many calls of connectors are under way at once where jobs are kept in the table: one waits up to a minute."""
CONCURRENCY = 4
"""Jobs of one queue that a process runs at once, where they are Procrastinate's."""


@dataclass(frozen=True)
class Beating:
    """What beats in this process until it is stopped."""

    scheduler: BackgroundScheduler
    stopping: Event
    crew: Crew | None

    def stop(self, patience: float | None = None) -> bool:
        """Begin nothing more and wait for what is under way; False if it is not done after so many seconds."""
        self.stopping.set()
        ending = [Thread(target=self.scheduler.shutdown, daemon=True)]
        if self.crew is not None:
            ending.append(Thread(target=self.crew.stop, daemon=True))
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join(patience)
        return not any(thread.is_alive() for thread in ending)


def start(
    runtime: Runtime,
    config: Config,
    *,
    kind: str = "web",
    queues: Collection[str] = jobs.QUEUES,
    concurrency: int = CONCURRENCY,
) -> Beating:
    """Begin to beat, in threads of its own: a mail server that does not answer must keep neither timers nor pages.

    `kind` is what the process does besides; its pulse tells. Timers and all that goes by the clock belong to the queue
    of ordinary work.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler, stopping = BackgroundScheduler(timezone="UTC"), Event()
    queued = jobs.are_queued(runtime.database)
    if runtime.database.dialect.name == "sqlite" and not others_live(runtime):
        jobs.give_back(runtime.database)  # whoever had work in hand is dead, and its leases need not run out
    if jobs.WORK in queues:
        moments, consequences = _in_turn(runtime)
        _each_second(scheduler, stopping, moments, full=timers.AT_ONCE, until_next=partial(_until_next, runtime))
        _each_second(scheduler, stopping, consequences, full=aftermath.AT_ONCE)
        scheduler.add_job(partial(work.keep_house_once, runtime), "cron", hour=19, minute=30, misfire_grace_time=600)
        due = {"hours": HOUSE_HOURS, "next_run_time": runtime.clock.now()}  # at once, and again for who never stops
        scheduler.add_job(partial(work.keep_house_late, runtime), "interval", **due)
        if not queued:
            _each_second(scheduler, stopping, partial(work.drain, runtime), full=1)
    if jobs.OUTSIDE in queues and not queued:
        _each_second(scheduler, stopping, partial(sending.drain, runtime, config, limit=AT_ONCE), full=AT_ONCE)
        for _ in range(CALLERS):
            _each_second(scheduler, stopping, partial(calling.drain, runtime, config, limit=1), full=1)
    heart, every = Heart(kind), int(PULSE.total_seconds())
    scheduler.add_job(heart.beat, "interval", seconds=every, args=[runtime], next_run_time=runtime.clock.now())
    scheduler.add_listener(lambda _event: heart.stop(runtime), EVENT_SCHEDULER_SHUTDOWN)
    crew = _crew(runtime, config, queues, concurrency) if queued else None
    scheduler.start()
    return Beating(scheduler, stopping, crew)


def end(beating: Beating, patience: float = PATIENCE) -> None:
    """Stop. What still runs after so many seconds is given up with the process; others find it in a moment."""
    if not beating.stop(patience):
        log.warning("ended though work was under way", seconds=patience)
        sys.stderr.flush()
        os._exit(1)


def _each_second(
    scheduler: BackgroundScheduler,
    stopping: Event,
    do: Callable[[], int],
    *,
    full: int,
    until_next: Callable[[], float | None] = lambda: None,
) -> None:
    """As long as there is as much to do as it takes at once it goes on, within reason; what is less may gather.

    `until_next` tells in how many seconds there will be more, if it knows of some before the next beat.
    """

    def run() -> None:
        try:
            for _ in range(ROUNDS):
                if stopping.is_set():
                    break
                if do() >= full:
                    continue
                if (rest := until_next()) is None:
                    break
                stopping.wait(rest)
        except Away as error:
            log.warning("the database is away", reason=str(error).splitlines()[0])

    scheduler.add_job(run, "interval", seconds=EVERY, max_instances=1, coalesce=True, misfire_grace_time=None)


def _in_turn(runtime: Runtime) -> tuple[Callable[[], int], Callable[[], int]]:
    """What goes by the clock, and what follows from it: that is not late yet, and leaves a rush of timers its cores."""
    calm = Event()
    calm.set()

    def moments() -> int:
        done = 0
        try:
            done = beat.moments(runtime)
        finally:
            (calm.clear if done >= timers.AT_ONCE else calm.set)()
        return done

    def consequences() -> int:
        calm.wait(RUSH)
        return beat.consequences(runtime)

    return moments, consequences


def _until_next(runtime: Runtime) -> float | None:
    """A timer that is due before the next beat fires when it is due; several that follow each other gather a little."""
    due_at = timers.next_due(runtime, within=timedelta(seconds=EVERY))
    return max((due_at - runtime.clock.now()).total_seconds(), GATHERED) if due_at is not None else None


def _crew(runtime: Runtime, config: Config, queues: Collection[str], concurrency: int) -> Crew:
    from engine.job_worker import Crew, Lane  # an installation on SQLite has no Procrastinate

    handlers = {**work.handlers(runtime), **sending.handlers(runtime, config), **calling.handlers(runtime, config)}
    lanes = [Lane(queue, concurrency) for queue in queues]
    crew = Crew(runtime.database, handlers, lanes, clock=runtime.clock)
    crew.start()
    return crew
