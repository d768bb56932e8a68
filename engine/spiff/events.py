"""Owns the nodes that wait: catch and boundary events, receive tasks and event gateways (10.5.4, 13.4.4, 13.5.2)."""

from __future__ import annotations

from typing import Any

from engine.definitions.kinds import EventKind
from engine.spiff.nodes import NodeSpec, Out
from engine.spiff.parts import ConditionPart, Slots, Trigger, slots_of
from engine.spiff.tokens import CANCELLED, WAITING, Token
from engine.spiff.waits import come, forget, listen, listen_again
from engine.step import Values


class CatchSpec(NodeSpec):
    """An intermediate catch event or receive task; behind an event gateway it has happened already."""

    def __init__(self, wf_spec: Any, name: str, node: Any, trigger: Trigger) -> None:
        super().__init__(wf_spec, name, node)
        self.trigger = trigger
        self.slots = slots_of([trigger])
        self.watched = watches(self.slots)

    def _update_hook(self, my_task: Token) -> bool | None:
        if my_task.peek().get("happened"):
            return True
        my_task._set_state(WAITING)
        listen(my_task)
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
        self.slots = slots_of([trigger])
        self.watched = watches(self.slots)

    def arm(self, host: Token) -> None:
        token = self._beside(host)
        if not listen(token):
            token.drop()

    def catch(self, host: Token, slot: int, values: Values) -> None:
        """An error or escalation from inside `host` has found this event."""
        waiting = [one for one in host.children if one.task_spec is self and one._state == WAITING]
        come(waiting[0] if waiting else self._beside(host), slot, values)

    def happened(self, token: Token, slot: int, before: Values) -> None:
        host: Token = token.parent
        token._ready()
        token.data.update(host.task_spec.changes_so_far(host))
        if self.interrupts(slot):
            host.task_spec.interrupt(host)
        else:
            again = self._beside(host)
            if not listen_again(again, slot, before):
                again.drop()

    def _run_hook(self, my_task: Token) -> bool:
        """It did not arrive: it stood beside its activity all the time."""
        if self.passage is not None:
            self.passage.enter(my_task)
        return True

    def interrupts(self, slot: int) -> bool:
        """An error always does, whatever is drawn (10.5.6)."""
        drawn = self.node is None or self.node.interrupting
        return drawn or self.slots[slot][1].event.kind is EventKind.ERROR

    def sees(self, token: Token) -> Values:
        host: Token = token.parent
        return {**host.known(), **host.task_spec.changes_so_far(host)}

    def lane_of(self, token: Token) -> str:
        own = self.node.lane if self.node else ""
        return own or str(token.parent.task_spec.lane_of(token.parent))

    def _beside(self, host: Token) -> Token:
        token = Token(host.workflow, self, host)
        token.freeze({}, [])
        token._set_state(WAITING)
        return token

    def _on_ready(self, my_task: Token) -> None:
        """A boundary event has no boundary events."""

    def withdraw(self, token: Token) -> None:
        forget(token)
        token._set_state(CANCELLED)
        token.drop()

    def disarm(self, token: Token) -> None:
        """Nothing is attached to a boundary event."""


class EventGatewaySpec(NodeSpec):
    """Waits for the first of several events; each has slots of its own, in the order of the flows (13.4.4)."""

    def listen_to(self, triggers: list[Trigger]) -> None:
        """Told when built: what the events behind it wait for, one for each flow."""
        self.slots = slots_of(triggers)
        self.watched = watches(self.slots)
        self.out_of = [number for number, trigger in enumerate(triggers) for _ in trigger.parts]

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(WAITING)
        listen(my_task)
        return None

    def happened(self, token: Token, slot: int, before: Values) -> None:
        token.internal_data["hit"] = slot
        token._ready()

    def taken(self, token: Token) -> list[Out]:
        return [self.outs[self.out_of[token.peek()["hit"]]]]

    def prepare(self, child: Token) -> None:
        child.internal_data["happened"] = True

    def withdraw(self, token: Token) -> None:
        forget(token)
        super().withdraw(token)


def watches(slots: Slots) -> bool:
    """Whether tokens that wait so are to be looked at whenever data changes."""
    return any(isinstance(part, ConditionPart) for _, part in slots)
