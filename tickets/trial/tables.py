"""Owns what a decision is asked with: for each of a table's rules, values of its inputs that meet it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.decisions.cells import ASKED, compile_test, compile_value, is_open
from engine.decisions.compile import in_order
from engine.decisions.model import Clause, Decision
from engine.definitions.asking.comparisons import paths
from engine.definitions.asking.solving import solve
from engine.expressions import Expression, ExpressionError

MOST_RULES = 12
EVALUATIONS = 100
Inputs = dict[str, object]
"""Values by the path of a variable."""


def inputs_of(decisions: Mapping[str, Decision], decision_id: str) -> Sequence[Inputs]:
    """For each rule, of the table itself and of those it requires, one way to meet it; at least one entry."""
    found: list[Inputs] = []
    tables = in_order(decisions, decision_id) if decision_id in decisions else []
    columns = [_columns(decision) for decision in tables]
    for turn in range(max((len(column) for each in columns for column in each.values()), default=1)):
        met: Inputs = {}
        for each in columns:
            met |= {path: values[turn % len(values)] for path, values in each.items()}
        found.append(met)
    return found


def read_by(decisions: Mapping[str, Decision], decision_id: str) -> Iterator[Expression]:
    """What the decision, and those it requires, read of the data: their inputs, or a literal decision whole."""
    for decision in in_order(decisions, decision_id) if decision_id in decisions else ():
        names = frozenset(decision.names)
        texts = [(clause.expr, clause.language) for clause in decision.inputs]
        for text, language in [*texts, (decision.literal, decision.language)]:
            expression = _compiled(text, language, names)
            if expression is not None:
                yield expression


def _columns(decision: Decision) -> Mapping[str, Sequence[object]]:
    """By variable, a value for each rule."""
    names = frozenset(decision.names)
    columns: dict[str, list[object]] = {}
    for place, clause in enumerate(decision.inputs):
        expression = _compiled(clause.expr, clause.language, names)
        found = paths(expression) if expression is not None else ()
        if len(found) == 1 and expression is not None:
            rules = decision.rules[:MOST_RULES]
            tests = [rule.tests[place] for rule in rules if place < len(rule.tests)]
            values = [_meeting([test], [], clause, names) for test in tests]
            shut = [test for test in tests if not is_open(test)]
            known = [_meeting([], shut, clause, names), *values, "sample"]
            other = next(value for value in known if value is not None)
            columns[found[0]] = [value if value is not None else other for value in values]
    return {path: values for path, values in columns.items() if values}


def _meeting(wanted: Sequence[str], unwanted: Sequence[str], clause: Clause, names: frozenset[str]) -> object:
    """A value that meets the wanted cells and no unwanted one; None where any would, or none was found."""
    if all(is_open(test) for test in wanted) and not unwanted:
        return {"boolean": True, "string": "sample"}.get(clause.type.lower())
    tests = [(test, True) for test in wanted] + [(test, False) for test in unwanted]
    try:
        cells = [(compile_test(test, clause.language, names), met) for test, met in tests]
    except ExpressionError:
        return None
    found = solve(cells, evaluations=EVALUATIONS)
    return next((found[asked] for asked in ASKED.values() if asked in found), None) if found else None


def _compiled(text: str, language: str, names: frozenset[str]) -> Expression | None:
    try:
        return compile_value(text, language, names) if text.strip() else None
    except ExpressionError:
        return None
