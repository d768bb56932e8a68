"""FEEL's own meanings: three-valued logic, null that spreads, filters, paths and loops over anything."""

from __future__ import annotations

import datetime as dt
from typing import Any

from engine.expressions import closures, loops
from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, build_all, compile_node
from engine.expressions.feel.functions import FUNCTIONS
from engine.expressions.feel.operators import BINARY, negate
from engine.expressions.feel.signature import apply
from engine.expressions.feel.values import (
    KINDS,
    Range,
    compare,
    contains,
    equal,
    some,
    within,
)
from engine.expressions.nodes import (
    Binary,
    Bound,
    Call,
    Choice,
    Constant,
    Context,
    Kind,
    Language,
    Logic,
    Meets,
    Node,
    Property,
    Span,
    Unary,
    Within,
)
from engine.expressions.temporal import Months


def _unary(node: Unary, scope: Scope) -> Code:
    operand = build(node.operand, scope)
    return lambda run: negate(operand(run))


def _binary(node: Binary, scope: Scope) -> Code:
    operate, left, right = BINARY[node.operator], build(node.left, scope), build(node.right, scope)
    return lambda run: operate(run, left(run), right(run))


def _logic(node: Logic, scope: Scope) -> Code:
    parts, conjunction = build_all(node.parts, scope), node.every

    def logic(run: Run) -> bool | None:
        decided = True
        for part in parts:
            value = part(run)
            if value is not conjunction:
                if value is (not conjunction):
                    return not conjunction
                decided = False
        return conjunction if decided else None

    return logic


def _choice(node: Choice, scope: Scope) -> Code:
    test, then, otherwise = build_all((node.test, node.then, node.otherwise), scope)
    return lambda run: then(run) if test(run) is True else otherwise(run)


def _property(node: Property, scope: Scope) -> Code:
    value, key = build(node.value, scope), node.key
    return lambda run: reach(run, value(run), key)


def _call(node: Call, scope: Scope) -> Code:
    function, arguments = FUNCTIONS[node.function], build_all(node.arguments, scope)
    return lambda run: apply(run, function, [argument(run) for argument in arguments])


closures.UNARIES[Language.FEEL] = _unary
closures.BINARIES[Language.FEEL] = _binary
closures.LOGICS[Language.FEEL] = _logic
closures.CHOICES[Language.FEEL] = _choice
closures.PROPERTIES[Language.FEEL] = _property
closures.CALLS[Language.FEEL] = _call

_DATE_PARTS = ("year", "month", "day")
_TIME_PARTS = ("hour", "minute", "second")
_SPAN_PARTS = {"days": (86400, 10**9), "hours": (3600, 24), "minutes": (60, 60), "seconds": (1, 60)}


def reach(run: Run, value: Any, key: str) -> Any:
    """value.key: an entry, each item's entry, or a part of a date or duration (tables 60, 61); else null."""
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list | tuple):
        run.grow(8 * len(value))
        run.spend(len(value))
        return [reach(run, item, key) if isinstance(item, dict) else None for item in value]
    return temporal_part(value, key)


def temporal_part(value: Any, key: str) -> Any:
    """A part of a date, time or duration; null if it has none such."""
    if isinstance(value, dt.date) and key == "weekday":
        return value.isoweekday()
    if (isinstance(value, dt.date) and key in _DATE_PARTS) or (
        isinstance(value, dt.datetime | dt.time) and key in _TIME_PARTS
    ):
        return getattr(value, key)
    if isinstance(value, dt.datetime | dt.time) and key in ("time offset", "timezone"):
        return value.utcoffset() if key == "time offset" else getattr(value.tzinfo, "key", None)
    if isinstance(value, Months) and key in ("years", "months"):
        whole = abs(value.count) // 12 if key == "years" else abs(value.count) % 12
        return -whole if value.count < 0 else whole
    if isinstance(value, dt.timedelta) and key in _SPAN_PARTS:
        unit, most = _SPAN_PARTS[key]
        whole = abs(value) // dt.timedelta(seconds=unit) % most
        return -whole if value < dt.timedelta() else whole
    return None


@compile_node.register
def _(node: Context, scope: Scope) -> Code:
    frame: dict[str, int] = {}
    scope.frames.append(frame)
    entries = []
    for key, value in node.entries:
        code = build(value, scope)
        frame[key] = scope.cell()
        entries.append((key, frame[key], code))
    scope.frames.pop()
    cost = 64 + 64 * len(entries)

    def context(run: Run) -> dict[str, Any]:
        run.grow(cost)
        made = {}
        for key, cell, code in entries:
            made[key] = run.cells[cell] = code(run)
        return made

    return context


@compile_node.register
def _(node: Span, scope: Scope) -> Code:
    low, high = build(node.low, scope), build(node.high, scope)
    low_inside, high_inside = node.low_inside, node.high_inside
    return lambda run: Range(low(run), high(run), low_inside, high_inside)


@compile_node.register
def _(node: Within, scope: Scope) -> Code:
    value = build(node.value, scope)
    tests = [_test(test, scope) for test in node.tests]

    def meets(run: Run) -> bool | None:
        found = value(run)
        return some(tuple([test(run, found) for test in tests]))

    return meets


@compile_node.register
def _(node: Meets, scope: Scope) -> Code:
    value = build(node.value, scope)
    tests = [_test(test, scope) if isinstance(test, Bound | Constant) else _said(test, scope) for test in node.tests]

    def meets(run: Run) -> bool:
        found = value(run)
        return any(test(run, found) is True for test in tests)

    return meets


def _said(node: Node, scope: Scope) -> loops.Test:
    code = build(node, scope)

    def said(run: Run, value: Any) -> bool | None:
        result = code(run)
        return result if isinstance(result, bool) else _meets(run, value, result)

    return said


def _test(node: Node, scope: Scope) -> loops.Test:
    if isinstance(node, Bound):
        decide, limit = compare(node.operator), build(node.limit, scope)
        return lambda run, value: decide(run, value, limit(run))
    code = build(node, scope)
    return lambda run, value: _meets(run, value, code(run))


def _meets(run: Run, value: Any, test: Any) -> bool | None:
    if isinstance(test, Range):
        return within(run, value, test)
    if isinstance(test, list | tuple) and not isinstance(value, list | tuple):
        return contains(run, [item for item in test if not isinstance(item, Range)], value) or any(
            within(run, value, item) is True for item in test if isinstance(item, Range)
        )
    if isinstance(test, list | tuple):
        return equal(run, value, test) is True or contains(run, test, value)
    return equal(run, value, test)


@compile_node.register
def _(node: Kind, scope: Scope) -> Code:
    value, kind = build(node.value, scope), node.kind
    if kind == "Any":
        return lambda run: value(run) is not None
    return lambda run: KINDS.get(type(value(run))) == kind
