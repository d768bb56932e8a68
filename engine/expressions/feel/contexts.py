"""FEEL's functions on contexts and of conversion, `not` and `is` (DMN 1.3, tables 72, 74, 79 and 81)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, anything, context, given, or_null, several, text
from engine.expressions.feel.values import CONTEXT, Range, equal, finite, number
from engine.expressions.temporal import Months, format_duration
from engine.expressions.values import weigh

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\"})
_NOT_A_WORD = re.compile(r"\W", re.ASCII)


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
            return "{" + ", ".join(f"{_key(key)}: {_written(item)}" for key, item in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(_written, value)) + "]"


def _key(key: Any) -> str:
    return _written(key) if isinstance(key, str) and _NOT_A_WORD.search(key) else str(key)


def format_number(value: Decimal) -> str:
    """A number in digits, without zeros at the end of its fraction."""
    if abs(value.adjusted()) > 400:
        return str(value.normalize(CONTEXT))
    written = format(value, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written == "-0" else written


def _clock(value: dt.datetime | dt.time) -> str:
    zone = getattr(value.tzinfo, "key", "")
    plain = value.replace(tzinfo=None).isoformat()
    plain = plain.rstrip("0") if "." in plain else plain
    if zone:
        return f"{plain}@{zone}"
    if value.tzinfo is dt.UTC:
        return plain + "Z"
    return plain + value.isoformat()[-6:] if value.tzinfo else plain


def is_number(source: str) -> bool:
    """Whether a text is a number by itself."""
    return _NUMBER.fullmatch(source) is not None


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


def _get_value(_run: Run, entries: dict[str, Any], key: str) -> Any:
    return entries.get(key)


def _get_entries(run: Run, entries: dict[str, Any]) -> list[dict[str, Any]]:
    run.grow(128 * len(entries))
    return [{"key": key, "value": value} for key, value in entries.items()]


def _put(run: Run, entries: Any, keys: list[Any], value: Any) -> dict[str, Any] | None:
    """The context with one entry more, which may lie in contexts inside it."""
    if not keys or not isinstance(keys[0], str) or not isinstance(entries, dict):
        return None
    run.grow(64 * len(entries) + 64)
    if len(keys) > 1:
        value = _put(run, entries.get(keys[0]), keys[1:], value)
        if value is None:
            return None
    return {**entries, keys[0]: value}


def _gathered(contexts: tuple[Any, ...]) -> list[Any]:
    only = contexts[0] if len(contexts) == 1 else None
    return list(only) if isinstance(only, list | tuple) else list(contexts)


def _merge(run: Run, *contexts: Any) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for entries in _gathered(contexts):
        if not isinstance(entries, dict):
            return None
        run.grow(64 * len(entries))
        merged.update(entries)
    return merged


def _context(run: Run, *entries: Any) -> dict[str, Any] | None:
    """The context of entries that each have a key and a value, as `get entries` gives them."""
    made: dict[str, Any] = {}
    for entry in _gathered(entries):
        if not isinstance(entry, dict) or "value" not in entry or not isinstance(entry.get("key"), str):
            return None
        if entry["key"] in made:
            return None
        run.grow(64)
        made[entry["key"]] = entry["value"]
    return made


def _not(_run: Run, value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


def _string(run: Run, value: Any) -> str | None:
    return None if isinstance(value, Range) else write(run, value)


def _is(run: Run, left: Any, right: Any) -> bool | None:
    """Equal, and with dates and times of the same kind and zone."""
    if isinstance(left, dt.date | dt.time) and isinstance(right, dt.date | dt.time):
        return type(left) is type(right) and _zone(left) == _zone(right) and left == right
    return equal(run, left, right)


def _zone(value: dt.date | dt.time) -> object:
    zone = getattr(value, "tzinfo", None)
    return getattr(zone, "key", zone)


def _or_else(_run: Run, value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


CONTEXT_FUNCTIONS = {
    "context": Function(_context, {"entries": anything}, "context", repeats=True),
    "context merge": Function(_merge, {"contexts": anything}, "context", repeats=True),
    "context put": Function(
        _put,
        {"context": context, "key": several, "value": anything},
        "context",
        other=Function(_put, {"context": context, "keys": several, "value": anything}, "context"),
    ),
    "get entries": Function(_get_entries, {"m": context}, "list"),
    "get or else": Function(_or_else, {"value": anything, "default": anything}),
    "get value": Function(_get_value, {"m": context, "key": text}),
    "is": Function(_is, {"value1": anything, "value2": anything}, "boolean"),
    "not": Function(_not, {"negand": anything}, "boolean"),
    "number": Function(
        _number,
        {"from": given, "grouping separator": or_null(anything), "decimal separator": or_null(anything)},
        "number",
        2,
    ),
    "string": Function(_string, {"from": anything}, "string"),
}
