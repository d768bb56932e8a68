"""Owns what happens by itself: each second due timers fire and waiting jobs run, each night old things are dropped."""

from __future__ import annotations

import logging

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler

from tickets.beat import beat
from tickets.operating.pulse import EVERY as PULSE
from tickets.operating.pulse import Heart
from tickets.runtime import Runtime
from tickets.work import keep_house
from web.config import Config
from web.post.sending import drain

AT_ONCE = 10
"""So many are sent out in a beat: a program that is to stop waits for no more."""
EVERY = 1
"""Seconds between two beats; a beat that is late is not made up for. The house is kept at 19:30 UTC, 03:30 in China."""


def start(runtime: Runtime, config: Config, *, kind: str = "web") -> BackgroundScheduler:
    """Start beating, in a thread of its own; `shutdown()` of what it gives waits for the beat that is under way.

    What is sent out has another: a mail server that does not answer must not keep timers waiting. `kind` is what the
    process does besides; its pulse tells.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(beat, "interval", seconds=EVERY, args=[runtime], max_instances=1, coalesce=True)
    sending = {"args": [runtime, config], "kwargs": {"limit": AT_ONCE}}
    scheduler.add_job(drain, "interval", seconds=EVERY, max_instances=1, coalesce=True, **sending)
    scheduler.add_job(keep_house, "cron", hour=19, minute=30, args=[runtime], max_instances=1, coalesce=True)
    heart, every = Heart(kind), int(PULSE.total_seconds())
    scheduler.add_job(heart.beat, "interval", seconds=every, args=[runtime], next_run_time=runtime.clock.now())
    scheduler.add_listener(lambda _event: heart.stop(runtime), EVENT_SCHEDULER_SHUTDOWN)
    scheduler.start()
    return scheduler
