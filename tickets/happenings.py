"""Owns telling what happened inside a step by itself and matters to people: failures, escalations, what was undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.definitions.kinds import EventKind as Trigger
from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.spiff.build import Blueprint
from engine.step import Step
from tickets.timeline import EventKind

MOST = 20
"""Lines that one step gives: a process that turns in circles tells no more."""

CAUGHT: Mapping[Trigger, EventKind] = {
    Trigger.ERROR: EventKind.ERROR,
    Trigger.ESCALATION: EventKind.ESCALATION,
    Trigger.CONDITIONAL: EventKind.CONDITION,
    Trigger.SIGNAL: EventKind.SIGNAL,
}
CATCHING = frozenset({Kind.BOUNDARY, Kind.CATCH, Kind.START})
Told = tuple[EventKind, dict[str, Any]]


def told(step: Step, blueprint: Blueprint) -> list[Told]:
    """The lines of a step, in the order in which it happened; what drove it has a line of its own."""
    left = (visit.element for visit in step.effects.visits if visit.outcome == "completed")
    passed = (node for element in left if (node := blueprint.nodes.get(element)) is not None)
    nodes = [node for node in passed if node.event is not None or node.for_compensation]
    if not nodes:
        return []
    lines = [line for node in nodes if (line := _line(node, blueprint)) is not None]
    if step.kind in ("signal", "start"):
        _drop_first(lines, EventKind.SIGNAL)
    if step.ended and not any(kind is EventKind.ERROR for kind, _ in lines):
        lines += [(EventKind.ERROR, {"code": _code(node)}) for node in nodes if _fails(node)][-1:]
    return lines[:MOST]


def named(key: str, node: Node) -> dict[str, Any]:
    """An element as the wording of an event takes it."""
    return {key: node.name or node.id, f"{key}_names": dict(node.names)}


def _line(node: Node, blueprint: Blueprint) -> Told | None:
    if node.for_compensation:
        boundary = next((one for one in blueprint.nodes.values() if one.handler == node.id), None)
        return EventKind.UNDONE, {**named("event", node), **_host(boundary, blueprint)}
    kind = CAUGHT.get(node.event.kind) if node.event is not None and node.kind in CATCHING else None
    if kind is None:
        return None
    known = known_by(node, blueprint)
    if kind is EventKind.SIGNAL:
        about = named("signal", known) if known.name else {"signal": _code(node)}
    else:
        about = named("event", known)
    return kind, {**about, **_host(node, blueprint)}


def known_by(node: Node, blueprint: Blueprint) -> Node:
    """What people know it by: an event sub-process rather than its start event, if that has no name."""
    if node.name or node.kind is not Kind.START:
        return node
    holders = (one for one in blueprint.nodes.values() if one.by_event and one.body is not None)
    return next((one for one in holders if one.body is not None and node in one.body.nodes), node)


def _host(boundary: Node | None, blueprint: Blueprint) -> dict[str, Any]:
    host = blueprint.nodes.get(boundary.attached_to) if boundary is not None else None
    return named("task", host) if host is not None else {}


def _fails(node: Node) -> bool:
    return node.kind is Kind.END and node.event is not None and node.event.kind is Trigger.ERROR


def _code(node: Node) -> str:
    return (node.event.name if node.event is not None else "") or node.name or node.id


def _drop_first(lines: list[Told], kind: EventKind) -> None:
    for number, (found, _) in enumerate(lines):
        if found is kind:
            del lines[number]
            return
