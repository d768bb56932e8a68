"""Owns incidents: a step that could not be done is written down with what drove it, and can be tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.expressions import N_, Message
from engine.models import Incident, InstanceStatus, ProcessInstance, Timer, UserTask
from engine.spiff.workflow import Instance
from engine.step import Step, StepFailed, World
from tickets.access import Actor, Permission, visible_tickets
from tickets.apply import apply
from tickets.case import Case, case_of
from tickets.cause import Cause, UserTaskFacts
from tickets.errors import Conflict, Forbidden, InstanceStuck, NotFound
from tickets.runtime import Runtime
from tickets.steps import Plan, at_of, blueprint_of, run_step, take_live, world_of
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent, event_row


def stuck(
    runtime: Runtime,
    actor: Actor | None,
    case: Case,
    error: StepFailed,
    task: UserTaskFacts | None,
    values: Mapping[str, Any],
) -> InstanceStuck:
    """Writes an incident for a completion that failed, keeps the values as the task's draft; the error to raise."""
    payload = {"ref": task.ref if task else "", "values": dict(values), "task_id": task.id if task else 0}
    open_incident(runtime, actor, case, error, kind="complete", payload=payload)
    if task is not None:
        with runtime.writing() as session, session.begin():
            kept = {"draft": dict(values), "draft_at": runtime.clock.now()}
            session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(kept))
    element = _element_name(runtime, case, error.element)
    return InstanceStuck(element=element, reason=error.reason)


def open_incident(
    runtime: Runtime,
    actor: Actor | None,
    case: Case,
    error: StepFailed,
    *,
    kind: str,
    payload: dict[str, Any],
) -> None:
    """One row for what failed (the same failure again only renews it), the instance marked, a line in the timeline."""
    now = runtime.clock.now()
    reason = _stored(error.reason)
    found = {
        "element": error.element,
        "reason": reason["text"],
        "params": reason["params"],
        "payload": payload,
        "opened_at": now,
        "actor_id": actor.person_id if actor else None,
    }
    with runtime.writing() as session, session.begin():
        same = sa.select(Incident.id, Incident.payload).where(
            Incident.instance_id == case.instance_id, Incident.kind == kind, Incident.resolved_at.is_(None)
        )
        known = next((row.id for row in session.execute(same) if row.payload.get("ref") == payload.get("ref")), None)
        if known is not None:
            session.execute(sa.update(Incident).where(Incident.id == known).values(found))
            return
        new = {"brand_id": case.site.brand_id, "instance_id": case.instance_id, "kind": kind, **found}
        session.execute(sa.insert(Incident), [new])
        marked = sa.update(ProcessInstance).where(ProcessInstance.id == case.instance_id)
        session.execute(marked.values(status=InstanceStatus.INCIDENT))
        row = event_row(
            case.ticket_id,
            case.site.brand_id,
            EventKind.INCIDENT,
            actor_id=actor.person_id if actor else None,
            at=now,
            public=False,
            via=actor.via if actor else "system",
            params={"element": error.element, "reason": reason["text"], "reason_params": reason["params"]},
        )
        session.execute(sa.insert(TimelineEvent), [row])


def retry(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """Do the step again that failed; the ticket's number. Raises NotFound, Forbidden, Conflict, InstanceStuck."""
    kept: dict[str, Any] = {}

    def plan(session: Session) -> Plan:
        incident, case = _incident(session, actor, incident_id)
        kept.update(incident=incident, case=case)
        blueprint = blueprint_of(session, runtime, case.definition_id)
        live = take_live(session, runtime, case)
        step = _again(live, case, incident, world_of(session, case, runtime))
        return Plan(case, step, blueprint)

    def write(session: Session, planned: Plan) -> str:
        incident: Incident = kept["incident"]
        task = _task(session, incident)
        cause = Cause(actor, task=task, values=incident.payload.get("values", {}), incident_id=incident.id)
        apply(session, planned, cause)
        return planned.case.number

    try:
        return run_step(runtime, plan, write)
    except StepFailed as error:
        incident = kept["incident"]
        open_incident(runtime, actor, kept["case"], error, kind=incident.kind, payload=incident.payload)
        raise InstanceStuck(element=_element_name(runtime, kept["case"], error.element), reason=error.reason) from None
    except instances.NotWaiting:
        _resolve(runtime, actor, kept["incident"].id)
        raise Conflict(Message(N_("The process has moved on by another way; there is nothing to try again."))) from None


def _again(live: Instance, case: Case, incident: Incident, world: World) -> Step:
    given, at = incident.payload, at_of(case)
    if incident.kind == "complete":
        return instances.complete(live, at, ref=given["ref"], values=given["values"], world=world)
    if incident.kind == "timer":
        return instances.fire_timer(live, at, ref=given["ref"], slot=given["slot"], world=world)
    if incident.kind == "message":
        payload = given["payload"]
        return instances.deliver(live, at, ref=given["ref"], slot=given["slot"], payload=payload, world=world)
    return instances.answer(live, at, ref=given["ref"], values=given.get("values", {}), world=world)


def _incident(session: Session, actor: Actor, incident_id: UUID) -> tuple[Incident, Case]:
    incident = session.scalar(sa.select(Incident).where(Incident.public_id == incident_id))
    case = case_of(session, Ticket.instance_id == incident.instance_id, visible_tickets(actor)) if incident else None
    if incident is None or case is None:
        raise NotFound(N_("This incident"))
    if not actor.may(Permission.OPERATE):
        raise Forbidden(Message(N_("Your roles don't let you try a stopped process again; ask an administrator.")))
    if incident.resolved_at is not None:
        raise Conflict(Message(N_("This incident has been resolved before.")))
    return incident, case


def _task(session: Session, incident: Incident) -> UserTaskFacts | None:
    task = session.get(UserTask, incident.payload.get("task_id") or 0)
    if task is None:
        return None
    return UserTaskFacts(
        task.id,
        task.public_id,
        task.ref,
        task.element,
        task.name,
        task.names,
        task.settings,
        task.form_digest,
        task.status,
        task.assignee_id,
        task.queue_key,
        task.widely_offered,
    )


def _resolve(runtime: Runtime, actor: Actor, incident_id: int) -> None:
    with runtime.writing() as session, session.begin():
        values = {"resolved_at": runtime.clock.now(), "resolved_by_id": actor.person_id}
        session.execute(sa.update(Incident).where(Incident.id == incident_id).values(values))


def forget_timer(session: Session, instance_id: int, ref: str) -> None:
    """A timer whose step failed fires no more by itself; its incident holds what is needed to try again."""
    session.execute(sa.delete(Timer).where(Timer.instance_id == instance_id, Timer.ref == ref))


def _stored(message: Message) -> dict[str, Any]:
    """A message as JSON: its text, and its parameters as texts."""
    return {"text": message.text, "params": {key: str(value) for key, value in message.params.items()}}


def _element_name(runtime: Runtime, case: Case, element: str) -> str:
    with runtime.reading() as session:
        node = blueprint_of(session, runtime, case.definition_id).compiled.node(element)
    return node.name or node.id if node is not None else element
