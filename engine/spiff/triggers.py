"""Owns compiling events into what is waited for, caught and thrown: once, when a blueprint is built."""

from __future__ import annotations

from collections.abc import Sequence

from engine.definitions.kinds import EventKind
from engine.definitions.model import Node
from engine.definitions.parts import Event, Expr
from engine.definitions.wording import compile_expr
from engine.expressions import Expression
from engine.spiff.parts import ConditionPart, MessagePart, Part, PersonPart, SignalPart, TimerPart, Trigger

PARTS: dict[EventKind, type[Part]] = {
    EventKind.MESSAGE: MessagePart,
    EventKind.SIGNAL: SignalPart,
    EventKind.TIMER: TimerPart,
    EventKind.CONDITIONAL: ConditionPart,
    EventKind.PERSON: PersonPart,
}
"""What tokens wait for; the rest finds who catches it."""


def trigger_of(node: Node) -> Trigger:
    """What a catching event waits for; nothing, if it does not say."""
    return Trigger(parts_of(node), node.event is not None and node.event.all_of)


def parts_of(node: Node) -> Sequence[Part]:
    """The simple events that a node's event consists of, in the order written."""
    event = node.event
    if event is None or event.kind is EventKind.NONE:
        return ()
    return tuple(_part(node, one) for one in (event.of if event.kind is EventKind.MULTIPLE else (event,)))


def _part(node: Node, event: Event) -> Part:
    make = PARTS.get(event.kind, Part)
    return make(node.id, event, node.lane, *map(_compiled, (event.expr, event.naming, event.key)))


def _compiled(expr: Expr | None) -> Expression | None:
    return compile_expr(expr) if expr is not None else None
