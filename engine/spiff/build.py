"""Owns building the library's specs from the normal form: once per version, shared by all, changed by none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs import WorkflowSpec

from engine.decisions.model import Decision
from engine.definitions.model import Node, Process
from engine.definitions.model import Scope as ScopeForm
from engine.definitions.parts import Expr
from engine.definitions.stored import Compiled
from engine.definitions.wording import compile_expr
from engine.expressions import Expression
from engine.spiff.event_scopes import EventScopeSpec
from engine.spiff.make import Site, spec_of
from engine.spiff.nodes import BeginSpec, NodeSpec
from engine.spiff.wiring import connect, connect_start


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
        self.events: Sequence[EventScopeSpec] = ()
        self.undo: Mapping[str, str] = {}
        """What undoes an activity once it has completed: the name of a spec, by the activity's."""
        self.undone_at: Mapping[str, str] = {}
        """The compensation boundary event of an activity, by the activity's name."""
        self.undoer = ""
        """The compensation event sub-process, if there is one."""


@dataclass(frozen=True)
class Blueprint:
    """What instances of one definition version are made of."""

    compiled: Compiled
    main: ProcessSpec
    specs: dict[str, ProcessSpec] = field(repr=False)
    correlation: Expression | None

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every node by its id, those of the processes it calls included."""
        processes = (*self.compiled.called.values(), self.compiled.process)
        return {node.id: node for process in processes for node in process.scope.walk()}


def build(compiled: Compiled) -> Blueprint:
    """Specs for the process, its sub-processes and everything it calls."""
    specs: dict[str, ProcessSpec] = {}
    for process in (compiled.process, *compiled.called.values()):
        _build_scope(process.scope, _process_name(process), specs, compiled.decisions)
    text = compiled.process.settings.get("correlation", "")
    correlation = compile_expr(Expr(text, "literal")) if text else None
    return Blueprint(compiled, specs[_process_name(compiled.process)], specs, correlation)


def _process_name(process: Process) -> str:
    return f"process:{process.id}"


def _build_scope(
    form: ScopeForm,
    name: str,
    specs: dict[str, ProcessSpec],
    decisions: Mapping[str, Decision],
    holder: Node | None = None,
) -> None:
    spec = ProcessSpec(name)
    specs[name] = spec
    outer: dict[str, NodeSpec] = {}
    for node in form.nodes:
        inner = f"{name}/{node.id}"
        if node.body is not None:
            _build_scope(node.body, inner, specs, decisions, node)
        outer[node.id] = spec_of(node, Site(spec, inner, decisions))
    connect(form, spec, outer, specs)
    connect_start(form, spec, outer, holder)
