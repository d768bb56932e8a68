"""FEEL's arithmetic (DMN 1.3, section 10.3.2.5); null where the operands do not go together, as in feelin."""

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
    return _numbers(CONTEXT.add, left, right, _sum)


def subtract(_run: Run, left: Any, right: Any) -> Any:
    """Left - right of numbers, of dates and durations."""
    return _numbers(CONTEXT.subtract, left, right, _difference)


def multiply(_run: Run, left: Any, right: Any) -> Any:
    """Left * right of numbers."""
    return _numbers(CONTEXT.multiply, left, right, _nothing)


def divide(_run: Run, left: Any, right: Any) -> Any:
    """Left / right of numbers."""
    return _numbers(CONTEXT.divide, left, right, _nothing)


def power(_run: Run, left: Any, right: Any) -> Any:
    """Left ** right of numbers."""
    return _numbers(CONTEXT.power, left, right, _nothing)


def negate(value: Any) -> Any:
    """-value of a number."""
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
    except (OverflowError, ValueError, TypeError):
        return None


def _nothing(_left: Any, _right: Any) -> None:
    return None


def _sum(left: Any, right: Any) -> Any:
    if isinstance(left, _SPANS):
        return operator.add(left, right) if type(left) is type(right) else _moved(right, left)
    return _moved(left, right)


def _difference(left: Any, right: Any) -> Any:
    if isinstance(right, _SPANS):
        return operator.sub(left, right) if type(left) is type(right) else _moved(left, -right)
    if isinstance(left, dt.time) and isinstance(right, dt.time):
        day = dt.date(1970, 1, 1)
        return dt.datetime.combine(day, left) - dt.datetime.combine(day, right)
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return left - right if type(left) is type(right) else _midnight(left, right) - _midnight(right, left)
    return None


def _moved(moment: Any, span: Any) -> Any:
    """A date or time moved by a duration."""
    if isinstance(moment, dt.datetime):
        return _moved_clock(moment, span)
    if isinstance(moment, dt.date) and isinstance(span, dt.timedelta) and span % _DAY:
        return dt.datetime.combine(moment, dt.time(tzinfo=dt.UTC)) + span
    if isinstance(moment, dt.date) and isinstance(span, _SPANS):
        return moment + span
    if isinstance(moment, dt.time) and isinstance(span, dt.timedelta):
        turned = dt.datetime.combine(dt.date(2000, 1, 1), moment.replace(tzinfo=None)) + span % _DAY
        return turned.time().replace(tzinfo=moment.tzinfo)
    return None


def _moved_clock(moment: dt.datetime, span: Any) -> Any:
    """Days and months count by the calendar, hours by the clock that never jumps."""
    if not isinstance(span, _SPANS):
        return None
    if moment.tzinfo is None or isinstance(moment.tzinfo, dt.timezone):
        return moment + span
    days, rest = (span, dt.timedelta()) if isinstance(span, Months) else _split(span)
    day: dt.datetime = operator.add(moment, days)
    there = day.astimezone(dt.UTC) + rest
    return there.astimezone(moment.tzinfo)


def _split(span: dt.timedelta) -> tuple[dt.timedelta, dt.timedelta]:
    days = dt.timedelta(days=int(span / _DAY))
    return days, span - days


def _midnight(day: Any, other: Any) -> dt.datetime:
    """A date beside a date and time: its midnight, in UTC where the other has a zone."""
    zoned = isinstance(other, dt.datetime) and other.tzinfo is not None
    return day if isinstance(day, dt.datetime) else dt.datetime.combine(day, dt.time(tzinfo=dt.UTC if zoned else None))


BINARY: dict[str, Operator] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
    **{symbol: compare(symbol) for symbol in ("=", "!=", "<", "<=", ">", ">=")},
}
