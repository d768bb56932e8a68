"""Owns the specs of flow nodes: how a token arrives, does its work and leaves (BPMN 2.0.2, 13.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.definitions.model import EventKind, Kind, Node
from engine.expressions import N_, Expression, Message, Script
from engine.spiff.tokens import CANCELLED, LIVE, STARTED, WAITING, Token, copy, difference
from engine.step import Asked, Opened, StepFailed, Thrown, Values

if TYPE_CHECKING:
    from engine.spiff.events import BoundarySpec
    from engine.spiff.repeat import RepeatSpec
    from engine.spiff.workflow import Instance


@dataclass(frozen=True)
class Out:
    """A flow leaving a node; without a condition it is always taken."""

    id: str
    target: str
    condition: Expression | None = None


class NodeSpec(BpmnTaskSpec):
    """The base of all: predicts nothing, passes its token on along every flow whose condition holds.

    The library predicts the future of the tree at each step; with several splits in a row that grows without bound.
    """

    waits = False
    is_container = False

    def __init__(self, wf_spec: Any, name: str, node: Node | None = None) -> None:
        super().__init__(wf_spec, name, manual=self.waits)
        self.node = node
        self.element: str = node.id if node else ""
        self.outs: list[Out] = []
        self.default: Out | None = None
        self.incoming = 0
        self.repeats: RepeatSpec | None = None
        self.boundaries: list[BoundarySpec] = []

    def _predict(self, *_args: Any, **_options: Any) -> None:
        """Nothing: children are made when their parent completes."""

    def _update_hook(self, my_task: Token) -> bool | None:
        """A token arrives; True lets it run at once."""
        return True

    def _on_ready(self, my_task: Token) -> None:
        self.arm(my_task)

    def _run_hook(self, my_task: Token) -> bool:
        return True

    def _on_complete(self, my_task: Token) -> None:
        """A token leaves: its visit is written, its boundary events end, its children go on."""
        self.disarm(my_task)
        my_task.workflow.top_workflow.visited(my_task, "completed")
        if self.repeats is not None:
            self.repeats.done_one(my_task)
            return
        if written := self.written_at_end(my_task):
            my_task.workflow.write(written)
        taken = self.taken(my_task)
        for out in taken:
            self.pass_on(my_task, out, alone=len(taken) == 1 and not my_task._children)
        if not taken:
            my_task.workflow.branch_ended()

    def taken(self, token: Token) -> list[Out]:
        """The flows the token goes on along; the default one when no condition holds. Raises `StepFailed` if none."""
        others = [out for out in self.outs if out is not self.default]
        taken = [out for out in others if out.condition is None or self.holds(out.condition, token)]
        if self.default is not None and not any(out.condition for out in taken):
            taken.append(self.default)
        if self.outs and not taken:
            raise self.stuck()
        return taken

    def stuck(self) -> StepFailed:
        return StepFailed(self.element, Message(N_("None of its conditions holds, and it has no default flow.")))

    def pass_on(self, token: Token, out: Out, *, alone: bool) -> Token:
        """A child at the flow's end: with the token's own data if it goes on alone, else with a copy."""
        spec = token.workflow.spec.task_specs[out.target]
        data = token.data if alone else copy(token.look())
        child = Token(token.workflow, spec, token, via=out.id if spec.incoming > 1 else "")
        if token.result:
            data.update(token.result if alone else copy(token.result))
        for key in token.removed:
            data.pop(key, None)
        child.data = data
        self.prepare(child)
        spec._update(child)
        return child

    def prepare(self, child: Token) -> None:
        """A last word to a child before it arrives."""

    def arm(self, token: Token) -> None:
        for boundary in self.boundaries:
            boundary.arm(token)

    def disarm(self, token: Token) -> None:
        for child in token.children:
            if child._state == WAITING and child.task_spec in self.boundaries:
                child.task_spec.withdraw(child)

    def written_at_end(self, token: Token) -> Values:
        """What its completing writes to the scope's data."""
        return token.result

    def changes_so_far(self, _token: Token) -> Values:
        """What the activity has changed before it ends; an event on its boundary takes it along."""
        return {}

    def withdraw(self, token: Token) -> None:
        """Ends a token that will not go on: cancelled, interrupted, or no longer waited for."""
        if token._state & LIVE:
            token._set_state(CANCELLED)
            token.workflow.top_workflow.visited(token, "cancelled")

    def holds(self, condition: Expression, token: Token) -> bool:
        return bool(self.evaluate(condition, token))

    def evaluate(self, expression: Expression, token: Token, extra: Values | None = None) -> Any:
        instance: Instance = token.workflow.top_workflow
        return instance.evaluate(expression, {**token.look(), **token.result, **(extra or {})}, self.element)


