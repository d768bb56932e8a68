"""FEEL's loops: filters, for – return, some and every."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.expressions import loops
from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, compile_node
from engine.expressions.feel.values import Range, items, number, steps
from engine.expressions.loops import Body, build_loop
from engine.expressions.nodes import Constant, Filter, Iteration, Language, Quantified


@compile_node.register
def _(node: Filter, scope: Scope) -> Code:
    value, cell, this = build(node.value, scope), scope.cell(), scope.cell()
    if isinstance(node.condition, Constant) and number(node.condition.value) is not None:
        place = node.condition.value
        return lambda run: _at(items(value(run)), place)
    before = scope.nodes
    scope.frames += [{"item": this}, cell]
    condition = build(node.condition, scope)
    del scope.frames[-2:]
    cost = scope.nodes - before + 2

    def filtered(run: Run) -> Any:
        whole, kept = items(value(run)), []
        for item in whole if len(whole) else [None]:
            run.spend(cost)
            run.cells[cell] = run.cells[this] = item
            met = condition(run)
            if met is True:
                run.grow(8)
                kept.append(item)
            elif number(met) is not None:
                return _at(whole, met)
        return kept if len(whole) else []

    return filtered


def _at(whole: Any, place: Any) -> Any:
    """The item at a position from 1, or from the end if negative; null beyond."""
    position = number(place)
    if position is None or position != position.to_integral_value() or not 0 < abs(position) <= len(whole):
        return None
    return whole[int(position) - (position > 0)]


class _NotIterable(Exception):
    """A loop goes over null."""


def _iterable(value: Any) -> Iterable[Any]:
    if value is None:
        raise _NotIterable
    return steps(value) if isinstance(value, Range) else items(value)


@compile_node.register
def _(node: Iteration, scope: Scope) -> Code:
    results = scope.cell()

    def finish() -> Body:
        result = build(node.result, scope)

        def append(run: Run) -> bool:
            run.grow(16)
            run.cells[results].append(result(run))
            return True

        return append

    scope.frames.append({"partial": results})
    loop = build_loop(node.clauses, scope, finish, _iterable)
    scope.frames.pop()

    def iteration(run: Run) -> list[Any] | None:
        made: list[Any] = []
        run.cells[results] = made
        try:
            loop(run)
        except _NotIterable:
            return None
        return made

    return iteration


def _quantified(node: Quantified, scope: Scope) -> Code:
    unsure, all_of = scope.cell(), node.every

    def finish() -> Body:
        condition = build(node.condition, scope)

        def decide(run: Run) -> bool:
            value = condition(run)
            if value is (not all_of):
                return False
            if value is not all_of:
                run.cells[unsure] = True
            return True

        return decide

    loop = build_loop(node.clauses, scope, finish, _iterable)

    def quantified(run: Run) -> bool | None:
        run.cells[unsure] = False
        try:
            if not loop(run):
                return not all_of
        except _NotIterable:
            return None
        return None if run.cells[unsure] else all_of

    return quantified


loops.QUANTIFIERS[Language.FEEL] = _quantified
