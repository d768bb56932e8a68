"""Owns incidents: a step that could not be done is written down with what drove it, and can be tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances, measures
from engine.expressions import N_, Message
from engine.models import Incident, InstanceStatus, ProcessInstance, Timer, UserTask
from engine.record import resolve_incidents
from engine.step import StepFailed
from tickets import audit
from tickets.access import Actor, load_actor, visible_tickets
from tickets.apply import apply
from tickets.attaching import attach_values
from tickets.case import Case, case_of
from tickets.cause import Cause, UserTaskFacts, taken_up
from tickets.connectors import asking as connectors
from tickets.errors import Conflict, Forbidden, InstanceStuck, NotFound
from tickets.mending import may_retry
from tickets.owning import takes_on
from tickets.runtime import Runtime
from tickets.steps import Plan, blueprint_of, run_step, step_again, take_live, world_of
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent, event_row


def stuck(
    runtime: Runtime, actor: Actor, case: Case, error: StepFailed, task: UserTaskFacts, values: Mapping[str, Any]
) -> InstanceStuck:
    """Writes an incident for a completion that failed, keeps the values as the task's draft; the error to raise."""
    payload = {"ref": task.ref, "values": dict(values), "task_id": task.id}
    open_incident(runtime, actor, case, error, kind="complete", payload=payload)
    return _instance_stuck(runtime, case, error)


def open_incident(
    runtime: Runtime, actor: Actor | None, case: Case, error: StepFailed, *, kind: str, payload: dict[str, Any]
) -> None:
    """One row for what failed (the same failure again only renews it), the instance marked, a line in the timeline.

    What is tried again by hand fires no more by itself, and what a person answered stays as their task's draft.
    """
    now = runtime.clock.now()
    found = {**_facts(error), "payload": payload, "opened_at": now, "actor_id": actor.person_id if actor else None}
    with runtime.writing() as session, session.begin():
        if not _mark(session, case):
            return
        _keep_aside(session, case, kind, payload, found)
        same = sa.select(Incident.id, Incident.payload).where(
            Incident.instance_id == case.instance_id, Incident.kind == kind, Incident.resolved_at.is_(None)
        )
        known = next((row.id for row in session.execute(same) if row.payload["ref"] == payload["ref"]), None)
        if known is not None:
            session.execute(sa.update(Incident).where(Incident.id == known).values(**found, aside_at=None))
            return
        new = {"brand_id": case.site.brand_id, "instance_id": case.instance_id, "kind": kind, **found}
        session.execute(sa.insert(Incident), [new])
        measures.INCIDENTS.labels(kind).inc()
        session.execute(sa.insert(TimelineEvent), [_told(session, runtime, case, actor, found)])


