"""Owns building the library's specs from the normal form: once per version, shared by all, changed by none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs import WorkflowSpec

from engine.definitions.model import Compiled, Expr, Kind, Node, Process
from engine.definitions.model import Scope as ScopeForm
from engine.definitions.wording import compile_expr
from engine.expressions import Expression, compile_script
from engine.names import FUNCTIONS
from engine.spiff.event_scopes import EventScopeSpec
from engine.spiff.events import BoundarySpec, CatchSpec, EventGatewaySpec
from engine.spiff.gateways import ExclusiveSpec, InclusiveSpec, JoinSpec, ParallelSpec
from engine.spiff.nodes import BeginSpec, NodeSpec, Out, StartSpec
from engine.spiff.passage import passage_of
from engine.spiff.repeat import RepeatSpec, Repetition
from engine.spiff.scopes import ScopeSpec
from engine.spiff.tasks import JobSpec, PassSpec, ScriptSpec, UserSpec, ValueSpec
from engine.spiff.throws import ThrowSpec
from engine.spiff.triggers import parts_of, trigger_of
from engine.spiff.waits import Trigger


class ProcessSpec(BpmnProcessSpec):
    """A scope's specs by name. The library's own start, end and join, whose names may equal ids, are left out."""

    def __init__(self, name: str) -> None:
        WorkflowSpec.__init__(self, name=name)
        self.data_objects: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.io_specification = None
        self.flow_source: dict[str, str] = {}
        self.sources: dict[str, list[str]] = {}
        self.start = BeginSpec(self, "")
        self.events: list[EventScopeSpec] = []


@dataclass(frozen=True)
class Blueprint:
    """What instances of one definition version are made of."""

    compiled: Compiled
    main: ProcessSpec
    specs: dict[str, ProcessSpec] = field(repr=False)
    correlation: Expression | None


def build(compiled: Compiled) -> Blueprint:
    """Specs for the process, its sub-processes and everything it calls."""
    specs: dict[str, ProcessSpec] = {}
    for process in (compiled.process, *compiled.called.values()):
        _build_scope(process.scope, _process_name(process), specs)
    text = compiled.process.settings.get("correlation", "")
    correlation = compile_expr(Expr(text, "literal")) if text else None
    return Blueprint(compiled, specs[_process_name(compiled.process)], specs, correlation)


def _process_name(process: Process) -> str:
    return f"process:{process.id}"


def _build_scope(scope: ScopeForm, name: str, specs: dict[str, ProcessSpec]) -> None:
    spec = ProcessSpec(name)
    specs[name] = spec
    outer: dict[str, NodeSpec] = {}
    for node in scope.nodes:
        if node.body is not None:
            _build_scope(node.body, f"{name}/{node.id}", specs)
        inner = _node_spec(node, spec, f"{name}/{node.id}")
        inner.passage = passage_of(node)
        outer[node.id] = _with_repetition(node, spec, inner)
        if isinstance(inner, EventScopeSpec):
            spec.events.append(inner)
    _connect(scope, spec, outer)


def _with_repetition(node: Node, spec: ProcessSpec, inner: NodeSpec) -> NodeSpec:
    loop = node.loop
    if loop is None or node.by_event:
        return inner
    repetition = Repetition(loop, *map(_compiled, (loop.collection, loop.cardinality, loop.condition)))
    return RepeatSpec(spec, node.id, node, repetition, inner)


def _node_spec(node: Node, spec: ProcessSpec, inner: str) -> NodeSpec:
    name = f"{node.id}\n" if node.loop is not None else node.id
    if node.value is not None:
        return ValueSpec(spec, name, node, compile_expr(node.value))
    if node.kind is Kind.SCRIPT and not node.script.strip():
        return PassSpec(spec, name, node)
    if node.kind is Kind.SCRIPT:
        return ScriptSpec(spec, name, node, compile_script(node.script, functions=FUNCTIONS))
    if node.kind in (Kind.CATCH, Kind.RECEIVE, Kind.BOUNDARY):
        return _waiting_spec(node, spec, name)
    if node.by_event:
        return _event_scope(node, spec, inner)
    if node.kind is Kind.SUB_PROCESS:
        return ScopeSpec(spec, name, node, inner)
    if node.kind is Kind.CALL:
        return ScopeSpec(spec, name, node, f"process:{node.called}")
    if node.kind in (Kind.END, Kind.THROW):
        return ThrowSpec(spec, name, node, parts_of(node))
    return SIMPLE[node.kind](spec, name, node)


SIMPLE: dict[Kind, Callable[..., NodeSpec]] = {
    Kind.START: StartSpec,
    Kind.USER: UserSpec,
    Kind.MANUAL: UserSpec,
    Kind.JOB: JobSpec,
    Kind.LINK: PassSpec,
    Kind.EXCLUSIVE: ExclusiveSpec,
    Kind.PARALLEL: ParallelSpec,
    Kind.INCLUSIVE: InclusiveSpec,
    Kind.EVENT_BASED: EventGatewaySpec,
}


def _waiting_spec(node: Node, spec: ProcessSpec, name: str) -> NodeSpec:
    kind = BoundarySpec if node.kind is Kind.BOUNDARY else CatchSpec
    return kind(spec, name, node, trigger_of(node))


def _event_scope(node: Node, spec: ProcessSpec, inner: str) -> EventScopeSpec:
    nodes = node.body.nodes if node.body is not None else ()
    start = next((one for one in nodes if one.kind is Kind.START), node)
    return EventScopeSpec(spec, node.id, node, inner, start, trigger_of(start))


def _compiled(expr: Expr | None) -> Expression | None:
    return compile_expr(expr) if expr is not None else None


def _connect(scope: ScopeForm, spec: ProcessSpec, outer: dict[str, NodeSpec]) -> None:
    spec.sources = {name: [] for name in spec.task_specs}
    for flow in scope.flows:
        source, target = outer[flow.source], outer[flow.target]
        out = Out(flow.id, target.name, _compiled(flow.condition))
        source.outs.append(out)
        source.connect(target)
        target.incoming += 1
        if isinstance(target, JoinSpec):
            target.flows = (*target.flows, flow.id)
        spec.flow_source[flow.id] = source.name
        spec.sources[target.name].append(source.name)
    for node in scope.nodes:
        outer[node.id].default = _default(node, outer[node.id])
        if node.kind is Kind.BOUNDARY:
            host, boundary = outer[node.attached_to], outer[node.id]
            assert isinstance(boundary, BoundarySpec)
            host.boundaries.append(boundary)
            spec.sources[boundary.name].append(host.name)
    for gateway in outer.values():
        if isinstance(gateway, EventGatewaySpec):
            gateway.listen_to([_caught(spec.task_specs[out.target]) for out in gateway.outs])
    _begin(scope, spec, outer)


def _default(node: Node, spec: NodeSpec) -> Out | None:
    """The flow marked as default; on an exclusive gateway also the only one without a condition."""
    if node.default_flow:
        return next(out for out in spec.outs if out.id == node.default_flow)
    bare = [out for out in spec.outs if out.condition is None]
    return bare[0] if node.kind is Kind.EXCLUSIVE and len(bare) == 1 else None


def _caught(behind: NodeSpec) -> Trigger:
    """What an event behind an event gateway waits for; what is no event never happens."""
    return behind.trigger if isinstance(behind, CatchSpec) else Trigger(())


def _may_be_first(node: Node, spec: NodeSpec) -> bool:
    return not (spec.incoming or node.kind is Kind.BOUNDARY or node.by_event or node.for_compensation)


def _begin(scope: ScopeForm, spec: ProcessSpec, outer: dict[str, NodeSpec]) -> None:
    starts = [outer[node.id] for node in scope.nodes if node.kind is Kind.START]
    first = starts or [outer[node.id] for node in scope.nodes if _may_be_first(node, outer[node.id])]
    for node_spec in first:
        spec.start.outs.append(Out("", node_spec.name))
        spec.start.connect(node_spec)
