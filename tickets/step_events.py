"""Owns the timeline rows of a step: what was done, what fired, where a task went, and how the status changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.definitions.adhoc import NEXT
from engine.definitions.kinds import PEOPLES, Kind
from engine.definitions.kinds import EventKind as Trigger
from engine.definitions.model import Node
from tickets.access import Actor
from tickets.cause import Cause, Placed
from tickets.happenings import CATCHING, known_by, named, told
from tickets.steps import Plan
from tickets.ticket import Status
from tickets.timeline import EventKind, event_row

Events = list[dict[str, Any]]


def cause_events(plan: Plan, cause: Cause) -> Events:
    """What brought the step about: who completed what, the timer, message or signal that came, and a new owner."""
    actor, kind = cause.actor, plan.step.kind
    rows = []
    if cause.retried_by is not None:
        rows.append(_event(plan, EventKind.RETRIED, cause.retried_by))
    if cause.becomes_owner:
        rows.append(_event(plan, EventKind.ACCEPTED, actor, public=True))
    if cause.task is not None:
        params = {**cause.task.label(), **_said(plan, cause), "task_id": str(cause.task.public_id)}
        rows.append(_event(plan, EventKind.COMPLETED, actor, public=cause.task.visible, params=params))
    elif kind == "timer":
        rows.append(_event(plan, EventKind.TIMER, actor, params=_timer_params(plan)))
    elif kind in ("message", "signal"):
        rows.append(_event(plan, EventKind(kind), actor, params=_heard_params(plan, kind, cause.event)))
    return rows


def _said(plan: Plan, cause: Cause) -> dict[str, Any]:
    """What completing the task told: that an event has happened, or what is done next in an ad-hoc sub-process.

    Who finishes one may drop what others were about to do in it.
    """
    asked = plan.blueprint.nodes.get(cause.task.element) if cause.task is not None else None
    if asked is not None and asked.kind in CATCHING:
        return named("happened", asked)
    chosen = plan.blueprint.nodes.get(str(cause.values.get(NEXT))) if asked is not None and asked.ad_hoc else None
    if chosen is not None:
        return named("begun", chosen)
    dropped = _dropped(plan) if asked is not None and asked.ad_hoc else []
    return {"dropped": dropped} if dropped else {}


def _dropped(plan: Plan) -> list[str]:
    """The names of the people's tasks that the step took back."""
    left = (visit.element for visit in plan.step.effects.visits if visit.outcome == "cancelled")
    nodes = (plan.blueprint.nodes.get(element) for element in left)
    return list(dict.fromkeys(node.name or node.id for node in nodes if node is not None and node.kind in PEOPLES))


def _timer_params(plan: Plan) -> dict[str, Any]:
    """The timer that was due and, on a boundary, the task it was set for."""
    nodes = plan.blueprint.nodes
    left = (nodes.get(visit.element) for visit in plan.step.effects.visits if visit.outcome == "completed")
    node = next((node for node in left if node is not None and node.event is not None), None)
    if node is None:
        return {}
    host = nodes.get(node.attached_to) if node.attached_to else None
    return {**named("timer", known_by(node, plan.blueprint)), **(named("task", host) if host is not None else {})}


def _heard_params(plan: Plan, kind: str, event: str) -> dict[str, Any]:
    """The message or signal as the element that waited for it is called, else by its own name."""
    nodes = plan.blueprint.nodes
    left = (nodes.get(visit.element) for visit in plan.step.effects.visits if visit.outcome == "completed")
    caught = (known_by(node, plan.blueprint) for node in left if node is not None and _hears(node, kind))
    node = next((node for node in caught if node.name), None)
    return named(kind, node) if node is not None else {kind: event} if event else {}


def _hears(node: Node, kind: str) -> bool:
    if node.kind is Kind.RECEIVE:
        return kind == "message"
    return node.event is not None and node.kind in CATCHING and node.event.kind in (Trigger(kind), Trigger.MULTIPLE)


def inner_events(plan: Plan) -> Events:
    """Lines for what happened by itself inside the step."""
    return [_event(plan, kind, None, params=params) for kind, params in told(plan.step, plan.blueprint)]


def opened_events(plan: Plan, placed: list[Placed]) -> Events:
    """A line for a task that waits for somebody else than the process meant, since that person has left; and for each
    that a job's answer opened, as nothing else on the timeline tells of that step.
    """
    rows = []
    for one in placed:
        if one.assignment.instead_of or one.assignment.by_rule or plan.step.kind == "job":
            params = {
                "task": one.node.name or one.node.id,
                "task_names": one.node.names,
                "to_id": one.assignment.assignee_id,
                "away" if one.assignment.away else "absent": one.assignment.instead_of,
            }
            rows.append(_event(plan, EventKind.OFFERED, None, params=params))
    return rows


def status_events(plan: Plan, cause: Cause, status: Status) -> Events:
    """A line for the status that the step leads to, unless it stays, the ticket is new, or a verb has its own words."""
    case, step = plan.case, plan.step
    if status == case.status or step.kind == "start" or cause.decided is not None:
        return []
    if status is Status.CLOSED:
        return [_event(plan, EventKind.CLOSED, cause.actor, public=True)]
    params = {"from": case.status, "to": status.value}
    return [_event(plan, EventKind.STATUS, None, public=True, params=params)]


def _event(
    plan: Plan,
    kind: EventKind,
    actor: Actor | None,
    *,
    public: bool = False,
    params: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    return event_row(
        plan.case.ticket_id,
        plan.case.site.brand_id,
        kind,
        actor_id=actor.person_id if actor else None,
        at=plan.step.now,
        public=public,
        via=actor.via if actor else "system",
        token=actor.token if actor else "",
        params=params,
    )
