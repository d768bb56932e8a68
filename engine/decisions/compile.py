"""Owns running decisions: a decision and those it requires, compiled once, asked any number of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.decisions.cells import ASKED
from engine.decisions.model import Decision
from engine.decisions.policies import LISTING
from engine.decisions.tables import Step, compile_literal, compile_table
from engine.expressions import N_, Budget, BudgetExceeded, EvaluationError, Message, Purse
from engine.expressions.budget import DEFAULT_BUDGET, Run
from engine.expressions.expression import FAULTS, NO_FUNCTIONS, Functions, explained
from engine.expressions.problems import clip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision gives: the rows of its table by output name, and the value that DMN says they make.

    `value` is one output's value, an object of several outputs, a list of these where the hit policy gives all that
    match, a number where it collects one; null and no rows where no rule matches and nothing is the default.
    """

    rows: list[dict[str, Any]]
    value: Any


NOTHING = Outcome([], None)
ASKED_NAMES = frozenset(ASKED.values())


class CompiledDecision:
    """A decision that can be asked any number of times, by any thread; `reads` are the variables it needs."""

    __slots__ = ("_cells", "_steps", "decision", "reads")

    def __init__(self, decision: Decision, steps: tuple[tuple[Decision, Step], ...]) -> None:
        self.decision = decision
        self._steps = steps
        expressions = [expression for _, step in steps for expression in step.expressions()]
        self._cells = max((expression.cells for expression in expressions), default=0)
        given = {name for each, _ in steps if each is not decision for name in results(each, NOTHING)}
        self.reads = frozenset(name for expression in expressions for name in expression.names) - given - ASKED_NAMES

    def decide(
        self,
        values: Mapping[str, Any],
        *,
        functions: Functions = NO_FUNCTIONS,
        budget: Budget | Purse | None = None,
    ) -> Outcome:
        """The outcome, made of JSON types, dates, times and durations; all decisions in it share the budget.

        What a required decision gives is a variable by its outputs' names, its variable's, its own name and its id.
        Raises EvaluationError (two rules of a UNIQUE table match, a value has the wrong type, …), BudgetExceeded.
        """
        allowed = budget.allow() if isinstance(budget, Purse) else budget or DEFAULT_BUDGET
        run = Run(dict(values), functions, allowed, self._cells)
        try:
            return self._decide(run)
        finally:
            if isinstance(budget, Purse):
                budget.pay(allowed.steps - run.steps)

    def _decide(self, run: Run) -> Outcome:
        outcome = NOTHING
        for decision, step in self._steps:
            outcome = _taken(decision, step, run)
            if decision is not self.decision:
                run.values = {**run.values, **results(decision, outcome)}
        return outcome


def compile_decision(decisions: Mapping[str, Decision], decision_id: str) -> CompiledDecision:
    """The decision of that id among `decisions`, which hold all it requires, as `read_decisions` has checked.

    Raises KeyError for an id that is not there, ExpressionError for a cell that is not understood.
    """
    steps = tuple((decision, _step(decision)) for decision in in_order(decisions, decision_id))
    return CompiledDecision(decisions[decision_id], steps)


def in_order(decisions: Mapping[str, Decision], decision_id: str) -> list[Decision]:
    """The decision after all those it requires, each once; one in a circle stands where it was first met."""
    ordered: dict[str, Decision] = {}
    seen: set[str] = set()
    todo = [(decision_id, False)]
    while todo:
        name, ready = todo.pop()
        if ready:
            ordered[name] = decisions[name]
        elif name not in seen:
            seen.add(name)
            todo.append((name, True))
            todo += [(other, False) for other in decisions[name].requires]
    return list(ordered.values())


def results(decision: Decision, outcome: Outcome) -> dict[str, Any]:
    """The variables that decisions which require this one read: by its outputs' names, and all of it by its own."""
    several = decision.hit_policy in LISTING and not decision.aggregation
    found: dict[str, Any] = {}
    for clause in decision.outputs:
        each = [row[clause.name] for row in outcome.rows]
        found[clause.name] = each if several else each[0] if each else None
    return {**found, **{name: outcome.value for name in (decision.id, decision.name, decision.variable) if name}}


def _step(decision: Decision) -> Step:
    return compile_literal(decision) if decision.literal else compile_table(decision)


def _taken(decision: Decision, step: Step, run: Run) -> Outcome:
    try:
        return Outcome(*step.take(run))
    except BudgetExceeded:
        raise
    except EvaluationError as error:
        raise _within(decision, error) from error
    except FAULTS as fault:
        raise _within(decision, explained(fault)) from fault


def _within(decision: Decision, error: EvaluationError) -> EvaluationError:
    params = {"decision": clip(decision.name or decision.id), "detail": error.message}
    return EvaluationError(Message(N_("In the decision “%(decision)s”: %(detail)s"), params))
