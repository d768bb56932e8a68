"""Owns the whole of the wide demo's past: who tells what, put together and lived through."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tickets.demo.crowd import crowd
from tickets.demo.history import History, live_through
from tickets.demo.stories import STORIES
from tickets.demo.threads import THREADS
from tickets.demo.turns import turns
from tickets.evidence.pictures import look
from tickets.runtime import Runtime
from tickets.service.working import Calendars
from tickets.uploads.reading import read_here


def live(runtime: Runtime, share: float = 1) -> History:
    """Everything that has happened up to now, or a share of the many tickets. For a demo just loaded."""
    seen = cache(look)  # of those who report the same, many send the same
    own = replace(runtime, calendars=Calendars(runtime.database), reader=read_here, pictures=seen)  # ours harm nobody
    return live_through(own, [*STORIES, *THREADS, *crowd(runtime.clock.now(), share)], turns)
