"""Owns the timeline rows of a step: what was done, what fired, where a task went, and how the status changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.step import Step
from tickets.case import Case
from tickets.cause import Cause, Placed
from tickets.steps import Plan
from tickets.ticket import Status
from tickets.timeline import EventKind, event_row

Events = list[dict[str, Any]]


def cause_events(plan: Plan, cause: Cause) -> Events:
    step, case = plan.step, plan.case
    rows = [_event(case, step, EventKind.ACCEPTED, cause, public=True, params={})] if cause.becomes_owner else []
    if cause.incident_id:
        rows.append(_event(case, step, EventKind.RETRIED, cause, public=False, params={}))
    if cause.task is not None:
        params = {**cause.task.label(), "task_id": str(cause.task.public_id)}
        rows.append(_event(case, step, EventKind.COMPLETED, cause, public=cause.task.visible, params=params))
    elif step.kind in ("timer", "message"):
        kind = EventKind.TIMER if step.kind == "timer" else EventKind.MESSAGE
        rows.append(_event(case, step, kind, cause, public=False, params=_trigger_params(plan)))
    return rows


def _trigger_params(plan: Plan) -> dict[str, Any]:
    """The event that fired and, on a boundary, the task it was set for."""
    first = plan.step.effects.visits[0].element if plan.step.effects.visits else ""
    visits = [plan.blueprint.compiled.node(visit.element) for visit in plan.step.effects.visits]
    node = next((n for n in visits if n is not None and n.event is not None), plan.blueprint.compiled.node(first))
    if node is None:
        return {}
    if node.event is not None and plan.step.kind == "message":
        return {"message": node.event.name}
    params: dict[str, Any] = {"timer": node.name or node.id, "timer_names": node.names}
    host = plan.blueprint.compiled.node(node.attached_to) if node.attached_to else None
    return {**params, "task": host.name or host.id, "task_names": host.names} if host is not None else params


def opened_events(plan: Plan, placed: list[Placed]) -> Events:
    """A line for a task that waits for somebody else than the process meant, since that person has left."""
    case, step = plan.case, plan.step
    rows = []
    for one in placed:
        if one.assignment.instead_of:
            params = {
                "task": one.node.name,
                "task_names": one.node.names,
                "to_id": one.assignment.assignee_id,
                "absent": one.assignment.instead_of,
            }
            rows.append(_event(case, step, EventKind.OFFERED, Cause(None), public=False, params=params))
    return rows


def status_events(plan: Plan, cause: Cause, status: Status) -> Events:
    case, step = plan.case, plan.step
    if status == case.status or step.kind == "start":
        return []
    if status is Status.CLOSED:
        return [_event(case, step, EventKind.CLOSED, cause, public=True, params={})]
    params = {"from": case.status, "to": status.value}
    return [_event(case, step, EventKind.STATUS, Cause(None), public=True, params=params)]


def _event(
    case: Case, step: Step, kind: EventKind, cause: Cause, *, public: bool, params: Mapping[str, Any]
) -> dict[str, Any]:
    return event_row(
        case.ticket_id,
        case.site.brand_id,
        kind,
        actor_id=cause.actor.person_id if cause.actor else None,
        at=step.now,
        public=public,
        via=cause.actor.via if cause.actor else "system",
        params=params,
    )
