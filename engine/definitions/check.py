"""Owns checking a process's shape: references, starts and ends, gateways, and what would surprise its users."""

from __future__ import annotations

from collections.abc import Sequence

from engine.definitions.catches import check_catches
from engine.definitions.kinds import ACTIVITIES, PEOPLES, EventKind, Kind
from engine.definitions.model import Flow, Node, Process, Scope
from engine.definitions.paths import Graph, check_paths, graph_of
from engine.definitions.report import At, Report
from engine.expressions import N_

AFTER_EVENT_GATEWAY = frozenset(
    {EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL, EventKind.PERSON, EventKind.MULTIPLE}
)


def check_process(process: Process, report: Report) -> None:
    """Everything about the shape that can be said without running it."""
    at = At(process.id, process.name, process.line)
    if not process.id:
        report.error("no-id", at, N_("The process has no id."), N_("Give it an id; it names the ticket type."))
    if not any(True for _ in process.starts()):
        problem = N_("The process has no start event, and every step waits for another; it cannot begin.")
        report.error("no-start", at, problem, N_("Draw a start event."))
    check_scope(process.scope, report, cancels=False)
    check_catches(process, report)


def check_scope(scope: Scope, report: Report, *, cancels: bool, flowing: bool = True) -> None:
    """The nodes and flows of a scope and of those inside.

    `cancels`: a transaction is around that can be cancelled; `flowing`: flows say what comes next, not a person.
    """
    graph = graph_of(scope)
    for flow in scope.flows:
        _check_flow(flow, graph, report)
    for node in scope.nodes:
        _check_node(node, graph, report)
        if not cancels:
            _check_cancel(node, report)
        if flowing:
            _check_goes_on(node, graph, report)
        if node.body is not None:
            check_scope(node.body, report, cancels=cancels or node.transaction, flowing=node.ad_hoc is None)
    check_paths(graph, report)


def _check_flow(flow: Flow, graph: Graph, report: Report) -> None:
    for end in (flow.source, flow.target):
        if end not in graph.nodes:
            problem = N_("The flow's end “%(end)s” is not an element of the same process.")
            report.error("dangling-flow", _at(flow), problem, N_("Draw the flow again, or delete it."), end=end)


def _check_node(node: Node, graph: Graph, report: Report) -> None:
    _check_ends(node, graph, report)
    if node.kind is Kind.BOUNDARY:
        _check_boundary(node, graph, report)
    if node.default_flow and node.default_flow not in {flow.id for flow in graph.out[node.id]}:
        problem = N_("The default flow “%(flow)s” does not leave this element.")
        report.error("dangling-default", _at(node), problem, N_("Choose one of its own flows."), flow=node.default_flow)
    if node.kind is Kind.PARALLEL:
        _check_parallel(node, graph.out[node.id], report)
    if node.kind is Kind.EVENT_BASED:
        _check_event_gateway(node, graph, report)
    _check_work(node, report)


def _check_boundary(node: Node, graph: Graph, report: Report) -> None:
    host, remedy = graph.nodes.get(node.attached_to), N_("Attach it to an activity.")
    if host is None:
        problem = N_("The boundary event is attached to “%(host)s”, which is not there.")
        report.error("dangling-boundary", _at(node), problem, remedy, host=node.attached_to)
    elif host.kind not in ACTIVITIES or host.by_event:
        problem = N_("The boundary event is attached to “%(host)s”, which is not an activity.")
        report.error("boundary-host", _at(node), problem, remedy, host=host.name or host.id)
    elif _is(node, EventKind.CANCEL) and not host.transaction:
        problem = N_("A cancel event is attached to “%(host)s”, which is not a transaction.")
        remedy = N_("Attach it to a transaction, or make it an error event.")
        report.error("cancel-host", _at(node), problem, remedy, host=host.name or host.id)


def _check_cancel(node: Node, report: Report) -> None:
    if node.kind is Kind.END and _is(node, EventKind.CANCEL):
        problem = N_("A cancel end event stands outside a transaction; there is nothing to cancel.")
        report.error("cancel-outside", _at(node), problem, N_("Make it an error or terminate end event."))


def _check_ends(node: Node, graph: Graph, report: Report) -> None:
    into, out = graph.into[node.id], graph.out[node.id]
    if node.kind in (Kind.START, Kind.BOUNDARY) and into:
        problem = N_("A flow leads into an event that begins by itself.")
        report.error("flow-into-start", _at(node), problem, N_("Lead it to the element after the event."))
    if node.kind is Kind.END and out:
        problem, remedy = N_("A flow leaves an end event."), N_("Delete the flow, or use an intermediate event.")
        report.error("flow-out-of-end", _at(node), problem, remedy)


def _check_goes_on(node: Node, graph: Graph, report: Report) -> None:
    out = graph.out[node.id]
    if not out and node.kind not in (Kind.END, Kind.BOUNDARY) and not node.by_event and not node.for_compensation:
        problem = N_("No flow leaves this element; the path ends here.")
        report.note("implicit-end", _at(node), problem, N_("Draw an end event after it to say so."))


def _check_parallel(node: Node, out: Sequence[Flow], report: Report) -> None:
    if any(flow.condition is not None for flow in out):
        problem = N_("Conditions on the flows out of a parallel gateway do not count: all are taken.")
        report.warning("parallel-condition", _at(node), problem, N_("Use an inclusive gateway to choose among them."))


def _check_event_gateway(node: Node, graph: Graph, report: Report) -> None:
    targets = [graph.nodes[flow.target] for flow in graph.out[node.id]]
    if not targets or not all(_waits(target) for target in targets):
        problem = N_("After an event gateway come only events or receive tasks that wait.")
        report.error("event-gateway", _at(node), problem, N_("Lead each of its flows to a timer or message event."))


def _waits(node: Node) -> bool:
    event = node.event
    waiting = node.kind in (Kind.CATCH, Kind.RECEIVE) and event is not None and event.kind in AFTER_EVENT_GATEWAY
    return waiting and node.loop is None


def _check_work(node: Node, report: Report) -> None:
    work = node.work
    if (node.kind in PEOPLES or node.ad_hoc) and work and not (work.assignee or work.users or work.groups or node.lane):
        problem = N_("Nobody is named for this task; it will wait in the dispatch queue.")
        remedy = N_("Put it in a lane named like a role, or give it an assignee or candidate groups.")
        report.warning("unassigned", _at(node), problem, remedy)


def _is(node: Node, kind: EventKind) -> bool:
    return node.event is not None and kind in (node.event.kind, *(trigger.kind for trigger in node.event.of))


def _at(element: Node | Flow) -> At:
    return At(element.id, element.name, element.line)
