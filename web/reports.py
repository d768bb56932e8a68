"""Owns how an upload's report looks: the gravest first, each with its icon, tone and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.expressions import N_, Level, Problem
from web.states import Look

LOOKS: Mapping[Level, Look] = {
    Level.ERROR: Look("alert-circle", "t-red", N_("Error")),
    Level.WARNING: Look("alert-triangle", "t-orange", N_("Warning")),
    Level.NOTE: Look("info-circle", "t-blue", N_("Good to know")),
}
"""In the order of a report."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of a report as a page shows it; `number` counts from 1."""

    number: int
    look: Look
    problem: Problem


@dataclass(frozen=True, slots=True)
class Findings:
    """A report, ready to be shown; `counts` hold each level that occurs, with its look."""

    rows: tuple[Finding, ...]
    counts: tuple[tuple[Look, int], ...]
    errors: int

    @property
    def elements(self) -> list[str]:
        """The BPMN elements with an error or a warning, for the diagram."""
        return sorted({row.problem.element for row in self.rows if row.problem.level is not Level.NOTE} - {""})


def findings(problems: Iterable[Problem]) -> Findings:
    """The problems of a report, errors first, then as they stand in the files."""
    order = list(LOOKS)
    found = sorted(problems, key=lambda each: (order.index(each.level), each.file, each.line))
    levels = [each.level for each in found]
    return Findings(
        rows=tuple(Finding(number, LOOKS[each.level], each) for number, each in enumerate(found, start=1)),
        counts=tuple((LOOKS[level], levels.count(level)) for level in order if level in levels),
        errors=levels.count(Level.ERROR),
    )
