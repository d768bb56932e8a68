"""Owns a scope made ready to move tokens in: its nodes, flows and boundaries, and what its conditions always are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.definitions.exits import always, triggers_of
from engine.definitions.kinds import EventKind, Kind
from engine.definitions.model import Flow, Node, Scope
from engine.definitions.paths import beginnings, graph_of

JOINS = frozenset({Kind.PARALLEL, Kind.INCLUSIVE})


@dataclass
class Plan:
    """A scope, made ready to move tokens in."""

    nodes: Mapping[str, Node]
    out: Mapping[str, Sequence[Flow]]
    into: Mapping[str, Sequence[Flow]]
    boundaries: Mapping[str, Mapping[str, Node]]
    holds: Mapping[str, bool | None]
    """By flow: what its condition always is, None if that depends."""
    first: Sequence[Node]
    _behind: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: Scope) -> Plan:
        graph = graph_of(scope)
        boundaries: dict[str, dict[str, Node]] = defaultdict(dict)
        for node in scope.nodes:
            undoes = any(trigger.kind is EventKind.COMPENSATION for trigger in triggers_of(node.event))
            if node.kind is Kind.BOUNDARY and not undoes:
                boundaries[node.attached_to][node.id] = node
        holds = {flow.id: always(flow.condition) for flow in scope.flows if flow.condition is not None}
        starts = [node for node in scope.nodes if node.kind is Kind.START]
        return cls(graph.nodes, graph.out, graph.into, boundaries, holds, starts or beginnings(graph))

    @cached_property
    def waits_for_all(self) -> bool:
        """Whether some token goes on only with others."""
        return any(node.kind is Kind.PARALLEL and self.is_join(node) for node in self.nodes.values())

    def is_join(self, node: Node) -> bool:
        return node.kind in JOINS and len(self.into[node.id]) > 1

    def ahead(self, ident: str) -> frozenset[str]:
        """The node and all that flows lead to from there."""
        waiting, seen = [ident], {ident}
        while waiting:
            for flow in self.out[waiting.pop()]:
                if flow.target not in seen:
                    seen.add(flow.target)
                    waiting.append(flow.target)
        return frozenset(seen)

    def behind(self, flow: Flow) -> frozenset[str]:
        """Every node from which the flow can be reached without passing the gateway that it leads to."""
        if flow.id not in self._behind:
            ahead, seen = [flow.source], set[str]()
            while ahead:
                ident = ahead.pop()
                if ident not in seen and ident != flow.target:
                    seen.add(ident)
                    ahead += [each.source for each in self.into[ident]]
                    if self.nodes[ident].kind is Kind.BOUNDARY:
                        ahead.append(self.nodes[ident].attached_to)
            self._behind[flow.id] = frozenset(seen)
        return self._behind[flow.id]
