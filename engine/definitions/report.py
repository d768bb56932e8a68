"""Owns the report of an upload: every problem with its file, element, line, what is wrong and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine.expressions import N_, ExpressionError, Level, Message, Problem

MOST = 500
"""So many problems of one level are kept; nobody reads on, and a page has to show them."""

MOST_ELEMENTS = 20_000
MOST_CHARACTERS = 400_000


@dataclass
class Report:
    """Gathers problems while a bundle is read; `accepted` while none of them is an error."""

    problems: list[Problem] = field(default_factory=list)
    file: str = ""
    accepted: bool = True
    counts: Counter[Level] = field(default_factory=Counter)
    elements: int = 0
    characters: int = 0
    """Read so far of all the upload's elements and expressions."""
    lenient: bool = False
    """In a trial what is only unwise is walked all the same, with a warning that an upload is refused for it."""

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.accepted = self.accepted and problem.level is not Level.ERROR
            self.counts[problem.level] += 1
            if self.counts[problem.level] <= MOST:
                self.problems.append(replace(problem, file=problem.file or self.file))
            elif self.counts[problem.level] == MOST + 1:
                more = Message(N_("There are more like these; only the first %(count)s are listed."), {"count": MOST})
                remedy = Message(N_("Mend these and upload the file again."))
                self.problems.append(Problem(problem.level, "more", more, remedy, file=self.file))

    def take_back(self, problem: Problem) -> None:
        """A warning in whose place something else is to be said."""
        self.problems.remove(problem)
        self.counts[problem.level] -= 1

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

    def has_room(self, at: At, *, elements: int = 0, characters: int = 0) -> bool:
        """Whether the upload holds not too much, these included; reading it takes a request's time."""
        before = self._is_full()
        self.elements += elements
        self.characters += characters
        if self._is_full() and not before:
            problem = N_(
                "The upload holds more than %(elements)s elements, or %(characters)s characters of expressions."
            )
            limits = {"elements": MOST_ELEMENTS, "characters": MOST_CHARACTERS}
            self.error("too-much", at, problem, N_("Upload fewer processes at once."), **limits)
        return not self._is_full()

    def _is_full(self) -> bool:
        return self.elements > MOST_ELEMENTS or self.characters > MOST_CHARACTERS

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
