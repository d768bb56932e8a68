"""Owns what is left of gateways whose flows say nothing (BPMN 2.0.2, 13.4.2, 13.4.3): which of them are taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from engine.definitions.kinds import Kind
from engine.definitions.model import Flow, Node, Process, Scope
from engine.definitions.parts import Expr
from engine.definitions.report import At, Report
from engine.definitions.rewrite import with_scopes
from engine.expressions import N_

SPLITS = frozenset({Kind.EXCLUSIVE, Kind.INCLUSIVE})
NEVER = Expr("False")


def settle_splits(process: Process, report: Report) -> Process:
    """The process with a default flow wherever an exclusive gateway needs one; each rewrite is in the report."""
    return with_scopes(process, lambda scope: _settled(scope, report))


def _settled(scope: Scope, report: Report) -> Scope:
    splits = {node.id: node for node in scope.nodes if node.kind in SPLITS}
    out: dict[str, list[Flow]] = defaultdict(list)
    for flow in scope.flows:
        if flow.source in splits:
            out[flow.source].append(flow)
    bare = {ident: _bare(splits[ident], flows) for ident, flows in out.items() if len(flows) > 1}
    defaults = {ident: flows[0].id for ident, flows in bare.items() if flows and _needs_default(splits[ident])}
    for ident, flows in bare.items():
        _say(splits[ident], flows, report)
    never = {id(flow) for ident in defaults for flow in bare[ident][1:]}
    return _changed(scope, defaults, never) if defaults else scope


def _bare(node: Node, flows: Iterable[Flow]) -> list[Flow]:
    return [flow for flow in flows if flow.condition is None and flow.id != node.default_flow]


def _needs_default(node: Node) -> bool:
    return node.kind is Kind.EXCLUSIVE and not node.default_flow


def _say(node: Node, bare: list[Flow], report: Report) -> None:
    if not bare:
        return
    at, flow = At(node.id, node.name, node.line), bare[0].name or bare[0].id
    remedy = N_("Give each flow a condition such as ${severity == 'high'}, or mark one as the default.")
    if node.kind is Kind.INCLUSIVE:
        problem = N_("The flow “%(flow)s” leaving this gateway has no condition; it is always taken.")
        report.warning("no-condition", at, problem, remedy, flow=flow)
    elif len(bare) == 1 and _needs_default(node):
        problem = N_("The flow “%(flow)s” has no condition; it is taken when no other is.")
        report.note("implied-default", at, problem, N_("Mark it as the default flow."), flow=flow)
    else:
        problem = N_("The flow “%(flow)s” leaving this gateway has no condition; the first such flow is taken.")
        report.warning("no-condition", at, problem, remedy, flow=flow)


def _changed(scope: Scope, defaults: dict[str, str], never: set[int]) -> Scope:
    return Scope(
        tuple(
            msgspec.structs.replace(node, default_flow=defaults[node.id]) if node.id in defaults else node
            for node in scope.nodes
        ),
        tuple(msgspec.structs.replace(flow, condition=NEVER) if id(flow) in never else flow for flow in scope.flows),
    )
