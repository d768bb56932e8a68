"""Python's operators on the language's values, each charged for what it makes."""

from __future__ import annotations

import datetime as dt
import math
import operator
from collections.abc import Callable
from typing import Any

from engine.expressions.budget import MAX_BITS, Run
from engine.expressions.problems import N_, EvaluationError, Message, clip
from engine.expressions.searching import charge_reading, charge_search
from engine.expressions.temporal import Months
from engine.expressions.values import ATOMS, LARGEST, SEQUENCES, too_large, weigh

Operator = Callable[[Run, Any, Any], Any]

_INDEXED = (str, list, tuple, dict, range)
_REPEATED = (str, list, tuple)
_KEYS = (str, int, float, type(None))
_LIMIT = 1 << MAX_BITS
_PARTS: dict[type, tuple[str, ...]] = {
    dt.date: ("year", "month", "day"),
    dt.datetime: ("year", "month", "day", "hour", "minute", "second"),
    dt.time: ("hour", "minute", "second"),
    dt.timedelta: ("days", "seconds"),
}


def checked(result: Any) -> Any:
    """`result`, unless it is a number out of bounds."""
    kind = type(result)
    if kind is int:
        if not -_LIMIT < result < _LIMIT:
            raise too_large()
    elif kind is float:
        if not math.isfinite(result):
            raise too_large()
    elif kind is complex:
        raise EvaluationError(Message(N_("The root of a negative number does not exist.")))
    return result


def add(run: Run, left: Any, right: Any) -> Any:
    """Left + right; text, lists and tuples are joined."""
    _charge_join(run, left, right)
    return checked(left + right)


def multiply(run: Run, left: Any, right: Any) -> Any:
    """Left * right; text, lists and tuples are repeated."""
    _charge_repetition(run, left, right)
    return checked(left * right)


def power(_run: Run, left: Any, right: Any) -> Any:
    """Left ** right."""
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MAX_BITS and abs(left) > 1:
        raise too_large()
    return checked(left**right)


def modulo(_run: Run, left: Any, right: Any) -> Any:
    """Left % right, of numbers and durations only: Python's % formatting has no bounds."""
    if isinstance(left, str):
        raise EvaluationError(Message(N_('The percent sign does not format text here; write f"{value}".')))
    return checked(left % right)


def unite(run: Run, left: Any, right: Any) -> Any:
    """Left | right of whole numbers, and of objects: the entries of both, the right one's first."""
    if isinstance(left, dict) and isinstance(right, dict):
        run.grow(64 * (len(left) + len(right)))
        return left | right
    return _BITS["|"](run, left, right)


def shift_left(_run: Run, left: Any, right: Any) -> Any:
    """Left << right."""
    if isinstance(right, int) and right > MAX_BITS:
        raise too_large()
    return checked(left << right)


def equal(run: Run, left: Any, right: Any) -> bool:
    """Left == right."""
    if type(left) not in ATOMS:
        weigh(run, left)
    else:
        charge_reading(run, left, right)
    return bool(left == right)


def contains(run: Run, item: Any, whole: Any) -> bool:
    """Item in whole."""
    if isinstance(whole, SEQUENCES):
        run.spend((len(whole) >> 2) + len(whole) * (weigh(run, item) >> 6))
    elif isinstance(whole, str) and isinstance(item, str):
        charge_search(run, whole, item)
    elif isinstance(whole, dict):
        check_key(item)
    elif isinstance(whole, range):
        return isinstance(item, int) and item in whole
    else:
        raise TypeError
    return item in whole


def _ordered(compare: Callable[[Any, Any], Any]) -> Operator:
    def ordered(run: Run, left: Any, right: Any) -> bool:
        if type(left) not in ATOMS:
            weigh(run, left)
        else:
            charge_reading(run, left, right)
        return bool(compare(left, right))

    return ordered


