"""The methods of the Python subset on text, lists, objects and dates, each charged for what it reads and makes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.functions import Function
from engine.expressions.problems import N_, EvaluationError, Message, clip
from engine.expressions.python_functions import charge_sorting, dictionary, over, size
from engine.expressions.python_operators import check_key
from engine.expressions.searching import charge_ends, charge_search, charge_strip
from engine.expressions.values import weigh


def _join(run: Run, glue: str, parts: Any) -> str:
    size(run, parts)
    run.grow(sum(len(part) for part in parts) + len(glue) * len(parts))
    return glue.join(parts)


def _replace(run: Run, whole: str, old: str, new: str, count: int = -1) -> str:
    charge_search(run, whole, old)
    run.grow(len(whole) + whole.count(old) * len(new))
    return whole.replace(old, new, count)


def _padded(pad: Callable[..., str]) -> Callable[..., str]:
    def padded(run: Run, whole: str, width: int, *fill: str) -> str:
        run.grow(4 * (len(whole) + max(0, width)))
        return pad(whole, width, *fill)

    return padded


def _split(cut: Callable[..., list[str]], *, backwards: bool = False) -> Callable[..., list[str]]:
    def split(run: Run, whole: str, mark: Any = None, *most: Any) -> list[str]:
        run.grow(32 * len(whole))
        if mark is None:
            return cut(whole, None, *most)
        charge_search(run, whole, mark, backwards=backwards)
        return cut(whole, mark, *most)

    return split


def _text_method(method: Callable[..., Any], least: int = 0, most: int = 0) -> Function:
    def charged(run: Run, whole: str, *arguments: Any) -> Any:
        run.grow(3 * len(whole))
        run.spend(len(whole) >> 6)
        return method(whole, *arguments)

    return Function(charged, least, most)


def _searching(search: Callable[..., int]) -> Function:
    def searched(run: Run, whole: str, part: Any, *bounds: Any) -> int:
        charge_search(run, whole, part)
        return search(whole, part, *bounds)

    return Function(searched, 1, 3)


def _beginning(test: Callable[..., bool]) -> Function:
    def tested(run: Run, whole: str, part: Any, *bounds: Any) -> bool:
        charge_ends(run, part)
        return test(whole, part, *bounds)

    return Function(tested, 1, 3)


def _stripping(strip: Callable[..., str]) -> Function:
    def stripped(run: Run, whole: str, characters: Any = None) -> str:
        run.grow(len(whole))
        charge_strip(run, whole, characters)
        return strip(whole, characters)

    return Function(stripped, 0, 1)


def _lines(run: Run, whole: str) -> list[str]:
    run.grow(32 * len(whole))
    return whole.splitlines()


def _append(run: Run, items: list[Any], item: Any) -> None:
    run.grow(8)
    items.append(item)


def _insert(run: Run, items: list[Any], position: int, item: Any) -> None:
    run.grow(8)
    run.spend(len(items) >> 5)
    items.insert(position, item)


def _extend(run: Run, items: list[Any], others: Any) -> None:
    size(run, others)
    items.extend(others)


def _sort(run: Run, items: list[Any], *, reverse: bool = False) -> None:
    charge_sorting(run, items)
    items.sort(reverse=bool(reverse))


def _reverse(run: Run, items: list[Any]) -> None:
    run.spend(len(items) >> 5)
    items.reverse()


def _searched(search: Callable[..., Any]) -> Callable[..., Any]:
    def searched(run: Run, items: list[Any], item: Any) -> Any:
        run.spend((len(items) >> 2) + len(items) * (weigh(run, item) >> 6))
        return search(items, item)

    return searched


def _list_pop(run: Run, items: list[Any], position: int = -1) -> Any:
    run.spend(len(items) >> 5)
    if not items:
        raise EvaluationError(Message(N_("Nothing can be taken out of an empty list.")))
    return items.pop(position)


def _keyed(method: Callable[..., Any]) -> Callable[..., Any]:
    def keyed(run: Run, entries: dict[Any, Any], key: Any, *default: Any) -> Any:
        check_key(key)
        run.grow(64)
        return method(entries, key, *default)

    return keyed


def _listed(part: Callable[[dict[Any, Any]], Any]) -> Callable[..., list[Any]]:
    def listed(run: Run, entries: dict[Any, Any]) -> list[Any]:
        run.grow(32 * len(entries))
        run.spend(len(entries) >> 2)
        return list(part(entries))

    return listed


def _update(run: Run, entries: dict[Any, Any], others: dict[Any, Any]) -> None:
    if not isinstance(others, dict):
        raise TypeError
    run.grow(64 * len(others))
    entries.update(others)


def _written(run: Run, moment: dt.date, pattern: str) -> str:
    """As strftime, but for the directives that pad or depend on the machine's language."""
    if not isinstance(pattern, str) or len(pattern) > 200 or not _PATTERN.fullmatch(pattern):
        raise EvaluationError(Message(N_("The date format “%(format)s” is not known."), {"format": clip(pattern)}))
    run.grow(64 * len(pattern))
    return moment.strftime(pattern)


