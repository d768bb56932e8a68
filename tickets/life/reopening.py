"""Owns reopening: a resolved or closed ticket goes on, in its process or, where that has ended, at its last task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.expressions import N_, Message
from engine.models import ProcessDefinition, TaskStatus, UserTask
from engine.spiff.build import Blueprint
from engine.spiff.moves import may_take_up
from engine.step import StepFailed
from engine.timing import NotATime, parse_duration
from tickets import changing
from tickets.access import Actor
from tickets.apply import apply
from tickets.case import Case
from tickets.cause import Cause
from tickets.change import Change, Was, told
from tickets.errors import Conflict
from tickets.life.ending import RUNNING, found_by
from tickets.life.pausing import going_on
from tickets.life.returning import to_whoever_did_it
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.settings import setting
from tickets.steps import Plan, at_of, blueprint_of, run_step, take_live, world_of
from tickets.ticket import Status
from tickets.timeline import EventKind

LOOKED_AT = 200


def reopen(runtime: Runtime, actor: Actor, number: str, why: str) -> None:
    """It is not done after all. Raises Conflict when that comes too late, or its process can't be taken up again."""
    reason = checked_reason(why)
    with runtime.reading() as session:
        case = found_by(actor, number, Verb.REOPEN)(session)
        _check_time(session, case, runtime.clock.now())
    if case.instance_status in RUNNING:
        _go_on(runtime, actor, number, reason)
    else:
        _take_up(runtime, actor, number, reason)


def _go_on(runtime: Runtime, actor: Actor, number: str, reason: str) -> None:
    """Its process waits where it was."""
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.REOPEN), runtime.clock.now()
        was = Was.of(ticket)
        event = told(was, EventKind.REOPENED, actor, now, public=True, why=reason)
        changing.write(session, Change(was, now, actor, going_on(was, now), [event]))


def _take_up(runtime: Runtime, actor: Actor, number: str, reason: str) -> None:
    find, kept = found_by(actor, number, Verb.REOPEN), dict[str, str]()

    def plan(session: Session) -> Plan:
        case = find(session)
        blueprint = blueprint_of(session, runtime, case.definition_id)
        kept["element"] = _last_task(session, case, blueprint)
        live, world = take_live(session, runtime, case), world_of(session, case, runtime)
        step = instances.reopen(live, at_of(case), element=kept["element"], world=world)
        return Plan(case, step, blueprint)

    def write(session: Session, planned: Plan) -> None:
        case, now = find(session), planned.step.now
        event = told(Was.of_case(case), EventKind.REOPENED, actor, now, public=True, why=reason)
        decided, columns = for_whom(case, now)
        apply(session, planned, Cause(actor, decided=decided, told=[event], columns=columns))
        to_whoever_did_it(session, planned, kept["element"], now, answered=True)

    try:
        run_step(runtime, plan, write)
    except StepFailed as error:
        text = N_("The process can't be taken up again: %(reason)s File a new ticket and link it with this one.")
        raise Conflict(Message(text, {"reason": error.reason})) from None


def for_whom(case: Case, now: datetime) -> tuple[Status | None, Mapping[str, Any]]:
    """An owner who has left answers for nothing any more: a dispatcher finds another."""
    if case.owner is not None and case.owner.departed:
        return Status.UNASSIGNED, {"owner_id": None, "dispatch_at": now}
    return (Status.IN_PROGRESS if case.owner is not None else None), {}


def _last_task(session: Session, case: Case, blueprint: Blueprint) -> str:
    """The element of the last task of the staff at which its process can go on."""
    requester = case.requester.id if case.requester is not None else None
    query = (
        sa.select(UserTask.element)
        .where(
            UserTask.instance_id == case.instance_id,
            UserTask.status != TaskStatus.OPEN,
            sa.func.coalesce(UserTask.closed_by_id, UserTask.assignee_id).is_distinct_from(requester)
            if requester is not None
            else sa.true(),
        )
        .order_by(UserTask.closed_at.desc(), UserTask.id.desc())
        .limit(LOOKED_AT)
    )
    for element in dict.fromkeys(session.scalars(query)):
        if may_take_up(blueprint, element):
            return element
    raise Conflict(
        Message(N_("None of its steps can be taken up again by itself. File a new ticket and link it with this one."))
    )


def _check_time(session: Session, case: Case, now: datetime) -> None:
    """The type's setting `reopen.within`, counted from when it was resolved or closed."""
    if case.instance_status in RUNNING:
        return
    query = sa.select(ProcessDefinition.key, ProcessDefinition.settings)
    key, file = session.execute(query.where(ProcessDefinition.id == case.definition_id)).one()
    brand, root = case.site.brand_id, case.site.root_id
    text = setting(session, "reopen.within", type_key=key, brand_id=brand, root_id=root, file=file)
    ended = case.closed_at or case.resolved_at or now
    if text and _after(text, ended, case.site.zone) < now:
        raise Conflict(
            Message(N_("It ended too long ago to be reopened. File a new ticket and link it with this one."))
        )


def _after(text: str, start: datetime, zone: ZoneInfo) -> datetime:
    try:
        return parse_duration(text).after(start, zone)
    except NotATime:
        return datetime.max.replace(tzinfo=start.tzinfo)
