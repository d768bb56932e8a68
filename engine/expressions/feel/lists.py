"""FEEL's functions on lists (DMN 1.3, table 76), and those that Camunda adds."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from engine.expressions.budget import MAX_DEPTH, Run, too_deep
from engine.expressions.feel.signature import MISFIT, Function, anything, called, function, several, whole
from engine.expressions.feel.statistics import STATISTICS
from engine.expressions.feel.values import Callback, contains, equal


def _count(run: Run, items: list[Any]) -> int:
    run.spend(1)
    return len(items)


def _append(run: Run, items: list[Any], *more: Any) -> list[Any]:
    run.grow(8 * (len(items) + len(more)))
    return [*items, *more]


def _concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    run.grow(8 * sum(map(len, lists)))
    return [item for items in lists for item in items]


def _several_or_null(value: Any) -> Any:
    return [None] if value is None else several(value)


def _place(items: list[Any], position: int) -> int:
    """Where a position from 1, or from the end if negative, is in Python's counting."""
    return position - 1 if position > 0 else max(len(items) + position, 0)


def _insert(run: Run, items: list[Any], position: int, item: Any) -> list[Any] | None:
    if position == 0:
        return None
    place = _place(items, position)
    run.grow(8 * len(items))
    return [*items[:place], item, *items[place:]]


def _remove(run: Run, items: list[Any], position: int) -> list[Any] | None:
    if position == 0:
        return None
    run.grow(8 * len(items))
    if abs(position) > len(items):
        return list(items)
    place = _place(items, position)
    return [*items[:place], *items[place + 1 :]]


def _list_replace(run: Run, items: list[Any], which: int | Callback, new: Any) -> list[Any] | None:
    run.grow(8 * len(items))
    if not isinstance(which, int):
        return [new if called(run, which, item, new) is True else item for item in items]
    if not 0 < abs(which) <= len(items):
        return None
    place = _place(items, which)
    return [*items[:place], new, *items[place + 1 :]]


def _position_or_test(value: Any) -> Any:
    found = whole(value)
    return function(value) if found is MISFIT else found


def _reverse(run: Run, items: list[Any]) -> list[Any]:
    run.grow(8 * len(items))
    return items[::-1]


def _sublist(run: Run, items: list[Any], start: int, length: int | None = None) -> list[Any] | None:
    if start == 0 or (length is not None and length < 0):
        return None
    if -start > len(items):
        return None if items else []
    begin = _place(items, start)
    run.grow(8 * len(items))
    return items[begin:] if length is None else items[begin : begin + length]


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        if not contains(run, kept, item):
            kept.append(item)
    run.grow(8 * len(kept))
    return kept


def _duplicates(run: Run, items: list[Any]) -> list[Any]:
    seen: list[Any] = []
    twice: list[Any] = []
    for item in items:
        if not contains(run, seen, item):
            seen.append(item)
        elif not contains(run, twice, item):
            twice.append(item)
    run.grow(8 * len(twice))
    return twice


def _union(run: Run, *lists: list[Any]) -> list[Any]:
    return _distinct(run, _concatenate(run, *lists))


def _partition(run: Run, items: list[Any], size: int) -> list[list[Any]] | None:
    if size <= 0:
        return None
    run.grow(64 * len(items))
    return [items[start : start + size] for start in range(0, len(items), size)]


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


def _sort(run: Run, items: list[Any], precedes: Callback) -> list[Any]:
    """The list in order; items of which neither precedes the other stay as they are."""
    run.grow(16 * len(items))
    return sorted(items, key=cmp_to_key(lambda left, right: -1 if called(run, precedes, left, right) is True else 1))


def _is_empty(_run: Run, items: list[Any]) -> bool:
    return not items


_LIST = {"list": several}

LIST_FUNCTIONS = {
    **STATISTICS,
    "append": Function(_append, {**_LIST, "item": anything}, "list", repeats=True, named=False),
    "concatenate": Function(_concatenate, {"list": _several_or_null}, "list", repeats=True, named=False),
    "count": Function(_count, _LIST, "number"),
    "distinct values": Function(_distinct, _LIST, "list"),
    "duplicate values": Function(_duplicates, _LIST, "list"),
    "flatten": Function(_flatten, _LIST, "list"),
    "index of": Function(_index_of, {**_LIST, "match": anything}, "list"),
    "insert before": Function(_insert, {**_LIST, "position": whole, "newItem": anything}, "list"),
    "is empty": Function(_is_empty, _LIST, "boolean"),
    "list contains": Function(contains, {**_LIST, "element": anything}, "boolean"),
    "list replace": Function(
        _list_replace,
        {**_LIST, "position": _position_or_test, "newItem": anything},
        "list",
        other=Function(_list_replace, {**_LIST, "match": _position_or_test, "newItem": anything}, "list"),
    ),
    "partition": Function(_partition, {**_LIST, "size": whole}, "list"),
    "remove": Function(_remove, {**_LIST, "position": whole}, "list"),
    "reverse": Function(_reverse, _LIST, "list"),
    "sort": Function(_sort, {**_LIST, "precedes": function}, "list"),
    "sublist": Function(_sublist, {**_LIST, "start": whole, "length": whole}, "list", 1),
    "union": Function(_union, _LIST, "list", repeats=True, named=False),
}
