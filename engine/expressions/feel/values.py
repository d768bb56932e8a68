"""FEEL's values: kinds, decimal numbers, equality, order and ranges; null where values do not go together."""

from __future__ import annotations

import datetime as dt
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Protocol, runtime_checkable

from engine.expressions.budget import Run
from engine.expressions.searching import charge_reading
from engine.expressions.temporal import Months
from engine.expressions.values import weigh

# 34 digits, as DMN asks (section 10.3.2.3.1); what is not a number becomes null.
CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
LARGEST_WHOLE = 10**34


@dataclass(frozen=True, slots=True)
class Range:
    """A range at run time; an end that is null is open."""

    low: Any
    high: Any
    low_inside: bool
    high_inside: bool


NOWHERE = Range(None, None, low_inside=False, high_inside=False)
"""A range of which nothing can be said."""


@runtime_checkable
class Callback(Protocol):
    """A function at run time."""

    @property
    def parameters(self) -> tuple[str, ...]: ...

    def call(self, run: Run, arguments: Sequence[Any]) -> Any:
        """The function's value for as many arguments as it has parameters."""
        ...


KINDS: dict[type, str] = {
    int: "number",
    float: "number",
    Decimal: "number",
    str: "string",
    bool: "boolean",
    dt.date: "date",
    dt.datetime: "date and time",
    dt.time: "time",
    dt.timedelta: "days and time duration",
    Months: "years and months duration",
    list: "list",
    tuple: "list",
    range: "list",
    dict: "context",
    Range: "range",
}
_PLAIN = (str, int, bool)
ORDERED = frozenset(
    {
        *("number", "string", "date", "date and time", "time"),
        *("days and time duration", "years and months duration"),
    }
)
"""The kinds whose values have an order."""


def number(value: object) -> Decimal | None:
    """`value` as a Decimal of at most 34 digits; None if it is no number."""
    kind = type(value)
    if kind is Decimal:
        return value  # type: ignore[return-value]  # `kind` is its type
    if kind is int:
        whole: int = value  # type: ignore[assignment]  # `kind` is its type
        return Decimal(whole) if -LARGEST_WHOLE < whole < LARGEST_WHOLE else _large(whole)
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    return None


def _large(whole: int) -> Decimal | None:
    return finite(CONTEXT.create_decimal(whole)) if whole.bit_length() < 20_000 else None


def finite(value: Decimal) -> Decimal | None:
    """`value`, or None for what is no number or beyond the bounds."""
    return value if value.is_finite() else None


def equal(run: Run, left: Any, right: Any) -> bool | None:
    """Left = right; None when their kinds differ. A list of one item equals that item, as in feelin."""
    if left is None or right is None:
        return left is right
    if type(left) is type(right) and type(left) in _PLAIN:
        charge_reading(run, left, right)
        return bool(left == right)
    if isinstance(left, list | tuple | dict):
        weigh(run, left)
    return _equal(left, right)


def _equal(left: Any, right: Any) -> bool | None:
    if (left is None) is not (right is None):
        return False
    left, right = _only(left), _only(right)
    kind = KINDS.get(type(left))
    if kind != KINDS.get(type(right)):
        return None
    if kind == "list":
        return len(left) == len(right) and all(_equal(*pair) for pair in zip(left, right, strict=True))
    if kind == "context":
        return left.keys() == right.keys() and all(_equal(value, right[key]) for key, value in left.items())
    return bool(_exact(left) == _exact(right))


def _only(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) < 2:
        return value[0] if value else None
    return value


def _exact(value: Any) -> Any:
    return number(value) if type(value) is float else value


def contains(run: Run, items: Any, item: Any) -> bool:
    """Whether one of `items` equals `item`."""
    run.spend(len(items))
    return any(equal(run, each, item) is True for each in items)


def compare(symbol: str) -> Callable[[Run, Any, Any], bool | None]:
    """The comparison `symbol` of two values; None when they have no order."""
    if symbol == "=":
        return equal
    if symbol == "!=":
        return _unequal
    decide = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[symbol]

    def ordered(run: Run, left: Any, right: Any) -> bool | None:
        if type(left) is int and type(right) is int:
            return bool(decide(left, right))
        charge_reading(run, left, right)
        kind = KINDS.get(type(left))
        if kind not in ORDERED or kind != KINDS.get(type(right)):
            return None
        try:
            return bool(decide(_exact(left), _exact(right)))
        except TypeError:  # with and without a time zone
            return None

    return ordered


def _unequal(run: Run, left: Any, right: Any) -> bool | None:
    same = equal(run, left, right)
    return None if same is None else not same


_BELOW, _NOT_ABOVE = compare("<"), compare("<=")


def within(run: Run, value: Any, span: Range) -> bool | None:
    """Whether `value`, a point or a range, lies in `span`, whichever of its ends is the lower; None without order."""
    if value is None or (span.low is None and span.high is None):
        return None
    span = upward(run, span)
    if isinstance(value, Range):
        return every((_starts_inside(run, value, span), _ends_inside(run, value, span)))
    above = span.low is None or (_NOT_ABOVE if span.low_inside else _BELOW)(run, span.low, value)
    below = span.high is None or (_NOT_ABOVE if span.high_inside else _BELOW)(run, value, span.high)
    return every((above, below))


def upward(run: Run, span: Range) -> Range:
    """The range with its lower end first."""
    if span.low is not None and span.high is not None and _BELOW(run, span.high, span.low):
        return Range(span.high, span.low, span.high_inside, span.low_inside)
    return span


def _starts_inside(run: Run, value: Range, span: Range) -> bool | None:
    if span.low is None or value.low is None:
        return span.low is None
    at_end = span.low_inside or not value.low_inside
    return (_NOT_ABOVE if at_end else _BELOW)(run, span.low, value.low)


def _ends_inside(run: Run, value: Range, span: Range) -> bool | None:
    if span.high is None or value.high is None:
        return span.high is None
    at_end = span.high_inside or not value.high_inside
    return (_NOT_ABOVE if at_end else _BELOW)(run, value.high, span.high)


def every(results: tuple[Any, ...]) -> bool | None:
    """Three-valued and: false if one is false, true if all are true, else null."""
    if any(result is False for result in results):
        return False
    return True if all(result is True for result in results) else None


def some(results: tuple[Any, ...]) -> bool | None:
    """Three-valued or."""
    if any(result is True for result in results):
        return True
    return False if all(result is False for result in results) else None


def items(value: Any) -> Any:
    """`value` as a list: any single value is a list of itself."""
    return value if isinstance(value, list | tuple | range) else [value]


def steps(span: Range) -> Iterator[Any]:
    """The whole numbers or days of a range, upwards or downwards; nothing for others."""
    low, high = (_step(end) for end in (span.low, span.high))
    if low is None or type(low) is not type(high):
        return
    day = dt.timedelta(days=1) if isinstance(low, dt.date) else 1
    up = low <= high
    current = low if span.low_inside else low + day if up else low - day
    while current < high or current == high if up else current > high or current == high:
        if current == high and not span.high_inside:
            return
        yield current
        current = current + day if up else current - day


def _step(end: Any) -> Any:
    if type(end) is dt.date:
        return end
    value = number(end)
    return int(value) if value is not None and value == value.to_integral_value() and value.adjusted() < 18 else None
