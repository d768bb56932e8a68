"""The loops inside expressions in the checked tree: comprehensions, quantifiers and iterations."""

from __future__ import annotations

from dataclasses import dataclass

from engine.expressions.nodes import Language, Node


@dataclass(frozen=True, slots=True)
class Clause(Node):
    """for `target` in `source` if `conditions`; the target is a name or a tuple of targets."""

    target: Node
    source: Node
    conditions: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    """A list of `element`, or with `key` a dict."""

    clauses: tuple[Clause, ...]
    element: Node
    key: Node | None = None


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """all(…) and any(…) of Python, every and some of FEEL."""

    language: Language
    every: bool
    clauses: tuple[Clause, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """FEEL's for – return, over all combinations; `partial` holds the results so far."""

    clauses: tuple[Clause, ...]
    result: Node
