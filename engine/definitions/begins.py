"""Owns how a process begins where no start event says so (BPMN 2.0.2, 10.5.2, 13.2): rewritten to start events."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Flow, Node, Scope
from engine.definitions.parts import Event, Work
from engine.definitions.report import At, Report
from engine.expressions import N_

BEGIN = ".start"
"""The id of the start event that is added to a process without one; no element of a file has such an id."""


def with_starts(scope: Scope, instantiating: Mapping[str, At], at: At, report: Report) -> Scope:
    """The process's scope with a start event for every way it begins; `instantiating` says which elements begin it."""
    scope = _instantiated(scope, instantiating, report)
    if any(node.kind is Kind.START for node in scope.nodes):
        return scope
    led_to = {flow.target for flow in scope.flows}
    first = [node for node in scope.nodes if node.id not in led_to and _may_begin(node)]
    if not first:
        return scope
    problem = N_("The process has no start event; it begins with what no flow leads to.")
    report.note("implicit-start", at, problem, N_("Draw a start event."))
    flows = tuple(Flow(f"{BEGIN}→{node.id}", BEGIN, node.id, line=node.line) for node in first)
    start = Node(BEGIN, Kind.START, line=at.line, work=Work())
    return Scope((start, *scope.nodes), (*flows, *scope.flows))


def _may_begin(node: Node) -> bool:
    return node.kind is not Kind.BOUNDARY and not node.by_event and not node.for_compensation


def _instantiated(scope: Scope, instantiating: Mapping[str, At], report: Report) -> Scope:
    """Receive tasks that begin the process, and the events after an event gateway that does (10.6.6)."""
    led_to = {flow.target for flow in scope.flows}
    begins = {ident for ident in instantiating if ident not in led_to}
    gateways = {node.id for node in scope.nodes if node.id in begins and node.kind is Kind.EVENT_BASED}
    waiting = {flow.target for flow in scope.flows if flow.source in gateways}
    waiting |= {node.id for node in scope.nodes if node.id in begins and node.kind is Kind.RECEIVE}
    for ident in sorted(begins):
        problem, remedy = N_("The process begins here; it is read as a start event."), N_("Draw a start event.")
        report.note("instantiates", instantiating[ident], problem, remedy)
    return Scope(
        tuple(_started(node, waiting) for node in scope.nodes if node.id not in gateways),
        tuple(flow for flow in scope.flows if flow.source not in gateways),
    )


def _started(node: Node, waiting: set[str]) -> Node:
    if node.id not in waiting or node.kind not in (Kind.RECEIVE, Kind.CATCH):
        return node
    event: Event | None = node.event if node.event is None or node.event.kind is not EventKind.PERSON else None
    return msgspec.structs.replace(node, kind=Kind.START, event=event, loop=None, work=Work())
