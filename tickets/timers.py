"""Owns the tick: due timers move their tickets on and start new ones, each once however many processes look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from engine import measures
from engine.claims import Kind, claim
from engine.database import Away, UtcDateTime
from engine.models import Timer
from engine.step import World
from engine.timing import Turn
from tickets import together
from tickets.apply import DoneBefore
from tickets.beginnings import Begins, Occasion, begin
from tickets.case import CASE, OF_INSTANCE, Case, case_from, site_of
from tickets.cause import Cause
from tickets.driving import Given, drive
from tickets.runtime import Runtime
from tickets.start_events import turn_after
from tickets.steps import blueprint_of
from tickets.ticket import Ticket
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


class Round(NamedTuple):
    """So many due timers were taken in hand, and of these so many fired: others had done the rest, or it failed."""

    taken: int
    fired: int


def tick(runtime: Runtime) -> int:
    """Fires what is due now, soonest first; how many fired. A late cycle turns once, not once per missed turn."""
    return fire_due(runtime).fired


def fire_due(runtime: Runtime) -> Round:
    """Fires what is due now, so much as is taken in hand at once."""
    due = sa.select(*COLUMNS).where(Timer.due_at <= runtime.clock.now()).order_by(Timer.due_at, Timer.id)
    with runtime.reading() as session:
        rows = [Due(*row) for row in claim(session, due, Kind.TIMERS, ONE, limit=AT_ONCE)]
        return Round(len(rows), sum(_fire_all(runtime, batch) for batch in _batches(rows)))


def next_due(runtime: Runtime, within: timedelta) -> datetime | None:
    """When the next timer is due that is not due yet, if that is soon."""
    now = runtime.clock.now()
    with runtime.looking() as session:
        return session.scalar(_NEXT, {"now": now, "soon": now + within})


_NEXT = sa.select(sa.func.min(Timer.due_at)).where(
    Timer.due_at > sa.bindparam("now", type_=UtcDateTime()), Timer.due_at <= sa.bindparam("soon", type_=UtcDateTime())
)


def _batches(rows: Sequence[Due]) -> Iterator[Sequence[Due]]:
    """Timers of as many instances each; an instance's next one comes after its first. Who starts a ticket is alone."""
    batch: dict[int, Due] = {}
    for row in rows:
        if row.instance_id is None:
            yield [row]
            continue
        if row.instance_id in batch or len(batch) == together.MOST:
            yield list(batch.values())
            batch = {}
        batch[row.instance_id] = row
    yield list(batch.values())


def _fire_all(runtime: Runtime, batch: Sequence[Due]) -> int:
    """Together what goes together, then one by one what does not; how many fired."""
    for row in batch:
        measures.late("timer", row.due_at, runtime.clock.now())
    if len(batch) < 2:
        return sum(_fire_safely(runtime, row) for row in batch)
    given: dict[int, Given] = {row.instance_id or 0: {"ref": row.ref, "slot": row.slot} for row in batch}
    asked = {"of_instances": list(given), "of_timers": [row.id for row in batch]}

    def while_set(session: Session) -> list[Case]:
        return [case_from(tuple(row)) for row in session.connection().execute(_ALL_SET, asked)]

    done = together.drive_together(runtime, "timer", given, while_set)
    return len(done.moved) + sum(_fire_safely(runtime, row) for row in batch if row.instance_id in done.left)


_ALL_SET = CASE.where(
    Ticket.instance_id.in_(sa.bindparam("of_instances", expanding=True)),
    sa.exists().where(Timer.instance_id == Ticket.instance_id, Timer.id.in_(sa.bindparam("of_timers", expanding=True))),
)


def _fire_safely(runtime: Runtime, due: Due) -> bool:
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
