"""Owns tying a scope's specs together: flows, boundary events, what undoes what, and what a person may choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.definitions.kinds import ACTIVITIES, EventKind, Kind
from engine.definitions.model import Node
from engine.definitions.model import Scope as ScopeForm
from engine.spiff.ad_hoc import OfferSpec
from engine.spiff.compensation import UNDO, InsideSpec, UndoSpec
from engine.spiff.event_scopes import EventScopeSpec
from engine.spiff.events import BoundarySpec, CatchSpec, EventGatewaySpec
from engine.spiff.gateways import JoinSpec
from engine.spiff.make import compiled_or_none
from engine.spiff.nodes import NodeSpec, Out
from engine.spiff.parts import Trigger
from engine.spiff.repeat import RepeatSpec
from engine.spiff.scopes import ScopeSpec

if TYPE_CHECKING:
    from engine.spiff.build import ProcessSpec

Outer = Mapping[str, NodeSpec]
"""A scope's specs that tokens meet, by the ids of their nodes."""


def connect(form: ScopeForm, spec: ProcessSpec, outer: Outer, specs: Mapping[str, ProcessSpec]) -> None:
    """Everything between the nodes of one scope, once those of the scopes inside are connected."""
    spec.sources = {name: [] for name in spec.task_specs}
    _connect_flows(form, spec, outer)
    for node in form.nodes:
        outer[node.id].default = _default(node, outer[node.id])
        if node.kind is Kind.BOUNDARY and not _is_compensation(node):
            _attach(outer[node.attached_to], outer[node.id], spec)
    spec.events = [found for found in outer.values() if isinstance(found, EventScopeSpec)]
    for gateway in outer.values():
        if isinstance(gateway, EventGatewaySpec):
            gateway.listen_to([_caught(spec.task_specs[out.target]) for out in gateway.outs])
    _connect_undoing(form, spec, outer, specs)


def connect_start(form: ScopeForm, spec: ProcessSpec, outer: Outer, holder: Node | None) -> None:
    """Where the scope begins; an ad-hoc one begins with an offer of its activities."""
    entries = [outer[node.id] for node in form.nodes if _may_be_first(node, outer[node.id])]
    first = [outer[node.id] for node in form.nodes if node.kind is Kind.START] or entries
    if holder is not None and holder.ad_hoc is not None:
        first = [_offered(form, spec, outer, holder)]
    for begins in first:
        spec.start.outs.append(Out("", begins.name))
        spec.start.connect(begins)


def _connect_flows(form: ScopeForm, spec: ProcessSpec, outer: Outer) -> None:
    for flow in form.flows:
        source, target = outer[flow.source], outer[flow.target]
        out = Out(flow.id, target.name, compiled_or_none(flow.condition))
        source.outs.append(out)
        source.connect(target)
        target.incoming += 1
        if isinstance(target, JoinSpec):
            target.flows = (*target.flows, flow.id)
        spec.flow_source[flow.id] = source.name
        spec.sources[target.name].append(source.name)


def _default(node: Node, spec: NodeSpec) -> Out | None:
    """The flow marked as default; on an exclusive gateway also the only one without a condition."""
    if node.default_flow:
        return next((out for out in spec.outs if out.id == node.default_flow), None)
    bare = [out for out in spec.outs if out.condition is None]
    return bare[0] if node.kind is Kind.EXCLUSIVE and len(bare) == 1 else None


def _attach(host: NodeSpec, boundary: NodeSpec, spec: ProcessSpec) -> None:
    assert isinstance(boundary, BoundarySpec)
    host.boundaries.append(boundary)
    spec.sources[boundary.name].append(host.name)


def _caught(behind: NodeSpec) -> Trigger:
    """What an event behind an event gateway waits for; what is no event never happens."""
    return behind.trigger if isinstance(behind, CatchSpec) else Trigger(())


def _may_be_first(node: Node, spec: NodeSpec) -> bool:
    return not (spec.incoming or node.kind is Kind.BOUNDARY or node.by_event or node.for_compensation)


def _offered(form: ScopeForm, spec: ProcessSpec, outer: Outer, holder: Node) -> NodeSpec:
    """A choice may name an activity as its own file does, or as the file of a process that calls it."""
    assert holder.ad_hoc is not None
    first = [node.id for node in form.nodes if _may_be_first(node, outer[node.id])]
    entries = {**{name.rpartition("/")[2]: name for name in first}, **{name: name for name in first}}
    offer = OfferSpec(spec, holder, compiled_or_none(holder.ad_hoc.condition), entries)
    for node in form.nodes:
        if node.kind in ACTIVITIES and not node.by_event:
            outer[node.id].offer = offer
    return offer


def _is_compensation(node: Node) -> bool:
    return node.event is not None and node.event.kind is EventKind.COMPENSATION


def _connect_undoing(form: ScopeForm, spec: ProcessSpec, outer: Outer, specs: Mapping[str, ProcessSpec]) -> None:
    """Which activities leave a record, and what undoes them; nothing at all where the file has no compensation."""
    inside = {node.id: made for node in form.nodes if (made := _inside(node, spec, specs)) is not None}
    events = [node for node in form.nodes if _has_handler(node, outer)]
    handlers = {node.attached_to: outer[node.handler] for node in events}
    spec.undone_at = {node.attached_to: node.id for node in events}
    spec.undoer = next((node.id for node in form.nodes if _undoes(node)), "")
    spec.undo = {name: undoes.name for name, undoes in {**inside, **handlers}.items()}
    if not spec.undo:
        return
    undo = UndoSpec(spec, UNDO)
    for undoes in (*inside.values(), *handlers.values()):
        undoes.repeats = undo
    for name in handlers:
        _round(outer[name]).undoable = True
    for name in inside.keys() - handlers.keys():
        scope = _round(outer[name])
        assert isinstance(scope, ScopeSpec)
        scope.undoable_inside = True


def _inside(node: Node, spec: ProcessSpec, specs: Mapping[str, ProcessSpec]) -> InsideSpec | None:
    """For a sub-process in which something can be undone, or that has a compensation event sub-process."""
    if node.body is None:
        return None
    name = f"{spec.name}/{node.id}"
    if not (specs[name].undo or specs[name].undoer):
        return None
    return InsideSpec(spec, node.id + UNDO, node, name, specs[name].undoer)


def _has_handler(node: Node, outer: Outer) -> bool:
    return node.kind is Kind.BOUNDARY and _is_compensation(node) and node.handler in outer and node.attached_to in outer


def _undoes(node: Node) -> bool:
    """Whether it is a compensation event sub-process."""
    nodes = node.body.nodes if node.by_event and node.body is not None else ()
    return any(one.kind is Kind.START and _is_compensation(one) for one in nodes)


def _round(spec: NodeSpec) -> NodeSpec:
    return spec.inner if isinstance(spec, RepeatSpec) else spec
