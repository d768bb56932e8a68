"""Owns event sub-processes (BPMN 2.0.2, 10.3.4): one start event each, which says when it begins, and no flows."""

from __future__ import annotations

import msgspec

from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Flow, Node, Scope
from engine.definitions.parts import Event
from engine.definitions.report import At, Report
from engine.expressions import N_


def with_event_scopes(scope: Scope, report: Report) -> Scope:
    """The scope with its event sub-processes as the normal form has them; one that cannot begin is left out."""
    if not any(node.by_event for node in scope.nodes):
        return scope
    nodes: list[Node] = []
    lost: set[str] = set()
    for node in scope.nodes:
        settled = _settled(node, report) if node.by_event else node
        if settled is None:
            lost.add(node.id)
        else:
            nodes.append(settled)
    apart = lost | {node.id for node in nodes if node.by_event}
    return Scope(
        tuple(node for node in nodes if node.attached_to not in lost or not node.attached_to),
        tuple(flow for flow in scope.flows if not _touches(flow, apart, report)),
    )


def _settled(node: Node, report: Report) -> Node | None:
    assert node.body is not None
    starts = [inner for inner in node.body.nodes if inner.kind is Kind.START]
    if not starts:
        problem = N_("The event sub-process has no start event that says when; it never begins.")
        report.warning("event-scope-start", _at(node), problem, N_("Draw its start event with a trigger."))
        return None
    if node.loop is not None:
        problem = N_("An event sub-process begins whenever its event happens; how often it is repeated is not read.")
        report.warning("event-scope-loop", _at(node), problem, N_("Repeat a sub-process or task inside it."))
    body = _one_start(node.body, starts, report) if len(starts) > 1 else node.body
    return msgspec.structs.replace(node, body=body, loop=None)


def _one_start(body: Scope, starts: list[Node], report: Report) -> Scope:
    """Starts that lead to the same are one with several triggers; of others only the first counts."""
    first, others = starts[0], {start.id for start in starts[1:]}
    if len({_ahead(start, body) for start in starts}) == 1 and all(start.event is not None for start in starts):
        problem = N_("The start events of this event sub-process are read as one with several triggers.")
        report.note("event-scope-starts", _at(first), problem, N_("Draw one start event."))
        events = [start.event for start in starts if start.event is not None]
        triggers = tuple(trigger for event in events for trigger in event.of or (event,))
        first = msgspec.structs.replace(first, event=Event(EventKind.MULTIPLE, of=triggers))
    else:
        problem = N_("An event sub-process has one start event; only the first counts.")
        remedy = N_("Draw an event sub-process for each start event.")
        report.warning("event-scope-starts", _at(starts[1]), problem, remedy)
    return Scope(
        tuple(first if node.id == first.id else node for node in body.nodes if node.id not in others),
        tuple(flow for flow in body.flows if flow.source not in others),
    )


def _ahead(start: Node, body: Scope) -> tuple[frozenset[str], bool]:
    return frozenset(flow.target for flow in body.flows if flow.source == start.id), start.interrupting


def _touches(flow: Flow, apart: set[str], report: Report) -> bool:
    touches = flow.source in apart or flow.target in apart
    if touches:
        problem = N_("A flow leads into or out of an event sub-process; it is not taken.")
        remedy = N_("Delete the flow: its start event begins the event sub-process.")
        report.warning("event-scope-flow", At(flow.id, flow.name, flow.line), problem, remedy)
    return touches


def _at(node: Node) -> At:
    return At(node.id, node.name, node.line)
