"""Owns how an activity or a scope can be left: done, or by what is thrown in it; and who catches that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.definitions.kinds import EventKind, LoopKind
from engine.definitions.model import Node
from engine.definitions.parts import Event, Expr, Loop
from engine.definitions.wording import compile_expr
from engine.expressions import DEFAULT_BUDGET, EvaluationError, Expression, ExpressionError, Purse

Exit = tuple[str, str]
"""`done`, or `error`, `escalation`, `cancel` with a code."""
Trail = tuple["Trail", "str | Trail"] | None
"""A way: what came before, then an element's id or a way inside it."""
Exits = dict[Exit, Trail]
Catcher = tuple[str, bool]
"""What catches escalations: of which code (empty: any), and whether it interrupts."""

DONE: Exit = ("done", "")
OWN = "*"
"""The code of an error that another system may answer a job with: any, and no end of the instance if uncaught."""
UNKNOWN = "?"
"""A code that an expression gives."""

_THROWN = {
    "error": EventKind.ERROR,
    "escalation": EventKind.ESCALATION,
    "cancel": EventKind.CANCEL,
}
_INTERNAL = frozenset({*_THROWN.values(), EventKind.COMPENSATION, EventKind.NONE})


class StepsSpent(Exception):
    """More moves were asked for than are allowed."""


@dataclass
class Steps:
    """A budget that many questions share."""

    left: int

    def spend(self, count: int) -> None:
        """Raises StepsSpent."""
        self.left -= count
        if self.left < 0:
            raise StepsSpent


def follow(trail: Trail) -> Iterator[str]:
    """The ids of a way from its beginning; ways inside are as deep as elements nest."""
    parts = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    for part in reversed(parts):
        if isinstance(part, str):
            yield part
        else:
            yield from follow(part)


def triggers_of(event: Event | None) -> tuple[Event, ...]:
    """What an event waits for or throws, one by one."""
    return () if event is None else event.of or (event,)


def is_external(event: Event | None) -> bool:
    """Whether it may happen whatever is thrown inside: time, messages, signals, people, conditions."""
    return any(trigger.kind not in _INTERNAL for trigger in triggers_of(event))


def catchers_of(events: Iterable[Node]) -> tuple[Catcher, ...]:
    """Those of one level that catch escalations, the more exact behind the others."""
    found = (
        (UNKNOWN if trigger.naming is not None else trigger.name, node.interrupting)
        for node in events
        for trigger in triggers_of(node.event)
        if trigger.kind is EventKind.ESCALATION
    )
    return tuple(sorted(found))


def nearest(exit_: Exit, events: Mapping[str, Node]) -> tuple[list[str], bool]:
    """Which events of one level may catch what is thrown, an exact code before any; and whether one surely does."""
    kind, code = exit_
    if kind not in _THROWN:
        return [], False
    found = [
        (ident, UNKNOWN if trigger.naming is not None else trigger.name)
        for ident, node in events.items()
        for trigger in triggers_of(node.event)
        if trigger.kind is _THROWN[kind]
    ]
    if code in (OWN, UNKNOWN):
        return [ident for ident, _ in found], False
    exact = [ident for ident, name in found if name == code]
    unsure = [ident for ident, name in found if name == UNKNOWN]
    if exact:
        return [*exact[:1], *unsure], True
    others = [ident for ident, name in found if not name or kind == "cancel"]
    return [*others[:1], *unsure], bool(others)


def stops_thrower(code: str, around: tuple[Catcher, ...]) -> bool:
    """Whether whoever throws an escalation of this code is surely ended by the nearest that catches it."""
    for taken, interrupting in reversed(around):
        if UNKNOWN in (code, taken):
            return False
        if taken in ("", code):
            return interrupting
    return False


def may_be_skipped(loop: Loop | None) -> bool:
    """Whether a repeated activity may have no round at all."""
    if loop is None:
        return False
    if loop.kind is LoopKind.STANDARD:
        return loop.maximum == 0 or (loop.test_before and always(loop.condition) is not True)
    found = _constant(loop.collection if loop.collection is not None else loop.cardinality)
    given = found[1] if found is not None else 0
    return not given if isinstance(given, list | tuple | dict) else not (isinstance(given, int | float) and given >= 1)


def always(expr: Expr | None) -> bool | None:
    """What a condition always is; None if that depends."""
    found = _constant(expr)
    return None if found is None else found[0].is_true(found[1])


def _constant(expr: Expr | None) -> tuple[Expression, object] | None:
    """An expression that asks for no value, and what it gives; None for all others, for what fails and what is long."""
    if expr is None or len(expr.text) > _LITERAL:
        return None
    try:
        compiled = compile_expr(expr)
        if compiled.names:
            return None
        return compiled, compiled.evaluate({}, budget=Purse(DEFAULT_BUDGET, steps=_STEPS))
    except (ExpressionError, EvaluationError):
        return None


_LITERAL, _STEPS = 200, 10_000
