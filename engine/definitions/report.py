"""Owns the report of an upload: every problem with its file, element, line, what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine.expressions import N_, ExpressionError, Level, Message, Problem


@dataclass
class Report:
    """Gathers problems while a bundle is read; `accepted` while none of them is an error."""

    problems: list[Problem] = field(default_factory=list)
    file: str = ""

    @property
    def accepted(self) -> bool:
        return not any(problem.level is Level.ERROR for problem in self.problems)

    def extend(self, problems: Iterable[Problem]) -> None:
        self.problems += (replace(problem, file=problem.file or self.file) for problem in problems)

    def error(self, code: str, at: At, problem: str, remedy: str, **params: object) -> None:
        self._add(Level.ERROR, code, at, problem, remedy, params)

    def warning(self, code: str, at: At, problem: str, remedy: str, **params: object) -> None:
        self._add(Level.WARNING, code, at, problem, remedy, params)

    def note(self, code: str, at: At, problem: str, remedy: str, **params: object) -> None:
        self._add(Level.NOTE, code, at, problem, remedy, params)

    def expression(self, at: At, what: str, error: ExpressionError) -> None:
        """An expression that was refused: its own words, with the element's place in the file."""
        text = N_("%(what)s is not understood: %(detail)s")
        message = Message(text, {"what": Message(what), "detail": error.message})
        problem = Problem(
            Level.ERROR, "expression", message, error.remedy, at.element, at.name, at.line + error.line - 1
        )
        self.extend([problem])

    def _add(self, level: Level, code: str, at: At, problem: str, remedy: str, params: dict[str, object]) -> None:
        found = Problem(level, code, Message(problem, params), Message(remedy, params), at.element, at.name, at.line)
        self.extend([found])


@dataclass(frozen=True)
class At:
    """Where a problem is: the element's id, its name, and its line in the file."""

    element: str = ""
    name: str = ""
    line: int = 1


FILE = At()
