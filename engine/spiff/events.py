"""Owns waiting: timers and messages, at catch and boundary events, receive tasks and event gateways (13.5.3, 13.5.4).

The library's timers are not used: a due time is worked out once, on entry, and kept in the timer table; firing is a
call for one token and one slot.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from engine.definitions.model import Event, EventKind, TimerKind
from engine.expressions import Expression
from engine.spiff.nodes import NodeSpec, Out
from engine.spiff.tokens import CANCELLED, LIVE, WAITING, Token
from engine.spiff.working_time import calendar_of
from engine.step import Awaited, DueTimer, StepFailed, Values
from engine.timing import NotATime, Turn, first_turn, next_turn, parse_time

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance


class Trigger:
    """One thing waited for: an event with its time expression compiled, at the element that says so."""

    def __init__(self, element: str, event: Event, expr: Expression | None) -> None:
        self.element, self.event, self.expr = element, event, expr

    def arm(self, token: Token, slot: int, spec: NodeSpec) -> None:
        """Writes down what `token` waits for in `slot`."""
        instance: Instance = token.workflow.top_workflow
        if self.event.kind is EventKind.TIMER:
            text = self.event.text or _text(spec.evaluate(self.expr, token) if self.expr else "")
            turn = self._first(text, token, spec)
            self._set_timer(token, slot, turn.at, [turn.start.isoformat(), text])
        else:
            key = instance.correlation(token)
            awaited = Awaited(token.id, slot, self.element, self.event.name, key)
            instance.effects.awaited[token.id, slot] = awaited
            token.internal_data.setdefault("waits", {})[str(slot)] = ["message"]

    def arm_again(self, token: Token, fired: Token, spec: NodeSpec) -> bool:
        """After a turn of a non-interrupting event: the next one, if any; however late, only one turn is due."""
        if self.event.kind is not EventKind.TIMER:
            self.arm(token, 0, spec)
            return True
        _, due, start, text, *_ = fired.peek()["fired"]
        world = token.workflow.top_workflow.world
        repeats = self.event.timer is TimerKind.CYCLE
        time, after = parse_time(text, world.zone, repeats=repeats), max(world.now, datetime.fromisoformat(due))
        turn = next_turn(time, datetime.fromisoformat(start), after, world.zone, calendar_of(token, spec))
        if turn is not None:
            self._set_timer(token, 0, turn, [start, text])
        return turn is not None

    def _set_timer(self, token: Token, slot: int, due: datetime, cycle: list[Any]) -> None:
        """`cycle` is what the turns after this one are worked out from: the moment they are counted from, the text."""
        instance: Instance = token.workflow.top_workflow
        instance.effects.timers[token.id, slot] = DueTimer(token.id, slot, self.element, due)
        token.internal_data.setdefault("waits", {})[str(slot)] = ["timer", due.isoformat(), *cycle]

    def _first(self, text: str, token: Token, spec: NodeSpec) -> Turn:
        world = token.workflow.top_workflow.world
        try:
            time = parse_time(text, world.zone, repeats=self.event.timer is TimerKind.CYCLE)
            return first_turn(time, world.now, world.zone, calendar_of(token, spec))
        except NotATime as error:
            raise StepFailed(self.element, error.message) from None


def fire(token: Token, slot: int, payload: Values) -> bool:
    """What was waited for has come; False if the token no longer waits for it."""
    waits = token.peek().get("waits", {})
    if token._state != WAITING or str(slot) not in waits:
        return False
    token.internal_data.update(hit=slot, fired=waits[str(slot)])
    forget(token)
    token.result = payload
    token._ready()
    return True


def forget(token: Token) -> None:
    """The token waits for nothing any more."""
    effects = token.workflow.top_workflow.effects
    for slot, wait in token.peek().get("waits", {}).items():
        set_now, gone = (
            (effects.timers, effects.timers_gone) if wait[0] == "timer" else (effects.awaited, effects.awaited_gone)
        )
        if set_now.pop((token.id, int(slot)), None) is None:
            gone.add(token.id)
    token.internal_data.pop("waits", None)


class CatchSpec(NodeSpec):
    """An intermediate catch event or receive task; behind an event gateway it has happened already."""

    def __init__(self, wf_spec: Any, name: str, node: Any, trigger: Trigger) -> None:
        super().__init__(wf_spec, name, node)
        self.trigger = trigger

    def _update_hook(self, my_task: Token) -> bool | None:
        if my_task.peek().get("happened"):
            return True
        my_task._set_state(WAITING)
        self.trigger.arm(my_task, 0, self)
        self.arm(my_task)
        return None

    def _on_ready(self, my_task: Token) -> None:
        """Its boundary events were set when it began to wait."""

    def withdraw(self, token: Token) -> None:
        forget(token)
        super().withdraw(token)


class BoundarySpec(NodeSpec):
    """A boundary event: waits beside its activity as long as that is active, and may end it."""

    def __init__(self, wf_spec: Any, name: str, node: Any, trigger: Trigger) -> None:
        super().__init__(wf_spec, name, node)
        self.trigger = trigger

    def arm(self, host: Token) -> None:
        self.trigger.arm(self._beside(host), 0, self)

    def _beside(self, host: Token) -> Token:
        token = Token(host.workflow, self, host)
        token.freeze({}, [])
        token._set_state(WAITING)
        return token

    def _on_ready(self, my_task: Token) -> None:
        """A boundary event has no boundary events."""

    def _run_hook(self, my_task: Token) -> bool:
        host: Token = my_task.parent
        my_task.data.update(host.task_spec.changes_so_far(host))
        if self.node is not None and self.node.interrupting:
            my_task.workflow.write(host.task_spec.written_at_end(host))
            for other in host.children:
                if other is not my_task and other._state & LIVE and other.task_spec in host.task_spec.boundaries:
                    other.task_spec.withdraw(other)
            host.task_spec.withdraw(host)
        else:
            again = self._beside(host)
            if not self.trigger.arm_again(again, my_task, self):
                again.drop()
        return True

    def withdraw(self, token: Token) -> None:
        forget(token)
        token._set_state(CANCELLED)
        token.drop()

    def disarm(self, token: Token) -> None:
        """Nothing is attached to a boundary event."""


class EventGatewaySpec(NodeSpec):
    """Waits for the first of several events; each has a slot of its own (13.4.4)."""

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(WAITING)
        for slot, out in enumerate(self.outs):
            my_task.workflow.spec.task_specs[out.target].trigger.arm(my_task, slot, self)
        return None

    def taken(self, token: Token) -> list[Out]:
        return [self.outs[token.peek()["hit"]]]

    def prepare(self, child: Token) -> None:
        child.internal_data["happened"] = True

    def withdraw(self, token: Token) -> None:
        forget(token)
        super().withdraw(token)


def _text(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value if value is not None else "")
