"""Owns which variables an expression reads, by their paths, and which constants it compares them with."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from engine.definitions.asking.variables import Paths, parts, prefixes
from engine.expressions import Budget, EvaluationError, Expression, ExpressionError, Language, to_json
from engine.expressions.flow import walk
from engine.expressions.loop_nodes import Clause, Comprehension, Iteration, Quantified
from engine.expressions.nodes import (
    Binary,
    Bound,
    Call,
    Choice,
    Compare,
    Constant,
    Defined,
    Filter,
    HostCall,
    Items,
    Logic,
    Meets,
    Method,
    Name,
    Node,
    Span,
    Unary,
    Within,
)


class Compared(StrEnum):
    """What a variable is compared with, or how it is used."""

    TRUTH = "truth"
    """Used as a condition by itself, or compared with true or false."""
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    NOTHING = "nothing"
    """Compared with null, or asked whether it is empty or there at all."""
    PART = "part"
    """The constant is looked for in the variable: an item of a list, or a piece of a text."""
    PIECE = "piece"
    """The constant is looked for in the variable, which can only be text."""
    LENGTH = "length"
    """The variable's length is compared with the constant."""
    VALUE = "value"
    """Compared with a list or an object."""
    VARIABLE = "variable"
    """Compared with another variable, whose path is the constant."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of the variable at `path` (`order.total`, `lines[].price`) with a constant.

    `operator` is ==, !=, <, <=, > or >= with the variable on the left. Not `direct`: the variable is only a part of
    what is compared, as in `price * count > 100`.
    """

    path: str
    kind: Compared
    constant: object = None
    operator: str = "=="
    direct: bool = True


def comparisons(expression: Expression) -> tuple[Comparison, ...]:
    """Every comparison the expression makes, in the order written, each once."""
    return _found(expression)[0]


def paths(expression: Expression) -> tuple[str, ...]:
    """The paths of all variables the expression reads, in the order written; `order.total` alone, not `order` too."""
    return _found(expression)[1]


@functools.lru_cache(512)
def _found(expression: Expression) -> tuple[tuple[Comparison, ...], tuple[str, ...]]:
    found = _Finder()
    found.truth(expression.tree)
    passed = {prefix for path in found.paths for prefix in prefixes(path)}
    each = {repr(comparison): comparison for comparison in found.comparisons}
    return tuple(each.values()), tuple(path for path in found.paths if path not in passed)


