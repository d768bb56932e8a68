"""Owns what the elements of a definition read: every expression and script, and a value that suits its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import product

from engine.definitions import Compiled, Kind, Node
from engine.definitions.asking.comparisons import comparisons, paths
from engine.definitions.asking.constants import candidates
from engine.definitions.asking.solving import values_of
from engine.definitions.asking.variables import Paths, variable_of
from engine.definitions.asking.writes import scripts
from engine.definitions.kinds import TimerKind
from engine.definitions.model import Process
from engine.definitions.parts import Event, Expr, Work
from engine.definitions.wording import check_time, compile_expr
from engine.expressions import Budget, EvaluationError, Expression, ExpressionError, Script, compile_script
from engine.names import FUNCTIONS
from engine.step import Values
from engine.timing import NotATime
from tickets.trial.tables import inputs_of, read_by
from tickets.trial.usage import read_paths, samples

PEOPLE = ("zhoulan", "lina")
TIMES = {TimerKind.DATE: "2026-12-01T09:00:00", TimerKind.DURATION: "PT1H", TimerKind.CYCLE: "R2/PT1H"}
LIKELY_IN_TIMES = ("PT1H", "2026-12-01T09:00:00", "R2/PT1H", 1, "2026-12-01", "R2")
MOST_IN_TIMES = 3
BUDGET = Budget(steps=2_000, memory=100_000)
ANYTHING = "sample"


class When(Enum):
    """When an element reads a variable: before it has data of its own, while it is active, or when it is done."""

    BEFORE = auto()
    DURING = auto()
    AFTER = auto()


@dataclass(frozen=True)
class Read:
    """A variable that an element reads, by its path, with values that suit it, the likeliest first."""

    element: str
    path: str
    values: tuple[object, ...]
    decides: bool = False
    """Where a token goes depends on it."""
    when: When = When.DURING
    suits: bool = False
    """Only such a value suits the place where it is read."""
    items_are: str = ""
    """The variable that the items of its value become."""
    becomes: str = ""
    """The variable that its value becomes inside the element."""


def reads(compiled: Compiled) -> Iterator[Read]:
    """Everything read in the definition and in what it calls."""
    yield from _of_settings(compiled.process)
    for process in processes(compiled):
        for scope in process.scope.scopes():
            for flow in scope.flows:
                yield from _deciding(flow.source, flow.condition, when=When.AFTER)
        for node in process.scope.walk():
            yield from _of_node(node)
            if node.kind is Kind.DECISION:
                yield from _of_decision(node, compiled)


def nodes(compiled: Compiled) -> Iterator[Node]:
    """Every element of the definition and of what it calls."""
    for process in processes(compiled):
        yield from process.scope.walk()


def processes(compiled: Compiled) -> tuple[Process, ...]:
    return (compiled.process, *compiled.called.values())


def _of_settings(process: Process) -> Iterator[Read]:
    """What a new ticket's title and owner are made of, once its start has given what it gives."""
    for name in ("title", "owner"):
        expr = Expr(process.settings.get(name, ""), "literal")
        for start in process.starts():
            try:
                yield from _placed(start.id, expr, when=When.AFTER)
            except ExpressionError:
                break  # filing the ticket says so


def _of_node(node: Node) -> Iterator[Read]:
    if node.work is not None:
        yield from _of_work(node.id, node.work)
    if node.loop is not None:
        yield from _placed(node.id, node.loop.collection, list(PEOPLE), when=When.BEFORE, items_are=node.loop.element)
        yield from _placed(node.id, node.loop.cardinality, 2, when=When.BEFORE)
        yield from _deciding(node.id, node.loop.condition, when=When.AFTER)
    if node.event is not None:
        yield from _of_event(node.id, node.event)
    if node.ad_hoc is not None:
        yield from _deciding(node.id, node.ad_hoc.condition, when=When.AFTER)
    yield from _placed(node.id, node.value)
    for assign in node.inputs:
        yield from _placed(node.id, assign.value, when=When.BEFORE, becomes=assign.name)
    for assign in node.outputs:
        yield from _placed(node.id, assign.value, when=When.AFTER)
    for script in scripts(node):
        yield from _of_script(node.id, compile_script(script, functions=FUNCTIONS))


def _of_work(element: str, work: Work) -> Iterator[Read]:
    for expr, sample in (
        (work.assignee, PEOPLE[0]),
        *((each, PEOPLE[0]) for each in work.users),
        *((each, "support") for each in work.groups),
        (work.due, "P1D"),
        (work.follow_up, "P1D"),
        (work.priority, 50),
    ):
        yield from _placed(element, expr, sample)


def _of_event(element: str, event: Event) -> Iterator[Read]:
    if event.timer is not None:
        yield from _timed(element, event.timer, event.expr)
    else:
        yield from _deciding(element, event.expr)
    yield from _placed(element, event.key, "1")
    yield from _placed(element, event.naming, ANYTHING)
    for inner in event.of:
        yield from _of_event(element, inner)


def _of_decision(node: Node, compiled: Compiled) -> Iterator[Read]:
    inputs = inputs_of(compiled.decisions, node.called)
    for expression in read_by(compiled.decisions, node.called):
        for path in paths(expression):
            likely = tuple(met[path] for met in inputs if path in met)
            yield Read(node.id, path, likely or _likely(expression, path))


def _placed(
    element: str,
    expr: Expr | None,
    sample: object = None,
    *,
    when: When = When.DURING,
    items_are: str = "",
    becomes: str = "",
) -> Iterator[Read]:
    """What an expression reads whose place says what it gives."""
    if expr is None:
        return
    expression = compile_expr(expr)
    for path in paths(expression):
        alone = Paths().of(expression.tree) == path
        suits = alone and sample is not None
        values = (sample if suits else ANYTHING,) if alone else _likely(expression, path)
        inner = becomes if alone else ""
        yield Read(element, path, values, when=when, suits=suits, items_are=items_are, becomes=inner)


def _timed(element: str, kind: TimerKind, expr: Expr | None) -> Iterator[Read]:
    """What a time is made of: of some likely values the first with which it is one."""
    if expr is None:
        return
    expression = compile_expr(expr)
    found = paths(expression)
    for values in product(LIKELY_IN_TIMES, repeat=len(found)) if len(found) <= MOST_IN_TIMES else ():
        met = dict(zip(found, values, strict=True))
        if _is_time(kind, expression, values_of(met)):
            yield from (Read(element, path, (value,), suits=True) for path, value in met.items())
            return
    yield from (Read(element, path, (TIMES[kind],)) for path in found)


def _is_time(kind: TimerKind, expression: Expression, data: Values) -> bool:
    try:
        check_time(kind, str(expression.evaluate(data, budget=BUDGET)))
    except (EvaluationError, NotATime):
        return False
    return True


def _deciding(element: str, expr: Expr | None, *, when: When = When.DURING) -> Iterator[Read]:
    if expr is not None:
        expression = compile_expr(expr)
        for path in paths(expression):
            yield Read(element, path, _likely(expression, path), decides=True, when=when)


def _likely(expression: Expression, path: str) -> tuple[object, ...]:
    """Values around what the variable is compared with, else one that suits its use."""
    compared = any(comparison.path == path for comparison in comparisons(expression))
    values = tuple(candidates(expression).get(path, ())) if compared else ()
    return values or (samples([expression.tree]).get(path, ANYTHING),)


def _of_script(element: str, script: Script) -> Iterator[Read]:
    guessed = samples(script.tree)
    for path in read_paths(script.tree):
        if variable_of(path) in script.reads:
            yield Read(element, path, (guessed.get(path, 1),))
