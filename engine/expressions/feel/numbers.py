"""FEEL's functions on numbers (DMN 1.3, table 77)."""

from __future__ import annotations

import datetime as dt
import decimal as decimals
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, decimal, given, single, whole
from engine.expressions.feel.values import CONTEXT, finite, number
from engine.expressions.temporal import Months

_MOST_DIGITS = 6000


def _rounded(rounding: str) -> Callable[..., Decimal | None]:
    context = decimals.Context(prec=34 + _MOST_DIGITS, rounding=rounding, Emin=-99999, Emax=99999, traps=[])

    def rounded(_run: Run, value: Decimal, scale: int = 0) -> Decimal | None:
        if not -_MOST_DIGITS <= scale <= _MOST_DIGITS:
            return None
        if value.as_tuple().exponent >= -scale:  # type: ignore[operator]  # finite: the exponent is an int
            return value
        return finite(CONTEXT.plus(value.quantize(Decimal(1).scaleb(-scale, context), context=context)))

    return rounded


def _modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Dividend - divisor * floor(dividend / divisor)."""
    if not divisor:
        return None
    rest = CONTEXT.remainder(dividend, divisor)
    if not rest.is_finite():
        return None
    return CONTEXT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


def _absolute(_run: Run, value: Any) -> Any:
    if isinstance(value, Months):
        return Months(abs(value.count))
    found = value if isinstance(value, dt.timedelta) else number(single(value))
    return None if found is None else abs(found)


def _root(_run: Run, value: Decimal) -> Decimal | None:
    return None if value < 0 else finite(CONTEXT.sqrt(value))


def _logarithm(_run: Run, value: Decimal) -> Decimal | None:
    return None if value <= 0 else finite(CONTEXT.ln(value))


def _odd(_run: Run, value: Decimal) -> bool:
    return abs(CONTEXT.remainder(value, Decimal(2))) == 1


def _even(_run: Run, value: Decimal) -> bool:
    return CONTEXT.remainder(value, Decimal(2)) == 0


_SCALED = {"n": decimal, "scale": whole}

NUMBER_FUNCTIONS = {
    "abs": Function(_absolute, {"n": given}),
    "ceiling": Function(_rounded(decimals.ROUND_CEILING), _SCALED, "number", 1),
    "decimal": Function(_rounded(decimals.ROUND_HALF_EVEN), _SCALED, "number"),
    "even": Function(_even, {"number": decimal}, "boolean"),
    "exp": Function(lambda _run, value: finite(CONTEXT.exp(value)), {"number": decimal}, "number"),
    "floor": Function(_rounded(decimals.ROUND_FLOOR), _SCALED, "number", 1),
    "log": Function(_logarithm, {"number": decimal}, "number"),
    "modulo": Function(_modulo, {"dividend": decimal, "divisor": decimal}, "number"),
    "odd": Function(_odd, {"number": decimal}, "boolean"),
    "round down": Function(_rounded(decimals.ROUND_DOWN), _SCALED, "number"),
    "round half down": Function(_rounded(decimals.ROUND_HALF_DOWN), _SCALED, "number"),
    "round half up": Function(_rounded(decimals.ROUND_HALF_UP), _SCALED, "number"),
    "round up": Function(_rounded(decimals.ROUND_UP), _SCALED, "number"),
    "sqrt": Function(_root, {"number": decimal}, "number"),
}
