"""Loops inside expressions: comprehensions, any and all; each round takes a step for every node it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, compile_node
from engine.expressions.loop_nodes import Clause, Comprehension, Quantified
from engine.expressions.nodes import Items, Language, Name, Node
from engine.expressions.problems import N_, EvaluationError, Message
from engine.expressions.python_operators import check_key

Bind = Callable[[Run, Any], None]
Body = Callable[[Run], bool]  # True to go on, False to leave all loops
_ITERABLE = (list, tuple, dict, str, range)
Test = Callable[[Run, Any], bool | None]


@compile_node.register
def _(node: Comprehension, scope: Scope) -> Code:
    results = scope.cell()

    def finish() -> Body:
        if node.key is None:
            element = build(node.element, scope)

            def append(run: Run) -> bool:
                run.grow(8)
                run.cells[results].append(element(run))
                return True

            return append
        key, value = build(node.key, scope), build(node.element, scope)

        def put(run: Run) -> bool:
            run.grow(64)
            name = key(run)
            check_key(name)
            run.cells[results][name] = value(run)
            return True

        return put

    loop = build_loop(node.clauses, scope, finish)
    make = list if node.key is None else dict

    def comprehension(run: Run) -> Any:
        made = run.cells[results] = make()
        loop(run)
        return made

    return comprehension


def quantified(node: Quantified, scope: Scope) -> Code:
    """all(…) and any(…) over a generator: they stop at the first item that decides."""
    every = node.every

    def finish() -> Body:
        condition = build(node.condition, scope)
        return lambda run: bool(condition(run)) is every

    loop = build_loop(node.clauses, scope, finish)
    return lambda run: loop(run) is every


QUANTIFIERS: dict[Language, Callable[[Quantified, Scope], Code]] = {Language.PYTHON: quantified}


@compile_node.register
def _(node: Quantified, scope: Scope) -> Code:
    return QUANTIFIERS[node.language](node, scope)


def iterable(value: Any) -> Iterable[Any]:
    """`value`, if a loop can go over it."""
    if not isinstance(value, _ITERABLE):
        raise EvaluationError(Message(N_("A loop needs a list.")))
    return value


def build_loop(
    clauses: tuple[Clause, ...],
    scope: Scope,
    finish: Callable[[], Body],
    over: Callable[[Any], Iterable[Any]] = iterable,
) -> Body:
    """The nested loops of `clauses` around the body that `finish` builds inside their scope.

    The loops go over what `over` makes of each source.
    """
    clause, *others = clauses
    source = build(clause.source, scope)
    before = scope.nodes
    frame: dict[str, int] = {}
    scope.frames.append(frame)
    bind = _binder(clause.target, scope, frame)
    conditions = [build(condition, scope) for condition in clause.conditions]
    body = build_loop(tuple(others), scope, finish, over) if others else finish()
    scope.frames.pop()
    cost = scope.nodes - before + 2

    def loop(run: Run) -> bool:
        for item in over(source(run)):
            run.spend(cost)
            bind(run, item)
            if (not conditions or all(condition(run) for condition in conditions)) and not body(run):
                return False
        return True

    return loop


def unpack(value: Any, count: int) -> list[Any]:
    """The `count` parts of `value`; EvaluationError if it has more or fewer."""
    iterable(value)
    if len(value) != count:
        params = {"count": count, "found": len(value)}
        raise EvaluationError(Message(N_("%(count)s names are to be set, but there are %(found)s values."), params))
    return list(value)


def _binder(target: Node, scope: Scope, frame: dict[str, int]) -> Bind:
    if isinstance(target, Name):
        cell = frame[target.id] = scope.cell()

        def bind(run: Run, value: Any) -> None:
            run.cells[cell] = value

        return bind
    assert isinstance(target, Items)
    binders = [_binder(item, scope, frame) for item in target.items]

    def bind_all(run: Run, value: Any) -> None:
        for binder, part in zip(binders, unpack(value, len(binders)), strict=True):
            binder(run, part)

    return bind_all