class BeginSpec(NodeSpec):
    """Where a scope begins: at the chosen start event; else at those without a trigger, or where nothing leads to."""

    def taken(self, token: Token) -> list[Out]:
        chosen = token.peek().get("start")
        if chosen is not None:
            return [self.chosen(chosen)]
        return [out for out in self.outs if not self.triggered(token, out)] or self.outs

    def chosen(self, start_id: str) -> Out:
        for out in self.outs:
            if out.target == start_id:
                return out
        raise StepFailed(start_id, Message(N_("The process has no such start event.")))

    def triggered(self, token: Token, out: Out) -> bool:
        node = token.workflow.spec.task_specs[out.target].node
        return node.kind is Kind.START and node.event is not None


class StartSpec(NodeSpec):
    """A start event; its trigger is the host's business (a person, a message, the clock)."""

    def _run_hook(self, my_task: Token) -> bool:
        if self.node is not None and self.node.initiator:
            requester = my_task.workflow.top_workflow.world.names.get("requester") or {}
            my_task.change({self.node.initiator: requester.get("login", "")})
        return True


class PassSpec(NodeSpec):
    """Lets the token through: a script task without a script."""


class UserSpec(NodeSpec):
    """Work for a person; the token stays until the host completes it. A task without a type is such work too."""

    waits = True

    def _on_ready(self, my_task: Token) -> None:
        instance: Instance = my_task.workflow.top_workflow
        lane = (self.node.lane if self.node else "") or my_task.workflow.lane
        data = {**my_task.look(), **my_task.result}
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
        instance.execute(self.script, my_task)
        return True


class JobSpec(NodeSpec):
    """A service task: asks a job, and waits for its answer."""

    waits = True

    def _on_ready(self, my_task: Token) -> None:
        node = self.node
        topic = node.topic if node else ""
        data = {**my_task.look(), **my_task.result}
        my_task.workflow.top_workflow.effects.asked[my_task.id] = Asked(my_task.id, self.element, topic, copy(data))
        self.arm(my_task)

    def withdraw(self, token: Token) -> None:
        token.workflow.top_workflow.effects.asked.pop(token.id, None)
        super().withdraw(token)


class ThrowSpec(NodeSpec):
    """An intermediate or end event that throws a message; others find it by name and key."""

    def _run_hook(self, my_task: Token) -> bool:
        instance: Instance = my_task.workflow.top_workflow
        event = self.node.event if self.node else None
        if event is not None and event.kind is EventKind.MESSAGE:
            thrown = Thrown(self.element, event.name, instance.correlation(my_task), copy(my_task.look()))
            instance.effects.thrown.append(thrown)
        return True


class TerminateSpec(NodeSpec):
    """A terminate end event (10.5.3): the scope ends with every token in it."""

    def _on_complete(self, my_task: Token) -> None:
        my_task.workflow.top_workflow.visited(my_task, "completed")
        my_task.workflow.finish()


class ScopeSpec(NodeSpec):
    """An embedded sub-process or a call activity: holds a scope open and goes on when it has ended."""

    waits = True

    def __init__(self, wf_spec: Any, name: str, node: Node, inner: str) -> None:
        super().__init__(wf_spec, name, node)
        self.inner = inner

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(STARTED)
        self.arm(my_task)
        instance: Instance = my_task.workflow.top_workflow
        own = self.node.lane if self.node and self.node.kind is Kind.CALL else ""
        instance.open_scope(my_task, self.inner, lane=own or my_task.workflow.lane)
        return None

    def written_at_end(self, token: Token) -> Values:
        """Nothing: what happens inside is written as it happens."""
        return {}

    def changes_so_far(self, token: Token) -> Values:
        scope = token.workflow.top_workflow.subprocesses.get(token.id)
        return difference(token.look(), scope.written)[0] if scope is not None else {}

    def withdraw(self, token: Token) -> None:
        token.workflow.top_workflow.close_scope(token)
        super().withdraw(token)
