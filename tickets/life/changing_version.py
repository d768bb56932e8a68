"""Owns putting a running ticket on another version of its type: its process goes on there, its open tasks follow."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.expressions import N_, Message
from engine.models import ElementVisit, ProcessInstance, TaskStatus, UserTask
from engine.spiff.build import Blueprint
from engine.spiff.tokens import Token
from engine.spiff.versions import Must
from engine.step import Opened, StepFailed
from tickets.access import Actor
from tickets.apply import apply
from tickets.case import Case, case_of
from tickets.cause import Cause
from tickets.change import Was, told
from tickets.life.ending import RUNNING
from tickets.offering import Offering
from tickets.runtime import Runtime
from tickets.standards.said import steps_said
from tickets.steps import Plan, at_of, blueprint_of, read_live, run_step, world_of
from tickets.ticket import Ticket
from tickets.timeline import EventKind

_OTHER_STEPS = N_("Its standard steps are others in that version; what is under way is finished as it was begun.")


@dataclass(frozen=True, slots=True)
class Versions:
    """From which version to which, by the ids of the definitions and by their numbers."""

    old_id: int
    new_id: int
    old: int
    new: int


class Elsewhere(Exception):
    """The ticket is not, or no longer, under way on that version."""


def change_version(runtime: Runtime, actor: Actor | None, ticket_id: int, versions: Versions) -> None:
    """What has been done stays done. Raises `StepFailed` with what is in the way, Elsewhere, Conflict."""

    def plan(session: Session) -> Plan:
        return planned(session, runtime, ticket_id, versions)

    def write(session: Session, change: Plan) -> None:
        params = {"old": str(versions.old), "new": str(versions.new)}
        line = told(Was.of_case(change.case), EventKind.VERSION, actor, change.step.now, public=False, **params)
        apply(session, change, Cause(actor, told=[line], columns={"definition_id": versions.new_id}))
        _change_tasks(session, change)

    run_step(runtime, plan, write)


def planned(session: Session, runtime: Runtime, ticket_id: int, versions: Versions) -> Plan:
    """The change, not written yet. Raises `StepFailed`, Elsewhere."""
    case = case_of(session, Ticket.id == ticket_id)
    if case is None or case.definition_id != versions.old_id or case.instance_status not in RUNNING:
        raise Elsewhere
    old, new = (blueprint_of(session, runtime, each) for each in (versions.old_id, versions.new_id))
    step = instances.change_version(
        read_live(session, runtime, case),
        at_of(case),
        new,
        versions.new_id,
        must=_must(session, case, old, new),
        world=world_of(session, case, runtime),
    )
    return Plan(case, step, new)


def _must(session: Session, case: Case, old: Blueprint, new: Blueprint) -> Must:
    """The elements of each mandatory step that is not done. Raises `StepFailed` where the steps are others."""
    before, after = ({step.key: step for step in steps_said(one.compiled)} for one in (old, new))
    if {key: step.mandatory for key, step in before.items()} != {key: step.mandatory for key, step in after.items()}:
        raise StepFailed("", Message(_OTHER_STEPS))
    mandatory = [step for step in after.values() if step.mandatory]
    if not mandatory:
        return ()
    visits = sa.select(ElementVisit.element).where(
        ElementVisit.instance_id == case.instance_id, ElementVisit.outcome == "completed"
    )
    done = set(session.scalars(visits.distinct()))
    return [step.elements for step in mandatory if not done.intersection(before[step.key].elements, step.elements)]


def _change_tasks(session: Session, change: Plan) -> None:
    """What its open tasks say, ask and allow is the new version's; who has them, drafts and due times stay."""
    open_here = (UserTask.instance_id == change.case.instance_id, UserTask.status == TaskStatus.OPEN)
    calendar, process = change.step.live.world.calendar, change.blueprint.compiled.process
    offering = Offering(session, change.case, change.step.now, calendar=calendar, process=process)
    for task in session.scalars(sa.select(UserTask).where(*open_here)):
        node = change.blueprint.compiled.node(task.element)
        token: Token | None = change.step.live.find(task.ref)
        if node is not None and token is not None:
            opened = Opened(task.ref, task.element, token.loop, task.lane or "", token.known())
            task.name, task.names, task.settings = node.name or node.id, node.names, node.settings
            task.form_digest = change.blueprint.compiled.forms.get(node.id)
            task.documentation = offering.told(opened, node.documentation)
    session.flush()


def running_on(session: Session, definition_id: int, *, after: int = 0, limit: int) -> list[tuple[int, str]]:
    """The tickets under way on a version, by id: their ids and numbers."""
    query = (
        sa.select(Ticket.id, Ticket.number)
        .join(ProcessInstance, ProcessInstance.id == Ticket.instance_id)
        .where(Ticket.definition_id == definition_id, Ticket.id > after, ProcessInstance.status.in_(sorted(RUNNING)))
        .order_by(Ticket.id)
    )
    return [(ticket_id, number) for ticket_id, number in session.execute(query.limit(limit))]
