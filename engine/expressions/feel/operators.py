"""FEEL's arithmetic (DMN 1.4, section 10.3.2.13); null where the operands do not go together."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.values import CONTEXT, compare, finite, number
from engine.expressions.temporal import Months

Operator = Callable[[Run, Any, Any], Any]

_SPANS = (dt.timedelta, Months)
_DAY = dt.timedelta(days=1)


def add(run: Run, left: Any, right: Any) -> Any:
    """Left + right of numbers, of texts, of dates and durations."""
    if isinstance(left, str) and isinstance(right, str):
        run.grow(len(left) + len(right))
        return left + right
    return _numbers(CONTEXT.add, left, right, _moved)


def subtract(_run: Run, left: Any, right: Any) -> Any:
    """Left - right of numbers, of dates and durations."""
    if isinstance(right, _SPANS) and not isinstance(left, _SPANS):
        return _moved(left, -right)
    return _numbers(CONTEXT.subtract, left, right, _difference)


def multiply(_run: Run, left: Any, right: Any) -> Any:
    """Left * right of numbers, of a duration and a number."""
    if isinstance(right, _SPANS):
        left, right = right, left
    return _numbers(CONTEXT.multiply, left, right, _scaled)


def divide(_run: Run, left: Any, right: Any) -> Any:
    """Left / right of numbers, of a duration by a number or by another of its kind."""
    return _numbers(CONTEXT.divide, left, right, _divided)


def power(_run: Run, left: Any, right: Any) -> Any:
    """Left ** right of numbers."""
    return _numbers(CONTEXT.power, left, right, lambda _left, _right: None)


def negate(value: Any) -> Any:
    """-value of a number or duration."""
    if isinstance(value, _SPANS):
        return -value
    found = number(value)
    return None if found is None else CONTEXT.minus(found)


def _numbers(
    compute: Callable[[Decimal, Decimal], Decimal],
    left: Any,
    right: Any,
    otherwise: Callable[[Any, Any], Any],
) -> Any:
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return finite(compute(first, second))
    try:
        return otherwise(left, right)
    except (OverflowError, ValueError, TypeError, ZeroDivisionError):
        return None


def _moved(left: Any, right: Any) -> Any:
    if isinstance(left, _SPANS) and not isinstance(right, _SPANS):
        left, right = right, left
    if isinstance(left, dt.time) and isinstance(right, dt.timedelta):
        return _turned(left, right)
    return operator.add(left, right) if isinstance(left, (dt.date, *_SPANS)) and isinstance(right, _SPANS) else None


def _turned(clock: dt.time, span: dt.timedelta) -> dt.time:
    moment = dt.datetime.combine(dt.date(2000, 1, 1), clock.replace(tzinfo=None)) + span % _DAY
    return moment.time().replace(tzinfo=clock.tzinfo)


def _difference(left: Any, right: Any) -> Any:
    if isinstance(left, dt.time) and isinstance(right, dt.time):
        day = dt.date(2000, 1, 1)
        return dt.datetime.combine(day, left) - dt.datetime.combine(day, right)
    if isinstance(left, _SPANS) and isinstance(right, _SPANS):
        return operator.sub(left, right)
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return left - right if type(left) is type(right) else _midnight(left) - _midnight(right)
    return None


def _midnight(day: dt.date) -> dt.datetime:
    return day if isinstance(day, dt.datetime) else dt.datetime.combine(day, dt.time())


def _scaled(left: Any, right: Any) -> Any:
    factor = number(right)
    if factor is None or not isinstance(left, _SPANS):
        return None
    if isinstance(left, Months):
        return Months(int(CONTEXT.multiply(Decimal(left.count), factor)))
    return dt.timedelta(microseconds=int(CONTEXT.multiply(_micros(left), factor)))


def _divided(left: Any, right: Any) -> Any:
    if isinstance(left, Months) and isinstance(right, Months):
        return finite(CONTEXT.divide(Decimal(left.count), Decimal(right.count)))
    if isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        return finite(CONTEXT.divide(_micros(left), _micros(right)))
    divisor = number(right)
    return _scaled(left, CONTEXT.divide(Decimal(1), divisor)) if divisor else None


def _micros(span: dt.timedelta) -> Decimal:
    return Decimal(span // dt.timedelta(microseconds=1))


BINARY: dict[str, Operator] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
    **{symbol: compare(symbol) for symbol in ("=", "!=", "<", "<=", ">", ">=")},
}
