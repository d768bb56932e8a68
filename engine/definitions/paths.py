"""Owns what a scope's flows alone say: what no path leads to, and where a token would go round by itself for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.definitions.kinds import Kind
from engine.definitions.model import Flow, Node, Scope
from engine.definitions.report import At, Report
from engine.expressions import N_

RESTS = {Kind.END, Kind.USER, Kind.MANUAL, Kind.JOB, Kind.RECEIVE, Kind.CATCH, Kind.EVENT_BASED}
RESTS |= {Kind.SUB_PROCESS, Kind.CALL}
"""Where a token may come to rest, or an end."""


@dataclass
class Graph:
    """A scope's flows by their ends; only those whose ends are there."""

    nodes: Mapping[str, Node]
    out: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    into: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))


def graph_of(scope: Scope) -> Graph:
    graph = Graph({node.id: node for node in scope.nodes})
    for flow in scope.flows:
        if flow.source in graph.nodes and flow.target in graph.nodes:
            graph.out[flow.source].append(flow)
            graph.into[flow.target].append(flow)
    return graph


def check_paths(graph: Graph, report: Report) -> None:
    """Elements that never happen, and loops without a way out."""
    seen = _reachable(graph)
    for node in graph.nodes.values():
        if node.id not in seen:
            problem = N_("No path leads to this element; it never happens.")
            report.warning("unreachable", _at(node), problem, N_("Connect it, or delete it."))
    rests = [node.id for node in graph.nodes.values() if node.kind in RESTS or not graph.out[node.id]]
    ending = _closure(rests, {ident: [flow.source for flow in flows] for ident, flows in graph.into.items()})
    endless = [node for node in graph.nodes.values() if node.id in seen - ending and node.kind is not Kind.START]
    if endless:
        problem = N_("From here on the process goes round by itself for ever.")
        remedy = N_("Lead a flow with a condition out of the loop, to an end or to somebody's task.")
        report.error("endless-loop", _at(endless[0]), problem, remedy)


def _reachable(graph: Graph) -> set[str]:
    nodes = graph.nodes.values()
    first = [node.id for node in nodes if node.kind is Kind.START] or [node.id for node in beginnings(graph)]
    first += [node.id for node in nodes if node.by_event]
    ahead = {ident: [flow.target for flow in flows] for ident, flows in graph.out.items()}
    for node in nodes:
        if node.kind is Kind.BOUNDARY:
            ahead.setdefault(node.attached_to, []).append(node.id)
            ahead.setdefault(node.id, []).append(node.handler)
    return _closure(first, ahead)


def beginnings(graph: Graph) -> list[Node]:
    """What a scope without a start event begins with (13.3.4): all that no flow leads to."""
    return [
        node
        for node in graph.nodes.values()
        if not graph.into[node.id]
        and node.kind not in (Kind.BOUNDARY, Kind.LINK)
        and not node.by_event
        and not node.for_compensation
    ]


def _closure(first: Iterable[str], following: Mapping[str, Sequence[str]]) -> set[str]:
    seen, ahead = set(first), list(first)
    while ahead:
        for ident in following.get(ahead.pop(), ()):
            if ident not in seen:
                seen.add(ident)
                ahead.append(ident)
    return seen


def _at(node: Node) -> At:
    return At(node.id, node.name, node.line)
