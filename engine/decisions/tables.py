"""Owns running one decision: a table's inputs, tests and outputs, or a literal expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from engine.decisions.cells import compile_value
from engine.decisions.columns import Column, bits, compile_column
from engine.decisions.kinds import typed
from engine.decisions.model import Clause, Decision
from engine.decisions.policies import LISTING, POLICIES, RANKED, Match, Row, aggregate
from engine.expressions import Expression
from engine.expressions.budget import Run
from engine.expressions.feel.values import equal
from engine.expressions.values import plain

_RULE_COST = 10  # steps


class Step(Protocol):
    """One decision of those that a decision needs."""

    def expressions(self) -> Iterator[Expression]:
        """Every expression that it may run."""
        ...

    def take(self, run: Run) -> tuple[list[Row], Any]:
        """The rows and the value; raises EvaluationError and what Python raises."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A decision that is one expression."""

    name: str
    expression: Expression

    def expressions(self) -> Iterator[Expression]:
        yield self.expression

    def take(self, run: Run) -> tuple[list[Row], Any]:
        value = plain(run, self.expression.part(run))
        return [{self.name: value}], value


@dataclass(frozen=True, slots=True)
class Output:
    """An output with each rule's expression; `order` are its values, the most important first."""

    name: str
    kind: str
    cells: tuple[Expression | None, ...]
    order: tuple[Expression, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table."""

    policy: str
    aggregation: str
    rules: tuple[str, ...]
    columns: tuple[Column, ...]
    outputs: tuple[Output, ...]

    def expressions(self) -> Iterator[Expression]:
        for column in self.columns:
            yield from column.expressions()
        for output in self.outputs:
            yield from (*_some(output.cells), *output.order, *_some([output.default]))

    def take(self, run: Run) -> tuple[list[Row], Any]:
        matching = self._matching(run)
        ranks = self._ranks(run) if self.policy in RANKED else None
        rules = bits(matching & -matching if self.policy == "FIRST" else matching)
        matches = [self._match(run, rule, ranks) for rule in rules]
        rows = POLICIES[self.policy](matches) if matches else self._defaults(run)
        if self.aggregation:
            rows = self._collected(rows)
        return rows, self._value(rows)

    def _matching(self, run: Run) -> int:
        given, matching = run.values, (1 << len(self.rules)) - 1
        run.values = variables = dict(given)
        for column in self.columns:
            matching = column.met(run, variables, matching)
        run.values = given
        return matching

    def _match(self, run: Run, rule: int, ranks: list[list[Any]] | None) -> Match:
        run.spend(_RULE_COST)
        row = {output.name: _given(run, output.cells[rule], output.kind) for output in self.outputs}
        rank = tuple(
            _rank(run, order, row[output.name]) for order, output in zip(ranks or (), self.outputs, strict=False)
        )
        return Match(self.rules[rule], row, rank)

    def _ranks(self, run: Run) -> list[list[Any]]:
        return [[_given(run, value, output.kind) for value in output.order] for output in self.outputs]

    def _defaults(self, run: Run) -> list[Row]:
        """The default outputs, if there are any (DMN 1.3, 8.3.5)."""
        if all(output.default is None for output in self.outputs):
            return []
        return [{output.name: _given(run, output.default, output.kind) for output in self.outputs}]

    def _collected(self, rows: list[Row]) -> list[Row]:
        name = self.outputs[0].name
        value = aggregate(self.aggregation, [row[name] for row in rows])
        return [] if value is None else [{name: value}]

    def _value(self, rows: list[Row]) -> Any:
        values = [next(iter(row.values())) if len(row) == 1 else row for row in rows]
        if self.policy in LISTING and not self.aggregation:
            return values
        return values[0] if values else None


def compile_literal(decision: Decision) -> Literal:
    """The step of a literal expression; raises ExpressionError."""
    names = frozenset(decision.names)
    return Literal(
        decision.variable or decision.name or decision.id, compile_value(decision.literal, decision.language, names)
    )


def compile_table(decision: Decision) -> Table:
    """The step of a decision table; raises ExpressionError."""
    return Table(
        policy=decision.hit_policy,
        aggregation=decision.aggregation,
        rules=tuple(f"{place} ({rule.id})" if rule.id else str(place) for place, rule in enumerate(decision.rules, 1)),
        columns=tuple(compile_column(decision, place) for place in range(len(decision.inputs))),
        outputs=tuple(_output(decision, place) for place in range(len(decision.outputs))),
    )


def _output(decision: Decision, place: int) -> Output:
    clause, names = decision.outputs[place], frozenset(decision.names)
    texts = [rule.outputs[place] for rule in decision.rules]
    compiled = {text: _compiled(text, clause, names) for text in dict.fromkeys(texts)}
    order = tuple(_some(_compiled(text, clause, names) for text in clause.values))
    default = _compiled(clause.default, clause, names)
    return Output(clause.name, clause.type, tuple(compiled[text] for text in texts), order, default)


def _compiled(text: str, clause: Clause, names: frozenset[str]) -> Expression | None:
    return compile_value(text, clause.language, names) if text else None


def _given(run: Run, expression: Expression | None, kind: str) -> Any:
    return None if expression is None else typed(plain(run, expression.part(run)), kind)


def _rank(run: Run, order: list[Any], value: Any) -> int:
    run.spend(len(order))
    return next((place for place, each in enumerate(order) if equal(run, each, value) is True), len(order))


def _some(expressions: Iterable[Expression | None]) -> Iterator[Expression]:
    return (expression for expression in expressions if expression is not None)
