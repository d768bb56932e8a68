"""Owns what happens in the demo besides tickets: somebody leaves, somebody is away, contracts are renewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from tickets import departing
from tickets.assigning.absences import NewAbsence, set_absence
from tickets.demo.followed import followed
from tickets.demo.history import History
from tickets.departing.plan import Wish

LEAVES = "8 10:30"
AWAY = "2 09:10"


def turns(history: History) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """When, and what is done then."""
    yield history.past.moment(LEAVES), partial(_leave, history)
    yield history.past.moment(AWAY), partial(_away, history)
    yield from followed(history)


def _leave(history: History) -> None:
    """A consultant leaves; her students and tasks go to her superior."""
    departing.depart(history.runtime, history.actor("guohao"), "wufang", Wish(default="superior"))
    history.actors.clear()


def _away(history: History) -> None:
    """A developer is at a training; his colleague stands in."""
    now = history.clock.now()
    new = NewAbsence(
        from_at=now + timedelta(days=3),
        until_at=now + timedelta(days=6),
        substitute_id=history.person_id("wanglei"),
        reason="参加音视频组件的培训",
    )
    set_absence(history.runtime, history.actor("xuhao"), history.person_id("xuhao"), new)
    history.actors.clear()
