"""Owns what starts tickets of a version by itself: its start events' messages and signals by name, and their timers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import Base
from engine.definitions import At, Node, Process, Report
from engine.definitions.kinds import EventKind, TimerKind
from engine.definitions.parts import Event, Expr
from engine.definitions.wording import compile_expr
from engine.expressions import N_, Budget, EvaluationError, Message, to_json
from engine.models import EventType, MessageSubscription, ProcessDefinition, Timer
from engine.spiff.workflow import date_functions
from engine.spiff.working_time import counts_working_time
from engine.step import World
from engine.timing import Calendar, NotATime, Turn, coming_turn, next_turn, parse_time

NAMED = {EventKind.MESSAGE: EventType.MESSAGE, EventKind.SIGNAL: EventType.SIGNAL}
BUDGET = Budget(steps=2_000, memory=256_000)
"""What the expression of one start event may take: an upload may hold thousands of them."""


class NotKnownYet(Exception):
    """What an event's expression asks for is known only in a running process; `reason` says what went wrong."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


def check_start_events(process: Process, report: Report, world: World) -> None:
    """Warns of start events that will never start anything, in a file that is right as far as it was read."""
    if not report.accepted:
        return
    for node, event, _ in _triggers(process):
        at = At(node.id, node.name, node.line)
        try:
            if event.kind is not EventKind.TIMER:
                _name(event, world)
            elif _coming(process, node, event, world) is None:
                problem = N_("This time is over; nothing starts by it.")
                report.warning("start-over", at, problem, N_("Give it a time to come, or a cycle."))
        except (NotKnownYet, NotATime) as error:
            if event.expr is None and event.naming is None:
                continue  # the words themselves are wrong: that has been said where they were read
            reason = error.reason if isinstance(error, NotKnownYet) else error.message
            problem = N_("What starts this process is asked when it is deployed, and can't be told then: %(reason)s")
            remedy = N_("Write it without values of a running ticket, such as 0 9 * * MON-FRI or R/P1D.")
            report.warning("start-unknown", at, problem, remedy, reason=reason)


def offer_starts(session: Session, definition: ProcessDefinition, process: Process, world: World) -> None:
    """From now on its start events start tickets, and those of older versions do not."""
    older = sa.select(ProcessDefinition.id).where(
        ProcessDefinition.brand_id == definition.brand_id, ProcessDefinition.key == definition.key
    )
    unheard = {"synchronize_session": False}
    session.execute(sa.delete(MessageSubscription).where(MessageSubscription.definition_id.in_(older)), unheard)
    session.execute(sa.delete(Timer).where(Timer.definition_id.in_(older)), unheard)
    session.add_all(_rows(definition, process, world))


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts tickets of a version by itself: a message or signal by its name, or the clock, next at that time."""

    element: str
    kind: str
    name: str = ""
    due_at: datetime | None = None


def triggers_of(session: Session, definition_id: int) -> list[Trigger]:
    """What starts tickets of this version now, the clock first."""
    timers = sa.select(Timer.element, Timer.due_at).where(Timer.definition_id == definition_id).order_by(Timer.due_at)
    named = (
        sa.select(MessageSubscription.element, MessageSubscription.kind, MessageSubscription.name)
        .where(MessageSubscription.definition_id == definition_id)
        .order_by(MessageSubscription.id)
    )
    by_clock = [Trigger(row.element, "timer", due_at=row.due_at) for row in session.execute(timers)]
    return by_clock + [Trigger(row.element, row.kind, row.name) for row in session.execute(named)]


def turn_after(process: Process, element: str, slot: int, before: Turn, world: World) -> Turn | None:
    """When a start event's timer is due again, however late it was; None if never."""
    node = process.node(element)
    event = dict(enumerate(_events(node))).get(slot) if node is not None else None
    if node is None or event is None or event.kind is not EventKind.TIMER:
        return None
    try:
        time = parse_time(_text(event, world), world.zone, repeats=_repeats(event))
        return next_turn(time, before, world.now, world.zone, _calendar(process, node, world))
    except (NotKnownYet, NotATime):
        return None


def _rows(definition: ProcessDefinition, process: Process, world: World) -> Iterator[Base]:
    for node, event, slot in _triggers(process):
        whose = {"brand_id": definition.brand_id, "definition_id": definition.id, "element": node.id, "slot": slot}
        try:
            if event.kind is not EventKind.TIMER:
                yield MessageSubscription(**whose, ref="", kind=NAMED[event.kind], name=_name(event, world))
            elif (turn := _coming(process, node, event, world)) is not None:
                yield Timer(**whose, ref="", due_at=turn.at, counted_from=turn.start, turns_left=turn.left)
        except (NotKnownYet, NotATime):
            continue  # the report has said so


def _coming(process: Process, node: Node, event: Event, world: World) -> Turn | None:
    time = parse_time(_text(event, world), world.zone, repeats=_repeats(event))
    return coming_turn(time, world.now, world.zone, _calendar(process, node, world))


def _calendar(process: Process, node: Node, world: World) -> Calendar | None:
    return world.calendar if counts_working_time(node.settings, process.settings) else None


def _triggers(process: Process) -> Iterator[tuple[Node, Event, int]]:
    """What may start the process from outside: each event of each start event, with its slot."""
    for node in process.starts():
        for slot, event in enumerate(_events(node)):
            if event.kind in NAMED or event.kind is EventKind.TIMER:
                yield node, event, slot


def _events(node: Node) -> tuple[Event, ...]:
    if node.event is None:
        return ()
    return node.event.of if node.event.kind is EventKind.MULTIPLE else (node.event,)


def _repeats(event: Event) -> bool:
    return event.timer is TimerKind.CYCLE


def _name(event: Event, world: World) -> str:
    name = event.name if event.naming is None else _said(event.naming, world)
    if not name:
        raise NotKnownYet(Message(N_("The name is empty.")))
    return name[:255]


def _text(event: Event, world: World) -> str:
    return event.text if event.expr is None else _said(event.expr, world)


def _said(expr: Expr, world: World) -> str:
    """The text of an expression before there is a ticket. Raises NotKnownYet."""
    try:
        value: Any = to_json(compile_expr(expr).evaluate({}, functions=date_functions(world), budget=BUDGET))
    except EvaluationError as error:
        raise NotKnownYet(error.message) from None
    return str(value if value is not None else "")
