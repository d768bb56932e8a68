"""Owns the chart of a definition: where a token may go from each element, and what its conditions ask on the way."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.definitions import Compiled, Kind, Node
from engine.definitions.asking.comparisons import paths
from engine.definitions.asking.solving import Wanted
from engine.definitions.kinds import EventKind, LoopKind
from engine.definitions.model import Flow, Scope
from engine.definitions.parts import Expr
from engine.definitions.wording import compile_expr
from tickets.trial.tables import inputs_of

MOST_AHEAD = 300
"""So many elements ahead of one are looked at."""


@dataclass(frozen=True)
class Choice:
    """One way on: how each condition must turn out for it, and where it leads."""

    targets: tuple[str, ...]
    wanted: tuple[Wanted, ...] = ()
    values: Mapping[str, object] | None = None
    """Values by path that bring it about, where they are known without looking for them."""


@dataclass(frozen=True)
class Question:
    """What an element asks of the data when a token comes by; the first choice is the ordinary one."""

    element: str
    choices: tuple[Choice, ...]

    @cached_property
    def paths(self) -> frozenset[str]:
        """The variables that it turns on, by their paths."""
        expressions = {expression for choice in self.choices for expression, _ in choice.wanted}
        known = {path for choice in self.choices for path in choice.values or ()}
        return frozenset(path for expression in expressions for path in paths(expression)) | known


@dataclass
class Chart:
    """A definition with everything it calls, flattened: what is inside a sub-process comes after it, then what follows.

    Ids are the definition's own: those inside called processes are qualified.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    boundaries: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    first: dict[str, list[str]] = field(default_factory=dict)
    """What begins with a scope, by its holder: a sub-process, or `process:` and a process's id."""
    aside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The event sub-processes that wait while a scope is open, by its holder."""
    holders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Around each element: the sub-process or the call activities that hold its scope open."""
    interruptions: set[str] = field(default_factory=set)
    """Boundary events, and the start events of event sub-processes."""
    scopes: dict[str, str] = field(default_factory=dict)
    """By element, its scope as `first` and `aside` name it."""
    questions: dict[str, list[Question]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, compiled: Compiled) -> Chart:
        chart = cls()
        callers = defaultdict(list)
        for process in (compiled.process, *compiled.called.values()):
            for node in process.scope.walk():
                if node.kind is Kind.CALL:
                    callers[node.called].append(node.id)
        for process in (compiled.process, *compiled.called.values()):
            chart._add(process.scope, f"process:{process.id}", tuple(callers[process.id]))
        for node in chart.nodes.values():
            if node.kind is Kind.DECISION:
                choices = (Choice((), values=met) for met in inputs_of(compiled.decisions, node.called))
                chart.questions[node.id].append(Question(node.id, tuple(choices)))
        return chart

    def enter(self, ident: str) -> list[str]:
        """What a token at this element sets going next: the first inside it, or what follows it; its events besides."""
        node = self.nodes[ident]
        inside = ident if node.kind is Kind.SUB_PROCESS else f"process:{node.called}" if node.kind is Kind.CALL else ""
        within = [*self.first.get(inside, ()), *self.aside.get(inside, ())] if inside else []
        beside = self.aside[self.scopes[ident]] if node.kind is Kind.START else []
        return [*(within or self.leave(ident)), *self.boundaries[ident], *beside]

    def leave(self, ident: str) -> list[str]:
        """What follows an element that has completed: along its flows, else after the scope that it ends."""
        targets = [flow.target for flow in self.flows[ident] if flow.target in self.nodes]
        handler = self.nodes[ident].handler
        if handler in self.nodes:
            targets.append(handler)
        return targets or [after for holder in self.holders[ident] for after in self.leave(holder)]

    def ahead(self, begin: Iterable[str]) -> Iterator[str]:
        """These elements and those after them, the nearest first."""
        seen = dict.fromkeys(begin)
        ahead = deque(seen)
        while ahead and len(seen) < MOST_AHEAD:
            ident = ahead.popleft()
            yield ident
            for target in self.enter(ident):
                if target not in seen:
                    seen[target] = None
                    ahead.append(target)
        yield from ahead

    def around(self, element: str) -> set[str]:
        """The sub-processes and call activities that it stands in."""
        found: set[str] = set()
        ahead = list(self.holders[element])
        while ahead:
            holder = ahead.pop()
            if holder not in found:
                found.add(holder)
                ahead += self.holders[holder]
        return found

    def reach(self, element: str) -> set[str]:
        """Every element that a token may come to after this one."""
        seen, ahead = set(), self.enter(element)
        while ahead:
            ident = ahead.pop()
            if ident not in seen:
                seen.add(ident)
                ahead += self.enter(ident)
        return seen

    def before(self, start: str, givers: Collection[str]) -> set[str]:
        """The elements that a token may come to before any of `givers`, those included; the start is none of them."""
        seen, ahead = {(start, "")}, [(start, "")]
        while ahead:
            ident, beside = ahead.pop()
            stays = ident != start and ident in givers
            for found in self._onwards(ident, beside, stays=stays):
                if found not in seen:
                    seen.add(found)
                    ahead.append(found)
        return {ident for ident, _ in seen}

    def _onwards(self, ident: str, beside: str, *, stays: bool) -> Iterator[tuple[str, str]]:
        """What comes next, and the scope beside whose main course it goes on: it ends there, but does not end that."""
        for event in self.boundaries[ident]:
            yield event, beside if self.nodes[event].interrupting else self.scopes[event]
        node = self.nodes[ident]
        ends = node.kind is Kind.END and node.event is None and self.scopes[ident] == beside
        if not (stays or ends):
            yield from ((target, beside) for target in self.enter(ident))

    def catching(self, element: str) -> dict[str, str]:
        """The error codes that are caught around an element, the nearest first, each with the event that catches it."""
        found: dict[str, str] = {}
        beside = () if self.nodes[element].by_event else self._starts_aside(element)  # none catches what another throws
        for event in (*self.boundaries[element], *beside):
            what = self.nodes[event].event
            if what is not None and what.kind is EventKind.ERROR and "" not in found:
                found.setdefault(what.name, event)
        for holder in self.holders[element]:
            if "" not in found:
                found = {**self.catching(holder), **found}
        return found

    def _starts_aside(self, element: str) -> Iterator[str]:
        """The start events of the event sub-processes that wait while the element's own scope is open."""
        for aside in self.aside[self.scopes[element]]:
            yield from self.first[aside]

    def interrupts(self, node: Node) -> bool:
        """Whether it comes in between: on an activity's boundary, or at the start of an event sub-process."""
        return node.id in self.interruptions

    def scopes_ended(self, element: str) -> int:
        """In how many of the scopes around it a terminate end event follows, which ends what else is open there."""
        return sum(self._may_end_its_scope(ident) for ident in {element} | self.around(element))

    def _may_end_its_scope(self, element: str) -> bool:
        seen, ahead = set(), [element]
        while ahead:
            node = self.nodes[ahead.pop()]
            if node.event is not None and node.event.kind is EventKind.TERMINATE:
                return True
            if node.id not in seen:
                seen.add(node.id)
                following = [flow.target for flow in self.flows[node.id]] + self.boundaries[node.id]
                ahead += [ident for ident in following if ident in self.nodes]
        return False

    def _add(self, scope: Scope, holder: str, around: tuple[str, ...]) -> None:
        into = {flow.target for flow in scope.flows}
        for node in scope.nodes:
            self.nodes[node.id], self.holders[node.id], self.scopes[node.id] = node, around, holder
            if node.kind is Kind.BOUNDARY:
                self.boundaries[node.attached_to].append(node.id)
                self.interruptions.add(node.id)
            if node.by_event and node.body is not None:
                self.aside[holder].append(node.id)
                self.interruptions.update(inner.id for inner in node.body.nodes if inner.kind is Kind.START)
            if node.body is not None:
                self._add(node.body, node.id, (node.id,))
        for flow in scope.flows:
            self.flows[flow.source].append(flow)
        starts = [node.id for node in scope.nodes if node.kind is Kind.START]
        self.first[holder] = starts or [node.id for node in scope.nodes if node.id not in into and _begins(node)]
        for node in scope.nodes:
            self.questions[node.id] += _questions(node, self.flows[node.id])


