"""The functions of the Python subset, each charged for what it reads and makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.functions import Function
from engine.expressions.python_operators import check_key, checked
from engine.expressions.temporal import Months, parse_date, parse_datetime, parse_duration
from engine.expressions.values import python_text, weigh

_SORTING = frozenset({"reverse"})
_FALLBACK = frozenset({"default"})
_SPANS = frozenset({"weeks", "days", "hours", "minutes", "seconds"})


def size(run: Run, value: Any) -> int:
    """How many characters or items `value` has, after taking the steps and bytes to copy them."""
    count = len(value)
    run.grow(count if isinstance(value, str) else 16 * count)
    run.spend(count >> 2)
    return count


def over(make: Callable[..., Any]) -> Callable[..., Any]:
    """`make` on values whose size is charged first."""

    def made(run: Run, *values: Any, **settings: Any) -> Any:
        for value in values:
            size(run, value)
        return make(*values, **settings)

    return made


def _compared(choose: Callable[..., Any]) -> Callable[..., Any]:
    def compared(run: Run, *values: Any, **settings: Any) -> Any:
        run.spend(len(values))
        for value in values:
            run.spend(weigh(run, value) >> 4)
        return choose(*values, **settings)

    return compared


def _sorted(run: Run, values: Any, *, reverse: bool = False) -> list[Any]:
    charge_sorting(run, values)
    return sorted(values, reverse=bool(reverse))


def charge_sorting(run: Run, values: Any) -> None:
    """Take what sorting `values` costs."""
    size(run, values)
    run.spend((weigh(run, values) >> 4) * max(1, len(values).bit_length()))


def _sum(run: Run, values: Any, start: Any = 0) -> Any:
    size(run, values)
    if not isinstance(start, int | float):
        raise TypeError
    return checked(sum(values, start))


def _round(_run: Run, value: Any, digits: Any = None) -> Any:
    if isinstance(digits, int) and abs(digits) > 400:
        raise ValueError("too many digits")
    return round(value, digits)


def _int(run: Run, value: Any = 0) -> Any:
    if isinstance(value, str):
        run.grow(len(value))
    return checked(int(value))


def _float(run: Run, value: Any = 0.0) -> Any:
    if isinstance(value, str):
        run.grow(len(value))
    return checked(float(value))


def dictionary(run: Run, value: Any = ()) -> dict[Any, Any]:
    """dict(value) of an object or of pairs."""
    run.grow(64 * len(value))
    pairs = list(value.items()) if isinstance(value, dict) else [(key, item) for key, item in value]
    for key, _ in pairs:
        check_key(key)
    return dict(pairs)


def _range(_run: Run, *bounds: Any) -> range:
    return range(*bounds)


def _date(_run: Run, value: Any, *parts: Any) -> dt.date:
    if parts:
        return dt.date(value, *parts)
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else parse_date(value)


def _datetime(_run: Run, value: Any, *parts: Any) -> dt.datetime:
    if parts:
        return dt.datetime(value, *parts)  # noqa: DTZ001 - local to the ticket's place, as any date without a zone
    return value if isinstance(value, dt.datetime) else parse_datetime(value)


def _duration(_run: Run, value: Any) -> dt.timedelta | Months:
    return value if isinstance(value, dt.timedelta | Months) else parse_duration(value)


FUNCTIONS: dict[str, Function] = {
    "abs": Function(lambda _run, value: abs(value)),
    "all": Function(over(all)),
    "any": Function(over(any)),
    "bool": Function(lambda _run, value=False: bool(value), 0),
    "date": Function(_date, 1, 3),
    "datetime": Function(_datetime, 1, 6),
    "days": Function(lambda _run, count: dt.timedelta(days=count)),
    "dict": Function(dictionary, 0),
    "duration": Function(_duration),
    "enumerate": Function(over(lambda values, start=0: list(enumerate(values, start))), 1, 2, frozenset({"start"})),
    "float": Function(_float, 0),
    "hours": Function(lambda _run, count: dt.timedelta(hours=count)),
    "int": Function(_int, 0),
    "len": Function(lambda _run, value: len(value)),
    "list": Function(over(list), 0),
    "max": Function(_compared(max), 1, None, _FALLBACK),
    "min": Function(_compared(min), 1, None, _FALLBACK),
    "minutes": Function(lambda _run, count: dt.timedelta(minutes=count)),
    "range": Function(_range, 1, 3),
    "reversed": Function(over(lambda values: list(reversed(values)))),
    "round": Function(_round, 1, 2),
    "sorted": Function(_sorted, 1, 1, _SORTING),
    "str": Function(python_text, 0),
    "sum": Function(_sum, 1, 2, frozenset({"start"})),
    "timedelta": Function(lambda _run, *days, **parts: dt.timedelta(*days, **parts), 0, 1, _SPANS),
    "tuple": Function(over(tuple), 0),
    "zip": Function(over(lambda *values: list(zip(*values, strict=False))), 1, None),
}
