"""FEEL's functions on ranges (DMN 1.3, table 78): those that feelin has too."""

from __future__ import annotations

from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, given, span
from engine.expressions.feel.values import Range, compare, equal, upward, within

_LESS = compare("<")


def _ends(value: Any) -> Range:
    """A point as the range of itself."""
    return value if isinstance(value, Range) else Range(value, value, low_inside=True, high_inside=True)


def before(run: Run, left: Any, right: Any) -> bool | None:
    """Whether one point or range lies wholly before another; null where an end is open or there is no order."""
    first, second = _ends(left), _ends(right)
    if first.high is None or second.low is None:
        return None
    less = _LESS(run, first.high, second.low)
    touching = equal(run, first.high, second.low) is True and not (first.high_inside and second.low_inside)
    return True if touching else less


def _after(run: Run, left: Any, right: Any) -> bool | None:
    return before(run, right, left)


def _meets(run: Run, left: Range, right: Range) -> bool:
    return left.high_inside and right.low_inside and equal(run, left.high, right.low) is True


def _met_by(run: Run, left: Range, right: Range) -> bool:
    return _meets(run, right, left)


def _overlaps(run: Run, left: Range, right: Range) -> bool | None:
    apart = before(run, left, right), before(run, right, left)
    return None if None in apart else not any(apart)


def _includes(run: Run, container: Range, value: Any) -> bool | None:
    return within(run, upward(run, value) if isinstance(value, Range) else value, container)


_POINTS = {"a": given, "b": given}
_RANGES = {"range1": span, "range2": span}

RANGE_FUNCTIONS = {
    "after": Function(_after, _POINTS, "boolean"),
    "before": Function(before, _POINTS, "boolean"),
    "includes": Function(_includes, {"range": span, "value": given}, "boolean"),
    "meets": Function(_meets, _RANGES, "boolean"),
    "met by": Function(_met_by, _RANGES, "boolean"),
    "overlaps": Function(_overlaps, _RANGES, "boolean"),
}
