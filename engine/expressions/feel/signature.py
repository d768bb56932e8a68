"""How FEEL's functions are declared and called: a parameter says how to read its argument; null if it does not fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.expressions.budget import Run
from engine.expressions.feel.values import Callback, Range, number

MISFIT: Final = object()
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """`call(run, *arguments)` gets what the readers of `parameters` make of the arguments, in the parameters' order.

    The last `optional` parameters may be left out; with `repeats` the last one takes any number of arguments.
    `gives` is the kind of its value, empty if that depends; `other` takes other arguments under the same name.
    """

    call: Callable[..., Any]
    parameters: Mapping[str, Reader]
    gives: str = ""
    optional: int = 0
    repeats: bool = False
    named: bool = True
    other: Function | None = None

    def taking(self, count: int, keywords: Collection[str] = ()) -> Function:
        """This function or its other form, whichever takes so many arguments with these names."""
        other = self.other
        if other is None or (self.least <= count and self.keywords.issuperset(keywords) and not _over(self, count)):
            return self
        fits = other.least <= count and other.keywords.issuperset(keywords) and not _over(other, count)
        return other if fits else self

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
        """The names that arguments can be given by, where the function has any."""
        return frozenset(self.parameters if self.named else ())

    @property
    def readers(self) -> tuple[Reader, ...]:
        """The parameters' readers in order."""
        return tuple(self.parameters.values())


def _over(function: Function, count: int) -> bool:
    return function.most is not None and count > function.most


def apply(run: Run, call: Callable[..., Any], readers: tuple[Reader, ...], arguments: list[Any]) -> Any:
    """The function's value, null if an argument does not fit or Python finds fault with it."""
    last = readers[-1] if readers else anything
    read = []
    for position, argument in enumerate(arguments):
        value = (readers[position] if position < len(readers) else last)(argument)
        if value is MISFIT:
            return None
        read.append(value)
    try:
        return call(run, *read)
    except (ValueError, TypeError, ArithmeticError):
        return None


def anything(value: Any) -> Any:
    """Any value, null too."""
    return value


def single(value: Any) -> Any:
    """A list of one is its item, where one value is wanted (section 10.3.2.9.4)."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def text(value: Any) -> Any:
    """A string."""
    value = single(value)
    return value if isinstance(value, str) else MISFIT


def decimal(value: Any) -> Any:
    """A number, as Decimal."""
    found = number(single(value))
    return MISFIT if found is None else found


def whole(value: Any) -> Any:
    """A whole number, as int."""
    found = number(single(value))
    if found is None or found != found.to_integral_value() or found.adjusted() > 9:
        return MISFIT
    return int(found)


def context(value: Any) -> Any:
    """A context."""
    value = single(value)
    return value if isinstance(value, dict) else MISFIT


def several(value: Any) -> Any:
    """A list; a single value is a list of itself, null does not fit."""
    if value is None:
        return MISFIT
    return list(value) if isinstance(value, tuple | range) else value if isinstance(value, list) else [value]


def day(value: Any) -> Any:
    """A date, or the date of a date and time."""
    value = single(value)
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else MISFIT


def given(value: Any) -> Any:
    """Any value but null."""
    return MISFIT if value is None else value


def span(value: Any) -> Any:
    """A range."""
    return value if isinstance(value, Range) else MISFIT


def function(value: Any) -> Any:
    """A function that the expression defines."""
    return value if isinstance(value, Callback) else MISFIT


def or_null(reader: Reader) -> Reader:
    """What `reader` reads, or null."""
    return lambda value: None if value is None else reader(value)


def called(run: Run, each: Callback, *arguments: Any) -> Any:
    """A function's value for these arguments; null if it takes another number of them."""
    return each.call(run, list(arguments)) if len(each.parameters) == len(arguments) else None
