"""Owns which spec stands for which node: a table for most, and what the rest needs to be made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.decisions.compile import CompiledDecision, compile_decision
from engine.decisions.model import Decision
from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.definitions.parts import Expr
from engine.definitions.wording import compile_expr
from engine.expressions import Expression, compile_script
from engine.names import FUNCTIONS
from engine.spiff.decisions import DecisionSpec
from engine.spiff.event_scopes import EventScopeSpec
from engine.spiff.events import BoundarySpec, CatchSpec, EventGatewaySpec
from engine.spiff.gateways import ExclusiveSpec, InclusiveSpec, ParallelSpec
from engine.spiff.nodes import NodeSpec, StartSpec
from engine.spiff.passage import passage_of
from engine.spiff.repeat import RepeatSpec, Repetition
from engine.spiff.scopes import ScopeSpec
from engine.spiff.tasks import JobSpec, PassSpec, ScriptSpec, UserSpec, ValueSpec
from engine.spiff.throws import SendSpec, ThrowSpec
from engine.spiff.triggers import parts_of, trigger_of


@dataclass(frozen=True)
class Site:
    """Where a node's spec is made: the scope's own spec, what the node's inner scope is called, and the decisions."""

    scope: Any
    inner: str
    decisions: Mapping[str, Decision]

    def decision(self, decision_id: str) -> CompiledDecision | None:
        return compile_decision(self.decisions, decision_id) if decision_id in self.decisions else None


def spec_of(node: Node, site: Site) -> NodeSpec:
    """The spec that a token meets at this node; one round's spec is inside that of a repeated activity."""
    repeated = node.loop is not None and not node.by_event
    name = f"{node.id}\n" if repeated else node.id
    made = _event_scope(node, site) if node.by_event else MAKE[node.kind](node, name, site)
    made.passage = passage_of(node)
    return _repeated(node, made, site) if repeated else made


def _repeated(node: Node, inner: NodeSpec, site: Site) -> RepeatSpec:
    loop = node.loop
    assert loop is not None
    compiled = map(compiled_or_none, (loop.collection, loop.cardinality, loop.condition, loop.output_value))
    return RepeatSpec(site.scope, node.id, node, Repetition(loop, *compiled), inner)


def compiled_or_none(expr: Expr | None) -> Expression | None:
    return compile_expr(expr) if expr is not None else None


def _simple(make: Callable[[Any, str, Node], NodeSpec]) -> Callable[[Node, str, Site], NodeSpec]:
    return lambda node, name, site: make(site.scope, name, node)


def _script(node: Node, name: str, site: Site) -> NodeSpec:
    if node.value is not None:
        return ValueSpec(site.scope, name, node, compile_expr(node.value))
    if not node.script.strip():
        return PassSpec(site.scope, name, node)
    return ScriptSpec(site.scope, name, node, compile_script(node.script, functions=FUNCTIONS))


def _job(node: Node, name: str, site: Site) -> NodeSpec:
    if node.value is not None:
        return ValueSpec(site.scope, name, node, compile_expr(node.value))
    return JobSpec(site.scope, name, node)


def _decision(node: Node, name: str, site: Site) -> NodeSpec:
    """A table that is not there leaves a task that somebody else answers."""
    decision = site.decision(node.called)
    return JobSpec(site.scope, name, node) if decision is None else DecisionSpec(site.scope, name, node, decision)


def _catch(node: Node, name: str, site: Site) -> NodeSpec:
    return CatchSpec(site.scope, name, node, trigger_of(node))


def _boundary(node: Node, name: str, site: Site) -> NodeSpec:
    return BoundarySpec(site.scope, name, node, trigger_of(node))


def _throw(node: Node, name: str, site: Site) -> NodeSpec:
    return ThrowSpec(site.scope, name, node, parts_of(node))


def _send(node: Node, name: str, site: Site) -> NodeSpec:
    return SendSpec(site.scope, name, node, parts_of(node))


def _sub_process(node: Node, name: str, site: Site) -> NodeSpec:
    return ScopeSpec(site.scope, name, node, site.inner)


def _call(node: Node, name: str, site: Site) -> NodeSpec:
    return ScopeSpec(site.scope, name, node, f"process:{node.called}")


def _event_scope(node: Node, site: Site) -> EventScopeSpec:
    nodes = node.body.nodes if node.body is not None else ()
    start = next((one for one in nodes if one.kind is Kind.START), node)
    return EventScopeSpec(site.scope, node.id, node, site.inner, start, trigger_of(start))


MAKE: dict[Kind, Callable[[Node, str, Site], NodeSpec]] = {
    Kind.START: _simple(StartSpec),
    Kind.END: _throw,
    Kind.CATCH: _catch,
    Kind.THROW: _throw,
    Kind.BOUNDARY: _boundary,
    Kind.USER: _simple(UserSpec),
    Kind.MANUAL: _simple(UserSpec),
    Kind.SCRIPT: _script,
    Kind.JOB: _job,
    Kind.SEND: _send,
    Kind.RECEIVE: _catch,
    Kind.DECISION: _decision,
    Kind.SUB_PROCESS: _sub_process,
    Kind.CALL: _call,
    Kind.EXCLUSIVE: _simple(ExclusiveSpec),
    Kind.PARALLEL: _simple(ParallelSpec),
    Kind.INCLUSIVE: _simple(InclusiveSpec),
    Kind.EVENT_BASED: _simple(EventGatewaySpec),
    Kind.LINK: _simple(PassSpec),
}
"""Every kind there is: a test says so."""