def retry(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """Do the step again that failed, as whoever did it then; the ticket's number.

    A call to another system is made again after that, by its job. Raises NotFound, Forbidden, Conflict, InstanceStuck.
    """
    with runtime.reading() as session:
        if _incident(session, actor, incident_id)[0].kind == connectors.JOB:
            return _call_again(runtime, actor, incident_id)
    tried: list[_Attempt] = []

    def plan(session: Session) -> Plan:
        found = _attempt(session, runtime, actor, incident_id)
        tried.append(found)
        incident, case = found.incident, found.case
        live, world = take_live(session, runtime, case), world_of(session, case, runtime)
        step = step_again(live, case, incident.kind, incident.payload, world)
        return Plan(case, step, blueprint_of(session, runtime, case.definition_id))

    def write(session: Session, planned: Plan) -> str:
        cause = tried[-1].cause(session, retried_by=actor)
        apply(session, planned, cause)
        if cause.task is not None and cause.actor is not None:
            ticket_id, public = planned.case.ticket_id, cause.task.visible
            attach_values(session, cause.actor, ticket_id, cause.values, public=public)
        what, brand_id = _what(session, runtime, tried[-1].incident, planned.case), planned.case.site.brand_id
        audit.record(session, actor, "incident.retried", what, brand_id=brand_id, at=planned.step.now)
        return planned.case.number

    try:
        return run_step(runtime, plan, write)
    except StepFailed as error:
        incident, case, doer = tried[-1].incident, tried[-1].case, tried[-1].doer
        open_incident(runtime, doer, case, error, kind=incident.kind, payload=incident.payload)
        raise _instance_stuck(runtime, case, error) from None
    except instances.NotWaiting:
        with runtime.writing() as session, session.begin():
            _resolve(session, actor, tried[-1].incident, runtime.clock.now())
        raise Conflict(Message(N_("The process has moved on by another way; there is nothing to try again."))) from None


def dismiss(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """Set an incident aside: its step is done only when somebody tries it again; the ticket's number.

    The instance waits where it is, for a timer too that is no longer set, and stays marked: it has an incident.
    Raises NotFound, Forbidden, Conflict.
    """
    with runtime.reading() as session:
        incident, case = _incident(session, actor, incident_id)
    now, brand_id = runtime.clock.now(), case.site.brand_id
    with runtime.writing() as session, session.begin():
        _set_aside(session, incident, now)
        audit.record(
            session, actor, "incident.dismissed", _what(session, runtime, incident, case), brand_id=brand_id, at=now
        )
    return case.number


def _call_again(runtime: Runtime, actor: Actor, incident_id: UUID) -> str:
    """The incident is over; if the call fails again, there is another. Of two at once the second raises Conflict."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        incident, case = _incident(session, actor, incident_id)
        payload = dict(incident.payload)
        _resolve(session, actor, incident, now)
        connectors.again(session, case.instance_id, payload, mark=str(incident_id), now=now)
        session.execute(sa.insert(TimelineEvent), [_tried_again(session, runtime, case, actor, incident.element, now)])
        audit.record(
            session,
            actor,
            "incident.retried",
            _what(session, runtime, incident, case),
            brand_id=case.site.brand_id,
            at=now,
        )
    return case.number


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An incident about to be tried again: as whom, and whether that makes them the ticket's owner."""

    incident: Incident
    case: Case
    doer: Actor | None
    owns: bool

    def cause(self, session: Session, *, retried_by: Actor) -> Cause:
        given = self.incident.payload
        task = session.get(UserTask, given.get("task_id", 0))
        facts = UserTaskFacts.of(task) if task is not None else None
        values = given.get("values", {})
        event = given.get("name", "")
        return Cause(self.doer, task=facts, values=values, becomes_owner=self.owns, retried_by=retried_by, event=event)


def _attempt(session: Session, runtime: Runtime, actor: Actor, incident_id: UUID) -> _Attempt:
    incident, case = _incident(session, actor, incident_id)
    doer = load_actor(session, incident.actor_id, via=actor.via) if incident.actor_id is not None else None
    if incident.kind != "complete":
        return _Attempt(incident, case, doer, owns=False)
    doer = doer or actor
    owns = takes_on(session, runtime, doer, case)
    return _Attempt(incident, taken_up(case, doer, owns=owns), doer, owns=owns)


def _facts(error: StepFailed) -> dict[str, Any]:
    """What failed and why, as stored: the reason's text, and its parameters as texts."""
    reason = error.reason
    params = {key: str(value) for key, value in reason.params.items()}
    return {"element": error.element, "reason": reason.text, "params": params}


def _mark(session: Session, case: Case) -> bool:
    """Marks the instance, unless it has ended by now; whoever marks it at the same time waits here."""
    goes_on = ProcessInstance.status.in_((InstanceStatus.ACTIVE, InstanceStatus.INCIDENT))
    marked = sa.update(ProcessInstance).where(ProcessInstance.id == case.instance_id, goes_on)
    return session.connection().execute(marked.values(status=InstanceStatus.INCIDENT)).rowcount == 1


def _keep_aside(session: Session, case: Case, kind: str, payload: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    if kind == "timer":
        timer = (Timer.instance_id == case.instance_id, Timer.ref == payload["ref"], Timer.slot == payload["slot"])
        session.execute(sa.delete(Timer).where(*timer))
    elif kind == "complete":
        draft = {"draft": payload["values"], "draft_at": found["opened_at"]}
        session.execute(sa.update(UserTask).where(UserTask.id == payload["task_id"]).values(draft))


def _told(
    session: Session, runtime: Runtime, case: Case, actor: Actor | None, found: Mapping[str, Any]
) -> dict[str, Any]:
    name, names = _named(session, runtime, case, found["element"])
    return event_row(
        case.ticket_id,
        case.site.brand_id,
        EventKind.INCIDENT,
        actor_id=found["actor_id"],
        at=found["opened_at"],
        public=False,
        via=actor.via if actor else "system",
        params={
            "element": name,
            "element_names": names,
            "reason": found["reason"],
            "reason_params": found["params"],
        },
    )


def _tried_again(
    session: Session, runtime: Runtime, case: Case, actor: Actor, element: str, now: datetime
) -> dict[str, Any]:
    name, names = _named(session, runtime, case, element)
    return event_row(
        case.ticket_id,
        case.site.brand_id,
        EventKind.RETRIED,
        actor_id=actor.person_id,
        at=now,
        public=False,
        via=actor.via,
        token=actor.token,
        params={"element": name, "element_names": names},
    )


def _named(session: Session, runtime: Runtime, case: Case, element: str) -> tuple[str, Mapping[str, str]]:
    """What people call the element; the process itself when no element is to blame."""
    compiled = blueprint_of(session, runtime, case.definition_id).compiled
    node = compiled.node(element) or compiled.process
    return node.name or node.id, node.names


def _instance_stuck(runtime: Runtime, case: Case, error: StepFailed) -> InstanceStuck:
    with runtime.reading() as session:
        name, _ = _named(session, runtime, case, error.element)
    return InstanceStuck(element=name, reason=error.reason)


def _incident(session: Session, actor: Actor, incident_id: UUID) -> tuple[Incident, Case]:
    incident = session.scalar(sa.select(Incident).where(Incident.public_id == incident_id))
    case = case_of(session, Ticket.instance_id == incident.instance_id, visible_tickets(actor)) if incident else None
    if incident is None or case is None:
        raise NotFound(N_("This incident"))
    if not may_retry(actor, incident.kind, brand_id=case.site.brand_id, place_path=case.site.path):
        raise Forbidden(Message(N_("Your roles don't let you try a stopped process again; ask an administrator.")))
    if incident.resolved_at is not None:
        raise Conflict(_RESOLVED)
    return incident, case


def _resolve(session: Session, actor: Actor, incident: Incident, now: datetime) -> None:
    """Of two at once the second raises Conflict."""
    _lock(session, incident)
    resolve_incidents(session.connection(), incident.instance_id, [incident.id], at=now, person_id=actor.person_id)


def _set_aside(session: Session, incident: Incident, now: datetime) -> None:
    """Of two at once the second raises Conflict."""
    _lock(session, incident)
    aside = sa.update(Incident).where(Incident.id == incident.id, Incident.aside_at.is_(None)).values(aside_at=now)
    if session.connection().execute(aside).rowcount == 0:
        raise Conflict(Message(N_("This incident has been set aside before; it can be tried again.")))


def _lock(session: Session, incident: Incident) -> None:
    """One after another, those who change the incidents of an instance. Raises Conflict when it is resolved by now."""
    row = sa.select(ProcessInstance.id).where(ProcessInstance.id == incident.instance_id)
    session.execute(row.with_for_update())
    if session.scalar(sa.select(Incident.resolved_at).where(Incident.id == incident.id)) is not None:
        raise Conflict(_RESOLVED)


def _what(session: Session, runtime: Runtime, incident: Incident, case: Case) -> str:
    """What the audit log calls it."""
    return f"{case.number} {_named(session, runtime, case, incident.element)[0]}"


_RESOLVED = Message(N_("This incident has been resolved before."))