def _simple(compute: Callable[[Any, Any], Any]) -> Operator:
    return lambda _run, left, right: checked(compute(left, right))


def _whole(compute: Callable[[int, int], int]) -> Operator:
    def whole(_run: Run, left: Any, right: Any) -> Any:
        if not (isinstance(left, int) and isinstance(right, int)):
            raise TypeError
        return checked(compute(left, right))

    return whole


def _charge_join(run: Run, left: Any, right: Any) -> None:
    if isinstance(left, str) and isinstance(right, str):
        run.grow(len(left) + len(right))
    elif isinstance(left, SEQUENCES) and isinstance(right, SEQUENCES):
        run.grow(8 * (len(left) + len(right)))


def _charge_repetition(run: Run, left: Any, right: Any) -> None:
    if isinstance(left, int):
        left, right = right, left
    if isinstance(left, _REPEATED) and isinstance(right, int) and right > 0:
        run.grow(len(left) * right * (4 if isinstance(left, str) else 8))


_BITS = {"&": _whole(operator.and_), "|": _whole(operator.or_), "^": _whole(operator.xor)}
BINARY: dict[str, Operator] = {
    **_BITS,
    "+": add,
    "-": _simple(operator.sub),
    "*": multiply,
    "/": _simple(operator.truediv),
    "//": _simple(operator.floordiv),
    "%": modulo,
    "**": power,
    "<<": shift_left,
    ">>": _whole(operator.rshift),
    "|": unite,
}
COMPARISONS: dict[str, Operator] = {
    "==": equal,
    "!=": lambda run, left, right: not equal(run, left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": contains,
    "not in": lambda run, item, whole: not contains(run, item, whole),
    "is": lambda _run, left, right: left is right,
    "is not": lambda _run, left, right: left is not right,
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "-": operator.neg,
    "+": operator.pos,
    "~": operator.invert,
    "not": operator.not_,
}


def get_property(value: Any, key: str) -> Any:
    """value.key: an object's entry, or a part of a date."""
    if isinstance(value, dict):
        try:
            return value[key]
        except KeyError:
            raise EvaluationError(Message(N_("There is no entry “%(key)s”."), {"key": clip(key)})) from None
    if key in _PARTS.get(type(value), ()):
        return getattr(value, key)
    if isinstance(value, Months) and key in ("years", "months"):
        return divmod(value.count, 12)[key == "months"]
    raise EvaluationError(Message(N_("“%(key)s” is asked of something that has no entries."), {"key": clip(key)}))


def get_item(value: Any, index: Any) -> Any:
    """value[index] of text, lists and objects."""
    if not isinstance(value, _INDEXED):
        raise EvaluationError(Message(N_("“%(key)s” is asked of something that has no entries."), {"key": clip(index)}))
    if isinstance(value, dict):
        check_key(index)
    try:
        return value[index]
    except (KeyError, IndexError):
        raise EvaluationError(Message(N_("There is no entry “%(key)s”."), {"key": clip(index)})) from None


def set_item(run: Run, value: Any, index: Any, item: Any) -> None:
    """value[index] = item; an object's keys are text, numbers, booleans and null."""
    if isinstance(value, dict):
        check_key(index)
        run.grow(64)
    elif not isinstance(value, list) or not isinstance(index, int):
        raise EvaluationError(Message(N_("An entry can be set only in a list or an object.")))
    try:
        value[index] = item
    except IndexError:
        raise EvaluationError(Message(N_("There is no entry “%(key)s”."), {"key": clip(index)})) from None


def check_key(key: Any) -> None:
    """EvaluationError unless `key` may be an object's key.

    A tuple's hash may cost without bounds, and any number of large whole numbers share one: looking up would read all.
    """
    if not isinstance(key, _KEYS):
        raise EvaluationError(Message(N_("An object's key must be text or a number.")))
    if type(key) is int and not -LARGEST <= key < LARGEST:
        raise too_large()
