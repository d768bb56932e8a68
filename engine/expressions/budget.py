"""What a run may take: source length, tree size, steps and memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expressions.problems import N_, BudgetExceeded, EvaluationError, Message

MAX_SOURCE = 10_000  # characters
MAX_SCRIPT = 50_000
MAX_NODES = 4_000
MAX_DEPTH = 100  # of the tree and of values alike; far below what the interpreter's stack bears
MAX_BITS = 4_096  # of a whole number: 1,233 digits


@dataclass(frozen=True, slots=True)
class Budget:
    """`steps` count nodes run in loops and items visited; `memory` counts bytes ever made, roughly."""

    steps: int
    memory: int


class Purse:
    """What many evaluations may take together, each at most `each`; `empty` once nothing is left."""

    __slots__ = ("each", "left")

    def __init__(self, each: Budget, *, steps: int) -> None:
        self.each = each
        self.left = steps

    @property
    def empty(self) -> bool:
        return self.left <= 0

    def allow(self) -> Budget:
        """What the next evaluation may take."""
        return Budget(max(min(self.each.steps, self.left), 0), self.each.memory)

    def pay(self, steps: int) -> None:
        """Take what it took; an evaluation without any loop costs something too."""
        self.left -= max(steps, 0) + RUN_COST


RUN_COST = 10
DEFAULT_BUDGET = Budget(steps=200_000, memory=16_000_000)


class Run:
    """One evaluation: its variables, its host functions and what is left of its budget.

    `cells` hold the variables that comprehensions, quantifiers and filters bind; each has its place since the compile.
    `frame` holds a script's variables; its `values` are the same.
    """

    __slots__ = ("cells", "frame", "functions", "line", "memory", "steps", "values")

    def __init__(
        self,
        values: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]],
        budget: Budget = DEFAULT_BUDGET,
        cells: int = 0,
    ) -> None:
        self.values = values
        self.frame: dict[str, Any] = {}
        self.functions = functions
        self.steps = budget.steps
        self.memory = budget.memory
        self.cells: list[Any] = [None] * cells
        self.line = 1

    def spend(self, steps: int) -> None:
        """Take `steps` from the budget; raises BudgetExceeded."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetExceeded(Message(N_("The expression takes too many steps.")), line=self.line)

    def grow(self, size: int) -> None:
        """Take `size` bytes from the budget, and the steps that making them takes; raises BudgetExceeded."""
        self.memory -= size
        if self.memory < 0:
            raise BudgetExceeded(Message(N_("The expression makes too much data.")), line=self.line)
        self.spend(size >> 7)


def too_deep() -> EvaluationError:
    """The error for a list or context inside itself, or nested beyond MAX_DEPTH."""
    return EvaluationError(Message(N_("A list or context is nested too deeply or contains itself.")))