_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARING = frozenset({"==", "=", "!=", "<", "<=", ">", ">="})
_ARITHMETIC = frozenset({"-", "*", "/", "%", "**", "//"})
_LENGTHS = frozenset({"len", "count", "size", "length", "string length"})
_SEARCHES = frozenset({"contains", "indexOf", "lastIndexOf", "list contains", "index", "count"})
_SEARCHES_TEXT = frozenset(
    {"startsWith", "endsWith", "starts with", "ends with", "startswith", "endswith", "find", "matches"}
)
_EQUALS = frozenset({"equals", "equalsIgnoreCase", "contentEquals", "compareTo"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T|$)")
_BUDGET = Budget(steps=2_000, memory=200_000)


@dataclass
class _Finder:
    """Walks a tree; `truth` for what is asked whether it is true."""

    comparisons: list[Comparison] = field(default_factory=list)
    paths: dict[str, None] = field(default_factory=dict)
    named: Paths = field(default_factory=Paths)

    def truth(self, node: Node) -> None:
        path = self.named.of(node)
        if path:
            self.comparisons.append(Comparison(path, Compared.TRUTH, constant=True))
        self.look(node)

    def look(self, node: Node) -> None:
        """Any node: what it and the nodes in it compare."""
        path = self.named.of(node)
        if path:
            self.paths[path] = None
            return
        self.leaf(node)
        asked = _asked(node)
        before, within = parts(node)
        for child in before:
            self.look(child)
        with self.named.inside(node):
            for child in within:
                if any(child is part for part in asked):
                    self.truth(child)
                else:
                    self.look(child)

    def leaf(self, node: Node) -> None:
        """What the node itself compares."""
        match node:
            case Compare(first=first, rest=rest):
                for operator, right in rest:
                    self.compare(first, operator, right)
                    first = right
            case Binary(operator=operator, left=left, right=right) if operator in _COMPARING:
                self.compare(left, operator, right)
            case Binary(operator=operator, left=left, right=right) if operator in _ARITHMETIC:
                self.reckon(left, right)
            case Within(value=value, tests=tests) | Meets(value=value, tests=tests):
                self.within(value, tests)
            case Unary(operator="empty", operand=operand) | Defined(value=operand):
                self.note(operand, Compared.NOTHING, None, "==")
            case Method(value=value, method=name, arguments=(argument, *_)):
                self.search(name, value, argument)
            case Call(function=name, arguments=(value, argument, *_)):
                self.search(name, value, argument)

    def reckon(self, *operands: Node) -> None:
        """What is reckoned with is a number, unless a date is."""
        if not any(map(_asks_the_host, operands)):
            for operand in operands:
                if path := self.named.of(operand):
                    self.comparisons.append(Comparison(path, Compared.NUMBER, 0, direct=False))

    def within(self, value: Node, tests: tuple[Node, ...]) -> None:
        for test in tests:
            match test:
                case Bound(operator=operator, limit=limit):
                    self.compare(value, operator, limit)
                case Span(low=low, high=high):
                    self.compare(value, ">=", low)
                    self.compare(value, "<=", high)
                case Items(items=items):
                    self.within(value, items)
                case _ if self.named.of(test):
                    self.compare(value, "in", test)
                case _:
                    self.compare(value, "==", test)

    def search(self, name: str, value: Node, argument: Node) -> None:
        """contains(whole, part) and its like; equals(a, b)."""
        if name in _EQUALS:
            self.compare(value, "==", argument)
        elif name in _SEARCHES:
            self.compare(argument, "in", value)
        elif name in _SEARCHES_TEXT and (piece := _constant(argument)) is not None:
            self.note(value, Compared.PIECE, piece.value, "==")

    def compare(self, left: Node, operator: str, right: Node) -> None:
        operator = {"=": "==", "is": "==", "is not": "!=", "not in": "in"}.get(operator, operator)
        left_constant, right_constant = _constant(left), _constant(right)
        if operator == "in" and right_constant is not None:
            items = right_constant.value if isinstance(right_constant.value, list) else [right_constant.value]
            for item in items:
                self.note(left, kind_of(item), item, "==")
        elif operator == "in":
            if left_constant is not None:
                self.note(right, Compared.PART, left_constant.value, "==")
        elif right_constant is not None:
            self.note(left, kind_of(right_constant.value), right_constant.value, operator)
        elif left_constant is not None:
            self.note(right, kind_of(left_constant.value), left_constant.value, _FLIPPED.get(operator, operator))
        else:
            self.link(left, operator, right)
            self.link(right, _FLIPPED.get(operator, operator), left)

    def link(self, left: Node, operator: str, right: Node) -> None:
        """Two variables compared; what is compared with a function's value is a date if that is."""
        other = self.named.of(right)
        if other:
            self.note(left, Compared.VARIABLE, other, operator)
        elif _asks_the_host(right):
            self.note(left, Compared.DATE, "", operator)
        elif any(isinstance(node, Binary) and node.operator in _ARITHMETIC for node in walk(right)):
            self.note(left, Compared.NUMBER, 1, operator)

    def note(self, node: Node, kind: Compared, constant: object, operator: str) -> None:
        """The comparison of the variable that `node` is, or of those in it."""
        path = self.named.of(node)
        if path:
            self.comparisons.append(Comparison(path, kind, constant, operator))
            return
        held = _measured(node)
        if held is not None and kind is Compared.NUMBER:
            kind, node = Compared.LENGTH, held
        elif kind is Compared.NUMBER and _asks_the_host(node):
            kind, constant = Compared.DATE, ""
        for inner in self.named.outermost(node):
            direct = kind is Compared.LENGTH and inner == self.named.of(node)
            self.comparisons.append(Comparison(inner, kind, constant, operator, direct=direct))


def _asks_the_host(node: Node) -> bool:
    """Whether a function of the host takes part, such as now(): most give dates."""
    return any(isinstance(part, HostCall) for part in walk(node))


def _asked(node: Node) -> tuple[Node, ...]:
    """The parts of a node that decide by being true or not."""
    match node:
        case Logic(parts=parts):
            return parts
        case Unary(operator="not" | "!", operand=operand) | Call(function="not", arguments=(operand,)):
            return (operand,)
        case Choice(test=test, then=then, otherwise=otherwise):
            return test, then, otherwise
        case Clause(conditions=conditions):
            return conditions
        case Quantified(condition=part) | Comprehension(element=part) | Filter(condition=part) | Iteration(result=part):
            return (part,)
    return ()


def _measured(node: Node) -> Node | None:
    """What `node` is the length of."""
    match node:
        case Call(function=name, arguments=(Filter(value=value) | value,)) if name in _LENGTHS:
            return value
        case Method(method=name, value=value, arguments=()) if name in _LENGTHS:
            return value
    return None


def _constant(node: Node) -> Constant | None:
    """The value of a part without variables, as JSON knows it; None where it has any, or fails."""
    if isinstance(node, Constant) and not isinstance(node.value, Decimal):
        return node
    if any(isinstance(part, Name | HostCall | Bound | Span) for part in walk(node)):
        return None
    try:
        value = Expression("", Language.PYTHON, node, ()).evaluate({}, budget=_BUDGET)
        return Constant(value if isinstance(value, dt.date) else to_json(value))
    except (EvaluationError, ExpressionError):
        return None


def kind_of(value: object) -> Compared:
    """What a comparison with this value compares with."""
    match value:
        case bool():
            return Compared.TRUTH
        case int() | float():
            return Compared.NUMBER
        case dt.date():
            return Compared.DATE
        case str():
            return Compared.DATE if _DATE.match(value) else Compared.TEXT
    return Compared.NOTHING if value is None else Compared.VALUE
