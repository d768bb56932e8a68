"""Owns the tick: due timers move their tickets on, each once however many processes look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from engine.models import Timer
from tickets.cause import Cause
from tickets.driving import Given, drive
from tickets.runtime import Runtime

log = structlog.get_logger()

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come."""

    id: int
    instance_id: int
    ref: str
    slot: int
    attempts: int


def tick(runtime: Runtime) -> int:
    """Fires what is due now, soonest first; how many fired. A late cycle turns once, not once per missed turn."""
    columns = (Timer.id, Timer.instance_id, Timer.ref, Timer.slot, Timer.attempts)
    due = (
        sa.select(*columns)
        .where(Timer.instance_id.is_not(None), Timer.due_at <= runtime.clock.now())
        .order_by(Timer.due_at, Timer.id)
        .limit(AT_ONCE)
    )
    with runtime.reading() as session:
        rows = [Due(r.id, r.instance_id or 0, r.ref, r.slot, r.attempts) for r in session.execute(due)]
    return sum(_fire_safely(runtime, row) for row in rows)


def _fire_safely(runtime: Runtime, due: Due) -> bool:
    try:
        return _fire(runtime, due)
    except Exception:  # one bad timer must not stop the others; it is logged and comes again later
        log.exception("timer failed", timer=due.id, instance=due.instance_id)
        later = runtime.clock.now() + timedelta(seconds=min(2**due.attempts, 3600))
        with runtime.writing() as session, session.begin():
            values = {"attempts": Timer.attempts + 1, "due_at": later}
            session.execute(sa.update(Timer).where(Timer.id == due.id).values(values))
        return False


def _fire(runtime: Runtime, due: Due) -> bool:
    def still_set(session: Session) -> Given | None:
        there = session.scalar(sa.select(Timer.id).where(Timer.id == due.id))
        return {"ref": due.ref, "slot": due.slot} if there is not None else None

    return drive(runtime, "timer", due.instance_id, still_set, cause=Cause(None)) is not None
