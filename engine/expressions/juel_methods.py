"""The methods that JUEL may call on plain values: what Java's, Spin's and Jackson's mean for JSON, each charged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.functions import Function
from engine.expressions.problems import N_, EvaluationError, Message
from engine.expressions.python_functions import over, size
from engine.expressions.python_operators import check_key, checked, contains, equal
from engine.expressions.searching import charge_ends, charge_search
from engine.expressions.temporal import Months, parse_datetime
from engine.expressions.values import kind_of, to_text, weigh

Method = Callable[..., Any]


def call_method(run: Run, name: str, value: Any, arguments: list[Any]) -> Any:
    """value.name(…); EvaluationError where this kind of value has no such method."""
    function = METHODS.get(type(value), {}).get(name)
    if function is None:
        text = N_("“%(method)s” does not work on %(kind)s.")
        raise EvaluationError(Message(text, {"method": name, "kind": kind_of(value)}))
    return function.call(run, value, *arguments)


def _same(run: Run, left: Any, right: Any) -> bool:
    """As Java's equals: no coercion, and true is no number."""
    return isinstance(left, bool) is isinstance(right, bool) and equal(run, left, right)


def _ignoring_case(run: Run, left: Any, right: Any) -> bool:
    if not (isinstance(left, str) and isinstance(right, str)):
        return False
    run.grow(3 * (len(left) + len(right)))
    return left.casefold() == right.casefold()


def _compared(run: Run, left: Any, right: Any) -> int:
    weigh(run, left)
    return int(left > right) - int(left < right)


def _text(method: Method) -> Method:
    def charged(run: Run, whole: str) -> Any:
        run.grow(3 * len(whole))
        run.spend(len(whole) >> 6)
        return method(whole)

    return charged


def _searching(search: Method, *, backwards: bool = False) -> Method:
    def searched(run: Run, whole: str, part: Any) -> Any:
        charge_search(run, whole, part, backwards=backwards)
        return search(whole, part)

    return searched


def _beginning(test: Method) -> Method:
    def tested(run: Run, whole: str, part: Any) -> Any:
        charge_ends(run, part)
        return test(whole, part)

    return tested


def _part(run: Run, whole: str, start: Any, end: Any = None) -> str:
    end = len(whole) if end is None else end
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(whole)):
        text = N_("The text has no characters from %(start)s to %(end)s.")
        raise EvaluationError(Message(text, {"start": start, "end": end}))
    run.grow(end - start)
    return whole[start:end]


def _joined(run: Run, left: str, right: Any) -> str:
    if not isinstance(right, str):
        raise TypeError
    run.grow(len(left) + len(right))
    return left + right


def _replaced(run: Run, whole: str, old: str, new: str) -> str:
    charge_search(run, whole, old)
    run.grow(len(whole) + whole.count(old) * len(new))
    return whole.replace(old, new)


def _split(run: Run, whole: str, mark: str) -> list[str]:
    """By a mark that is not taken for a pattern; empty texts at the end go, as in Java."""
    if mark in _ESCAPED:
        mark = mark[1:]
    elif not mark or (set(mark) & _SPECIAL and len(mark) > 1):
        raise EvaluationError(Message(N_("A text is split by a plain mark only, not by a pattern.")))
    charge_search(run, whole, mark)
    run.grow(64 * (whole.count(mark) + 1) + len(whole))
    found = whole.split(mark)
    while len(found) > 1 and not found[-1]:
        found.pop()
    return found


_SPECIAL = frozenset(r"\^$.|?*+()[]{}")
_ESCAPED = frozenset("\\" + character for character in _SPECIAL)


def _index(run: Run, items: list[Any], item: Any) -> int:
    run.spend((len(items) >> 2) + len(items) * (weigh(run, item) >> 6))
    return items.index(item) if item in items else -1


def _item(_run: Run, items: list[Any], place: Any) -> Any:
    if not isinstance(place, int) or not 0 <= place < len(items):
        raise LookupError(place)
    return items[place]


def _all_of(run: Run, items: list[Any], others: Any) -> bool:
    size(run, others)
    return all(contains(run, item, items) for item in others)


def _entry(_run: Run, entries: dict[Any, Any], key: Any, default: Any = None) -> Any:
    check_key(key)
    return entries.get(key, default)


def _has(_run: Run, entries: dict[Any, Any], key: Any) -> bool:
    check_key(key)
    return key in entries


def _has_value(run: Run, entries: dict[Any, Any], value: Any) -> bool:
    return contains(run, value, _listed(run, entries.values()))


def _listed(run: Run, part: Any) -> list[Any]:
    run.grow(32 * len(part))
    run.spend(len(part) >> 2)
    return list(part)


def _number(kind: Callable[[Any], Any]) -> Method:
    def number(run: Run, value: Any) -> Any:
        if isinstance(value, str):
            run.grow(len(value))
        return checked(kind(float(value) if isinstance(value, str) and kind is int else value))

    return number


def _truth(_run: Run, value: Any) -> bool:
    return value.lower() == "true" if isinstance(value, str) and len(value) < 6 else value is True


def _as_is(_run: Run, value: Any) -> Any:
    return value


def _moment(run: Run, value: Any) -> dt.datetime:
    if isinstance(value, str):
        run.grow(len(value))
        return parse_datetime(value)
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())


