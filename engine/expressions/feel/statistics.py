"""FEEL's functions that make one value of many: sums, means, extremes, and whether all or any are true."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import groupby
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.operators import add, multiply
from engine.expressions.feel.signature import Function, anything, several
from engine.expressions.feel.values import CONTEXT, every, finite, number, some


def _gathered(values: tuple[Any, ...]) -> list[Any] | None:
    """The list that is given as one argument, or as several."""
    if len(values) > 1:
        return list(values)
    return None if values[0] is None else several(values[0])


def _over(fold: Callable[[Run, list[Any]], Any], gives: str) -> Function:
    def folded(run: Run, *values: Any) -> Any:
        items = _gathered(values)
        if items is None:
            return None
        run.spend(len(items))
        return fold(run, items)

    return Function(folded, {"list": anything}, gives, repeats=True)


def _of_numbers(fold: Callable[[Run, list[Decimal]], Any], gives: str = "number", *, least: int = 1) -> Function:
    def folded(run: Run, items: list[Any]) -> Any:
        found = [number(item) for item in items]
        exact = [item for item in found if item is not None]
        return None if len(exact) < max(least, len(found)) else fold(run, exact)

    return _over(folded, gives)


def _reduced(join: Callable[[Run, Any, Any], Any]) -> Callable[[Run, list[Decimal]], Any]:
    def reduced(run: Run, items: list[Decimal]) -> Any:
        total = items[0]
        for item in items[1:]:
            total = join(run, total, item)
        return total

    return reduced


def _mean(run: Run, items: list[Decimal]) -> Any:
    total = _reduced(add)(run, items)
    return None if total is None else CONTEXT.divide(total, Decimal(len(items)))


def _median(_run: Run, items: list[Decimal]) -> Decimal:
    found = sorted(items)
    middle = len(found) // 2
    if len(found) % 2:
        return found[middle]
    return CONTEXT.divide(CONTEXT.add(found[middle - 1], found[middle]), Decimal(2))


def _deviation(run: Run, items: list[Decimal]) -> Decimal | None:
    """The sample's standard deviation."""
    middle = _mean(run, items)
    squares = [CONTEXT.power(CONTEXT.subtract(item, middle), Decimal(2)) for item in items]
    total = _reduced(add)(run, squares)
    return None if total is None else finite(CONTEXT.sqrt(CONTEXT.divide(total, Decimal(len(items) - 1))))


def _modes(run: Run, items: list[Decimal]) -> list[Decimal]:
    """The most frequent items, the smallest first; sorted and not hashed, for any number of Decimals share a hash."""
    run.grow(32 * len(items))
    counts = [(item, sum(1 for _ in same)) for item, same in groupby(sorted(items))]
    most = max((count for _, count in counts), default=0)
    return [item for item, count in counts if count == most]


STATISTICS = {
    "all": _over(lambda _run, items: every(tuple(items)), "boolean"),
    "any": _over(lambda _run, items: some(tuple(items)), "boolean"),
    "max": _of_numbers(lambda _run, items: max(items)),
    "mean": _of_numbers(_mean),
    "median": _of_numbers(_median),
    "min": _of_numbers(lambda _run, items: min(items)),
    "mode": _of_numbers(_modes, "list", least=0),
    "product": _of_numbers(_reduced(multiply)),
    "stddev": _of_numbers(_deviation, least=2),
    "sum": _of_numbers(_reduced(add)),
}