def _begins(node: Node) -> bool:
    """Whether it begins with its scope when no flow leads to it."""
    return node.kind is not Kind.BOUNDARY and not node.by_event and not node.for_compensation


def _questions(node: Node, flows: list[Flow]) -> Iterator[Question]:
    if any(flow.condition is not None for flow in flows) and node.kind is not Kind.PARALLEL:
        yield Question(node.id, tuple(_exclusive(node, flows) if node.kind is Kind.EXCLUSIVE else _free(node, flows)))
    if node.event is not None and node.event.kind is EventKind.CONDITIONAL and node.event.expr is not None:
        question = _either(node.id, node.event.expr, not_yet=(), now=(node.id,))
        # What is waited for on the way has to happen; what may come in between need not.
        yield Question(node.id, question.choices[::-1]) if node.kind is Kind.CATCH else question
    after = tuple(flow.target for flow in flows)
    if node.ad_hoc is not None and node.ad_hoc.condition is not None:
        inside = tuple(inner.id for inner in node.body.nodes) if node.body is not None else ()
        yield _either(node.id, node.ad_hoc.condition, not_yet=inside, now=after)
    if node.loop is not None and node.loop.condition is not None:
        if node.loop.kind is LoopKind.STANDARD:
            yield _either(node.id, node.loop.condition, not_yet=after, now=(node.id,))
        else:
            yield _either(node.id, node.loop.condition, not_yet=(node.id,), now=after)


