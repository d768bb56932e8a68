"""Owns what a step sets going: its jobs, each once after commit; and keeps processes from going on without end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.definitions.connecting import TOPIC
from engine.expressions import N_, Message
from engine.models import EventType, PendingMessage
from engine.step import Step, StepFailed
from tickets.cause import Cause
from tickets.connectors import asking as connectors
from tickets.steps import Plan

LONGEST = 2000
"""How many jobs may follow from what a person, a timer or another system did, and from those jobs in turn.

Each step shares out what is left among its jobs, so a process that calls itself twice stops as one that does it once.
"""
PAUSE = timedelta(seconds=60)
"""The least time until a timer that a timer, or a chain of jobs, led to: a loop of them turns no faster."""


MOST_KEPT = 100
"""Kept messages that are given to one who begins to wait for them."""


class Wanted(NamedTuple):
    """A job to enqueue; the element that asks for it is told when the chain is at its end."""

    name: str
    key: str
    element: str
    args: dict[str, Any]
    line: str
    """Jobs of one line are done in their order: what answers one instance, and what is thrown to one receiver."""


def enqueue(session: Session, plan: Plan, cause: Cause) -> None:
    """Service tasks, what was thrown, and messages that came before anybody waited. Raises StepFailed at the end."""
    wanted = [*_services(plan), *_thrown(plan, cause), *_pending(session, plan)]
    if not wanted:
        return
    left = ((LONGEST if cause.left is None else cause.left) - len(wanted)) // len(wanted)
    if left < 0:
        raise StepFailed(wanted[0].element, Message(N_("The process goes on by itself without end.")))
    for name, same in groupby(wanted, key=lambda job: job.name):
        requests = [jobs.Request({**job.args, "left": left}, job.key, job.line) for job in same]
        queue = jobs.OUTSIDE if name == connectors.JOB else jobs.WORK
        jobs.enqueue_all(session, name, requests, run_at=plan.step.now, queue=queue)


def service_key(instance_id: int, ref: str) -> str:
    """The key of the job that a service task asks for."""
    return f"service:{instance_id}:{ref}"


def earliest(step: Step, cause: Cause) -> datetime:
    """When a timer that the step sets may fire."""
    by_itself = cause.actor is None and (step.kind == "timer" or cause.left is not None)
    return step.now + PAUSE if by_itself else step.now


def _services(plan: Plan) -> Iterator[Wanted]:
    instance_id = plan.case.instance_id
    for asked in plan.step.effects.asked.values():
        args = {"instance_id": instance_id, "ref": asked.ref, "element": asked.element, "topic": asked.topic}
        if asked.topic == TOPIC:
            key = connectors.first_key(instance_id, asked.ref)
            yield Wanted(connectors.JOB, key, asked.element, args, key)
            continue
        yield Wanted("service", service_key(instance_id, asked.ref), asked.element, args, f"instance:{instance_id}")


def _thrown(plan: Plan, cause: Cause) -> Iterator[Wanted]:
    """Messages, and signals for all but this instance: it has heard its own inside the step."""
    case = plan.case
    for number, thrown in enumerate(plan.step.effects.thrown):
        key = f"thrown:{case.instance_id}:{plan.step.revision}:{number}"
        args: dict[str, Any] = {
            "brand_id": case.site.brand_id,
            "place_id": case.site.id,
            "name": thrown.name,
            "payload": thrown.payload,
            "effect": key,
        }
        line = f"{thrown.kind}:{case.site.brand_id}:{thrown.name}"
        if thrown.kind == EventType.SIGNAL:
            args |= {"thrower": case.instance_id, "fresh": cause.left is None}
        else:
            args["key"], line = thrown.key, f"{line}:{thrown.key}"
        yield Wanted(thrown.kind, key, thrown.element, args, line)


def _pending(session: Session, plan: Plan) -> Iterator[Wanted]:
    case = plan.case
    for awaited in plan.step.effects.awaited.values():
        if awaited.kind == EventType.SIGNAL:
            continue  # it is heard by those who wait by then, and not kept
        pending = sa.select(PendingMessage.id).where(
            PendingMessage.brand_id.in_((case.site.brand_id, case.site.root_id)),
            PendingMessage.name == awaited.name,
            PendingMessage.key == awaited.key,
        )
        for pending_id in session.scalars(pending.order_by(PendingMessage.id).limit(MOST_KEPT)):
            args = {"pending_id": pending_id, "instance_id": case.instance_id}
            key = f"pending:{pending_id}:{case.instance_id}:{plan.step.revision}"
            yield Wanted("pending_message", key, awaited.element, args, f"instance:{case.instance_id}")
