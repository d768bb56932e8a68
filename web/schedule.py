"""Owns what happens by itself: once a second the due timers fire and the waiting jobs run; one beat per process."""

from __future__ import annotations

import logging

from apscheduler.schedulers.background import BackgroundScheduler

from engine import jobs
from tickets import timers
from tickets.runtime import Runtime
from tickets.work import handlers

EVERY = 1
"""Seconds between two beats; a beat that is late is not made up for."""


def start(runtime: Runtime) -> BackgroundScheduler:
    """Start beating, in a thread of its own; `shutdown()` of what it gives waits for the beat that is under way."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(beat, "interval", seconds=EVERY, args=[runtime], max_instances=1, coalesce=True)
    scheduler.start()
    return scheduler


def beat(runtime: Runtime) -> None:
    """Do what is due now."""
    timers.tick(runtime)
    jobs.drain(runtime.database, handlers(runtime), runtime.clock)
