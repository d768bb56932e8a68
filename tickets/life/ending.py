"""Owns ending a ticket before its process does: what runs is cancelled in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.expressions import N_, Message
from engine.models import InstanceStatus
from tickets import changing, deadlines
from tickets.access import Actor
from tickets.apply import apply
from tickets.case import Case, case_of
from tickets.cause import Cause
from tickets.change import Change, Was, status_values, told
from tickets.deadlines import Deadline, Due
from tickets.errors import Conflict, NotFound
from tickets.family.children import kept_open, open_children
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.steps import Plan, at_of, blueprint_of, run_step, take_live, world_of
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind

RUNNING = frozenset({InstanceStatus.ACTIVE, InstanceStatus.INCIDENT})
Find = Callable[[Session], Case]
"""Looks the ticket up, with the permission to end it; raises what the lookup raises."""


@dataclass(frozen=True)
class Ending:
    """How a ticket ends: its status, and what the timeline says."""

    status: Status
    kind: EventKind
    params: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    children_first: bool = True
    also: Callable[[Session, Case, datetime], None] = lambda _session, _case, _now: None
    """What else is written in the same transaction."""


def close(runtime: Runtime, actor: Actor, number: str, why: str) -> None:
    """Over, whatever its process had still to do. Raises Conflict while children are open, if its type says so."""
    ending = Ending(Status.CLOSED, EventKind.CLOSED, {"why": checked_reason(why)})
    end(runtime, actor, found_by(actor, number, Verb.CLOSE), ending)


def withdraw(runtime: Runtime, actor: Actor, number: str, why: str) -> None:
    """Whoever asked needs it no more. Children go on by themselves."""
    params = {"why": checked_reason(why)}
    ending = Ending(Status.WITHDRAWN, EventKind.WITHDRAWN, params, children_first=False)
    end(runtime, actor, found_by(actor, number, Verb.WITHDRAW), ending)


def confirm(runtime: Runtime, actor: Actor, number: str) -> None:
    """Whoever asked agrees that it is resolved, and it closes."""
    end(runtime, actor, found_by(actor, number, Verb.CONFIRM), Ending(Status.CLOSED, EventKind.CONFIRMED))


def close_due(runtime: Runtime, due: Due) -> None:
    """Nobody objected to a resolved ticket for as long as its type waits. With open children it waits for them."""

    def find(session: Session) -> Case:
        case = case_of(session, Ticket.id == due.ticket_id)
        still = sa.select(Deadline.id).where(Deadline.id == due.id, Deadline.due_at == due.due_at)
        if case is None or case.status != Status.RESOLVED or session.scalar(still) is None:
            raise NotFound(N_("This ticket"))
        return case

    try:
        end(runtime, None, find, Ending(Status.CLOSED, EventKind.CLOSED))  # what follows the status drops the deadline
    except (NotFound, ChildrenOpen):
        with runtime.writing() as session, session.begin():
            deadlines.take(session, due)


class ChildrenOpen(Conflict):
    """A ticket does not end before those below it."""


def end(runtime: Runtime, actor: Actor | None, find: Find, ending: Ending) -> str:
    """Cancels what runs and ends the ticket; its number. Raises what `find` raises, and Conflict."""

    def plan(session: Session) -> Plan:
        case = find(session)
        if ending.children_first:
            _check_children(session, case)
        blueprint = blueprint_of(session, runtime, case.definition_id)
        if case.instance_status not in RUNNING:
            raise _Over
        live = take_live(session, runtime, case)
        step = instances.cancel(live, at_of(case), world=world_of(session, case, runtime))
        return Plan(case, step, blueprint)

    def write(session: Session, planned: Plan) -> str:
        find(session)
        was, now = Was.of_case(planned.case), planned.step.now
        cause = Cause(actor, decided=ending.status, told=[_told(was, actor, ending, now)], columns=ending.columns)
        apply(session, planned, cause)
        ending.also(session, planned.case, now)
        return planned.case.number

    try:
        return run_step(runtime, plan, write)
    except _Over:
        return _end_alone(runtime, actor, find, ending)


def found_by(actor: Actor, number: str, verb: Verb) -> Find:
    """The ticket of that number if they may do this with it now."""

    def find(session: Session) -> Case:
        ticket = ticket_for(session, actor, number, verb, lock=False)
        case = case_of(session, Ticket.id == ticket.id)
        assert case is not None
        return case

    return find


class _Over(Exception):
    """Its process has ended already."""


def _end_alone(runtime: Runtime, actor: Actor | None, find: Find, ending: Ending) -> str:
    """A ticket whose process had nothing more to do."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        session.execute(sa.select(Ticket.id).where(Ticket.id == find(session).ticket_id).with_for_update())
        case = find(session)
        if ending.children_first:
            _check_children(session, case)
        was = Was.of_case(case)
        values = {**status_values(was, ending.status, now), **ending.columns}
        changing.write(session, Change(was, now, actor, values, [_told(was, actor, ending, now)]))
        ending.also(session, case, now)
        return case.number


def _told(was: Was, actor: Actor | None, ending: Ending, at: datetime) -> Mapping[str, Any]:
    return told(was, ending.kind, actor, at, public=True, **ending.params)


def _check_children(session: Session, case: Case) -> None:
    if kept_open(session, [case]):
        numbers = ", ".join(open_children(session, case.ticket_id))
        raise ChildrenOpen(
            Message(N_("Tickets below this one are still open: %(numbers)s. Close them first."), {"numbers": numbers})
        )
