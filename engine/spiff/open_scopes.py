"""Owns open scopes: the tokens and data of a process or sub-process while it runs, how it begins and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.spiff.tokens import COMPLETED, LIVE, STARTED, Token, copy
from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.build import ProcessSpec
    from engine.spiff.event_scopes import EventScopeSpec
    from engine.spiff.nodes import NodeSpec
    from engine.spiff.workflow import Instance


class ScopeMixin:
    """A process's or sub-process's own tokens; it ends when none of them is live (13.3.4)."""

    lane = ""
    spec: ProcessSpec
    tasks: dict[str, Token]
    task_tree: Token
    top_workflow: Instance
    holder: Token | None = None
    """The activity that holds this scope open; None for the process itself."""
    written: Values
    """The data of the scope as a whole: what it began with and what its branches wrote since, the latest last."""
    memory: Values
    """What else is to be known of the scope as long as it is open, as JSON; empty for most."""

    def write(self, changed: Values, deleted: Sequence[str] = ()) -> None:
        """A branch has written this; the scopes around know it at once, unless this one is one round of many."""
        self.written.update(changed)
        for key in deleted:
            self.written.pop(key, None)
        holder = self.holder
        if holder is not None and holder.task_spec.repeats is None:
            if (passage := holder.task_spec.passage) is not None:
                changed, deleted = passage.outward(changed, deleted)
            holder.workflow.write(changed, deleted)

    def begin_at(self, node_id: str) -> Token:
        """A new token at a node, with what the scope knows now."""
        spec = self.spec.task_specs[node_id]
        token = self.aside(spec)
        token.data = copy(self.written)
        spec._update(token)
        return token

    def aside(self, spec: NodeSpec) -> Token:
        """A token that no flow leads to: it hangs below the scope's first one.

        That may have handed its very data on to a child that went on alone; who has several children must not.
        """
        first = self.task_tree
        if not first.is_live():
            first.data = copy(first.look())
        return Token(self, spec, first)

    def branch_ended(self) -> None:
        live = (token for token in reversed(self.tasks.values()) if token._state & LIVE)
        if any(not token.task_spec.stands_by(token) for token in live):
            return
        if self.holder is None or self.holder.task_spec.may_end(self.holder, self):
            self.finish()

    def withdraw_all(self, besides: Token | None = None) -> None:
        for token in list(self.tasks.values()):
            if token._state & LIVE and token is not besides and token.id in self.tasks:
                token.task_spec.withdraw(token)

    def events(self) -> Sequence[EventScopeSpec]:
        """The event sub-processes that errors and escalations find now: none once one of them has interrupted."""
        found = () if "at" in self.memory else self.spec.events
        begun = {token.task_spec for token in self.tasks.values() if token._state == STARTED} if found else set()
        return () if any(event.interrupting and event in begun for event in found) else found

    def finish(self) -> None:
        """Ends the scope with whatever is still live in it, and lets its holder go on."""
        self.withdraw_all()
        self.completed = True
        if (holder := self.holder) is not None:
            holder.task_spec.scope_ended(holder, self)
            self.top_workflow.subprocesses.pop(holder.id, None)
            holder.complete()


class Scope(ScopeMixin, BpmnSubWorkflow):
    """An open sub-process or called process."""

    def __init__(self, spec: ProcessSpec, holder: Token, lane: str) -> None:
        self.holder, self.lane = holder, lane
        BpmnSubWorkflow.__init__(self, spec, holder.id, holder.workflow.top_workflow, deserializing=True)

    def _calculate_depth(self) -> int:
        """The library looks through every open scope for it."""
        assert self.holder is not None
        return int(self.holder.workflow.depth) + 1


def first_token(scope: ScopeMixin, data: Values, *, start_id: str | None = None, at: str | None = None) -> None:
    """A scope's first token, at its start events, the chosen one (`start_id`) or any node (`at`; empty: at none)."""
    token = Token(scope, scope.spec.start, None)
    scope.task_tree, token.data, scope.written, scope.memory = token, data, dict(data), {}
    if start_id is not None:
        token.internal_data["start"] = start_id
    if at is not None:
        scope.memory["at"] = at
        token.internal_data["at"] = at
    if at is None:
        for event in scope.spec.events:
            event.stand_by(scope)
    if at == "":
        token._set_state(COMPLETED)
    else:
        token._ready()
