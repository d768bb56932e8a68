"""Owns the tick: due timers move their tickets on and start new ones, each once however many processes look."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from engine import measures
from engine.claims import Kind, claim
from engine.database import Away
from engine.models import Timer
from engine.step import World
from engine.timing import Turn
from tickets.apply import DoneBefore
from tickets.beginnings import Begins, Occasion, begin
from tickets.case import OF_INSTANCE, Case, case_from, site_of
from tickets.cause import Cause
from tickets.driving import Given, drive
from tickets.runtime import Runtime
from tickets.start_events import turn_after
from tickets.steps import blueprint_of
from tickets.types import TicketType

log = structlog.get_logger()

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come: an instance's, or a start event's of a version."""

    id: int
    brand_id: int
    instance_id: int | None
    definition_id: int | None
    element: str
    ref: str
    slot: int
    attempts: int
    due_at: datetime
    counted_from: datetime | None
    turns_left: int | None


COLUMNS = [getattr(Timer, name) for name in Due.__slots__]
ONE = sa.func.coalesce(Timer.instance_id, -Timer.id)
"""Of an instance one process fires the timers."""


def tick(runtime: Runtime) -> int:
    """Fires what is due now, soonest first; how many fired. A late cycle turns once, not once per missed turn."""
    due = sa.select(*COLUMNS).where(Timer.due_at <= runtime.clock.now()).order_by(Timer.due_at, Timer.id)
    with runtime.reading() as session:
        rows = [Due(*row) for row in claim(session, due, Kind.TIMERS, ONE, limit=AT_ONCE)]
        return sum(_fire_safely(runtime, row) for row in rows)


def _fire_safely(runtime: Runtime, due: Due) -> bool:
    measures.late("timer", due.due_at, runtime.clock.now())
    try:
        with bound_contextvars(timer=due.id):
            return _start(runtime, due) if due.instance_id is None else _fire(runtime, due, due.instance_id)
    except Away:
        raise
    except Exception:  # one bad timer must not stop the others; it is logged and comes again later
        log.exception("timer failed", timer=due.id, instance=due.instance_id, definition=due.definition_id)
        later = runtime.clock.now() + timedelta(seconds=min(2**due.attempts, 3600))
        with runtime.writing() as session, session.begin():
            values = {"attempts": Timer.attempts + 1, "due_at": later}
            mine = (Timer.id == due.id, Timer.due_at == due.due_at)  # somebody else may have fired and set it again
            session.execute(sa.update(Timer).where(*mine).values(values))
        return False


def _fire(runtime: Runtime, due: Due, instance_id: int) -> bool:
    given: Given = {"ref": due.ref, "slot": due.slot}

    def while_set(session: Session, instance_id: int) -> Case | None:
        row = session.connection().execute(_WHILE_SET, {"of_instance": instance_id, "of_timer": due.id}).first()
        return case_from(tuple(row)) if row is not None else None

    return drive(runtime, "timer", instance_id, lambda _: given, cause=Cause(None), look=while_set) is not None


_WHILE_SET = OF_INSTANCE.where(sa.exists().where(Timer.id == sa.bindparam("of_timer")))


def _start(runtime: Runtime, due: Due) -> bool:
    """A ticket of its type, at the top of its brand and without a requester; with it the timer is set to its next turn.

    A type that is switched off starts nothing, but its timers go on turning.
    """
    now = runtime.clock.now()
    with runtime.reading() as session:
        kind = session.scalar(sa.select(TicketType).where(TicketType.definition_id == due.definition_id))
        process = blueprint_of(session, runtime, due.definition_id or 0).compiled.process
        world = World(now, site_of(session, due.brand_id).zone, calendar=runtime.calendars(due.brand_id))
    before = Turn(due.due_at, due.counted_from or due.due_at, due.turns_left)
    node, after = process.node(due.element), turn_after(process, due.element, due.slot, before, world)

    def take(session: Session) -> None:
        _set_again(session, due, after)

    if kind is None or not kind.active or node is None:
        with suppress(DoneBefore), runtime.writing() as session, session.begin():
            take(session)
        return False
    occasion = Occasion(due.brand_id, cause=node.name, cause_names=node.names)
    return begin(runtime, None, Begins(kind, due.element), occasion, write_first=take) is not None


def _set_again(session: Session, due: Due, after: Turn | None) -> None:
    """The timer's next turn, or none; whoever comes second raises DoneBefore."""
    mine = (Timer.id == due.id, Timer.due_at == due.due_at)
    statement: sa.Update | sa.Delete = sa.delete(Timer).where(*mine)
    if after is not None:
        values = {"due_at": after.at, "turns_left": after.left, "attempts": 0}
        statement = sa.update(Timer).where(*mine).values(values)
    if session.connection().execute(statement).rowcount != 1:
        raise DoneBefore(due.element)
