"""JUEL's own meanings: its coercions, its empty, and null where there is no property (Expression Language 2.2)."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any

from engine.expressions import closures
from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, build_all, misfit
from engine.expressions.juel_methods import call_method
from engine.expressions.nodes import Binary, Call, Choice, Index, Language, Logic, Property, Unary
from engine.expressions.problems import N_, EvaluationError, Message
from engine.expressions.python_operators import BINARY, COMPARISONS, check_key, checked, equal, get_property
from engine.expressions.values import kind_of

_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,4})?")
_NUMBERS = (int, float)
_SIZED = (str, list, tuple, dict)
_WHOLE = re.compile(r"[+-]?[0-9]{1,400}")


def truth(value: Any) -> bool:
    """`value` as a boolean: null and text other than true are false (section 1.18.5)."""
    if isinstance(value, bool):
        return value
    if value is None or isinstance(value, str):
        return value is not None and value.lower() == "true"
    raise EvaluationError(Message(N_("A condition is %(found)s, neither true nor false."), {"found": kind_of(value)}))


def is_empty(value: Any) -> bool:
    """Whether `value` is null, empty text, or an empty list or object (section 1.8)."""
    return value is None or (isinstance(value, _SIZED) and not value)


def _number(value: Any) -> Any:
    if value is None or value == "":
        return 0
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value) if _WHOLE.fullmatch(value.strip()) else float(value)
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return value
    raise TypeError


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return math.fmod(left, right)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": _remainder,
}
_ORDER = ("<", "<=", ">", ">=")
_SIMPLE = (str, int, float, type(None))


def _compute(run: Run, symbol: str, left: Any, right: Any) -> Any:
    if isinstance(left, _SIMPLE) and isinstance(right, _SIMPLE):
        return checked(_ARITHMETIC[symbol](_number(left), _number(right)))
    return BINARY[symbol](run, left, right)


def _same(run: Run, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) is truth(right)
    if isinstance(left, _NUMBERS) or isinstance(right, _NUMBERS):
        try:
            return bool(_number(left) == _number(right))
        except TypeError:
            return False
    return equal(run, left, right)


def _ordered(run: Run, symbol: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right and "=" in symbol
    if isinstance(left, _NUMBERS) or isinstance(right, _NUMBERS):
        left, right = _number(left), _number(right)
    return bool(COMPARISONS[symbol](run, left, right))


def _binary(node: Binary, scope: Scope) -> Code:
    symbol, left, right = node.operator, build(node.left, scope), build(node.right, scope)
    if symbol == "==":
        return lambda run: _same(run, left(run), right(run))
    if symbol == "!=":
        return lambda run: not _same(run, left(run), right(run))
    operate = _ordered if symbol in _ORDER else _compute

    def binary(run: Run) -> Any:
        first, second = left(run), right(run)
        try:
            return operate(run, symbol, first, second)
        except TypeError:
            raise misfit(symbol, first, second) from None

    return binary


def _unary(node: Unary, scope: Scope) -> Code:
    operand = build(node.operand, scope)
    if node.operator == "empty":
        return lambda run: is_empty(operand(run))
    if node.operator == "!":
        return lambda run: not truth(operand(run))

    def negative(run: Run) -> Any:
        value = operand(run)
        try:
            return checked(-_number(value))
        except TypeError:
            raise misfit("-", value, value) from None

    return negative


def _logic(node: Logic, scope: Scope) -> Code:
    parts, every = build_all(node.parts, scope), node.every

    def logic(run: Run) -> bool:
        for part in parts:
            if truth(part(run)) is not every:
                return not every
        return every

    return logic


def _choice(node: Choice, scope: Scope) -> Code:
    test, then, otherwise = build_all((node.test, node.then, node.otherwise), scope)
    return lambda run: then(run) if truth(test(run)) else otherwise(run)


def _reach(value: Any, key: Any) -> Any:
    if value is None or key is None:
        return None
    if isinstance(value, dict):
        check_key(key)
        return value.get(key)
    if isinstance(value, list | tuple):
        place = _number(key)
        return value[int(place)] if 0 <= place < len(value) else None
    return get_property(value, str(key))


def _property(node: Property, scope: Scope) -> Code:
    value, key = build(node.value, scope), node.key
    return lambda run: _reach(value(run), key)


def _index(node: Index, scope: Scope) -> Code:
    value, index = build(node.value, scope), build(node.index, scope)
    return lambda run: _reach(value(run), index(run))


def _call(node: Call, scope: Scope) -> Code:
    name = node.function
    value, *arguments = build_all(node.arguments, scope)
    return lambda run: call_method(run, name, value(run), [argument(run) for argument in arguments])


closures.UNARIES[Language.JUEL] = _unary
closures.BINARIES[Language.JUEL] = _binary
closures.LOGICS[Language.JUEL] = _logic
closures.CHOICES[Language.JUEL] = _choice
closures.PROPERTIES[Language.JUEL] = _property
closures.INDEXES[Language.JUEL] = _index
closures.CALLS[Language.JUEL] = _call
