"""FEEL's functions on lists (DMN 1.4, table 76)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions.budget import MAX_DEPTH, Run, too_deep
from engine.expressions.feel.operators import add, multiply
from engine.expressions.feel.signature import Function, anything, several, whole
from engine.expressions.feel.values import CONTEXT, compare, contains, equal, every, number, some

_LESS, _GREATER = compare("<"), compare(">")


def _gathered(values: tuple[Any, ...]) -> list[Any] | None:
    """The list that is given as one argument, or as several."""
    if len(values) > 1:
        return list(values)
    return None if values[0] is None else several(values[0])


def _over(fold: Callable[[Run, list[Any]], Any]) -> Function:
    def folded(run: Run, *values: Any) -> Any:
        items = _gathered(values)
        if items is None:
            return None
        run.spend(len(items))
        return fold(run, items)

    return Function(folded, (anything,), repeats=True)


def _extreme(better: Callable[[Run, Any, Any], bool | None]) -> Callable[[Run, list[Any]], Any]:
    def extreme(run: Run, items: list[Any]) -> Any:
        best = items[0] if items else None
        for item in items:
            wins = better(run, item, best)
            if wins is None:
                return None
            best = item if wins else best
        return best

    return extreme


def _numbers(items: list[Any]) -> list[Decimal] | None:
    found = [number(item) for item in items]
    return None if None in found or not found else [item for item in found if item is not None]


def _reduced(join: Callable[[Run, Any, Any], Any]) -> Callable[[Run, list[Any]], Any]:
    def reduced(run: Run, items: list[Any]) -> Any:
        found = _numbers(items)
        if found is None:
            return None
        total = found[0]
        for item in found[1:]:
            total = join(run, total, item)
        return total

    return reduced


def _mean(run: Run, items: list[Any]) -> Any:
    total = _reduced(add)(run, items)
    return None if total is None else CONTEXT.divide(total, Decimal(len(items)))


def _median(_run: Run, items: list[Any]) -> Any:
    found = sorted(_numbers(items) or [])
    if not found:
        return None
    middle = len(found) // 2
    if len(found) % 2:
        return found[middle]
    return CONTEXT.divide(CONTEXT.add(found[middle - 1], found[middle]), Decimal(2))


def _count(run: Run, items: list[Any]) -> int:
    run.spend(1)
    return len(items)


def _append(run: Run, items: list[Any], *more: Any) -> list[Any]:
    run.grow(8 * (len(items) + len(more)))
    return [*items, *more]


def _concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    run.grow(8 * sum(map(len, lists)))
    return [item for items in lists for item in items]


def _insert(run: Run, items: list[Any], position: int, item: Any) -> list[Any] | None:
    if not 0 < abs(position) <= len(items):
        return None
    place = position - 1 if position > 0 else len(items) + position
    run.grow(8 * len(items))
    return [*items[:place], item, *items[place:]]


def _remove(run: Run, items: list[Any], position: int) -> list[Any] | None:
    if not 0 < abs(position) <= len(items):
        return None
    place = position - 1 if position > 0 else len(items) + position
    run.grow(8 * len(items))
    return [*items[:place], *items[place + 1 :]]


def _reverse(run: Run, items: list[Any]) -> list[Any]:
    run.grow(8 * len(items))
    return items[::-1]


def _sublist(run: Run, items: list[Any], start: int, length: int | None = None) -> list[Any] | None:
    if not 0 < abs(start) <= len(items) or (length is not None and length < 0):
        return None
    begin = start - 1 if start > 0 else len(items) + start
    run.grow(8 * len(items))
    return items[begin:] if length is None else items[begin : begin + length]


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        if not contains(run, kept, item):
            kept.append(item)
    run.grow(8 * len(kept))
    return kept


def _union(run: Run, *lists: list[Any]) -> list[Any]:
    return _distinct(run, _concatenate(run, *lists))


def _flatten(run: Run, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    _flatten_into(run, items, flat, 0)
    return flat


def _flatten_into(run: Run, items: list[Any], flat: list[Any], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise too_deep()
    run.grow(8 * len(items))
    run.spend(len(items))
    for item in items:
        if isinstance(item, list | tuple):
            _flatten_into(run, list(item), flat, depth + 1)
        else:
            flat.append(item)


def _index_of(run: Run, items: list[Any], item: Any) -> list[int]:
    run.spend(len(items))
    return [position for position, each in enumerate(items, 1) if equal(run, each, item) is True]


LIST_FUNCTIONS = {
    "all": _over(lambda _run, items: every(tuple(items))),
    "any": _over(lambda _run, items: some(tuple(items))),
    "append": Function(_append, (several, anything), repeats=True),
    "concatenate": Function(_concatenate, (several,), repeats=True),
    "count": Function(_count, (several,)),
    "distinct values": Function(_distinct, (several,)),
    "flatten": Function(_flatten, (several,)),
    "index of": Function(_index_of, (several, anything)),
    "insert before": Function(_insert, (several, whole, anything)),
    "list contains": Function(contains, (several, anything)),
    "max": _over(_extreme(_GREATER)),
    "mean": _over(_mean),
    "median": _over(_median),
    "min": _over(_extreme(_LESS)),
    "product": _over(_reduced(multiply)),
    "remove": Function(_remove, (several, whole)),
    "reverse": Function(_reverse, (several,)),
    "sublist": Function(_sublist, (several, whole, whole), 1),
    "sum": _over(_reduced(add)),
    "union": Function(_union, (several,), repeats=True),
}
