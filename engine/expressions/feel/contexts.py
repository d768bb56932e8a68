"""FEEL's functions on contexts, of conversion, and not (DMN 1.4, tables 72, 74 and 81)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, anything, context, given, several, text
from engine.expressions.feel.values import CONTEXT, Range, finite, number
from engine.expressions.temporal import Months, format_duration
from engine.expressions.values import weigh

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\"})


def write(run: Run, value: Any) -> str | None:
    """The text of a value as FEEL's `string` gives it; null of null."""
    if value is None or isinstance(value, str):
        return value
    run.grow(4 * weigh(run, value))
    return _written(value)


def _written(value: Any) -> str:
    found = number(value)
    if found is not None:
        return format_number(found)
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return f'"{value.translate(_ESCAPES)}"'
        case dt.datetime() | dt.time():
            return _clock(value)
        case dt.date():
            return value.isoformat()
        case dt.timedelta() | Months():
            return format_duration(value)
        case dict():
            return "{" + ", ".join(f"{key}: {_written(item)}" for key, item in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(_written, value)) + "]"


def format_number(value: Decimal) -> str:
    """A number in digits, without zeros at the end of its fraction."""
    if abs(value.adjusted()) > 400:
        return str(value.normalize(CONTEXT))
    written = format(value, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written == "-0" else written


def _clock(value: dt.datetime | dt.time) -> str:
    zone = getattr(value.tzinfo, "key", None)
    if zone:
        return f"{value.replace(tzinfo=None).isoformat()}@{zone}"
    written = value.isoformat()
    return written.removesuffix("+00:00") + "Z" if value.tzinfo is dt.UTC else written


def _number(run: Run, source: Any, grouping: Any = None, point: Any = None) -> Decimal | None:
    found = number(source)
    if found is not None or not isinstance(source, str):
        return found
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (point and point == grouping):
        return None
    run.grow(len(source))
    plain = source.replace(grouping, "") if grouping else source
    plain = plain.replace(point, ".") if point else plain
    return finite(CONTEXT.create_decimal(plain)) if _NUMBER.fullmatch(plain) else None


def _get_value(_run: Run, entries: dict[str, Any], key: Any) -> Any:
    value: Any = entries
    for name in several(key):
        if not isinstance(value, dict) or not isinstance(name, str):
            return None
        value = value.get(name)
    return value


def _get_entries(run: Run, entries: dict[str, Any]) -> list[dict[str, Any]]:
    run.grow(128 * len(entries))
    return [{"key": key, "value": value} for key, value in entries.items()]


def _put(run: Run, entries: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    run.grow(64 * len(entries) + 64)
    return {**entries, key: value}


def _merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for entries in contexts:
        if not isinstance(entries, dict):
            return None
        run.grow(64 * len(entries))
        merged.update(entries)
    return merged


def _not(_run: Run, value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


def _string(run: Run, value: Any) -> str | None:
    return None if isinstance(value, Range) else write(run, value)


CONTEXT_FUNCTIONS = {
    "context merge": Function(_merge, (several,)),
    "context put": Function(_put, (context, text, anything)),
    "get entries": Function(_get_entries, (context,)),
    "get value": Function(_get_value, (context, given)),
    "not": Function(_not, (anything,)),
    "number": Function(_number, (given, anything, anything), 2),
    "string": Function(_string, (anything,)),
}