_PATTERN = re.compile(r"(?:[^%]|%[YymdHIMSpjUWVGuw%])*", re.DOTALL)
_CASES = ("capitalize", "casefold", "lower", "swapcase", "title", "upper")
_QUESTIONS = ("isalnum", "isalpha", "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper")
METHODS: Mapping[type, Mapping[str, Function]] = {
    str: {
        **{name: _text_method(getattr(str, name)) for name in (*_CASES, *_QUESTIONS)},
        **{name: _stripping(getattr(str, name)) for name in ("lstrip", "rstrip", "strip")},
        **{name: _text_method(getattr(str, name), 1, 1) for name in ("removeprefix", "removesuffix")},
        **{name: _searching(getattr(str, name)) for name in ("count", "find", "index", "rfind", "rindex")},
        **{name: _beginning(getattr(str, name)) for name in ("endswith", "startswith")},
        **{name: Function(_padded(getattr(str, name)), 1, 2) for name in ("center", "ljust", "rjust")},
        "join": Function(_join),
        "replace": Function(_replace, 2, 3),
        "rsplit": Function(_split(str.rsplit, backwards=True), 0, 2),
        "split": Function(_split(str.split), 0, 2),
        "splitlines": Function(_lines, 0, 0),
        "zfill": Function(_padded(str.zfill)),
    },
    list: {
        "append": Function(_append),
        "clear": Function(lambda _run, items: items.clear(), 0, 0),
        "copy": Function(over(list), 0, 0),
        "count": Function(_searched(list.count)),
        "extend": Function(_extend),
        "index": Function(_searched(list.index)),
        "insert": Function(_insert, 2, 2),
        "pop": Function(_list_pop, 0, 1),
        "remove": Function(_searched(list.remove)),
        "reverse": Function(_reverse, 0, 0),
        "sort": Function(_sort, 0, 0, frozenset({"reverse"})),
    },
    tuple: {"count": Function(_searched(tuple.count)), "index": Function(_searched(tuple.index))},
    dict: {
        "clear": Function(lambda _run, entries: entries.clear(), 0, 0),
        "copy": Function(dictionary, 0, 0),
        "get": Function(_keyed(dict.get), 1, 2),
        "items": Function(_listed(dict.items), 0, 0),
        "keys": Function(_listed(dict.keys), 0, 0),
        "pop": Function(_keyed(dict.pop), 1, 2),
        "setdefault": Function(_keyed(dict.setdefault), 1, 2),
        "update": Function(_update),
        "values": Function(_listed(dict.values), 0, 0),
    },
    dt.date: {
        "strftime": Function(_written),
        "isoformat": Function(lambda _run, day: day.isoformat(), 0, 0),
        "weekday": Function(lambda _run, day: day.weekday(), 0, 0),
    },
    dt.datetime: {
        "date": Function(lambda _run, moment: moment.date(), 0, 0),
        "strftime": Function(_written),
        "timestamp": Function(lambda _run, moment: moment.timestamp(), 0, 0),
        "isoformat": Function(lambda _run, moment: moment.isoformat(), 0, 0),
        "weekday": Function(lambda _run, moment: moment.weekday(), 0, 0),
    },
    dt.timedelta: {"total_seconds": Function(lambda _run, span: span.total_seconds(), 0, 0)},
}
MUTATING = frozenset(
    {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "setdefault", "sort", "update"}
)
METHOD_NAMES = frozenset(name for table in METHODS.values() for name in table)


def call_method(run: Run, value: Any, name: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """value.name(…) by the table of the value's type; EvaluationError where it has no such method."""
    function = METHODS.get(type(value), {}).get(name)
    if function is None:
        raise EvaluationError(Message(N_("“%(method)s” does not work on this kind of value."), {"method": name}))
    if not keywords.keys() <= function.keywords or not function.takes(len(arguments)):
        raise EvaluationError(Message(N_("“%(method)s” is given values that it does not take."), {"method": name}))
    return function.call(run, value, *arguments, **keywords)
