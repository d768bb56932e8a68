"""Owns the specs of tasks: what people do, scripts, and work asked of jobs (BPMN 2.0.2, 10.3.3 and 13.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.definitions.model import Node
from engine.expressions import Expression, Script
from engine.spiff.nodes import NodeSpec
from engine.spiff.tokens import Token, copy
from engine.step import Asked, Opened

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance


class PassSpec(NodeSpec):
    """Lets the token through: a script task without a script."""


class UserSpec(NodeSpec):
    """Work for a person; the token stays until the host completes it. A task without a type is such work too."""

    waits = True
    by_person = True

    def _on_ready(self, my_task: Token) -> None:
        instance: Instance = my_task.workflow.top_workflow
        lane = self.lane_of(my_task)
        data = my_task.known()
        instance.effects.opened[my_task.id] = Opened(my_task.id, self.element, my_task.loop, lane, data)
        self.arm(my_task)

    def _on_complete(self, my_task: Token) -> None:
        self._closed(my_task, "completed")
        super()._on_complete(my_task)

    def withdraw(self, token: Token) -> None:
        self._closed(token, "cancelled")
        super().withdraw(token)

    def _closed(self, token: Token, outcome: str) -> None:
        effects = token.workflow.top_workflow.effects
        if effects.opened.pop(token.id, None) is None:
            effects.closed[token.id] = outcome


class ScriptSpec(NodeSpec):
    """A script task: the checked Python subset on the token's own data."""

    def __init__(self, wf_spec: Any, name: str, node: Node, script: Script) -> None:
        super().__init__(wf_spec, name, node)
        self.script = script

    def _run_hook(self, my_task: Token) -> bool:
        instance: Instance = my_task.workflow.top_workflow
        changed, deleted = instance.execute(self.script, my_task.known(), self.element)
        if self.passage is None and not self.undoable:
            my_task.change(changed, deleted)
        else:
            my_task.result.update(changed)
            my_task.removed = deleted
        return True


class ValueSpec(NodeSpec):
    """A service or script task that only computes a value; without a name for it the value is dropped."""

    def __init__(self, wf_spec: Any, name: str, node: Node, value: Expression) -> None:
        super().__init__(wf_spec, name, node)
        self.value = value

    def _run_hook(self, my_task: Token) -> bool:
        found = self.evaluate(self.value, my_task)
        if self.node is not None and self.node.result:
            my_task.result[self.node.result] = found
        return True


class JobSpec(NodeSpec):
    """A service task: asks a job, and waits for its answer.

    Where the task names its result, an answer that does not is kept whole under that name.
    """

    waits = True
    by_job = True

    def _on_ready(self, my_task: Token) -> None:
        node = self.node
        topic = node.topic if node else ""
        asked = Asked(my_task.id, self.element, topic, copy(my_task.known()))
        my_task.workflow.top_workflow.effects.asked[my_task.id] = asked
        self.arm(my_task)

    def _on_complete(self, my_task: Token) -> None:
        name, answer = self.node.result if self.node else "", my_task.result
        if name and answer and name not in answer:
            my_task.result = {name: answer}
        super()._on_complete(my_task)

    def withdraw(self, token: Token) -> None:
        token.workflow.top_workflow.effects.asked.pop(token.id, None)
        super().withdraw(token)
