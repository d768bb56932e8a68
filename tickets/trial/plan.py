"""Owns what a walk wishes for: at each question ahead the way that was taken least, and values that lead there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.asking.solving import solve, values_of
from engine.definitions.asking.variables import variable_of
from engine.step import Values
from tickets.case import About
from tickets.trial.chart import Chart, Question

Functions = Mapping[str, Callable[..., Any]]
EVALUATIONS = 400
MOST_QUESTIONS = 40
MOST_FOR_NEW = 3
"""So often a way is taken since it leads to something new; if it was in vain till then, others have their turn."""


@dataclass(frozen=True)
class Setting:
    """Whom and what a walk's ticket is about: the names that expressions know of it, and what they may call."""

    about: About | None
    names: Values
    functions: Functions


@dataclass
class Plan:
    """The intentions of all walks through one definition: what was taken how often, what is wished for next."""

    chart: Chart
    domains: Mapping[str, Sequence[object]]
    """What the fields of its forms limit variables to, by path."""
    settings: Sequence[Setting]
    """Walks take them in turn."""
    gives: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By element, the variables that come in there: the others are as the process makes them."""
    walks: int = 0
    bold: bool = False
    """Whether this walk looks for what is new; else it goes the ordinary way."""
    acted: Counter[str] = field(default_factory=Counter)
    """How often a person, a message or the clock moved a ticket on at an element, over all walks."""
    covered: set[str] = field(default_factory=set)
    taken: Counter[tuple[str, int]] = field(default_factory=Counter)
    pending: dict[str, int] = field(default_factory=dict)
    """The choice wished for at an element that no token has come by since."""
    absent: set[str] = field(default_factory=set)
    """The variables that the last wishes want not to be there at all."""
    _solved: dict[tuple[str, int, int, int, str], Values | None] = field(default_factory=dict)

    def begin(self, *, bold: bool) -> None:
        """A new walk: nothing is wished for yet; what the last one wished for in vain is not wished for first."""
        self.walks, self.bold = self.walks + 1, bold
        self.taken.update(self.pending.items())
        self.pending.clear()

    @property
    def setting(self) -> Setting:
        return self.settings[self._turn]

    @property
    def _turn(self) -> int:
        """Two walks in each setting: a bold one, and one of the ordinary way."""
        return self.walks // 2 % len(self.settings)

    def passed(self, element: str) -> None:
        """An element has completed."""
        self.covered.add(element)
        choice = self.pending.pop(element, None)
        if choice is not None:
            self.taken[element, choice] += 1

    def wishes(self, begin: Sequence[str], data: Values, names: frozenset[str]) -> Values:
        """Values for the questions that tokens at these elements will meet, the nearest first.

        `names` are the variables that can be given here; those that come in on the way are wished for too.
        """
        wished: Values = {}
        asked, within = 0, set(names)
        self.absent.clear()
        for element in self.chart.ahead(begin):
            for number, question in enumerate(self.chart.questions.get(element, ())):
                asked += 1
                if asked > MOST_QUESTIONS:
                    return wished
                fixed = self._fixed(question, wished, data, within)
                wished = values_of(self._answer(question, number, fixed), wished)
                self.absent.difference_update(wished)
            within |= self.gives.get(element, frozenset())
        return wished

    def uncovered_ahead(self, elements: Sequence[str]) -> bool:
        """Whether an element that no walk has passed comes after one of these, or is one."""
        return any(element not in self.covered for element in self.chart.ahead(elements))

    def _answer(self, question: Question, number: int, fixed: Values) -> dict[str, object]:
        """Values by path that take the question the way it should go, none where nothing is found."""
        for choice in self._order(question):
            values = self._solution(question, number, choice, fixed)
            if values is not None:
                self.pending[question.element] = choice
                answered = {variable_of(path) for path in values}
                self.absent |= {variable_of(path) for path in question.paths} - answered - fixed.keys()
                return {path: value for path, value in values.items() if variable_of(path) not in fixed}
        return {}

    def _order(self, question: Question) -> list[int]:
        """Its choices, the wished one first: as begun, else what leads to something new, else the rarest."""
        begun = self.pending.get(question.element)

        def rank(number: int) -> tuple[bool, bool, int, int]:
            taken = self.taken[question.element, number]
            new = self.bold and taken < MOST_FOR_NEW and self.uncovered_ahead(question.choices[number].targets)
            return number != begun, not new, taken, number

        return sorted(range(len(question.choices)), key=rank)

    def _fixed(self, question: Question, wished: Values, data: Values, within: set[str]) -> Values:
        """The values of the question's variables that are settled: by nearer wishes, or since they come in no more."""
        names = {variable_of(path) for path in question.paths}
        fixed = {name: data[name] for name in names if name in data and name not in within}
        fixed |= {name: value for name, value in self.setting.names.items() if name in names}
        return fixed | {name: wished[name] for name in names if name in wished}

    def _solution(self, question: Question, number: int, choice: int, fixed: Values) -> dict[str, object] | None:
        values = question.choices[choice].values
        if values is not None:
            return dict(values) if all(variable_of(path) not in fixed for path in values) else None
        key = (question.element, number, choice, self._turn, repr(sorted(fixed.items()))[:2000])
        if key not in self._solved:
            wanted = question.choices[choice].wanted
            self._solved[key] = solve(
                wanted, given=fixed, choices=self.domains, functions=self.setting.functions, evaluations=EVALUATIONS
            )
        return self._solved[key]
