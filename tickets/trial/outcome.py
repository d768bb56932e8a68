"""Owns what a trial tells: of one file what was wrong with it, which ways it was walked and what they covered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.wording import TOO_OFTEN
from engine.expressions import Level, Problem

ENDED = "ended"
LONG = "long"
WHOLE = "definitions"
"""The element that a problem of the file as a whole is told of."""
LATE = "Time ran out; what was not tried by then is not judged."


Fact = Mapping[str, Any]


@dataclass(frozen=True)
class Walk:
    """One ticket's way: the elements in the order in which they completed, and how it stopped."""

    visited: tuple[str, ...]
    stopped: str
    """`ended`; `long` where it was cut off while it went on and on; else where and why it got stuck."""
    element: str = ""
    """Where it got stuck, as the definition calls it; and how to mend that."""
    remedy: str = ""
    late: bool = False
    """Whether the clock cut it off."""

    @property
    def is_stuck(self) -> bool:
        return self.stopped not in (ENDED, LONG)

    def facts(self) -> Fact:
        """As JSON; where it got stuck, also at which element and what to do about it."""
        stuck = {"element": self.element, "remedy": self.remedy} if self.is_stuck else {}
        return {"visited": list(self.visited), "stopped": self.stopped, **stuck}


@dataclass
class Outcome:
    """What came of trying one file. Filled while it is tried, so that what is known counts when time runs out."""

    file: str
    accepted: bool = False
    errors: list[Fact] = field(default_factory=list)
    warnings: list[Fact] = field(default_factory=list)
    """Each with `element`, `line`, `problem` and `remedy`."""
    notes: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    walks: list[Walk] = field(default_factory=list)
    seconds: float = 0
    runs: bool = True
    """Whether there is anything to run in it; a picture is as good as it can be."""
    publishable: bool = True
    """Whether an upload would take it as it is: some of what one refuses can be walked all the same."""

    @property
    def ended(self) -> bool:
        """At least one walk reached an end and none was left stuck."""
        return any(walk.stopped == ENDED for walk in self.walks) and not any(walk.is_stuck for walk in self.walks)

    @property
    def is_cut(self) -> bool:
        """Whether time ran out before all was tried."""
        return LATE in self.notes

    @property
    def covered(self) -> list[str]:
        visited = {ident for walk in self.walks for ident in walk.visited}
        return [ident for ident in self.elements if ident in visited]

    @property
    def is_good(self) -> bool:
        """Nothing to mend."""
        return self.accepted and self.publishable and (self.ended or not self.runs)

    def learn(self, problems: Iterable[Problem], *, accepted: bool, own: str) -> None:
        """Takes over the report of an upload in which the file is called `own`."""
        self.accepted = accepted
        for problem in problems:
            self.publishable = self.publishable and problem.code != TOO_OFTEN
            match problem.level:
                case Level.ERROR:
                    self.errors.append(told(problem, own))
                case Level.WARNING:
                    self.warnings.append(told(problem, own))
                case Level.NOTE:
                    self.notes.append(noted(problem))

    def warn(self, element: str, line: int, problem: str, remedy: str) -> None:
        """Something that walking has shown; once, however many walks show it."""
        warning = {"element": element, "line": max(line, 1), "problem": problem, "remedy": remedy}
        if warning not in self.warnings:
            self.warnings.append(warning)

    def refuse(self, problem: str, remedy: str) -> None:
        """Nothing can be said of the file but this."""
        self.accepted = False
        self.errors.append({"element": WHOLE, "line": 1, "problem": problem, "remedy": remedy})

    def facts(self) -> Fact:
        """As JSON, one line a file."""
        return {
            "file": self.file,
            "accepted": self.accepted,
            "errors": self.errors,
            "warnings": self.warnings,
            "ended": self.ended,
            "covered": self.covered,
            "elements": self.elements,
            "walks": [walk.facts() for walk in self.walks],
            "seconds": round(self.seconds, 3),
            "notes": self.notes,
        }


def told(problem: Problem, own: str) -> Fact:
    """A problem with its place, what is wrong and how to mend it; one of another file begins with that one's name."""
    elsewhere = f"{problem.file}: " if problem.file not in ("", own) else ""
    return {
        "element": problem.element or (problem.file if elsewhere else WHOLE),
        "line": max(problem.line, 1),
        "problem": f"{elsewhere}{problem.problem}",
        "remedy": str(problem.remedy),
    }


def noted(problem: Problem) -> str:
    """A rewrite in one line."""
    where = f"{problem.element} (line {problem.line})" if problem.element else f"line {problem.line}"
    return f"{where}: {problem.problem}"


def summary(outcomes: Sequence[Outcome]) -> Mapping[str, Any]:
    """What the last line says of all files together."""
    return {
        "files": len(outcomes),
        "accepted": sum(outcome.accepted for outcome in outcomes),
        "ended": sum(outcome.ended for outcome in outcomes),
        "pictures": sum(outcome.accepted and not outcome.runs for outcome in outcomes),
        "elements": sum(len(outcome.elements) for outcome in outcomes),
        "covered": sum(len(outcome.covered) for outcome in outcomes),
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 1),
    }
