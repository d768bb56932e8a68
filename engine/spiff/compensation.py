"""Owns undoing: who asks for it, and running the handlers of what has completed, newest first (10.7, 13.5.5).

A thrower sets aside what it undoes in its scope's trail. One token at a time, a child of nothing that moves, undoes the
newest and makes way for the next; the last one lets the thrower go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.spiff.nodes import NodeSpec
from engine.spiff.parts import Part
from engine.spiff.scopes import ScopeSpec
from engine.spiff.tokens import LIVE, READY, STARTED, Token, copy, difference, round_of
from engine.spiff.trail import Record, claim, recall, release, take
from engine.step import Values, Visit

if TYPE_CHECKING:
    from engine.spiff.open_scopes import ScopeMixin
    from engine.spiff.workflow import Instance

UNDO = "\nundo"
"""What a scope's `UndoSpec` is called, and what follows an activity's name in its `InsideSpec`'s: no id has it."""
UNDOING = "undoing"
"""A thrower that waits keeps here what became of the data meanwhile."""


def throw_compensation(part: Part, token: Token) -> None:
    """Undoes the event's activity, or all of its scope; from inside an event sub-process also the scope around."""
    reached = list(_reach(token, part.event.activity))
    for scope, names in reached:
        claim(scope, names, token.id)
    if part.event.waits:
        undo(token, [scope for scope, _ in reached])
        return
    for scope, _ in reached:
        _undo_next(scope, token.id)


def undo(thrower: Token, scopes: Sequence[ScopeMixin]) -> bool:
    """Begins with what has been set aside for the thrower, which waits; False if that is nothing."""
    if not any(_undo_next(scope, thrower.id) for scope in scopes):
        return False
    thrower.internal_data[UNDOING] = [{}, []]
    return True


def call_off(thrower: Token) -> None:
    """The thrower is withdrawn: what it undoes right now ends, the rest is left as it is."""
    for scope in around(thrower.workflow):
        release(scope, thrower.id)
        for token in list(scope.tasks.values()):
            if token._state & LIVE and token.task_spec.name == UNDO and token.peek().get("for") == thrower.id:
                token.task_spec.withdraw(token)


def around(scope: ScopeMixin) -> Iterator[ScopeMixin]:
    """The scope and those around it, innermost first, as far as the process goes: calls are a border."""
    while True:
        yield scope
        holder = scope.holder
        if holder is None or holder.task_spec.node.kind is Kind.CALL:
            return
        scope = holder.workflow


def _reach(token: Token, activity: str) -> Iterator[tuple[ScopeMixin, Sequence[str] | None]]:
    """The scopes where something is undone, and which activities (None: all)."""
    for scope in around(token.workflow):
        holder = scope.holder
        if not activity:
            yield scope, None
            if holder is None or not holder.task_spec.node.by_event:
                return
        elif names := [name for name, handler in scope.spec.undo.items() if activity in (name, handler)]:
            yield scope, names
            return
        elif holder is not None and holder.task_spec.element == activity:
            yield scope, None
            return


def _undo_next(scope: ScopeMixin, by: str) -> bool:
    """Begins to undo the newest that is set aside for `by`; False if there is none left."""
    record = take(scope, by)
    if record is None:
        return False
    token = scope.aside(scope.spec.task_specs[UNDO])
    token.data = {**copy(scope.written), **copy(record["changed"])}
    token.internal_data.update({"for": by, "record": {**record, "changed": {}}})
    token.task_spec._update(token)
    return True


class UndoSpec(NodeSpec):
    """One completed activity being undone; where a scope begins with it, all that the scope remembers is.

    Its data is what the handler starts with: what the scope knows now, and over that what the activity changed then.
    """

    waits = True

    def _update_hook(self, my_task: Token) -> bool | None:
        record: Record | None = my_task.peek().get("record")
        if record is None:
            my_task._set_state(READY)
            my_task.workflow.top_workflow.agenda.append(my_task)
            return None
        my_task._set_state(STARTED)
        scope: ScopeMixin = my_task.workflow
        child = Token(scope, scope.spec.task_specs[self._undoes(record, scope)], my_task)
        child.freeze({}, [])
        if (index := record["index"]) is not None:
            child.internal_data["index"] = index
            child.loop = round_of(my_task.loop, index)
        if record["whole"] and (event := scope.spec.undone_at.get(record["of"])):
            now = scope.top_workflow.world.now
            scope.top_workflow.effects.visits.append(Visit(event, child.loop, now, now, "completed"))
        child.task_spec._update(child)
        return None

    def _undoes(self, record: Record, scope: ScopeMixin) -> str:
        undoes: str = scope.spec.undo[record["of"]]
        return undoes if record["whole"] else record["of"] + UNDO

    def done_one(self, child: Token) -> None:
        """The handler has ended: what it changed is written to the scope, and its thrower will know it."""
        token: Token = child.parent
        end = {**child.look(), **child.result}
        for name in child.removed:
            if name not in child.result:
                end.pop(name, None)
        changed, deleted = difference(token.look(), end)
        token.workflow.write(changed, deleted)
        if (thrower := self._thrower(token)) is not None:
            _tell(thrower, token.workflow, changed, deleted)
        token.complete()

    def lost_one(self, child: Token) -> None:
        """An event on its boundary has ended the handler."""
        child.parent.complete()

    def counters(self, _child: Token) -> Values:
        return {}

    def own(self, _child: Token) -> Values:
        return {}

    def _on_complete(self, my_task: Token) -> None:
        scope: ScopeMixin = my_task.workflow
        thrower = self._thrower(my_task)
        scopes = [scope] if thrower is None else around(thrower.workflow)
        if any(_undo_next(one, my_task.peek().get("for", "")) for one in scopes):
            return
        if thrower is None:
            scope.branch_ended()
        else:
            thrower.task_spec.all_undone(thrower)

    def withdraw(self, token: Token) -> None:
        for child in token.children:
            if child._state & LIVE:
                child.task_spec.withdraw(child)
        super().withdraw(token)

    def _thrower(self, token: Token) -> Token | None:
        """Who waits for this; None if nobody does."""
        instance: Instance = token.workflow.top_workflow
        found = instance.find(token.peek().get("for", ""))
        return found if found is not None and UNDOING in found.peek() else None


class InsideSpec(ScopeSpec):
    """Undoes a completed sub-process: its scope is opened again with what it left behind.

    There its compensation event sub-process begins; without one, everything in it is undone. It is no visit of its own.
    """

    is_container = True

    def __init__(self, wf_spec: Any, name: str, node: Node, inner: str, handler: str) -> None:
        super().__init__(wf_spec, name, node, inner)
        self.handler = handler

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(STARTED)
        record: Record = my_task.parent.peek()["record"]
        instance: Instance = my_task.workflow.top_workflow
        at = self.handler if self.handler and record["whole"] else UNDO
        scope = instance.open_scope(my_task, self.inner, lane=my_task.workflow.lane, at=at)
        recall(scope, record)
        return None


def _tell(thrower: Token, scope: ScopeMixin, changed: Values, deleted: Sequence[str]) -> None:
    """What a handler has done is known to the thrower and to the scopes between it and the handler's."""
    kept, gone = thrower.internal_data[UNDOING]
    kept.update(changed)
    gone[:] = [name for name in {*gone, *deleted} if name not in changed]
    for between in around(thrower.workflow):
        if between is scope:
            return
        between.written.update(changed)
        for name in deleted:
            between.written.pop(name, None)
