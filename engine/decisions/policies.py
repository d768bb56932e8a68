"""Owns hit policies: which of the matching rules speak, and what their outputs become (DMN 1.3, 8.2.8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.expressions import N_, EvaluationError, Message
from engine.expressions.feel.values import number as decimal
from engine.expressions.problems import clip
from engine.expressions.values import number

Row = dict[str, Any]
AGGREGATIONS = ("", "SUM", "MIN", "MAX", "COUNT")
RANKED = frozenset({"PRIORITY", "OUTPUT ORDER"})
"""Policies that go by the order of the outputs' values."""

LISTING = frozenset({"RULE ORDER", "OUTPUT ORDER", "COLLECT"})
"""Policies that give every matching rule's outputs."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matches: what a message calls it, its outputs, and how important they are (lowest first)."""

    rule: str
    row: Row
    rank: tuple[int, ...]


Policy = Callable[[Sequence[Match]], list[Row]]


def _unique(matches: Sequence[Match]) -> list[Row]:
    if len(matches) > 1:
        rules = ", ".join(match.rule for match in matches[:5])
        raise EvaluationError(
            Message(N_("More than one rule matches, where only one may: %(rules)s."), {"rules": clip(rules, 200)})
        )
    return [match.row for match in matches]


def _any(matches: Sequence[Match]) -> list[Row]:
    different = next((match for match in matches if match.row != matches[0].row), None)
    if different is not None:
        rules = clip(f"{matches[0].rule}, {different.rule}", 200)
        raise EvaluationError(
            Message(
                N_("The rules that match give different results, where all must agree: %(rules)s."), {"rules": rules}
            )
        )
    return [match.row for match in matches[:1]]


def _first(matches: Sequence[Match]) -> list[Row]:
    return [match.row for match in matches[:1]]


def _priority(matches: Sequence[Match]) -> list[Row]:
    return _output_order(matches)[:1]


def _rule_order(matches: Sequence[Match]) -> list[Row]:
    return [match.row for match in matches]


def _output_order(matches: Sequence[Match]) -> list[Row]:
    return [match.row for match in sorted(matches, key=lambda match: match.rank)]


POLICIES: dict[str, Policy] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": _first,
    "PRIORITY": _priority,
    "RULE ORDER": _rule_order,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _rule_order,
}


def aggregate(aggregation: str, outputs: list[Any]) -> Any:
    """COLLECT's sum, smallest, largest or number of the outputs; null for none, but 0 when counted."""
    if aggregation == "COUNT":
        return len(outputs)
    for output in outputs:
        if isinstance(output, bool) or not isinstance(output, int | float):
            raise EvaluationError(
                Message(N_("“%(value)s” is no number, so it cannot be collected."), {"value": clip(output)})
            )
    exact = [decimal(output) or Decimal(0) for output in outputs]
    return number(_AGGREGATES[aggregation](exact)) if outputs else None


_AGGREGATES: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "SUM": lambda outputs: sum(outputs, Decimal(0)),
    "MIN": min,
    "MAX": max,
}
