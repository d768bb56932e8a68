"""Owns how an upload's report looks: the gravest first, each with its icon, tone and words."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from engine.expressions import N_, Level, Problem
from web.states import Look

Each = TypeVar("Each")

LOOKS: Mapping[Level, Look] = {
    Level.ERROR: Look("alert-circle", "t-red", N_("Error")),
    Level.WARNING: Look("alert-triangle", "t-orange", N_("Warning")),
    Level.NOTE: Look("info-circle", "t-blue", N_("Good to know")),
}
"""In the order of a report."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of a report as a page shows it, told once with all the `places` it is at; `number` counts from 1."""

    number: int
    look: Look
    places: Sequence[Problem]

    @property
    def problem(self) -> Problem:
        """What is said of all the places."""
        return self.places[0]


@dataclass(frozen=True, slots=True)
class Findings:
    """A report, ready to be shown; `counts` hold each level that occurs, with its look."""

    rows: tuple[Finding, ...]
    counts: tuple[tuple[Look, int], ...]
    errors: int

    @property
    def wrong(self) -> list[str]:
        """The BPMN elements with an error, for the diagram."""
        return self._at(Level.ERROR)

    @property
    def warned(self) -> list[str]:
        """Those with a warning, and no error."""
        return sorted({*self._at(Level.WARNING)} - {*self.wrong})

    @property
    def numbers(self) -> Mapping[str, str]:
        """The numbers of the rows that are about an element with an error or a warning."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            for element in dict.fromkeys(place.element for place in row.places if row.problem.level is not Level.NOTE):
                found.setdefault(element, []).append(str(row.number))
        return {element: " · ".join(numbers) for element, numbers in found.items() if element}

    def _at(self, level: Level) -> list[str]:
        found = (place.element for row in self.rows for place in row.places if place.level is level)
        return sorted({*found} - {""})


def findings(problems: Iterable[Problem]) -> Findings:
    """The problems of a report, errors first, then as they stand in the files; the same of several is one row."""
    order = list(LOOKS)
    found = sorted(problems, key=lambda each: (order.index(each.level), each.file, each.line))
    levels = [each.level for each in found]
    return Findings(
        rows=tuple(
            Finding(number, LOOKS[places[0].level], places)
            for number, places in enumerate(alike(found, lambda each: (each.level, *said(each))), start=1)
        ),
        counts=tuple((LOOKS[level], levels.count(level)) for level in order if level in levels),
        errors=levels.count(Level.ERROR),
    )


def said(problem: Problem) -> tuple[str, str]:
    """What a problem says, wherever it is."""
    return str(problem.problem), str(problem.remedy)


def alike(found: Iterable[Each], key: Callable[[Each], Hashable]) -> list[list[Each]]:
    """Those with the same key together, where the first of them stands."""
    groups: dict[Hashable, list[Each]] = {}
    for each in found:
        groups.setdefault(key(each), []).append(each)
    return list(groups.values())