def _either(ident: str, expr: Expr, *, not_yet: tuple[str, ...], now: tuple[str, ...]) -> Question:
    """A condition asked by itself, and where it leads while it does not hold, and once it does."""
    condition = compile_expr(expr)
    return Question(ident, (Choice(not_yet, ((condition, False),)), Choice(now, ((condition, True),))))


def _exclusive(node: Node, flows: list[Flow]) -> Iterator[Choice]:
    """A flow is taken when its condition holds and none before it does; the default one when none does."""
    default = _default(node, flows)
    before: tuple[Wanted, ...] = ()
    for flow in flows:
        if flow is not default and flow.condition is not None:
            condition = compile_expr(flow.condition)
            yield Choice((flow.target,), (*before, (condition, True)))
            before = (*before, (condition, False))
    if default is not None:
        yield Choice((default.target,), before)


def _free(node: Node, flows: list[Flow]) -> Iterator[Choice]:
    """Each flow whose condition holds is taken: all together, then each alone, then none but the default one."""
    default = _default(node, flows)
    asked = [flow for flow in flows if flow.condition is not None and flow is not default]
    conditions = [compile_expr(flow.condition) for flow in asked if flow.condition is not None]
    always = tuple(flow.target for flow in flows if flow.condition is None and flow is not default)
    yield Choice((*(flow.target for flow in asked), *always), tuple((each, True) for each in conditions))
    for flow, condition in zip(asked, conditions, strict=True) if len(asked) > 1 else ():
        yield Choice((flow.target, *always), tuple((each, each is condition) for each in conditions))
        yield Choice((flow.target, *always), ((condition, True),))
    target = (default.target,) if default is not None else ()
    yield Choice((*target, *always), tuple((each, False) for each in conditions))


def _default(node: Node, flows: list[Flow]) -> Flow | None:
    if node.default_flow:
        return next((flow for flow in flows if flow.id == node.default_flow), None)
    bare = [flow for flow in flows if flow.condition is None]
    return bare[0] if node.kind is Kind.EXCLUSIVE and len(bare) == 1 else None
