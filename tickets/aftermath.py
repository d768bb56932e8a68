"""Owns what comes after a commit: each event of the timeline is told to people and to the search, once.

The timeline is its own outbox: an event is inserted `pending` with the change that made it, so no step pays for more,
and the beat takes the pending ones up a moment later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from engine import jobs
from engine.claims import Kind, claim, hold
from engine.database import Away
from tickets.copied_by_type import copy_by_type
from tickets.field_values import keep_field_values
from tickets.notices.telling import tell
from tickets.runtime import Runtime
from tickets.search.indexing import keep_search
from tickets.timeline import PENDING, TimelineEvent

log = structlog.get_logger()

AT_ONCE = 200
JOB = "aftermath"
Consequence = Callable[[Session, Sequence[TimelineEvent], datetime], None]
"""Writes what follows from these events into the transaction; outside effects are jobs that it enqueues."""

CONSEQUENCES: tuple[Consequence, ...] = (copy_by_type, tell, keep_field_values, keep_search)


def tick(runtime: Runtime) -> int:
    """Takes up what is pending, oldest first; how many events. One that fails becomes a job, which is tried again."""
    done = 0
    while _is_pending(runtime):
        taken: list[int] = []
        try:
            _take_up(runtime, taken)
        except Away:
            raise
        except Exception:  # which one it is shows one by one
            log.exception("aftermath failed", events=len(taken))
            for event_id in taken:
                _take_up_or_defer(runtime, event_id)
        done += len(taken)
        if len(taken) < AT_ONCE:  # others are at the rest, or it comes at this moment: it may gather
            break
    return done


def again(runtime: Runtime, event_id: int) -> None:
    """The job of an event that failed before."""
    with runtime.writing() as session, session.begin():
        event = session.get(TimelineEvent, event_id)
        if event is not None:
            hold(session, Kind.AFTERMATH, event.ticket_id)
            _follow(session, [event], runtime.clock.now())


def _is_pending(runtime: Runtime) -> bool:
    """Asked first: to write, SQLite keeps everybody else waiting."""
    with runtime.reading() as session:
        return session.scalar(_PENDING.limit(1)) is not None


_PENDING = sa.select(TimelineEvent.id).where(PENDING)


def _take_up(runtime: Runtime, taken: list[int]) -> None:
    """The oldest events, of each ticket all in one process: they are told, and found, in their order."""
    pending = _PENDING.order_by(TimelineEvent.id)
    with runtime.writing() as session, session.begin():
        found = claim(session, pending, Kind.AFTERMATH, TimelineEvent.ticket_id, limit=AT_ONCE)
        taken += [event_id for (event_id,) in found]
        _take(runtime, session, taken)


def _take(runtime: Runtime, session: Session, ids: Sequence[int]) -> None:
    """Those still pending: another process may have taken one up a moment ago."""
    wanted = sa.select(TimelineEvent).where(TimelineEvent.id.in_(ids), TimelineEvent.pending).order_by(TimelineEvent.id)
    events = list(session.scalars(wanted.with_for_update(skip_locked=True)))
    _settle(session, [event.id for event in events])
    _follow(session, events, runtime.clock.now())


def _take_up_or_defer(runtime: Runtime, event_id: int) -> None:
    try:
        with runtime.writing() as session, session.begin():
            _take(runtime, session, [event_id])
    except Away:
        raise
    except Exception:  # kept as a job, so that the others go on
        log.exception("aftermath deferred", event=event_id)
        with runtime.writing() as session, session.begin():
            _settle(session, [event_id])
            jobs.enqueue(session, JOB, {"event_id": event_id}, run_at=runtime.clock.now(), key=f"{JOB}:{event_id}")


def _settle(session: Session, ids: Sequence[int]) -> None:
    if ids:
        session.connection().execute(sa.update(TimelineEvent).where(TimelineEvent.id.in_(ids)).values(pending=False))


def _follow(session: Session, events: Sequence[TimelineEvent], at: datetime) -> None:
    for consequence in CONSEQUENCES if events else ():
        consequence(session, events, at)
