"""How FEEL's functions are declared and called: a parameter says how to read its argument; null if it does not fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from engine.expressions.budget import Run
from engine.expressions.feel.values import number

MISFIT: Final = object()
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """`call(run, *arguments)` gets what the `parameters` made of the arguments.

    The last `optional` parameters may be left out; with `repeats` the last one takes any number of arguments.
    """

    call: Callable[..., Any]
    parameters: tuple[Reader, ...]
    optional: int = 0
    repeats: bool = False

    @property
    def least(self) -> int:
        """The smallest number of arguments."""
        return len(self.parameters) - self.optional

    @property
    def most(self) -> int | None:
        """The largest number of arguments; None for any."""
        return None if self.repeats else len(self.parameters)

    @property
    def keywords(self) -> frozenset[str]:
        """None: FEEL's arguments go by position."""
        return frozenset()


def apply(run: Run, function: Function, arguments: list[Any]) -> Any:
    """The function's value, null if an argument does not fit or Python finds fault with it."""
    readers = function.parameters
    last = readers[-1] if readers else anything
    read = []
    for position, argument in enumerate(arguments):
        value = (readers[position] if position < len(readers) else last)(argument)
        if value is MISFIT:
            return None
        read.append(value)
    try:
        return function.call(run, *read)
    except (ValueError, TypeError, ArithmeticError):
        return None


def anything(value: Any) -> Any:
    """Any value, null too."""
    return value


def _single(value: Any) -> Any:
    """A list of one is its item, where one value is wanted (section 10.3.2.9.4)."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def text(value: Any) -> Any:
    """A string."""
    value = _single(value)
    return value if isinstance(value, str) else MISFIT


def decimal(value: Any) -> Any:
    """A number, as Decimal."""
    found = number(_single(value))
    return MISFIT if found is None else found


def whole(value: Any) -> Any:
    """A whole number, as int."""
    found = number(_single(value))
    if found is None or found != found.to_integral_value() or found.adjusted() > 9:
        return MISFIT
    return int(found)


def context(value: Any) -> Any:
    """A context."""
    value = _single(value)
    return value if isinstance(value, dict) else MISFIT


def several(value: Any) -> Any:
    """A list; a single value is a list of itself, null does not fit."""
    if value is None:
        return MISFIT
    return list(value) if isinstance(value, tuple | range) else value if isinstance(value, list) else [value]


def day(value: Any) -> Any:
    """A date, or the date of a date and time."""
    value = _single(value)
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else MISFIT


def given(value: Any) -> Any:
    """Any value but null."""
    return MISFIT if value is None else value
