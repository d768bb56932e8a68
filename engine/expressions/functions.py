"""What a function of a language's table is, and the check of a call against it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine.expressions.problems import N_, ExpressionError
from engine.expressions.source import Source


class UnknownFunction(ExpressionError):
    """What is called does not exist in this language; it may in another."""


class Callee(Protocol):
    """What the check of a call needs to know of a function; `most` is None where arguments repeat."""

    @property
    def least(self) -> int: ...
    @property
    def most(self) -> int | None: ...
    @property
    def keywords(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method of Python's tables: `call(run, *arguments, **keywords)` charges for what it makes."""

    call: Callable[..., Any]
    least: int = 1
    most: int | None = 1
    keywords: frozenset[str] = frozenset()

    def takes(self, count: int) -> bool:
        """Whether it may be given so many values."""
        return self.least <= count and (self.most is None or count <= self.most)


def check_call(
    source: Source,
    offset: int,
    *,
    name: str,
    table: Mapping[str, Callee],
    count: int,
    keywords: Iterable[str] = (),
    others: frozenset[str] = frozenset(),
) -> None:
    """Refuse a call of what the table lacks, or with the wrong number of arguments; `others` may be meant too."""
    function = table.get(name)
    if function is None:
        raise unknown_function(source, offset, name, table.keys() | others)
    if count < function.least or (function.most is not None and count > function.most):
        takes = str(function.least) if function.most == function.least else f"{function.least}–{function.most or '…'}"
        raise source.refuse(
            offset,
            N_("“%(name)s” is given %(count)s values; it takes %(takes)s."),
            N_("Give “%(name)s” as many values as it takes."),
            {"name": name, "count": count, "takes": takes},
        )
    for keyword in keywords:
        if keyword not in function.keywords:
            raise source.refuse(
                offset,
                N_("“%(name)s” has no setting “%(keyword)s”."),
                N_("Remove “%(keyword)s”."),
                {"name": name, "keyword": keyword},
            )


def unknown_function(source: Source, offset: int, name: str, known: Iterable[str]) -> ExpressionError:
    """The error for a function that is neither in the language nor handed in; names the nearest."""
    names = sorted(known)
    near = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.7)
    params = {"name": name, "near": near[0] if near else "", "known": ", ".join(names)}
    remedy = (
        N_("Write “%(near)s”, or work without it.")
        if near
        else N_("Work without it; the language reference lists all.")
    )
    error = source.refuse(offset, N_("There is no function “%(name)s” here."), remedy, params)
    return UnknownFunction(error.message, error.remedy, line=error.line, column=error.column)
