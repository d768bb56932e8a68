"""Owns finding what undoes an activity (BPMN 2.0.2, 10.7.2): the handler a compensation event points to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.definitions.kinds import ACTIVITIES, EventKind, Kind
from engine.definitions.model import Flow, Node, Scope
from engine.definitions.report import At, Report
from engine.expressions import N_


def with_handlers(scope: Scope, associated: Mapping[str, Sequence[str]], report: Report) -> Scope:
    """The scope with each compensation event's handler, which no flow enters or leaves."""
    nodes = {node.id: node for node in scope.nodes}
    events = [node for node in scope.nodes if _compensates(node)]
    handlers = {event.id: _handler(event, nodes, scope.flows, associated) for event in events}
    handlers = {event: handler for event, handler in handlers.items() if handler}
    lost = _in_the_way(scope, handlers, report)
    handlers = {event: handler for event, handler in handlers.items() if handler not in lost}
    for event in events:
        if event.id not in handlers and not lost.intersection(associated.get(event.id, ())):
            problem = N_("The compensation event has no activity that undoes; nothing is undone.")
            remedy = N_("Draw an association from it to the task that undoes.")
            report.warning("no-handler", _at(event), problem, remedy)
    apart = {*handlers, *handlers.values()}
    reached = {flow.target for flow in scope.flows if flow.source not in handlers}
    return Scope(
        tuple(_settled(node, handlers, reached, report) for node in scope.nodes),
        tuple(flow for flow in scope.flows if flow.source not in apart),
    )


def _compensates(node: Node) -> bool:
    return node.kind is Kind.BOUNDARY and node.event is not None and node.event.kind is EventKind.COMPENSATION


def _handler(
    event: Node, nodes: Mapping[str, Node], flows: Sequence[Flow], associated: Mapping[str, Sequence[str]]
) -> str:
    """By association as BPMN has it, or by a flow, as some draw it."""
    drawn = [*associated.get(event.id, ()), *(flow.target for flow in flows if flow.source == event.id)]
    found = (ident for ident in drawn if ident in nodes and nodes[ident].kind in ACTIVITIES)
    return next((ident for ident in found if ident != event.attached_to), "")


def _in_the_way(scope: Scope, handlers: Mapping[str, str], report: Report) -> set[str]:
    """Handlers that a flow of the ordinary course leads to: they are part of that, and undo nothing."""
    found: set[str] = set()
    undoing = set(handlers.values())
    for flow in scope.flows:
        if flow.target in undoing and flow.source not in handlers and flow.source not in undoing:
            found.add(flow.target)
    for node in scope.nodes:
        if node.id in found:
            problem = N_("A flow leads to the activity that undoes; it is a step like any other, and undoes nothing.")
            report.warning("handler-flow", _at(node), problem, N_("Delete the flow, or the association."))
    return found


def _settled(node: Node, handlers: Mapping[str, str], reached: set[str], report: Report) -> Node:
    if node.id in handlers:
        return msgspec.structs.replace(node, handler=handlers[node.id])
    undoes = node.id in handlers.values()
    if node.for_compensation and not undoes and node.id in reached:
        problem = N_("The activity is marked as one that undoes, but a flow leads to it; it is a step like any other.")
        report.warning("handler-flow", _at(node), problem, N_("Delete the flow, or the mark."))
        return msgspec.structs.replace(node, for_compensation=False)
    return msgspec.structs.replace(node, for_compensation=True) if undoes else node


def _at(node: Node) -> At:
    return At(node.id, node.name, node.line)
