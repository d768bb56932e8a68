"""What a FEEL expression without variables gives, found while it is read."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions.feel.values import CONTEXT, number
from engine.expressions.nodes import Binary, Constant, Items, Node, Unary

_MOST = 50  # parts
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_EXACT: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
}
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def value_of(node: Node) -> Any:
    """The value of a literal, with or without a minus; None for anything else."""
    if isinstance(node, Unary):
        value = number(value_of(node.operand)) if isinstance(node.operand, Constant) else None
        return None if value is None else -value
    found = number(node.value) if isinstance(node, Constant) else None
    return found if found is not None else node.value if isinstance(node, Constant) else None


def numbers_of(arguments: tuple[Node, ...]) -> list[Decimal] | None:
    """The numbers that are given as one list or as arguments, if all are written out."""
    nodes = arguments[0].items if len(arguments) == 1 and isinstance(arguments[0], Items) else arguments
    found = [value_of(node) for node in nodes]
    numbers = [value for value in found if isinstance(value, Decimal)]
    return numbers if len(numbers) == len(found) else None


def differs(symbol: str, left: Node, right: Node) -> bool:
    """Whether two computed numbers compare otherwise in binary fractions than in decimals."""
    try:
        sides = [_both(side, [_MOST]) for side in (left, right)]
    except (ZeroDivisionError, OverflowError):
        return False
    if None in sides:
        return False
    (exact, binary), (other_exact, other_binary) = (side for side in sides if side is not None)
    return _COMPARED[symbol](exact, other_exact) is not _COMPARED[symbol](binary, other_binary)


def _both(node: Node, left: list[int]) -> tuple[Decimal, float] | None:
    """A number counted in decimals and in binary fractions; None for what is not written out."""
    left[0] -= 1
    if left[0] < 0:
        return None
    if isinstance(node, Binary) and node.operator in _OPERATIONS:
        first, second = _both(node.left, left), _both(node.right, left)
        if first is None or second is None:
            return None
        return _EXACT[node.operator](first[0], second[0]), _OPERATIONS[node.operator](first[1], second[1])
    value = value_of(node)
    return (value, float(value)) if isinstance(value, Decimal) else None
