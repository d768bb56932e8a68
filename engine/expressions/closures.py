"""The checked tree to closures over a Run: nothing is looked up at run time that is known before."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.expressions.budget import MAX_DEPTH, MAX_NODES, Run
from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Constant,
    Defined,
    HostCall,
    Index,
    Items,
    Language,
    Logic,
    Name,
    Node,
    Property,
    Text,
    Unary,
)
from engine.expressions.problems import N_, EvaluationError, ExpressionError, Message, clip
from engine.expressions.values import ATOMS, kind_of, plain, python_text, to_text

Code = Callable[[Run], Any]


@dataclass(slots=True)
class Scope:
    """What is bound where, while a tree is compiled.

    `frames` go from the outermost in: a dict binds names to cells; an int is the cell of a FEEL filter's item, whose
    entries are names too. `names` collects the variables that are read before they are `assigned`.
    """

    frames: list[dict[str, int] | int] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    cells: int = 0
    nodes: int = 0
    depth: int = 0

    def cell(self) -> int:
        """A new place among a run's cells."""
        self.cells += 1
        return self.cells - 1


def build(node: Node, scope: Scope) -> Code:
    """The closure that evaluates `node`; raises ExpressionError for a tree with too many parts."""
    scope.nodes += 1
    scope.depth += 1
    if scope.nodes > MAX_NODES or scope.depth > MAX_DEPTH:
        raise ExpressionError(
            Message(N_("The expression is nested too deeply or has too many parts.")),
            Message(N_("Split it into several shorter ones.")),
        )
    code = compile_node(node, scope)
    scope.depth -= 1
    return code


def build_all(nodes: tuple[Node, ...], scope: Scope) -> list[Code]:
    """The closures of several nodes."""
    return [build(node, scope) for node in nodes]


@functools.singledispatch
def compile_node(node: Node, scope: Scope) -> Code:
    """The closure for one kind of node; each module registers its kinds."""
    raise TypeError(f"no closure for {type(node).__name__} in {scope}")


def misfit(operator: str, left: object, right: object) -> EvaluationError:
    """The error for an operator between values it does not join."""
    params = {"operator": operator, "left": kind_of(left), "right": kind_of(right)}
    return EvaluationError(Message(N_("“%(operator)s” does not work between %(left)s and %(right)s."), params))


@compile_node.register
def _(node: Constant, _scope: Scope) -> Code:
    value = node.value
    return lambda _run: value


@compile_node.register
def _(node: Name, scope: Scope) -> Code:
    name, cells = node.id, []
    for frame in reversed(scope.frames):
        if isinstance(frame, int):
            cells.append(frame)
        elif name in frame:
            return _entry_or(name, cells, _cell(frame[name]))
    if name not in scope.assigned:
        scope.names.add(name)
    return _entry_or(name, cells, _optional(name) if node.optional else _variable(name))


def _cell(cell: int) -> Code:
    return lambda run: run.cells[cell]


def _optional(name: str) -> Code:
    return lambda run: run.values.get(name)


def _variable(name: str) -> Code:
    def variable(run: Run) -> Any:
        try:
            return run.values[name]
        except KeyError:
            raise EvaluationError(Message(N_("The variable “%(name)s” is not set."), {"name": clip(name)})) from None

    return variable


def _entry_or(name: str, cells: list[int], otherwise: Code) -> Code:
    """An entry of the innermost filter item that has one, else the variable."""
    if not cells:
        return otherwise

    def entry(run: Run) -> Any:
        for cell in cells:
            item = run.cells[cell]
            if isinstance(item, dict) and name in item:
                return item[name]
        return otherwise(run)

    return entry


@compile_node.register
def _(node: Items, scope: Scope) -> Code:
    items = build_all(node.items, scope)
    cost = 32 + 8 * len(items)
    if node.fixed:

        def fixed(run: Run) -> tuple[Any, ...]:
            run.grow(cost)
            return tuple([item(run) for item in items])

        return fixed

    def listed(run: Run) -> list[Any]:
        run.grow(cost)
        return [item(run) for item in items]

    return listed


Compiler = Callable[[Any, Scope], Code]
# Where the languages differ, each adds its own.
UNARIES: dict[Language, Compiler] = {}
BINARIES: dict[Language, Compiler] = {}
LOGICS: dict[Language, Compiler] = {}
CHOICES: dict[Language, Compiler] = {}
PROPERTIES: dict[Language, Compiler] = {}
INDEXES: dict[Language, Compiler] = {}
CALLS: dict[Language, Compiler] = {}


@compile_node.register
def _(node: Unary, scope: Scope) -> Code:
    return UNARIES[node.language](node, scope)


@compile_node.register
def _(node: Binary, scope: Scope) -> Code:
    return BINARIES[node.language](node, scope)


@compile_node.register
def _(node: Logic, scope: Scope) -> Code:
    return LOGICS[node.language](node, scope)


@compile_node.register
def _(node: Choice, scope: Scope) -> Code:
    return CHOICES[node.language](node, scope)


@compile_node.register
def _(node: Property, scope: Scope) -> Code:
    return PROPERTIES[node.language](node, scope)


@compile_node.register
def _(node: Index, scope: Scope) -> Code:
    return INDEXES[node.language](node, scope)


@compile_node.register
def _(node: Call, scope: Scope) -> Code:
    return CALLS[node.language](node, scope)


@compile_node.register
def _(node: HostCall, scope: Scope) -> Code:
    name = node.function
    arguments = build_all(node.arguments, scope)
    keywords = [(key, build(value, scope)) for key, value in node.keywords]

    def call(run: Run) -> Any:
        function = run.functions.get(name)
        if function is None:
            raise EvaluationError(Message(N_("The function “%(name)s” cannot be used here."), {"name": name}))
        run.spend(10)
        result = function(
            *[plain(run, argument(run)) for argument in arguments],
            **{key: plain(run, value(run)) for key, value in keywords},
        )
        return result if type(result) in ATOMS else plain(run, result)

    return call


@compile_node.register
def _(node: Text, scope: Scope) -> Code:
    parts = build_all(node.parts, scope)
    write = to_text if node.template else python_text

    def joined(run: Run) -> str:
        pieces = [write(run, part(run)) for part in parts]
        run.grow(sum(map(len, pieces)))
        return "".join(pieces)

    return joined


@compile_node.register
def _(node: Defined, scope: Scope) -> Code:
    return _defined(node.value, scope)


def _defined(node: Node, scope: Scope) -> Code:
    """Whether the variable or the entry at the end of a path exists; FEEL's `is defined` too."""
    if isinstance(node, Name):
        return _name_defined(node, scope)
    if isinstance(node, Property):
        holder, key = build(node.value, scope), node.key
        return lambda run: _has(holder(run), key)
    value = build(node, scope)
    return lambda run: value(run) is not None


def _name_defined(node: Name, scope: Scope) -> Code:
    name = node.id
    if any(isinstance(frame, int) or name in frame for frame in scope.frames):
        value = build(node, scope)
        return lambda run: value(run) is not None
    scope.names.add(name)
    return lambda run: name in run.values


def _has(holder: Any, key: str) -> bool:
    return isinstance(holder, dict) and key in holder
