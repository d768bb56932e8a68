"""The statements of scripts in the checked tree."""

from __future__ import annotations

from dataclasses import dataclass

from engine.expressions.nodes import Node


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """Any line of a script."""

    line: int


@dataclass(frozen=True, slots=True)
class Evaluate(Statement):
    """An expression for what it does: items.append(1)."""

    value: Node


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    """Each target is a Name, Property, Index or a tuple (Items) of targets."""

    targets: tuple[Node, ...]
    value: Node


@dataclass(frozen=True, slots=True)
class Augment(Statement):
    """target += value"""

    target: Node
    operator: str
    value: Node


@dataclass(frozen=True, slots=True)
class Delete(Statement):
    """del of a Name, Property or Index."""

    targets: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Statement):
    """if – else; elif is an If inside `otherwise`."""

    test: Node
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class For(Statement):
    """for – else."""

    target: Node
    source: Node
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class While(Statement):
    """while – else."""

    test: Node
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Leave(Statement):
    """break, or continue when `again`."""

    again: bool
