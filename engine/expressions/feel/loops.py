"""FEEL's loops: filters, for – return, some and every."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.expressions import loops
from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, compile_node
from engine.expressions.feel.closures import is_true
from engine.expressions.feel.values import Range, items, number, steps
from engine.expressions.loop_nodes import Iteration, Quantified
from engine.expressions.loops import Body, build_loop
from engine.expressions.nodes import ITEM, Constant, Filter, Language


@compile_node.register
def _(node: Filter, scope: Scope) -> Code:
    value, cell, this = build(node.value, scope), scope.cell(), scope.cell()
    if isinstance(node.condition, Constant) and number(node.condition.value) is not None:
        return _position(value, node.condition.value)
    before = scope.nodes
    scope.frames += [{"item": this}, cell, {ITEM: this}]
    condition = build(node.condition, scope)
    del scope.frames[-3:]
    cost = scope.nodes - before + 2

    def filtered(run: Run) -> Any:
        found = value(run)
        if found is None:
            return None
        whole, kept = items(found), []
        for item in whole if len(whole) else [None]:
            run.spend(cost)
            run.cells[cell] = run.cells[this] = item
            met = condition(run)
            if met is True and is_true(item):
                run.grow(8)
                kept.append(item)
            elif number(met) is not None:
                return _at(whole, met)
        return kept if len(whole) else []

    return filtered


def _position(value: Code, place: Any) -> Code:
    def positioned(run: Run) -> Any:
        found = value(run)
        return None if found is None else _at(items(found), place)

    return positioned


def _at(whole: Any, place: Any) -> Any:
    """The item at a position from 1, or from the end if negative; null beyond."""
    position = number(place)
    if position is None or position != position.to_integral_value() or not 0 < abs(position) <= len(whole):
        return None
    return whole[int(position) - (position > 0)]


class _NotIterable(Exception):
    """A loop goes over something else than a list or a range."""


def _iterable(value: Any) -> Iterable[Any]:
    if isinstance(value, Range):
        return steps(value)
    if not isinstance(value, list | tuple):
        raise _NotIterable
    return value


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
    every = node.every

    def finish() -> Body:
        condition = build(node.condition, scope)
        return lambda run: is_true(condition(run)) is every

    loop = build_loop(node.clauses, scope, finish, _iterable)

    def quantified(run: Run) -> bool | None:
        try:
            return loop(run) is every
        except _NotIterable:
            return None

    return quantified


loops.QUANTIFIERS[Language.FEEL] = _quantified
