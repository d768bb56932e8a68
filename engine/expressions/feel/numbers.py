"""FEEL's functions on numbers (DMN 1.4, table 77)."""

from __future__ import annotations

import decimal as decimals
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, decimal, whole
from engine.expressions.feel.values import CONTEXT, finite

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
    return abs(value)


def _root(_run: Run, value: Decimal) -> Decimal | None:
    return None if value < 0 else finite(CONTEXT.sqrt(value))


def _odd(_run: Run, value: Decimal) -> bool | None:
    return None if value != value.to_integral_value() else CONTEXT.remainder(value, Decimal(2)) != 0


def _even(_run: Run, value: Decimal) -> bool | None:
    return None if value != value.to_integral_value() else CONTEXT.remainder(value, Decimal(2)) == 0


NUMBER_FUNCTIONS = {
    "abs": Function(_absolute, (decimal,)),
    "ceiling": Function(_rounded(decimals.ROUND_CEILING), (decimal, whole), 1),
    "decimal": Function(_rounded(decimals.ROUND_HALF_EVEN), (decimal, whole)),
    "even": Function(_even, (decimal,)),
    "floor": Function(_rounded(decimals.ROUND_FLOOR), (decimal, whole), 1),
    "modulo": Function(_modulo, (decimal, decimal)),
    "odd": Function(_odd, (decimal,)),
    "round down": Function(_rounded(decimals.ROUND_DOWN), (decimal, whole), 1),
    "round half down": Function(_rounded(decimals.ROUND_HALF_DOWN), (decimal, whole), 1),
    "round half up": Function(_rounded(decimals.ROUND_HALF_UP), (decimal, whole), 1),
    "round up": Function(_rounded(decimals.ROUND_UP), (decimal, whole), 1),
    "sqrt": Function(_root, (decimal,)),
}
