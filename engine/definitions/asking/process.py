"""Owns what asking people needs to know of a process, and the changes to it that come of asking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from engine.definitions.asking.askers import Ways
from engine.definitions.asking.writes import FormKeys, keys_of, written
from engine.definitions.kinds import Kind
from engine.definitions.model import Flow, Node, Process, Scope
from engine.definitions.parts import Expr, FormField
from engine.definitions.report import MOST_CHARACTERS, At, Report
from engine.definitions.wording import compile_expr
from engine.expressions import Expression, ExpressionError

ALWAYS_ALL = frozenset({Kind.PARALLEL, Kind.EVENT_BASED})
"""Gateways that take no notice of conditions."""
MOST_FIELDS = 1_000
"""Added to the tasks of one process."""
AGAIN = "\nagain"
"""What the made-up flow of a repeated activity to itself is called, whose condition says when that is over."""
FlowKey = tuple[str, str]
"""A flow's source and id: ids made up for flows without one are only unique in their scope."""


@dataclass
class Changes:
    """Fields to be added to elements, conditions to flows, and default flows to gateways."""

    fields: dict[str, dict[str, FormField]] = field(default_factory=lambda: defaultdict(dict))
    conditions: dict[FlowKey, Expr | None] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def ask(self, node: Node, question: FormField) -> bool:
        """Adds the field to what the element asks, once; False if it does not."""
        added = self.fields[node.id]
        if self.count >= MOST_FIELDS or question.id in added or any(question.id == other.id for other in node.fields):
            return False
        self.count += 1
        added[question.id] = question
        return True

    def applied(self, process: Process) -> Process:
        if not (self.fields or self.conditions or self.defaults):
            return process
        return msgspec.structs.replace(process, scope=self._scope(process.scope))

    def _scope(self, scope: Scope) -> Scope:
        return Scope(tuple(map(self._node, scope.nodes)), tuple(map(self._flow, scope.flows)))

    def _node(self, node: Node) -> Node:
        return msgspec.structs.replace(
            node,
            fields=(*node.fields, *self.fields.get(node.id, {}).values()),
            default_flow=self.defaults.get(node.id, node.default_flow),
            body=self._scope(node.body) if node.body is not None else None,
        )

    def _flow(self, flow: Flow) -> Flow:
        return msgspec.structs.replace(flow, condition=self.conditions.get(key_of(flow), flow.condition))


@dataclass
class Asking:
    """A process that is looked through; `keys` says what the forms of the upload set, if they are known."""

    process: Process
    report: Report
    keys: FormKeys | None = None
    changes: Changes = field(default_factory=Changes)
    answered: set[str] = field(default_factory=set)
    """The variables that the fields added so far set."""
    conditions: dict[Expr, Expression | None] = field(default_factory=dict)
    characters: int = MOST_CHARACTERS

    @cached_property
    def ways(self) -> Ways:
        return Ways(self.process)

    @cached_property
    def written(self) -> frozenset[str]:
        return written(self.process, self.keys)

    @cached_property
    def deciding(self) -> Sequence[tuple[Node, tuple[Flow, ...]]]:
        """The elements with several flows out of them, or any with a condition, and these flows in order.

        An activity that is repeated until or while a condition holds has one to itself, with that condition.
        """
        return tuple(self._deciding())

    def _deciding(self) -> Iterator[tuple[Node, tuple[Flow, ...]]]:
        for scope in self.process.scope.scopes():
            out: dict[str, list[Flow]] = defaultdict(list)
            for flow in scope.flows:
                out[flow.source].append(flow)
            for node in scope.nodes:
                flows = out[node.id]
                if node.kind not in ALWAYS_ALL and (len(flows) > 1 or any(flow.condition for flow in flows)):
                    yield node, tuple(flows)
                if (condition := _ends_by(node)) is not None:
                    yield node, (Flow(AGAIN, node.id, node.id, condition=condition),)

    def takes_fields(self, node: Node) -> bool:
        """Whether fields can be added: not where the element shows a form of its own."""
        has_form = node.work is not None and bool(node.work.form)
        return not has_form or (self.keys is not None and keys_of(node, self.process, self.keys) is None)

    def unset(self, condition: Expression) -> frozenset[str]:
        """The variables the condition reads and nothing sets."""
        return condition.names - self.written - self.answered

    def condition(self, flow: Flow) -> Expression | None:
        """The flow's condition as it will be; None where there is none, or one that is not understood."""
        condition = self.changes.conditions.get(key_of(flow), flow.condition)
        if condition is not None and condition not in self.conditions:
            self.conditions[condition] = self._compiled(condition)
        return self.conditions[condition] if condition is not None else None

    def _compiled(self, condition: Expr) -> Expression | None:
        self.characters -= len(condition.text)
        try:
            return compile_expr(condition) if self.characters >= 0 else None
        except ExpressionError:
            return None


def _ends_by(node: Node) -> Expr | None:
    if node.ad_hoc is not None:
        return node.ad_hoc.condition
    return node.loop.condition if node.loop is not None else None


def key_of(flow: Flow) -> FlowKey:
    return flow.source, flow.id


def at(element: Node | Flow) -> At:
    return At(element.id, element.name, element.line)


def name_of(element: Node | Flow) -> str:
    """What people call it."""
    return element.name.strip() or element.id
