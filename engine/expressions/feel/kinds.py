"""What can be said of a FEEL value's kind before it is there."""

from __future__ import annotations

from engine.expressions.feel.functions import FUNCTIONS
from engine.expressions.feel.values import KINDS
from engine.expressions.loop_nodes import Iteration, Quantified
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Constant,
    Context,
    Defined,
    Items,
    Kind,
    Lambda,
    Logic,
    Meets,
    Node,
    Span,
    Unary,
    Within,
)

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
INSTANTS = frozenset({"date", "date and time", "time"})
SPANS = frozenset({"days and time duration", "years and months duration"})
_BY_NODE: dict[type[Node], str] = {
    **dict.fromkeys((Logic, Within, Meets, Kind, Quantified, Defined), "boolean"),
    **dict.fromkeys((Items, Iteration), "list"),
    Context: "context",
    Span: "range",
    Lambda: "function",
}


class Kinds:
    """The kinds of the nodes of one tree, each found once; "" where it depends on the variables."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Node, str]] = {}

    def of(self, node: Node) -> str:
        """The kind as KINDS has it; it may still turn out null when the expression runs."""
        found = self.known.get(id(node))
        if found is None:
            self.known[id(node)] = found = (node, self._find(node))
        return found[1]

    def _find(self, node: Node) -> str:
        match node:
            case Constant(value=value):
                return "null" if value is None else KINDS.get(type(value), "")
            case Binary(operator=operator) if operator in COMPARISONS:
                return "boolean"
            case Binary(operator=operator, left=left, right=right):
                return _arithmetic(operator, self.of(left), self.of(right))
            case Unary(operand=operand):
                return self.of(operand) if self.of(operand) == "number" else ""
            case Choice(then=then, otherwise=otherwise):
                return self.of(then) if self.of(then) == self.of(otherwise) else ""
            case Call(function=name, arguments=arguments):
                return FUNCTIONS[name].taking(len(arguments)).gives
        return _BY_NODE.get(type(node), "")


def _arithmetic(operator: str, left: str, right: str) -> str:
    if left == right and (left == "number" or (left == "string" and operator == "+")):
        return left
    if left == right and left in SPANS:
        return left
    if left in INSTANTS and right in SPANS and left != "date":
        return left
    return "days and time duration" if left == right and left in INSTANTS and operator == "-" else ""
