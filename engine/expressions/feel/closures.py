"""FEEL's own meanings: three-valued logic, null that spreads, paths, contexts, types."""

from __future__ import annotations

import datetime as dt
from typing import Any

from engine.expressions import closures
from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, build_all, compile_node
from engine.expressions.feel.callables import Closure, remember
from engine.expressions.feel.functions import FUNCTIONS
from engine.expressions.feel.operators import BINARY, negate
from engine.expressions.feel.signature import apply
from engine.expressions.feel.types import DURATIONS
from engine.expressions.feel.values import KINDS, NOWHERE, Range
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Context,
    Kind,
    Lambda,
    Language,
    Logic,
    Property,
    Span,
    Type,
    Unary,
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
    return lambda run: then(run) if is_true(test(run)) else otherwise(run)


def is_true(value: Any) -> bool:
    """What takes the first branch: in feelin all but false and null."""
    return value is not None and value is not False


def _property(node: Property, scope: Scope) -> Code:
    value, key = build(node.value, scope), node.key
    return lambda run: reach(run, value(run), key)


def _call(node: Call, scope: Scope) -> Code:
    function, arguments = FUNCTIONS[node.function].taking(len(node.arguments)), build_all(node.arguments, scope)
    call, readers = function.call, function.readers
    return lambda run: apply(run, call, readers, [argument(run) for argument in arguments])


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
    """value.key: an entry, each item's entry, or a part of a date, duration or range (tables 60, 61); else null."""
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list | tuple):
        run.grow(8 * len(value))
        run.spend(len(value))
        return [item.get(key) if isinstance(item, dict) else None for item in value]
    return range_part(value, key) if isinstance(value, Range) else temporal_part(value, key)


def range_part(value: Range, key: str) -> Any:
    """An end of a range, or whether it lies inside."""
    match key:
        case "start":
            return value.low
        case "end":
            return value.high
        case "start included":
            return value.low_inside and value.low is not None
        case "end included":
            return value.high_inside and value.high is not None
    return None


def temporal_part(value: Any, key: str) -> Any:
    """A part of a date, time or duration; null if it has none such."""
    if isinstance(value, dt.date) and key == "weekday":
        return value.isoweekday()
    if (isinstance(value, dt.date) and key in _DATE_PARTS) or (
        isinstance(value, dt.datetime | dt.time) and key in _TIME_PARTS
    ):
        return getattr(value, key)
    if isinstance(value, dt.datetime | dt.time) and key in ("time offset", "timezone"):
        return _offset(value) if key == "time offset" else _zone(value)
    if isinstance(value, Months) and key in ("years", "months"):
        whole = abs(value.count) // 12 if key == "years" else abs(value.count) % 12
        return -whole if value.count < 0 else whole
    if isinstance(value, dt.timedelta) and key in _SPAN_PARTS:
        unit, most = _SPAN_PARTS[key]
        whole = abs(value) // dt.timedelta(seconds=unit) % most
        return -whole if value < dt.timedelta() else whole
    return None


def _offset(value: dt.datetime | dt.time) -> dt.timedelta | None:
    if isinstance(value, dt.time) and value.tzinfo is not None:
        value = dt.datetime.combine(dt.date(1970, 1, 1), value)
    return value.utcoffset()


def _zone(value: dt.datetime | dt.time) -> str | None:
    zone = value.tzinfo
    return None if zone is None else getattr(zone, "key", str(zone).removeprefix("UTC") or "UTC")


@compile_node.register
def _(node: Context, scope: Scope) -> Code:
    frame: dict[str, int] = {}
    scope.frames.append(frame)
    entries = []
    for key, value in node.entries:
        itself = isinstance(value, Lambda)
        if itself:
            frame[key] = scope.cell()
        code = build(value, scope)
        if not itself:
            frame[key] = scope.cell()
        entries.append((key, frame[key], code))
    scope.frames.pop()
    cost, has_functions = 64 + 64 * len(entries), any(isinstance(value, Lambda) for _, value in node.entries)

    def context(run: Run) -> dict[str, Any]:
        run.grow(cost)
        made: dict[str, Any] = {}
        closures: list[Closure] = []
        for key, cell, code in entries:
            made[key] = run.cells[cell] = code(run)
            if has_functions:
                remember(closures, cell, made[key])
        return made

    return context


@compile_node.register
def _(node: Span, scope: Scope) -> Code:
    low, high = build(node.low, scope), build(node.high, scope)
    low_inside, high_inside = node.low_inside, node.high_inside
    if node.open_ends:
        return lambda run: Range(low(run), high(run), low_inside, high_inside)

    def between(run: Run) -> Range:
        ends = low(run), high(run)
        return NOWHERE if None in ends else Range(*ends, low_inside, high_inside)

    return between


@compile_node.register
def _(node: Kind, scope: Scope) -> Code:
    value, wanted = build(node.value, scope), node.type
    return lambda run: is_of(run, value(run), wanted)


def is_of(run: Run, value: Any, wanted: Type) -> bool:
    """Whether a value is of a type; of a list all items are looked at."""
    if wanted.name in ("Any", "Null"):
        return (value is None) is (wanted.name == "Null")
    kind = KINDS.get(type(value))
    if kind != wanted.name:
        return wanted.name == "duration" and kind in DURATIONS
    run.spend(len(value) if wanted.inner else 0)
    if kind == "list":
        return all(is_of(run, item, inner) for _, inner in wanted.inner for item in value)
    return all(key in value and is_of(run, value[key], inner) for key, inner in wanted.inner)
