"""Owns ad-hoc sub-processes: a person begins the activities inside, any number of times (10.3.5, 13.3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.definitions.adhoc import FINISH, NEXT
from engine.definitions.model import Node
from engine.expressions import N_, Expression, Message
from engine.spiff.gateways import ParallelSpec
from engine.spiff.nodes import NodeSpec
from engine.spiff.tasks import UserSpec
from engine.spiff.tokens import LIVE, WAITING, Token, copy
from engine.step import StepFailed

if TYPE_CHECKING:
    from engine.spiff.open_scopes import ScopeMixin

OFFER, CHOICE = "\noffer", "\nchoice"
"""What a scope's `OfferSpec` and `ChoiceSpec` are called: no id is."""


class ChoiceSpec(UserSpec):
    """A person's task at the sub-process itself: what is done next. It is no visit of its own."""

    is_container = True
    offer: OfferSpec

    def go_on(self, token: Token) -> None:
        chosen = token.result.pop(NEXT, None)
        token.workflow.write(token.result)
        self.offer.begin(token.parent, str(chosen or ""))


class OfferSpec(NodeSpec):
    """Keeps the sub-process open: a token of it waits there, offers what can be begun, and says when it is over."""

    waits = True

    is_container = True

    def __init__(self, wf_spec: Any, node: Node, condition: Expression | None, entries: Mapping[str, str]) -> None:
        super().__init__(wf_spec, OFFER)
        assert node.ad_hoc is not None
        self.element, self.ad_hoc, self.condition, self.entries = node.id, node.ad_hoc, condition, entries
        self.choice = ChoiceSpec(wf_spec, CHOICE, node)
        self.choice.offer = self
        self.watched = True

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(WAITING)
        self.watch(my_task)
        return None

    def watch(self, token: Token) -> None:
        token.workflow.top_workflow.undecided[token.id] = token

    def settle(self, token: Token) -> bool:
        """Called when nothing else moves: offers a choice if it is time for one, or ends the sub-process."""
        busy = [other for other in token.workflow.tasks.values() if self._is_busy(other)]
        if "over" in token.peek():
            if not busy:
                token.workflow.finish()
            return not busy
        if any(other.task_spec is self.choice for other in busy) or (busy and self.ad_hoc.sequential):
            return False
        choice = Token(token.workflow, self.choice, token)
        choice.data = copy(token.workflow.written)
        self.choice._update(choice)
        return True

    def begin(self, token: Token, chosen: str) -> None:
        """The activity that was chosen; or the end, where no condition says when that is."""
        scope: ScopeMixin = token.workflow
        if chosen == FINISH and self.condition is None:
            self._end(token)
        elif chosen in self.entries:
            spec = scope.spec.task_specs[self.entries[chosen]]
            child = Token(scope, spec, token)
            child.data = copy(scope.written)
            spec._update(child)
        else:
            problem = N_("“%(chosen)s” is not one of the activities that can be chosen here.")
            raise StepFailed(self.element, Message(problem, {"chosen": chosen[:60]}))

    def stops(self, done: Token) -> bool:
        """An activity inside is done: whether its token goes no further, since the whole is over (13.3.5)."""
        scope: ScopeMixin = done.workflow
        token = next(one for one in scope.tasks.values() if one.task_spec is self and one._state == WAITING)
        if "over" in token.peek():
            return True
        instance = scope.top_workflow
        if self.condition is None or not self.condition.is_true(
            instance.evaluate(self.condition, scope.written, self.element)
        ):
            return False
        self._end(token)
        return True

    def withdraw(self, token: Token) -> None:
        token.workflow.top_workflow.undecided.pop(token.id, None)
        super().withdraw(token)

    def _end(self, token: Token) -> None:
        """Nothing more is begun; what is active ends too, or is waited for."""
        token.internal_data["over"] = True
        scope: ScopeMixin = token.workflow
        for other in list(scope.tasks.values()):
            ends = self.ad_hoc.cancel_remaining or other.task_spec is self.choice
            if ends and other is not token and other._state & LIVE and other.id in scope.tasks:
                other.task_spec.withdraw(other)

    def _is_busy(self, token: Token) -> bool:
        """Neither done, nor waiting for what may never come."""
        spec = token.task_spec
        idle = spec is self or isinstance(spec, ParallelSpec) or spec.stands_by(token)
        return bool(token._state & LIVE) and not idle
