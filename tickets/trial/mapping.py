"""Owns the way back through an element's output mappings: what it must be given so that a wished value comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.definitions import Node
from engine.definitions.asking.comparisons import paths
from engine.definitions.asking.solving import values_of
from engine.definitions.asking.variables import variable_of
from engine.definitions.wording import compile_expr
from engine.expressions import Budget, EvaluationError, Expression
from engine.step import Values

BUDGET = Budget(steps=5_000, memory=500_000)


def mapped_back(node: Node, wished: Mapping[str, Any]) -> Values:
    """The variables that the element's outputs are made of, as far as one of them alone gives the wished value."""
    found: dict[str, object] = {}
    for output in node.outputs:
        if output.name in wished:
            expression = compile_expr(output.value)
            path = next((path for path in paths(expression) if _gives(expression, path, wished[output.name])), None)
            if path is not None:
                found[path] = wished[output.name]
    return values_of(found)


def read_by_outputs(node: Node) -> frozenset[str]:
    """The variables that the element's outputs are made of."""
    read = (path for output in node.outputs for path in paths(compile_expr(output.value)))
    return frozenset(map(variable_of, read))


def _gives(expression: Expression, path: str, value: object) -> bool:
    try:
        return bool(expression.evaluate(values_of({path: value}), budget=BUDGET) == value)
    except EvaluationError:
        return False
