"""Owns the activities that hold a scope open: sub-processes and calls (BPMN 2.0.2, 13.3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.spiff.nodes import NodeSpec
from engine.spiff.tokens import STARTED, Token, difference
from engine.spiff.trail import remember_scope
from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.open_scopes import ScopeMixin
    from engine.spiff.workflow import Instance


class ScopeSpec(NodeSpec):
    """An embedded sub-process or a call activity: holds a scope open and goes on when it has ended."""

    waits = True

    def __init__(self, wf_spec: Any, name: str, node: Node, inner: str) -> None:
        super().__init__(wf_spec, name, node)
        self.inner = inner
        self.undoable_inside = False
        """Whether what has completed inside is remembered, since nothing else undoes the whole."""

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(STARTED)
        self.arm(my_task)
        instance: Instance = my_task.workflow.top_workflow
        own = self.node.lane if self.node and self.node.kind is Kind.CALL else ""
        instance.open_scope(my_task, self.inner, lane=own or my_task.workflow.lane)
        return None

    def may_end(self, _holder: Token, _scope: ScopeMixin) -> bool:
        """Asked each time a branch of the scope has ended and nothing in it is live any more."""
        return True

    def scope_ended(self, holder: Token, scope: ScopeMixin) -> None:
        """The scope is over: what changed in it becomes the activity's result. Called before the holder completes."""
        changed, holder.removed = difference(holder.known(), scope.written)
        holder.result.update(changed)
        if self.undoable_inside:
            remember_scope(holder, scope, changed)

    def written_at_end(self, token: Token) -> Values:
        """Nothing: what happens inside is written as it happens."""
        return {}

    def changes_so_far(self, token: Token) -> Values:
        scope = token.workflow.top_workflow.subprocesses.get(token.id)
        if scope is None:
            return {}
        changed, deleted = difference(token.known(), scope.written)
        return self.passage.outward(changed, deleted)[0] if self.passage is not None else changed

    def withdraw(self, token: Token) -> None:
        token.workflow.top_workflow.close_scope(token)
        super().withdraw(token)
