"""What FEEL's functions are not given: arguments with which feelin's answer is not DMN's, seen before they run."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.expressions.feel.constants import numbers_of, value_of
from engine.expressions.feel.contexts import is_number
from engine.expressions.feel.dates import DATE_FUNCTIONS, months_between
from engine.expressions.feel.kinds import INSTANTS, SPANS, Kinds
from engine.expressions.feel.patterns import FLAGS, pattern, splits_alike
from engine.expressions.nodes import Constant, Items, Node
from engine.expressions.problems import N_


@dataclass(frozen=True, slots=True)
class Refused:
    """Why arguments are not accepted, and what to write instead."""

    remedy: str
    problem: str = N_("With such values “%(name)s” gives something else elsewhere.")
    written: str = ""


Check = Callable[[Sequence[Node], Kinds], Node | Refused | None]
_COMPLEX = INSTANTS | SPANS | {"list", "context", "range"}
_REPLACEMENT = re.compile(r"(?:[^$\\]|\$[0-9]|\$$)*", re.DOTALL)


def _folded(name: str) -> Check:
    """Dates, times and durations written out are read at once; a wrong one is refused."""

    def check(arguments: Sequence[Node], _kinds: Kinds) -> Node | Refused | None:
        written = value_of(arguments[0]) if len(arguments) == 1 else None
        if not isinstance(written, str):
            return None
        try:
            return Constant(DATE_FUNCTIONS[name].call(None, written))
        except (ValueError, OverflowError):
            return Refused(
                N_("Write it like 2026-01-31, 10:30:00, 2026-01-31T10:30:00, P1Y2M or P1DT2H."),
                N_("“%(written)s” is not understood by “%(name)s”."),
                written,
            )

    return check


def _at(place: int, wrong: Callable[[Decimal], bool], remedy: str) -> Check:
    """Refuse a number that is written out at this place."""

    def check(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
        value = value_of(arguments[place]) if place < len(arguments) else None
        return Refused(remedy) if isinstance(value, Decimal) and wrong(value) else None

    return check


def _not_null(place: int) -> Check:
    def check(arguments: Sequence[Node], kinds: Kinds) -> Refused | None:
        given = place < len(arguments) and kinds.of(arguments[place]) == "null"
        return Refused(N_("Leave out what is null.")) if given else None

    return check


def _plain(place: int, kinds_refused: frozenset[str], remedy: str) -> Check:
    """Refuse a value of such a kind at this place."""

    def check(arguments: Sequence[Node], kinds: Kinds) -> Refused | None:
        return Refused(remedy) if kinds.of(arguments[place]) in kinds_refused else None

    return check


def _of_numbers(arguments: Sequence[Node], kinds: Kinds) -> Refused | None:
    only = arguments[0] if len(arguments) == 1 else None
    each = only.items if isinstance(only, Items) else arguments
    other = {kinds.of(node) for node in each} - {"", "number", "null", "list"}
    return Refused(N_("Give it numbers; sort puts other values in order.")) if other else None


def _median(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    found = numbers_of(tuple(arguments)) or []
    as_text = sorted(found, key=str)
    return Refused(N_("Write the number in the middle.")) if as_text != sorted(found) else None


def _mode(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    found = numbers_of(tuple(arguments)) or []
    fractions = [value for value in found if value < 0 or value != value.to_integral_value()]
    return Refused(N_("Give the numbers in their order.")) if fractions and found != sorted(found) else None


def _pattern(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    regex = value_of(arguments[1])
    try:
        if isinstance(regex, str):
            pattern(regex)
    except ValueError:
        return Refused(
            N_("Write it without look-around, back references and needless backslashes."),
            N_("The pattern “%(written)s” is not understood."),
            regex,
        )
    return None


def _flags(place: int) -> Check:
    def check(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
        flags = value_of(arguments[place]) if place < len(arguments) else None
        wrong = isinstance(flags, str) and not FLAGS.issuperset(flags)
        return Refused(N_("Use the flags i, m and s only.")) if wrong else None

    return check


def _replacement(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    written = value_of(arguments[2])
    wrong = isinstance(written, str) and not _REPLACEMENT.fullmatch(written)
    return Refused(N_("Write $ only before a group's digit, and no backslash.")) if wrong else None


def _splitting(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    regex = value_of(arguments[1])
    wrong = isinstance(regex, str) and regex and not splits_alike(regex)
    return Refused(N_("Split at something, and write (?:…) for its groups.")) if wrong else None


def _number(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    written, *marks = (value_of(node) for node in arguments)
    if not isinstance(written, str):
        return None
    for mark, plain in zip(marks, ("", "."), strict=False):
        written = written.replace(mark, plain) if isinstance(mark, str) and mark else written
    numeric = not written.strip() or written.strip()[0] in "0123456789+-.I"
    return (
        Refused(N_("Write digits, with a point before the fraction.")) if numeric and not is_number(written) else None
    )


def _start(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    """A start before the beginning of what is written out."""
    whole, start = arguments[0], value_of(arguments[1])
    items = whole.items if isinstance(whole, Items) else value_of(whole)
    if not isinstance(items, tuple | str) or not isinstance(start, Decimal):
        return None
    return Refused(N_("Start inside.")) if -start > len(items) else None


def _months(arguments: Sequence[Node], _kinds: Kinds) -> Refused | None:
    start, end = (value_of(node) for node in arguments)
    if not isinstance(start, dt.date) or not isinstance(end, dt.date):
        return None
    whole = start + months_between(None, start, end) == end
    return None if whole else Refused(N_("Choose dates that are whole months apart."))


_NOT_WHOLE = _at(1, lambda value: value != value.to_integral_value(), N_("Give it a whole number."))
_PLACE = _at(1, lambda value: value < 1, N_("Count positions from 1."))
_FROM = _at(1, lambda value: value == 0, N_("Count positions from 1, or from the end with -1."))
_LENGTH = _at(2, lambda value: value < 0 or value % 1 != 0, N_("Give a whole number as length."))
_LIKE = _plain(1, _COMPLEX, N_("Look for it with a filter: count(list[item = …]) > 0."))

CHECKS: dict[str, tuple[Check, ...]] = {
    "after": (_not_null(0), _not_null(1)),
    "before": (_not_null(0), _not_null(1)),
    "date": (_folded("date"),),
    "date and time": (_folded("date and time"),),
    "decimal": (_NOT_WHOLE,),
    "duration": (_folded("duration"),),
    "get value": (_plain(1, frozenset({"list"}), N_("Give one key; read on with a point.")),),
    "index of": (_LIKE,),
    "insert before": (_PLACE,),
    "list contains": (_LIKE,),
    "list replace": (_PLACE,),
    "matches": (_pattern, _flags(2)),
    "max": (_of_numbers,),
    "median": (_median,),
    "min": (_of_numbers,),
    "mode": (_mode,),
    "number": (_number,),
    "remove": (_PLACE,),
    "replace": (_pattern, _flags(3), _replacement),
    "split": (_pattern, _splitting),
    "sublist": (_NOT_WHOLE, _FROM, _start, _LENGTH, _not_null(2)),
    "substring": (_NOT_WHOLE, _FROM, _start, _LENGTH, _not_null(2)),
    "time": (_folded("time"), _at(2, lambda value: value % 1 != 0, N_("Give whole seconds."))),
    "years and months duration": (_months,),
    **dict.fromkeys(("ceiling", "floor", "round down", "round half down", "round half up", "round up"), (_NOT_WHOLE,)),
}
