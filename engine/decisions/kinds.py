"""Owns DMN's types: the value that a typed input or output makes of what it is given, as Camunda does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from engine.expressions import N_, EvaluationError, Message
from engine.expressions.problems import clip
from engine.expressions.temporal import Months, parse_date, parse_datetime, parse_duration, parse_time
from engine.expressions.values import kind_of

Number = int | float


def typed(value: Any, kind: str) -> Any:
    """`value` as the base type `kind`, null and untyped values as they are; EvaluationError where it is none."""
    if value is None or not kind:
        return value
    try:
        return _KINDS[kind](value)
    except (ValueError, OverflowError):
        params = {"value": clip(value), "found": kind_of(value), "kind": kind}
        raise EvaluationError(Message(N_("“%(value)s” (%(found)s) is not of the type “%(kind)s”."), params)) from None


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    raise ValueError("no text")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise ValueError("not true or false")


def _number(value: Any) -> Number:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("no number")
    number = float(value)
    if number - number != 0:  # not finite
        raise ValueError("no number")
    return int(value) if value.strip().lstrip("+-").isdecimal() else number


def _integer(value: Any) -> int:
    number = _number(value)
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("not whole")
    return int(number)


def _temporal(*parsers: Callable[[str], Any]) -> Callable[[Any], Any]:
    def temporal(value: Any) -> Any:
        if isinstance(value, dt.date | dt.time | dt.timedelta | Months):
            return value
        for parse in parsers if isinstance(value, str) else ():
            try:
                return parse(value)
            except ValueError:
                continue
        raise ValueError("no date, time or duration")

    return temporal


_KINDS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "boolean": _boolean,
    "number": _number,
    "integer": _integer,
    "date": _temporal(parse_date, parse_datetime),
    "date and time": _temporal(parse_datetime),
    "time": _temporal(parse_time),
    "duration": _temporal(parse_duration),
}
KINDS: dict[str, str] = {
    **{kind: kind for kind in _KINDS},
    **dict.fromkeys(("double", "float", "decimal"), "number"),
    **dict.fromkeys(("long", "int", "short"), "integer"),
    **dict.fromkeys(("dateTime", "datetime", "date time"), "date and time"),
    **dict.fromkeys(
        ("days and time duration", "years and months duration", "dayTimeDuration", "yearMonthDuration"), "duration"
    ),
    **dict.fromkeys(("Any", "any", "context", "list", "collection", "json"), ""),
}
"""Base types by the names that DMN and its tools give them; "" takes any value as it is."""
