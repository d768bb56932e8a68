"""Owns how a variable in an expression's tree is named: by its path, such as `order.total` or `lines[].price`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.expressions.flow import children, walk
from engine.expressions.loop_nodes import Clause, Comprehension, Iteration, Quantified
from engine.expressions.nodes import Call, Constant, Filter, Index, Method, Name, Node, Property

ITEM = "[]"
"""Ends the part of a path that is a list: `lines[].price` is the price of any of the lines."""

CONVERTING = frozenset(
    "int float str number string value numberValue stringValue boolValue intValue longValue doubleValue booleanValue"
    " asText asInt asLong asDouble asBoolean textValue toString trim".split()
)
"""Functions whose value is their argument's, only of another kind."""


@dataclass
class Paths:
    """The paths of what a tree reads; `frames` say which path each name of a loop stands for."""

    frames: list[dict[str, str]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)

    def of(self, node: Node) -> str:
        """The path of a variable or of what lies in it; empty for all else."""
        match node:
            case Name(id=name):
                return self._name(name)
            case Property(value=value, key=key):
                return _joined(self.of(value), key)
            case Index(value=value, index=Constant(value=str() as key)):
                return _joined(self.of(value), key)
            case Method(value=value, method="get", arguments=(Constant(value=str() as key), *_)):
                return _joined(self.of(value), key)
            case Call(function="get" | "prop" | "path", arguments=(value, Constant(value=str() as key), *_)):
                return _joined(self.of(value), key)
            case Call(function=name, arguments=(value,)) if name in CONVERTING:
                return self.of(value)
            case Index(value=value) | Filter(value=value, condition=Constant()):
                path = self.of(value)
                return f"{path}{ITEM}" if path else ""
        return ""

    def _name(self, name: str) -> str:
        for frame in reversed(self.frames):
            if name in frame:
                return frame[name]
        if self.items and (self.items[-1] or name == "item"):
            return self.items[-1] if name == "item" else _joined(self.items[-1], name)
        return name

    def outermost(self, node: Node) -> Iterator[str]:
        """The paths in a part, not looking inside what has one."""
        path = self.of(node)
        if path:
            yield path
            return
        before, within = parts(node)
        for child in before:
            yield from self.outermost(child)
        with self.inside(node):
            for child in within:
                yield from self.outermost(child)

    @contextmanager
    def inside(self, node: Node) -> Iterator[None]:
        """While inside a loop its names stand for items, and inside FEEL's list[condition] for their entries."""
        match node:
            case Comprehension(clauses=clauses) | Quantified(clauses=clauses) | Iteration(clauses=clauses):
                self.frames.append({})
                for clause in clauses:
                    self.bind(clause)
                yield
                self.frames.pop()
            case Filter(value=value):
                source = self.of(value)
                self.items.append(f"{source}{ITEM}" if source else "")
                yield
                self.items.pop()
            case _:
                yield

    def bind(self, clause: Clause) -> None:
        """The clause's name stands for an item of its source from now on."""
        source = self.of(clause.source)
        if isinstance(clause.target, Name):
            self.frames[-1][clause.target.id] = f"{source}{ITEM}" if source else ""
        else:
            self.frames[-1].update({name.id: "" for name in walk(clause.target) if isinstance(name, Name)})


def parts(node: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """The nodes next below: those outside the loop that the node is, and those inside."""
    if isinstance(node, Filter):
        return (node.value,), (node.condition,)
    return (), tuple(children(node))


def _joined(path: str, key: str) -> str:
    """A key with a point in it would be taken for a path."""
    return f"{path}.{key}" if path and "." not in key and ITEM not in key else ""


def prefixes(path: str) -> Iterator[str]:
    """The paths that `path` goes through: `a` and `a.b` for `a.b.c`."""
    steps = path.replace(ITEM, f".{ITEM}").split(".")
    for end in range(1, len(steps)):
        yield ".".join(steps[:end]).replace(f".{ITEM}", ITEM)


def variable_of(path: str) -> str:
    """The variable that a path such as `order.total` or `lines[].price` begins at."""
    return path.partition(".")[0].partition(ITEM)[0]
