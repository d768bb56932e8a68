"""Owns event sub-processes: they stand by while the scope around them is open, and may end what it does (13.5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.definitions.kinds import EventKind
from engine.definitions.model import Node
from engine.spiff.conditions import scope_data
from engine.spiff.events import watches
from engine.spiff.parts import Trigger, slots_of
from engine.spiff.scopes import ScopeSpec
from engine.spiff.tokens import CANCELLED, STARTED, WAITING, Token, copy
from engine.spiff.waits import come, forget, listen, listen_again
from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.open_scopes import ScopeMixin


class EventScopeSpec(ScopeSpec):
    """A token of it waits, keeping nothing open; what it waits for makes it an activity like other sub-processes."""

    def __init__(self, wf_spec: Any, name: str, node: Node, inner: str, start: Node, trigger: Trigger) -> None:
        super().__init__(wf_spec, name, node, inner)
        self.slots = slots_of([trigger])
        errors = any(part.event.kind is EventKind.ERROR for part in trigger.parts)
        self.interrupting = start.interrupting or errors
        """An error always ends what its scope does (10.5.2)."""
        self.watched = watches(self.slots)

    def stand_by(self, scope: ScopeMixin) -> None:
        token = self._waiting(scope)
        if not listen(token):
            token.drop()

    def catch(self, scope: ScopeMixin, slot: int, values: Values) -> None:
        """An error or escalation from inside the scope has found this event."""
        waiting = [one for one in scope.tasks.values() if one.task_spec is self and one._state == WAITING]
        come(waiting[0] if waiting else self._waiting(scope), slot, values)

    def happened(self, token: Token, slot: int, before: Values) -> None:
        """Begins; everything else in the scope ends, or it stands by for the next time."""
        scope: ScopeMixin = token.workflow
        payload, token.result = token.result, {}
        token.entered = scope.top_workflow.world.now.timestamp()
        token._set_state(STARTED)
        if self.interrupting:
            scope.withdraw_all(besides=token)
        else:
            again = self._waiting(scope)
            if not listen_again(again, slot, before):
                again.drop()
        scope.write(payload)
        token.data = copy(scope.written)
        if self.passage is not None:
            self.passage.enter(token)
        scope.top_workflow.open_scope(token, self.inner, lane=scope.lane)

    def sees(self, token: Token) -> Values:
        return scope_data(token.workflow)

    def stands_by(self, token: Token) -> bool:
        return bool(token._state == WAITING)

    def withdraw(self, token: Token) -> None:
        if token._state != WAITING:
            super().withdraw(token)
            return
        forget(token)
        token._set_state(CANCELLED)
        token.drop()

    def _waiting(self, scope: ScopeMixin) -> Token:
        token = scope.aside(self)
        token.freeze({}, [])
        token._set_state(WAITING)
        return token
