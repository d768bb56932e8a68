"""Owns running one step: plan it while reading, write it in one transaction, plan again when somebody was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from engine import instances, measures
from engine.expressions import N_, Message
from engine.instances import At, restore
from engine.models import ProcessDefinition, ProcessInstance
from engine.record import Stale
from engine.spiff.build import Blueprint
from engine.spiff.workflow import Instance
from engine.step import Step, World
from tickets.case import Case
from tickets.errors import Conflict
from tickets.names import People
from tickets.runtime import Runtime

TRIES = 4
T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """A planned step with the case it was planned from and the blueprint its instance is made of."""

    case: Case
    step: Step
    blueprint: Blueprint


def run_step(runtime: Runtime, plan: Callable[[Session], Plan], write: Callable[[Session, Plan], T]) -> T:
    """Plans and writes; both may run again, so they take ids and values, never rows of an earlier session."""
    watch = measures.Watch()
    for _ in range(TRIES):
        try:
            with runtime.looking() as session:
                planned = plan(session)
            case = planned.case
            with (
                bound_contextvars(ticket=case.number, instance=case.instance_id),
                runtime.writing() as session,
                session.begin(),
            ):
                result = write(session, planned)
        except Stale:
            measures.REPLANNED.inc()
            continue
        watch.step(planned.step.kind)
        if planned.step.instance_id is not None:
            runtime.hot.put(planned.step.instance_id, planned.step.revision, planned.step.live)
        return result
    raise Conflict(Message(N_("Others are working on this ticket at this very moment; try again.")))


def world_of(session: Session, case: Case, runtime: Runtime) -> World:
    """What the case's expressions may know now; the session must stay open while the step is planned."""
    return World(
        now=runtime.clock.now(),
        zone=case.site.zone,
        names=case.names(),
        functions=People(session, case).functions(),
        key=case.number,
        calendar=runtime.calendars(case.site.id),
    )


def step_again(live: Instance, case: Case, kind: str, given: Mapping[str, Any], world: World) -> Step:
    """The step of a kind by what drives it, as an incident keeps it. Raises `NotWaiting`, `StepFailed`."""
    at, ref = at_of(case), given["ref"]
    if kind in EVENTS:
        return EVENTS[kind](live, at, ref=ref, slot=given["slot"], payload=given["payload"], world=world)
    if kind == "timer":
        return instances.fire_timer(live, at, ref=ref, slot=given["slot"], world=world)
    if kind == "complete":
        return instances.complete(live, at, ref=ref, values=given["values"], world=world)
    if kind == "fail":
        error = {"code": given["code"], "message": given["message"], "values": given["values"]}
        return instances.fail(live, at, ref=ref, **error, world=world)
    return instances.answer(live, at, ref=ref, values=given["values"], world=world)


EVENTS: Mapping[str, Callable[..., Step]] = {"message": instances.deliver, "signal": instances.signal}
"""What comes from outside with data of its own."""


def at_of(case: Case) -> At:
    """Where a step of the case begins."""
    return At(case.definition_id, case.instance_id, case.revision)


def blueprint_of(session: Session, runtime: Runtime, definition_id: int) -> Blueprint:
    """What instances of the definition version are made of: from memory, else from its stored artefact."""

    def fetch() -> bytes:
        query = sa.select(ProcessDefinition.compiled).where(ProcessDefinition.id == definition_id)
        return session.scalars(query).one()

    return runtime.hot.blueprint(definition_id, fetch)


def take_live(session: Session, runtime: Runtime, case: Case) -> Instance:
    """The instance at the case's revision, from memory or from its stored state; it is the caller's until put back."""
    live = runtime.hot.take(case.instance_id, case.revision)
    return live if live is not None else read_live(session, runtime, case)


def read_live(session: Session, runtime: Runtime, case: Case) -> Instance:
    """The instance from its stored state, for reading only; raises `Stale` if it moved since the case was read."""
    query = sa.select(ProcessInstance.state).where(
        ProcessInstance.id == case.instance_id, ProcessInstance.revision == case.revision
    )
    state: Any = session.scalar(query)
    if state is None:
        raise Stale
    return restore(state, blueprint_of(session, runtime, case.definition_id))
