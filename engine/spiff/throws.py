"""Owns throwing: what intermediate and end events send out, and what that does to their own scope (10.5.1, 13.5.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.definitions.kinds import EventKind
from engine.definitions.model import Node
from engine.spiff.catching import Alarm, raise_alarm, send_signal
from engine.spiff.compensation import UNDOING, call_off, throw_compensation
from engine.spiff.nodes import NodeSpec
from engine.spiff.parts import Part
from engine.spiff.tokens import CANCELLED, READY, STARTED, Token, copy
from engine.spiff.transactions import leave_transaction, throw_cancel
from engine.step import Thrown, Values

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance

THROWN = "thrown"
"""Noted on a token that has thrown and goes on as soon as those have who caught it."""


class ThrowSpec(NodeSpec):
    """An intermediate or end event. It has happened before what it throws is caught, which may end its own branch."""

    def __init__(self, wf_spec: Any, name: str, node: Node, parts: Sequence[Part]) -> None:
        super().__init__(wf_spec, name, node)
        self.parts = parts

    def _run_hook(self, my_task: Token) -> bool | None:
        if THROWN in my_task.peek():
            return True
        instance: Instance = my_task.workflow.top_workflow
        others = len(instance.agenda)
        my_task._set_state(STARTED)
        instance.visited(my_task, "completed")
        for part in self.parts:
            if my_task._state == STARTED:
                THROW[part.event.kind](part, my_task)
        if UNDOING in my_task.peek():
            return None
        if my_task._state == STARTED and len(instance.agenda) > others:
            self._let_pass(my_task)
            return None
        return bool(my_task._state == STARTED)

    def _let_pass(self, token: Token) -> None:
        """Goes on after those who caught it: what they are attached to may end with this very token."""
        token.internal_data[THROWN] = True
        token._set_state(READY)

    def all_undone(self, token: Token) -> None:
        """What it waited for is done; the handlers' changes go on with it, and are written already."""
        changed, deleted = token.internal_data.pop(UNDOING)
        token.result, token.removed = {**token.result, **changed}, deleted
        token.internal_data["told"] = sorted(changed)
        if any(part.event.kind is EventKind.CANCEL for part in self.parts):
            leave_transaction(token)
        else:
            token.complete()

    def written_at_end(self, token: Token) -> Values:
        told = token.peek().get("told")
        return {name: value for name, value in token.result.items() if name not in told} if told else token.result

    def _on_complete(self, my_task: Token) -> None:
        if self.passage is not None:
            self.passage.leave(my_task)
        self.go_on(my_task)

    def withdraw(self, token: Token) -> None:
        if UNDOING in token.peek():
            call_off(token)
        if token._state == STARTED or THROWN in token.peek():
            token._set_state(CANCELLED)
        else:
            super().withdraw(token)


class SendSpec(NodeSpec):
    """A send task: throws its message and goes on (10.3.3)."""

    def __init__(self, wf_spec: Any, name: str, node: Node, parts: Sequence[Part]) -> None:
        super().__init__(wf_spec, name, node)
        self.parts = parts

    def _run_hook(self, my_task: Token) -> bool:
        for part in self.parts:
            send_message(part, my_task)
        return True


def send_message(part: Part, token: Token) -> None:
    """Others find it by name and key, once this step is written."""
    thrown = Thrown(part.element, part.name(token), part.correlation(token), payload_of(token, token.known()))
    token.workflow.top_workflow.effects.thrown.append(thrown)


def payload_of(token: Token, otherwise: Values) -> Values:
    """What is sent along: what the element was given for it."""
    given: Values = token.peek().get("local", otherwise)
    return dict(copy(given))


def _signal(part: Part, token: Token) -> None:
    """Who waits for it in this instance has it at once; the rest once this step is written."""
    instance: Instance = token.workflow.top_workflow
    name, payload = part.name(token), payload_of(token, {})
    instance.effects.thrown.append(Thrown(part.element, name, "", payload, "signal"))
    send_signal(instance, name, payload)


def _error(part: Part, token: Token) -> None:
    """Caught by nobody it ends the whole instance (10.5.3)."""
    if not raise_alarm(token, Alarm(EventKind.ERROR, part.name(token))):
        token.workflow.top_workflow.finish()


def _escalation(part: Part, token: Token) -> None:
    """Caught by nobody it is of no matter (13.5.4)."""
    raise_alarm(token, Alarm(EventKind.ESCALATION, part.name(token)))


def _terminate(_part: Part, token: Token) -> None:
    """The scope ends with every token in it (10.5.3)."""
    token.workflow.finish()


THROW: dict[EventKind, Callable[[Part, Token], None]] = {
    EventKind.MESSAGE: send_message,
    EventKind.SIGNAL: _signal,
    EventKind.ERROR: _error,
    EventKind.ESCALATION: _escalation,
    EventKind.TERMINATE: _terminate,
    EventKind.COMPENSATION: throw_compensation,
    EventKind.CANCEL: throw_cancel,
}
