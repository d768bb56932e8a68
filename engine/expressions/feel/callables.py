"""FEEL's functions as values: those that an expression defines, with the variables around them, and their calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.closures import Code, Scope, build, build_all, compile_node
from engine.expressions.feel.values import KINDS, Range, within
from engine.expressions.nodes import Invoke, Lambda


@dataclass(eq=False, slots=True)
class Closure:
    """A function value: its code, its parameters with their cells, and what the cells around it held."""

    parameters: tuple[str, ...]
    cells: tuple[int, ...]
    code: Code
    cost: int
    around: dict[int, Any]

    def call(self, run: Run, arguments: Sequence[Any]) -> Any:
        """The body's value; the cells are put back afterwards, for a function may call itself."""
        run.spend(self.cost + (len(run.cells) >> 3))
        kept = run.cells[:]
        for cell, value in self.around.items():
            run.cells[cell] = value
        for cell, argument in zip(self.cells, arguments, strict=True):
            run.cells[cell] = argument
        try:
            return self.code(run)
        finally:
            run.cells[:] = kept


KINDS[Closure] = "function"


@compile_node.register
def _(node: Lambda, scope: Scope) -> Code:
    around = [cell for frame in scope.frames for cell in ([frame] if isinstance(frame, int) else frame.values())]
    before = scope.nodes
    frame = {name: scope.cell() for name in node.parameters}
    scope.frames.append(frame)
    code = build(node.body, scope)
    scope.frames.pop()
    cells, cost, size = tuple(frame[name] for name in node.parameters), scope.nodes - before + 5, 64 + 64 * len(around)

    def defined(run: Run) -> Closure:
        run.grow(size)
        return Closure(node.parameters, cells, code, cost, {cell: run.cells[cell] for cell in around})

    return defined


@compile_node.register
def _(node: Invoke, scope: Scope) -> Code:
    function = build(node.function, scope)
    arguments = build_all(node.arguments, scope)
    keywords = [(key, build(value, scope)) for key, value in node.keywords]

    def invoke(run: Run) -> Any:
        called = function(run)
        if isinstance(called, Range):
            return within(run, arguments[0](run), called) if len(arguments) == 1 else None
        if not isinstance(called, Closure):
            return None
        given = [argument(run) for argument in arguments]
        named = {key: value(run) for key, value in keywords}
        return called.call(run, given) if _fits(called, given, named) else None

    return invoke


def _fits(called: Closure, given: list[Any], named: dict[str, Any]) -> bool:
    """Whether the function takes these; those left out are null and join `given`."""
    if len(given) > len(called.parameters) or not named.keys() <= set(called.parameters):
        return False
    given += [named.get(name) for name in called.parameters[len(given) :]]
    return True


def remember(closures: list[Closure], cell: int, value: Any) -> None:
    """Let the functions of a context know an entry of it, also those that came before."""
    if isinstance(value, Closure):
        closures.append(value)
    for closure in closures:
        closure.around[cell] = value
