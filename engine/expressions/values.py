"""What values are: their kinds, their weight, and their plain, JSON and text forms."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.expressions.budget import DEFAULT_BUDGET, MAX_DEPTH, Run, too_deep
from engine.expressions.problems import N_, EvaluationError, Message, clip
from engine.expressions.temporal import Months, format_duration

LARGEST = 2**63  # JSON readers agree on 64 bits
ATOMS = frozenset(
    {str, int, float, bool, type(None), Decimal, dt.date, dt.datetime, dt.time, dt.timedelta, Months},
)
SEQUENCES = (list, tuple)
CONTAINERS = (list, tuple, dict)
_ITERABLE = (list, tuple, range)
_LIGHT = ATOMS - {str}
_KINDS: dict[type, Message] = {
    str: Message(N_("text")),
    bool: Message(N_("true or false")),
    type(None): Message(N_("nothing")),
    dt.date: Message(N_("a date")),
    dt.datetime: Message(N_("a date and time")),
    dt.time: Message(N_("a time")),
    **dict.fromkeys((int, float, Decimal), Message(N_("a number"))),
    **dict.fromkeys((dt.timedelta, Months), Message(N_("a duration"))),
    **dict.fromkeys((list, tuple, range), Message(N_("a list"))),
    dict: Message(N_("an object")),
}


def kind_of(value: object) -> Message:
    """The kind of `value` in a reader's words."""
    return _KINDS.get(type(value)) or Message(N_("something else"))


def weigh(run: Run, value: object, depth: int = 0) -> int:
    """Characters and items in `value`, shared parts counted each time; takes steps for each list and item.

    Raises BudgetExceeded, and EvaluationError for what is nested too deeply. Whatever is compared, written out or
    copied is weighed first: the interpreter cannot be stopped half-way.
    """
    if isinstance(value, str):
        return len(value) + 2
    if type(value) in ATOMS:
        return 8
    if depth > MAX_DEPTH:
        raise too_deep()
    if isinstance(value, range):
        run.spend(len(value))
        return 8 * len(value) + 8
    if not isinstance(value, CONTAINERS):
        raise foreign(value)
    run.spend(4 + len(value))
    weight = 8
    for item in value:
        weight += 8 if type(item) in _LIGHT else weigh(run, item, depth + 1)
    for item in value.values() if isinstance(value, dict) else ():
        weight += 8 if type(item) in _LIGHT else weigh(run, item, depth + 1)
    return weight


def plain(run: Run, value: object) -> Any:
    """A fresh copy made of JSON's types and dates; Decimals become int or float, tuples and ranges lists."""
    return _leaf(value) if type(value) in ATOMS else _copy(run, value, _leaf, 0)


def to_json(value: object, run: Run | None = None) -> Any:
    """A fresh copy that JSON can hold: dates, times and durations become ISO 8601 text, keys become text.

    Raises EvaluationError for numbers beyond 64 bits or not finite, and for text no database takes.
    """
    if type(value) in ATOMS:
        return _json_leaf(value)
    return _copy(run or Run({}, {}, DEFAULT_BUDGET), value, _json_leaf, 0)


def to_text(run: Run, value: object) -> str:
    """What a title shows: nothing for null, true or false, whole numbers without a point, lists with commas."""
    if type(value) is str:
        return value
    run.grow(weigh(run, value))
    return _text(value)


def python_text(run: Run, value: object = "") -> str:
    """str(value), charged for what it reads and makes."""
    if type(value) is str:
        return value
    run.grow(weigh(run, value))
    written = str(value)
    run.grow(len(written))
    return written


def number(value: Decimal) -> int | float:
    """The int or float nearest to a Decimal; EvaluationError beyond a float's reach."""
    if not value.is_finite():
        raise too_large()
    if value.adjusted() < 40 and value == value.to_integral_value():
        return int(value)
    result = float(value)
    if not math.isfinite(result):
        raise too_large()
    return result


def too_large() -> EvaluationError:
    """The error for a number out of bounds."""
    return EvaluationError(Message(N_("A number is too large.")))


def foreign(value: object) -> EvaluationError:
    """The error for a value that is none of the language's."""
    return EvaluationError(Message(N_("A value of kind %(kind)s has no place here."), {"kind": type(value).__name__}))


def _copy(run: Run, value: object, leaf: Callable[[object], Any], depth: int) -> Any:
    if type(value) in ATOMS:
        return leaf(value)
    if depth > MAX_DEPTH:
        raise too_deep()
    if isinstance(value, _ITERABLE):
        run.grow(64 + 8 * len(value))
        run.spend(4 + len(value))
        return [_copy(run, item, leaf, depth + 1) for item in value]
    if isinstance(value, Mapping):
        run.grow(64 + 64 * len(value))
        run.spend(4 + 2 * len(value))
        name = leaf if leaf is _leaf else _key
        return {name(key): _copy(run, item, leaf, depth + 1) for key, item in value.items()}
    return leaf(value)


def _leaf(value: object) -> Any:
    if isinstance(value, Decimal):
        return number(value)
    if type(value) in ATOMS:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    raise foreign(value)


def _json_leaf(value: object) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _storable(str.__str__(value))
    if isinstance(value, Decimal):
        value = number(value)
    if isinstance(value, int | float):
        if not -LARGEST <= value < LARGEST and not (isinstance(value, float) and math.isfinite(value)):
            raise too_large()
        return value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta | Months):
        return format_duration(value)
    raise foreign(value)


def _key(key: object) -> str:
    return _storable(key) if isinstance(key, str) else _text(_leaf(key))


def _storable(text: str) -> str:
    if (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)) or "\0" in text:
        raise EvaluationError(
            Message(N_("The text “%(text)s” holds a character that cannot be stored."), {"text": clip(ascii(text))})
        )
    return text


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        value = number(value)
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case dt.datetime():
            return value.replace(tzinfo=None).isoformat(" ", "minutes")
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta() | Months():
            return format_duration(value)
        case list() | tuple() | range():
            return ", ".join(map(_text, value))
        case dict():
            return ", ".join(f"{_text(key)}: {_text(item)}" for key, item in value.items())
        case _:
            return str(value)
