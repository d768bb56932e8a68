"""Python's own meanings, charged and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from engine.expressions import closures
from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, build_all, compile_node, misfit
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Compare,
    Entries,
    Formatted,
    Index,
    Language,
    Logic,
    Method,
    Node,
    Property,
    Slice,
    Unary,
)
from engine.expressions.python_functions import FUNCTIONS, size
from engine.expressions.python_methods import call_method
from engine.expressions.python_operators import BINARY, COMPARISONS, UNARY, check_key, get_item, get_property
from engine.expressions.values import python_text


@compile_node.register
def _(node: Entries, scope: Scope) -> Code:
    pairs = [(build(key, scope), build(value, scope)) for key, value in node.pairs]
    cost = 64 + 64 * len(pairs)

    def entries(run: Run) -> dict[Any, Any]:
        run.grow(cost)
        made = {}
        for key, value in pairs:
            name = key(run)
            check_key(name)
            made[name] = value(run)
        return made

    return entries


_PLAIN = (str, int, float)
_FORMATTED = (*_PLAIN, dt.date, dt.time, dt.timedelta)


def _unary(node: Unary, scope: Scope) -> Code:
    operate, operator = UNARY[node.operator], node.operator
    operand = build(node.operand, scope)

    def unary(run: Run) -> Any:
        value = operand(run)
        try:
            return operate(value)
        except TypeError:
            raise misfit(operator, value, value) from None

    return unary


def _binary(node: Binary, scope: Scope) -> Code:
    operate, operator = BINARY[node.operator], node.operator
    left, right = build(node.left, scope), build(node.right, scope)

    def binary(run: Run) -> Any:
        first, second = left(run), right(run)
        try:
            return operate(run, first, second)
        except TypeError:
            raise misfit(operator, first, second) from None

    return binary


def _logic(node: Logic, scope: Scope) -> Code:
    *parts, last = build_all(node.parts, scope)
    every = node.every

    def logic(run: Run) -> Any:
        for part in parts:
            value = part(run)
            if bool(value) is not every:
                return value
        return last(run)

    return logic


def _choice(node: Choice, scope: Scope) -> Code:
    test, then, otherwise = build_all((node.test, node.then, node.otherwise), scope)
    return lambda run: then(run) if test(run) else otherwise(run)


def _property(node: Property, scope: Scope) -> Code:
    value, key = build(node.value, scope), node.key

    def entry(run: Run) -> Any:
        found = value(run)
        if type(found) is dict and key in found:
            return found[key]
        return get_property(found, key)

    return entry


def _index(node: Index, scope: Scope) -> Code:
    value, index = build(node.value, scope), build(node.index, scope)
    return lambda run: get_item(value(run), index(run))


def _call(node: Call, scope: Scope) -> Code:
    function = FUNCTIONS[node.function].call
    arguments = build_all(node.arguments, scope)
    if not node.keywords:
        return lambda run: function(run, *[argument(run) for argument in arguments])
    keywords = [(key, build(value, scope)) for key, value in node.keywords]
    return lambda run: function(
        run,
        *[argument(run) for argument in arguments],
        **{key: value(run) for key, value in keywords},
    )


@compile_node.register
def _(node: Compare, scope: Scope) -> Code:
    first = build(node.first, scope)
    rest = [(operator, COMPARISONS[operator], build(right, scope)) for operator, right in node.rest]
    if len(rest) == 1:
        return _comparison(first, *rest[0])

    def chain(run: Run) -> bool:
        left = first(run)
        for operator, compare, operand in rest:
            right = operand(run)
            try:
                if not compare(run, left, right):
                    return False
            except TypeError:
                raise misfit(operator, left, right) from None
            left = right
        return True

    return chain


def _comparison(first: Code, operator: str, compare: Callable[[Run, Any, Any], Any], second: Code) -> Code:
    def comparison(run: Run) -> Any:
        left, right = first(run), second(run)
        try:
            return compare(run, left, right)
        except TypeError:
            raise misfit(operator, left, right) from None

    return comparison


@compile_node.register
def _(node: Slice, scope: Scope) -> Code:
    value = build(node.value, scope)
    ends = [_optional_end(end, scope) for end in (node.lower, node.upper, node.step)]

    def part(run: Run) -> Any:
        whole = value(run)
        if not isinstance(whole, str | list | tuple | range):
            raise misfit("[:]", whole, None)
        cut = slice(*[end(run) for end in ends])
        if not isinstance(whole, range):
            size(run, range(*cut.indices(len(whole))))
        return whole[cut]

    return part


def _optional_end(end: Node | None, scope: Scope) -> Code:
    return (lambda _run: None) if end is None else build(end, scope)


@compile_node.register
def _(node: Method, scope: Scope) -> Code:
    value, method = build(node.value, scope), node.method
    arguments = build_all(node.arguments, scope)
    keywords = [(key, build(item, scope)) for key, item in node.keywords]

    def call(run: Run) -> Any:
        return call_method(
            run,
            value(run),
            method,
            [argument(run) for argument in arguments],
            {key: item(run) for key, item in keywords},
        )

    return call


@compile_node.register
def _(node: Formatted, scope: Scope) -> Code:
    value, form = build(node.value, scope), node.format

    def formatted(run: Run) -> str:
        found = value(run)
        run.grow(1000)
        if form and (found is None or not isinstance(found, _FORMATTED)):
            raise misfit(":", found, form)
        return format(found if isinstance(found, _PLAIN) else python_text(run, found), form)

    return formatted


closures.UNARIES[Language.PYTHON] = _unary
closures.BINARIES[Language.PYTHON] = _binary
closures.LOGICS[Language.PYTHON] = _logic
closures.CHOICES[Language.PYTHON] = _choice
closures.PROPERTIES[Language.PYTHON] = _property
closures.INDEXES[Language.PYTHON] = _index
closures.CALLS[Language.PYTHON] = _call