def _moved(sign: int, unit: Callable[[int], dt.timedelta | Months]) -> Method:
    def moved(run: Run, value: Any, count: Any) -> Any:
        if not isinstance(count, int) or isinstance(count, bool):
            raise TypeError
        return _moment(run, value) + unit(sign * count)

    return moved


def _ordered(sign: int) -> Method:
    return lambda run, left, right: sign * _compared(run, _moment(run, left), _moment(run, right)) > 0


def _midnight(run: Run, value: Any) -> dt.datetime:
    return _moment(run, value).replace(hour=0, minute=0, second=0, microsecond=0)


def _moves() -> Iterator[tuple[str, Function]]:
    units: dict[str, Callable[[int], dt.timedelta | Months]] = {
        "Seconds": lambda count: dt.timedelta(seconds=count),
        "Minutes": lambda count: dt.timedelta(minutes=count),
        "Hours": lambda count: dt.timedelta(hours=count),
        "Days": lambda count: dt.timedelta(days=count),
        "Weeks": lambda count: dt.timedelta(weeks=count),
        "Months": Months,
        "Years": lambda count: Months(12 * count),
    }
    for name, unit in units.items():
        yield f"plus{name}", Function(_moved(1, unit))
        yield f"minus{name}", Function(_moved(-1, unit))


def _none(call: Method) -> Function:
    return Function(call, 0, 0)


_ANY: Mapping[str, Function] = {
    "equals": Function(_same),
    "toString": _none(to_text),
    **dict.fromkeys(("stringValue", "asText", "textValue"), _none(to_text)),
    "isNull": _none(lambda _run, value: value is None),
    **dict.fromkeys(("value", "toDate"), _none(_as_is)),
    **dict.fromkeys(("boolValue", "booleanValue", "asBoolean"), _none(_truth)),
}
_NUMBERS: Mapping[str, Function] = {
    **_ANY,
    "compareTo": Function(_compared),
    "numberValue": _none(lambda run, value: _number(float)(run, value) if isinstance(value, str) else value),
    **dict.fromkeys(("intValue", "longValue", "asInt", "asLong"), _none(_number(int))),
    **dict.fromkeys(("doubleValue", "floatValue", "asDouble"), _none(_number(float))),
}
_DATES: Mapping[str, Function] = {
    **_ANY,
    **dict(_moves()),
    "compareTo": Function(_compared),
    "withTimeAtStartOfDay": _none(_midnight),
    **dict.fromkeys(("isBefore", "before"), Function(_ordered(-1))),
    **dict.fromkeys(("isAfter", "after"), Function(_ordered(1))),
}
_NULL: Mapping[str, Function] = {
    "equals": Function(lambda _run, _value, other: other is None),
    "equalsIgnoreCase": Function(lambda _run, _value, other: other is None),
    "isNull": _none(lambda _run, _value: True),
}
_TEXT: Mapping[str, Function] = {
    **_NUMBERS,
    **_DATES,
    "charAt": Function(lambda run, whole, place: _part(run, whole, place, place + 1)),
    "concat": Function(_joined),
    "contains": Function(lambda run, whole, part: contains(run, part, whole)),
    "contentEquals": Function(_same),
    "endsWith": Function(_beginning(str.endswith)),
    "equalsIgnoreCase": Function(_ignoring_case),
    "indexOf": Function(_searching(str.find)),
    "isBlank": _none(_text(lambda whole: not whole.strip())),
    "isEmpty": _none(lambda _run, whole: not whole),
    "lastIndexOf": Function(_searching(str.rfind, backwards=True)),
    "length": _none(lambda _run, whole: len(whole)),
    "replace": Function(_replaced, 2, 2),
    "split": Function(_split),
    "startsWith": Function(_beginning(str.startswith)),
    "substring": Function(_part, 1, 2),
    "toLowerCase": _none(_text(str.lower)),
    "toUpperCase": _none(_text(str.upper)),
    **dict.fromkeys(("strip", "trim"), _none(_text(str.strip))),
}
_LIST: Mapping[str, Function] = {
    **_ANY,
    "contains": Function(lambda run, items, item: contains(run, item, items)),
    "containsAll": Function(_all_of),
    "elements": _none(over(list)),
    "get": Function(_item),
    "indexOf": Function(_index),
    "isEmpty": _none(lambda _run, items: not items),
    **dict.fromkeys(("length", "size"), _none(lambda _run, items: len(items))),
}
_OBJECT: Mapping[str, Function] = {
    **_ANY,
    **dict.fromkeys(("containsKey", "has", "hasProp"), Function(_has)),
    "containsValue": Function(_has_value),
    **dict.fromkeys(("get", "path", "prop"), Function(_entry)),
    "getOrDefault": Function(_entry, 2, 2),
    "isEmpty": _none(lambda _run, entries: not entries),
    "keySet": _none(lambda run, entries: _listed(run, entries.keys())),
    "size": _none(lambda _run, entries: len(entries)),
    "values": _none(lambda run, entries: _listed(run, entries.values())),
}
METHODS: Mapping[type, Mapping[str, Function]] = {
    str: _TEXT,
    int: _NUMBERS,
    float: _NUMBERS,
    bool: _ANY,
    type(None): _NULL,
    list: _LIST,
    tuple: _LIST,
    dict: _OBJECT,
    dt.date: _DATES,
    dt.datetime: _DATES,
}
CALLABLE: Mapping[str, Function] = {name: function for table in METHODS.values() for name, function in table.items()}
"""Every method by its name, for the check of a call before it is known on what."""
