"""Owns which values of its variables may change an expression's outcome: its constants and their neighbours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from engine.definitions.asking.comparisons import Compared, Comparison, comparisons, kind_of, paths
from engine.expressions import Expression

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def candidates(*expressions: Expression, given: Mapping[str, Any] = _NOTHING) -> dict[str, list[object]]:
    """For each variable, by path, the values worth trying: its constants and their neighbours, the likeliest first.

    What is compared with a `given` variable gets values near that one's.
    """
    found: dict[str, list[Comparison]] = {path: [] for expression in expressions for path in paths(expression)}
    for expression in expressions:
        for comparison in comparisons(expression):
            found.setdefault(comparison.path, []).append(comparison)
    return {path: _values(compared, found, given) for path, compared in found.items()}


def _values(
    compared: Iterable[Comparison], everything: Mapping[str, Iterable[Comparison]], given: Mapping[str, Any]
) -> list[object]:
    values: list[object] = []
    for comparison in compared:
        values += _near(comparison)
        if comparison.kind is Compared.VARIABLE:
            other = str(comparison.constant)
            values += [value for one in everything.get(other, ()) for value in _near(one)]
            values += _near_given(other, given)
    return _each_once(values) or list(_ANYTHING)


def _near_given(path: str, given: Mapping[str, Any]) -> list[object]:
    value: Any = given
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return [] if value is None else _near(Comparison(path, kind_of(value), value))


_ANYTHING = (True, False, 1, 0, "a", "b", None)
_OTHER = "other"


def _near(comparison: Comparison) -> list[object]:
    """Values on each side of the constant."""
    constant = comparison.constant
    match comparison.kind:
        case Compared.TRUTH:
            return [True, False]
        case Compared.NUMBER if isinstance(constant, int | float):
            further = [] if comparison.direct else [0, constant * 10 + 1, -constant * 10 - 1]
            return [constant, constant + 1, constant - 1, *further]
        case Compared.TEXT | Compared.VALUE | Compared.PIECE:
            return [constant, _OTHER]
        case Compared.DATE:
            return _near_date(str(constant))
        case Compared.NOTHING:
            return [_OTHER, None, ""]
        case Compared.PART:
            return [[constant], constant, [], _OTHER]
        case Compared.LENGTH if isinstance(constant, int) and abs(constant) <= _LONGEST:
            lengths = [max(length, 0) for length in (constant, constant + 1, constant - 1)]
            return [["a"] * length for length in lengths] + ["a" * length for length in lengths]
        case Compared.LENGTH:
            return [[], ["a"]]
    return []


_LONGEST = 100


def _near_date(text: str) -> list[object]:
    day = dt.timedelta(days=1)
    try:
        date = dt.date.fromisoformat(text[:10])
        return [text, *((date + step).isoformat() + text[10:] for step in (day, -day))]
    except (ValueError, OverflowError):
        return ["2000-01-01", "2999-12-31"]


def _each_once(values: Iterable[object]) -> list[object]:
    """Without repetition; 1 and true are two values."""
    return list({repr(value): value for value in values}.values())
