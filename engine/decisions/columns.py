"""Owns running a table's inputs: which rules a value meets, found by the different tests of a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.decisions.cells import ASKED, compile_test, compile_value, is_open
from engine.decisions.kinds import typed
from engine.decisions.model import Decision
from engine.expressions import Expression
from engine.expressions.budget import Run
from engine.expressions.feel.values import equal, number
from engine.expressions.nodes import Constant, Meets
from engine.expressions.values import plain

Rules = int
"""A set of rules: a number with a bit for each."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test with the rules that have it; `values` are the texts or numbers that meet it, if nothing else does."""

    expression: Expression
    rules: Rules
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """An input with its different tests; rules with the same test share its answer.

    `listed` has the rules of tests that only name texts and numbers, by these: no such test need be run for a value
    that is one.
    """

    expression: Expression | None
    kind: str
    open: Rules
    tests: tuple[Test, ...]
    listed: dict[object, Rules]

    def met(self, run: Run, variables: dict[str, Any], among: Rules) -> Rules:
        """The rules among these whose test the input meets; its value joins the run's variables."""
        value = None if self.expression is None else typed(plain(run, self.expression.part(run)), self.kind)
        variables.update(dict.fromkeys(ASKED.values(), value))
        key = _key(value)
        met = self.open if key is None else self.open | self.listed.get(key, 0)
        for test in self.tests:
            if test.rules & among and not (test.values and key is not None):
                run.spend(1)
                answer = test.expression.part(run)
                if answer is True or (not isinstance(answer, bool) and equal(run, value, answer) is True):
                    met |= test.rules
        return met & among

    def expressions(self) -> Iterator[Expression]:
        """Every expression of the column."""
        yield from (test.expression for test in self.tests)
        if self.expression is not None:
            yield self.expression


def compile_column(decision: Decision, place: int) -> Column:
    """The column of the input at that place; raises ExpressionError."""
    clause, names = decision.inputs[place], frozenset(decision.names)
    tests = [
        _test(compile_test(text, clause.language, names), rules)
        for text, rules in _by_text(decision, place).items()
        if not is_open(text)
    ]
    listed: dict[object, Rules] = {}
    for test in tests:
        for value in test.values:
            listed[value] = listed.get(value, 0) | test.rules
    expression = compile_value(clause.expr, clause.language, names) if clause.expr else None
    return Column(expression, clause.type, _open(decision, place), tuple(tests), listed)


def bits(rules: Rules) -> Iterator[int]:
    """The places of the rules, in their order."""
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest


def _by_text(decision: Decision, place: int) -> dict[str, Rules]:
    rules: dict[str, Rules] = {}
    for position, rule in enumerate(decision.rules):
        text = rule.tests[place]
        rules[text] = rules.get(text, 0) | 1 << position
    return rules


def _open(decision: Decision, place: int) -> Rules:
    return sum(rules for text, rules in _by_text(decision, place).items() if is_open(text))


def _test(expression: Expression, rules: Rules) -> Test:
    tree = expression.tree
    written = [test.value for test in tree.tests if isinstance(test, Constant)] if isinstance(tree, Meets) else []
    keys = tuple(_key(value) for value in written)
    only = isinstance(tree, Meets) and len(keys) == len(tree.tests) and None not in keys
    return Test(expression, rules, keys if only else ())


def _key(value: Any) -> object:
    """What a text or number is found by; None for another value."""
    return value if isinstance(value, str) else number(value)
