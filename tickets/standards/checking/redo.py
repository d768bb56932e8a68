"""Owns reopening a step that a spot check found wanting: in its process or, where that can't be, in another ticket.

In a running process it goes back there; one that has ended is taken up there. Where neither can be (others work at the
same time, the step is one of many, the ticket was withdrawn or merged), a ticket below it asks for the step, with the
step's own form and rules. All of it is in the transaction of the verdict, so that nothing is lost silently.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.models import TaskStatus, UserTask
from engine.record import Stale
from engine.spiff.moves import may_step_back, may_take_up
from engine.spiff.workflow import Instance
from engine.step import StepFailed
from tickets.access import Actor
from tickets.apply import apply
from tickets.case import Case, case_of
from tickets.cause import Cause
from tickets.change import Was, told
from tickets.life.ending import RUNNING
from tickets.life.reopening import for_whom
from tickets.life.returning import to_whoever_did_it
from tickets.runtime import Runtime
from tickets.standards.checking.done import Done, done_of, opened, words_of
from tickets.standards.checking.redo_ticket import in_a_ticket
from tickets.standards.checking.verdicts import begin_again, look, write_verdict
from tickets.standards.tables import Verdict
from tickets.steps import Plan, at_of, blueprint_of, run_step, take_live, world_of
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind

LOOKED_AT = 200
"""Open tasks of one ticket that are tried."""


class _Elsewhere(Exception):
    """The step's own process can't be taken up there."""


def take_back_again(runtime: Runtime, actor: Actor, step_id: UUID, reason: str) -> None:
    """The verdict that it failed, and the step opens again; the doer and their superior are told why."""
    try:
        _in_its_process(runtime, actor, step_id, reason)
    except (_Elsewhere, StepFailed, instances.NotWaiting):
        in_a_ticket(runtime, actor, step_id, reason)


def _in_its_process(runtime: Runtime, actor: Actor, step_id: UUID, reason: str) -> None:
    kept = dict[str, Done]()

    def plan(session: Session) -> Plan:
        judged = look(session, actor, step_id)
        done = done_of(session, judged)
        case = case_of(session, Ticket.id == done.ticket_id) if done is not None else None
        if done is None or case is None or _is_over(session, case):
            raise _Elsewhere
        kept["done"] = done
        blueprint = blueprint_of(session, runtime, case.definition_id)
        live = take_live(session, runtime, case)
        world = world_of(session, case, runtime)
        if case.instance_status not in RUNNING:
            if not may_take_up(blueprint, done.element):
                raise _Elsewhere
            return Plan(case, instances.reopen(live, at_of(case), element=done.element, world=world), blueprint)
        ref = _gives_way(session, live, done)
        return Plan(case, instances.step_back(live, at_of(case), ref=ref, element=done.element, world=world), blueprint)

    def write(session: Session, planned: Plan) -> None:
        case, now, done = planned.case, planned.step.now, kept["done"]
        judged = look(session, actor, step_id, lock=True)
        if judged.redone:
            raise Stale
        write_verdict(session, actor, judged, Verdict.FAILED, reason, now)
        again = begin_again(session, judged, now)
        words = words_of(session, judged, reason)
        event = told(Was.of_case(case), EventKind.CHECK_FAILED, actor, now, public=False, **words)
        ended = case.instance_status not in RUNNING
        decided, columns = for_whom(case, now) if ended else (None, {})
        apply(session, planned, Cause(actor, decided=decided, told=[event], columns=columns))
        to_whoever_did_it(session, planned, done.element, now)
        opened(session, again, done.instance_id, done.element, now)

    run_step(runtime, plan, write)


def _gives_way(session: Session, live: Instance, done: Done) -> str:
    """The open task from which the process can go back to the step. Raises _Elsewhere."""
    query = sa.select(UserTask.ref).where(UserTask.instance_id == done.instance_id, UserTask.status == TaskStatus.OPEN)
    for ref in session.scalars(query.order_by(UserTask.id.desc()).limit(LOOKED_AT)):
        token = live.find(ref)
        if token is not None and "." not in ref and may_step_back(token, done.element):
            return ref
    raise _Elsewhere


def _is_over(session: Session, case: Case) -> bool:
    """Whether nothing can go on in the ticket: it was withdrawn, merged into another, or erased."""
    gone = sa.or_(Ticket.status == Status.WITHDRAWN, Ticket.merged_into_id.is_not(None), Ticket.erased_at.is_not(None))
    return session.scalar(sa.select(Ticket.id).where(Ticket.id == case.ticket_id, gone)) is not None
