"""Owns refusing what a file itself says would never be done: repeated without measure, or turning too often for ever.

What only values tell is bounded as it runs (`engine.spiff`).
"""

from __future__ import annotations

from engine.definitions.kinds import LoopKind
from engine.definitions.model import Node, Process, Scope
from engine.definitions.parts import Expr, Loop
from engine.definitions.report import At, Report
from engine.definitions.wording import compile_expr
from engine.expressions import DEFAULT_BUDGET, N_, EvaluationError, ExpressionError, Purse

MAX_ITEMS = 1_000
"""How often an activity is repeated over a collection or a number of times."""
MAX_AT_ONCE = 5_000
"""How many may be begun at once by repetitions inside each other."""
MAX_ROUNDS = 10_000
"""Of a loop that says how many rounds it has."""
MAX_STARTS = 100
"""Events that start a process: each is asked when it is deployed, and again at its turns."""
_STEPS = 1_000_000
"""For all that a process repeats: reckoning it takes the upload's time."""


def check_bounds(process: Process, report: Report) -> None:
    """Problems at the elements whose own words go beyond what an instance may do."""
    if not report.accepted:
        return  # what is not understood has been said, and can't be reckoned with
    _check_scope(process.scope, 1, Purse(DEFAULT_BUDGET, steps=_STEPS), report)
    starts = [node for node in process.starts() if node.event is not None]
    if len(starts) > MAX_STARTS:
        problem = N_("The process has more than %(limit)s start events that wait for something.")
        remedy = N_("Split it into several processes, or let one message start it and decide afterwards.")
        report.error("too-many-starts", _at(starts[MAX_STARTS]), problem, remedy, limit=MAX_STARTS)


def _check_scope(scope: Scope, around: int, purse: Purse, report: Report) -> None:
    for node in scope.nodes:
        count = _check_loop(node, node.loop, purse, report) if node.loop is not None else 1
        at_once = around * (count if node.loop is not None and node.loop.kind is LoopKind.PARALLEL else 1)
        if at_once > MAX_AT_ONCE >= around and count <= MAX_ITEMS:
            problem = N_("In a repetition it would be begun %(count)s times at once; at most %(limit)s are allowed.")
            remedy = N_("Repeat fewer times, or one after another (sequentially).")
            report.error("too-many-at-once", _at(node), problem, remedy, count=at_once, limit=MAX_AT_ONCE)
        if node.body is not None:
            _check_scope(node.body, at_once, purse, report)


def _check_loop(node: Node, loop: Loop, purse: Purse, report: Report) -> int:
    """How often the loop's own words repeat it, as far as they tell; at least once."""
    if loop.maximum is not None and loop.maximum > MAX_ROUNDS:
        problem = N_("The loop has up to %(count)s rounds; at most %(limit)s are allowed.")
        remedy = N_("Give it fewer rounds, or a condition that ends it.")
        report.error("too-many-rounds", _at(node), problem, remedy, count=loop.maximum, limit=MAX_ROUNDS)
    count = _said(loop.cardinality, loop.collection, purse)
    if count > MAX_ITEMS:
        problem = N_("It would be repeated %(count)s times; at most %(limit)s are allowed.")
        remedy = N_("Repeat it fewer times, or handle many things in one task.")
        report.error("too-many-items", _at(node), problem, remedy, count=count, limit=MAX_ITEMS)
    return max(count, 1)


def _said(cardinality: Expr | None, collection: Expr | None, purse: Purse) -> int:
    """A number, or a collection's length, that is written down; 0 where only values tell it."""
    number, items = _constant(cardinality, purse), _constant(collection, purse)
    if isinstance(items, list | tuple | dict):
        return len(items)
    if isinstance(number, bool) or not isinstance(number, int | float) or number != number:  # noqa: PLR0124 - NaN
        return 0
    return int(min(number, 10**18))


def _constant(expr: Expr | None, purse: Purse) -> object:
    """What an expression gives that asks for no value; None for all others, and for what fails or is too large."""
    if expr is None:
        return None
    try:
        compiled = compile_expr(expr)
        return None if compiled.names else compiled.evaluate({}, budget=purse)
    except (ExpressionError, EvaluationError):
        return None


def _at(node: Node) -> At:
    return At(node.id, node.name, node.line)
