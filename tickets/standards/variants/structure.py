"""Owns comparing a variant's flow with the standard's: element by element, but inside extension points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from engine.definitions import Compiled
from engine.definitions.kinds import Kind
from engine.definitions.model import Flow, Node, Process, Scope
from engine.definitions.parts import Work
from engine.expressions import N_, Level, Message, Problem

POINT = "extension.point"
_Drawn = tuple[str, str, str, str, bool]
_FREE = Node("", Kind.USER)
"""What may differ anywhere: how things are called, and who does them; the steps' own contract is another check."""
_FREE_FIELDS = ("name", "line", "names", "documentation", "lane", "settings", "work", "fields", "body", "called")


def is_point(node: Node) -> bool:
    """Whether steps of a brand's own may be put here."""
    said = node.settings.get(POINT, "").strip().casefold()
    return node.kind in (Kind.SUB_PROCESS, Kind.CALL) and said not in ("", "false")


def points_of(compiled: Compiled) -> tuple[Node, ...]:
    """The extension points of a version that stand outside of any other, in the order of the file."""
    return tuple(_points(compiled.process.scope))


def _points(scope: Scope) -> Iterator[Node]:
    for node in scope.nodes:
        if is_point(node):
            yield node
        elif node.body is not None:
            yield from _points(node.body)


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a variant differs: an element, or a flow by its `source` and `target`; `new` is what it adds,
    `gone` what it lacks, else it is there and not the same.
    """

    problem: Problem
    element: str = ""
    source: str = ""
    target: str = ""
    new: bool = False
    gone: bool = False

    @property
    def is_flow(self) -> bool:
        return not self.element


@dataclass
class Differences:
    """What a variant changes where it must not; `opened` are the ids of the standard's points that it has changed."""

    standard: Compiled
    variant: Compiled
    found: list[Difference] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def between(cls, standard: Compiled, variant: Compiled) -> Differences:
        found = cls(standard, variant)
        found._scopes(standard.process.scope, variant.process.scope, variant.process)
        return found

    def _scopes(self, old: Scope, new: Scope, around: Process | Node) -> None:
        before = {node.id: node for node in old.nodes}
        after = {node.id: node for node in new.nodes}
        for ident, node in before.items():
            if ident not in after:
                self._missing(node, around)
            else:
                self._nodes(node, after[ident])
        for ident in after.keys() - before.keys():
            self._added(after[ident])
        self._flows(old, new, after, around)

    def _nodes(self, old: Node, new: Node) -> None:
        if _bare(old) != _bare(new) or _awaits(old) != _awaits(new):
            self._changed(new)
        if is_point(old):
            if not self._same_inside(old, new):
                self.opened.add(old.id)
        elif old.kind is Kind.CALL:
            self._calls(old, new)
        elif old.body is not None and new.body is not None:
            self._scopes(old.body, new.body, new)

    def _same_inside(self, old: Node, new: Node) -> bool:
        if old.called != new.called:
            return False
        called = self.standard.called.get(old.called), self.variant.called.get(new.called)
        return old.body == new.body and called[0] == called[1]

    def _calls(self, old: Node, new: Node) -> None:
        if old.called != new.called:
            self._changed(new)
            return
        before, after = self.standard.called.get(old.called), self.variant.called.get(new.called)
        if before is not None and after is not None and old.called not in self._seen:
            self._seen.add(old.called)
            self._scopes(before.scope, after.scope, after)

    def _flows(self, old: Scope, new: Scope, nodes: dict[str, Node], around: Process | Node) -> None:
        drawn = {**_drawn(old), **_drawn(new)}
        before = Counter(drawn[id(flow)] for flow in old.flows)
        after = Counter(drawn[id(flow)] for flow in new.flows)
        for flow in new.flows:
            if after[drawn[id(flow)]] > before[drawn[id(flow)]]:
                after[drawn[id(flow)]] -= 1
                problem = N_("The group's standard has no such flow from “%(source)s” to “%(target)s”.")
                remedy = N_("Delete it, or draw it inside an extension point.")
                told = _flow_problem(flow, nodes, problem, remedy, flow.name, flow.line)
                self.found.append(Difference(told, source=flow.source, target=flow.target, new=True))
        for flow in old.flows:
            if before[drawn[id(flow)]] > after[drawn[id(flow)]]:
                before[drawn[id(flow)]] -= 1
                source = nodes.get(flow.source, around)
                problem = N_(
                    "The flow from “%(source)s” to “%(target)s” of the group's standard is not there any more."
                )
                remedy = N_("Draw it as the group has it, with its condition.")
                told = _flow_problem(flow, nodes, problem, remedy, source.name, source.line)
                self.found.append(Difference(told, source=flow.source, target=flow.target, gone=True))

    def _missing(self, node: Node, around: Process | Node) -> None:
        problem = Message(
            N_("“%(name)s” of the group's standard is not there any more."), {"name": _called(node, node.id)}
        )
        remedy = N_("Put it back as the group has it; “Make a variant” gives its files.")
        told = problem_at("variant-missing", problem, remedy, node.id, node.name, around.line)
        self.found.append(Difference(told, node.id, gone=True))

    def _added(self, node: Node) -> None:
        problem = Message(N_("“%(name)s” is not in the group's standard."), {"name": _called(node, node.id)})
        remedy = N_("Move it into an extension point; outside of these a variant is as the group has it.")
        told = problem_at("variant-added", problem, remedy, node.id, node.name, node.line)
        self.found.append(Difference(told, node.id, new=True))

    def _changed(self, node: Node) -> None:
        problem = Message(N_("“%(name)s” is not as in the group's standard."), {"name": _called(node, node.id)})
        remedy = N_(
            "Take it over from the group's files. What it is called, who does it and its form may differ; what it is, "
            "when it ends and where it leads may not."
        )
        told = problem_at("variant-changed", problem, remedy, node.id, node.name, node.line)
        self.found.append(Difference(told, node.id))


def _flow_problem(flow: Flow, nodes: dict[str, Node], problem: str, remedy: str, name: str, line: int) -> Problem:
    ends = {
        "source": _called(nodes.get(flow.source), flow.source),
        "target": _called(nodes.get(flow.target), flow.target),
    }
    return problem_at("variant-flow", Message(problem, ends), remedy, flow.id, name, line)


def problem_at(code: str, problem: Message, remedy: str, element: str, name: str, line: int) -> Problem:
    """A difference in words, where it is."""
    return Problem(Level.ERROR, code, problem, Message(remedy), element, name, line)


def _bare(node: Node) -> Node:
    """The node without what may differ; its default flow is compared with the flows."""
    free = {name: getattr(_FREE, name) for name in (*_FREE_FIELDS, "default_flow")}
    return msgspec.structs.replace(node, **free)


def _awaits(node: Node) -> Work | None:
    """When a person's task is due belongs to the standard; a due time that is brought forward is for its deadline."""
    return None if node.work is None else Work(due=node.work.due)


def _drawn(scope: Scope) -> dict[int, _Drawn]:
    """What the flows say, by their place in memory: their ids need not be the group's."""
    defaults = {(node.id, node.default_flow) for node in scope.nodes if node.default_flow}
    return {id(flow): _flow(flow, defaults) for flow in scope.flows}


def _flow(flow: Flow, defaults: set[tuple[str, str]]) -> _Drawn:
    condition = flow.condition
    words = (condition.text, condition.language) if condition is not None else ("", "")
    return flow.source, flow.target, *words, (flow.source, flow.id) in defaults


def _called(node: Node | None, ident: str) -> str:
    return (node.name if node is not None and node.name else ident)[:80]
