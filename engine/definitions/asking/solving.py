"""Owns finding values of variables that make conditions true or false: a bounded search through their constants."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.asking.constants import candidates
from engine.definitions.asking.variables import ITEM
from engine.expressions import Budget, EvaluationError, Expression, Language, Purse
from engine.expressions.expression import NO_FUNCTIONS, Functions
from engine.expressions.nodes import Call, Choice, Logic, Node, Unary

Wanted = tuple[Expression, bool]
Assignment = dict[str, object]

EVALUATIONS = 2_000
_EACH = Budget(steps=5_000, memory=1_000_000)
_STEPS = 200_000
_NOTHING: Mapping[str, Any] = {}


def solve(
    wanted: Expression | Sequence[Wanted],
    *,
    given: Mapping[str, Any] = _NOTHING,
    choices: Mapping[str, Sequence[object]] = _NOTHING,
    functions: Functions = NO_FUNCTIONS,
    evaluations: int = EVALUATIONS,
) -> Assignment | None:
    """Values by path (`order.total`, `lines[].price`) that make each wanted expression so; None if none are found.

    One expression alone is wanted true. `given` variables stay as they are; a path in `choices` always
    gets one of its values. `values_of` makes variables of the result.
    """
    goals = [(wanted, True)] if isinstance(wanted, Expression) else list(wanted)
    return _Search(goals, given, functions, evaluations).run(choices)


def values_of(assignment: Mapping[str, object], given: Mapping[str, Any] = _NOTHING) -> dict[str, Any]:
    """The variables of an assignment: `order.total` is in an object, `lines[]` in a list of one unless it has more."""
    values: dict[str, Any] = dict(given)
    for path in sorted(assignment, key=len):
        steps = path.replace(ITEM, f".{ITEM}").split(".")
        values[steps[0]] = _with(values.get(steps[0]), steps[1:], copy.deepcopy(assignment[path]))
    return values


def _with(whole: Any, steps: Sequence[str], value: object) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step == ITEM:
        items = whole if isinstance(whole, list) and whole else [None]
        return [_with(item, rest, copy.deepcopy(value)) for item in items]
    entries = dict(whole) if isinstance(whole, dict) else {}
    entries[step] = _with(entries.get(step), rest, value)
    return entries


@dataclass(frozen=True, slots=True)
class _Goal:
    """A part of an expression and what it should be, then the goals after it."""

    part: Node
    language: Language
    truth: bool
    then: _Goal | None


State = tuple[_Goal | None, Assignment]


@dataclass
class _Search:
    """Depth first over goals; an `and` that should be true is all its parts, an `or` any of them."""

    wanted: list[Wanted]
    given: Mapping[str, Any]
    functions: Functions
    left: int
    values: dict[str, list[object]] = field(default_factory=dict)
    purse: Purse = field(default_factory=lambda: Purse(_EACH, steps=_STEPS))
    parts: dict[int, Expression] = field(default_factory=dict)
    reads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()

    def run(self, choices: Mapping[str, Sequence[object]]) -> Assignment | None:
        self.chosen = frozenset(choices)
        found = candidates(*(expression for expression, _ in self.wanted), given=self.given)
        self.values = {path: list(choices.get(path, found[path])) for path in found if self.free(path)}
        goal: _Goal | None = None
        for expression, truth in reversed(self.wanted):
            goal = _Goal(expression.tree, expression.language, truth, goal)
            self.parts[id(expression.tree)] = expression
        states: list[Iterator[State]] = [iter([(goal, {})])]
        while states and not self.spent:
            state = next(states[-1], None)
            if state is None:
                states.pop()
            elif state[0] is None:
                if (whole := self.whole(state[1])) is not None:
                    return whole
            else:
                states.append(self.ahead(state[0], state[1]))
        return None

    @property
    def spent(self) -> bool:
        return self.left <= 0 or self.purse.empty

    def free(self, path: str) -> bool:
        return path.replace(ITEM, ".").split(".")[0] not in self.given

    def whole(self, assignment: Assignment) -> Assignment | None:
        """The assignment, with a value for every variable if that is so, else as it is; None if neither makes it so."""
        filled = {**{path: values[0] for path, values in self.values.items() if values}, **assignment}
        chosen = {path: filled[path] for path in self.chosen if path in filled}
        for found in (filled, {**chosen, **assignment}):
            if all(self.outcome(expression, found) is truth for expression, truth in self.wanted):
                return found
        return None

    def ahead(self, goal: _Goal, assignment: Assignment) -> Iterator[State]:
        """The states that may follow when `goal` is taken up."""
        language, truth, then = goal.language, goal.truth, goal.then
        match goal.part:
            case Logic(every=every, parts=parts) if every is truth:
                for part in reversed(parts):
                    then = _Goal(part, language, truth, then)
                yield then, assignment
            case Logic(parts=parts):
                for part in parts:
                    yield _Goal(part, language, truth, then), assignment
            case Unary(operator="not" | "!", operand=operand) | Call(function="not", arguments=(operand,)):
                yield _Goal(operand, language, not truth, then), assignment
            case Choice(test=test, then=first, otherwise=second):
                for decided, branch in ((True, first), (False, second)):
                    yield _Goal(test, language, decided, _Goal(branch, language, truth, then)), assignment
            case _:
                leaf = self.part(goal)
                for found in self.tries(leaf, assignment):
                    if self.outcome(leaf, found) is truth:
                        yield then, found

    def tries(self, part: Expression, assignment: Assignment) -> Iterator[Assignment]:
        """The assignment with every choice of the part's variables that have no value yet, and without any."""
        missing = [path for path in self.read(part) if path in self.values and path not in assignment]
        for chosen in itertools.product(*(self.values[path] for path in missing)):
            if self.spent:
                return
            yield {**assignment, **dict(zip(missing, chosen, strict=True))}
        if missing and self.chosen.isdisjoint(missing):
            yield assignment

    def part(self, goal: _Goal) -> Expression:
        if id(goal.part) not in self.parts:
            self.parts[id(goal.part)] = Expression("", goal.language, goal.part, ())
        return self.parts[id(goal.part)]

    def read(self, part: Expression) -> tuple[str, ...]:
        """The paths that the part reads or compares."""
        if id(part.tree) not in self.reads:
            self.reads[id(part.tree)] = tuple(candidates(part))
        return self.reads[id(part.tree)]

    def outcome(self, part: Expression, assignment: Assignment) -> bool | None:
        """Whether the part holds; None where it cannot be evaluated."""
        if self.spent:
            return None
        self.left -= 1
        try:
            values = values_of(assignment, self.given)
            return part.is_true(part.evaluate(values, functions=self.functions, budget=self.purse))
        except EvaluationError:
            return None
