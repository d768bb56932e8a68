"""Owns repeated activities (BPMN 2.0.2, 13.3.6 and 13.3.7): multi-instance, in parallel or in turn, and loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.definitions.bounds import MAX_ITEMS
from engine.definitions.kinds import LoopKind
from engine.definitions.parts import Loop
from engine.expressions import N_, Expression, Message
from engine.spiff.nodes import NodeSpec
from engine.spiff.tokens import LIVE, READY, STARTED, Token, copy, difference, round_of
from engine.step import StepFailed, Values

COUNTER = "loopCounter"


@dataclass(frozen=True)
class Repetition:
    """A loop with its expressions compiled."""

    loop: Loop
    collection: Expression | None
    cardinality: Expression | None
    condition: Expression | None
    output: Expression | None = None
    """What a round adds to the output, where that is no variable's value."""


class RepeatSpec(NodeSpec):
    """The activity as a whole; each round is a child whose item and counter are its own.

    The container's data stays as it was entered with; what rounds change gathers in `ended`, and what they delete in
    `gone`, handed on at the end.
    """

    waits = True
    is_container = True

    def __init__(self, wf_spec: Any, name: str, node: Any, repetition: Repetition, inner: NodeSpec) -> None:
        super().__init__(wf_spec, name, node)
        self.repetition, self.inner = repetition, inner
        inner.repeats = self

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(STARTED)
        state = my_task.internal_data
        state.update(done=0, begun=0, ended={})
        self.arm(my_task)
        loop = self.repetition.loop
        if loop.kind is LoopKind.STANDARD:
            self._next_round(my_task)
            return None
        items = self._items(my_task)
        state["total"] = len(items)
        if loop.output:
            state["out"] = [None] * len(items)
        if loop.kind is LoopKind.SEQUENTIAL:
            state["items"] = items
        first = items[:1] if loop.kind is LoopKind.SEQUENTIAL else items
        for item in first:
            self._begin(my_task, item)
        if not items:
            self._pass(my_task)
        return None

    def done_one(self, child: Token) -> None:
        """A round has ended: keeps what it changed, and begins the next one or ends them all."""
        container: Token = child.parent
        data = {**child.look(), **child.result}
        for name in child.removed:
            if name not in child.result:
                data.pop(name, None)
        known = data if child.last is None else child.last
        self._keep(container, child, data, known)
        child.drop()
        if self._enough(container, known):
            self._withdraw_rounds(container)
            container.complete()
        elif self.repetition.loop.kind is LoopKind.STANDARD:
            self._next_round(container)
        elif self.repetition.loop.kind is LoopKind.SEQUENTIAL:
            self._begin(container, container.peek()["items"][container.peek()["begun"]])

    def lost_one(self, child: Token) -> None:
        """Events are attached to the whole: a round is never lost alone."""

    def _on_complete(self, my_task: Token) -> None:
        my_task.result.update(self.changes_so_far(my_task))
        my_task.removed = my_task.peek().get("gone", ())
        super()._on_complete(my_task)

    def written_at_end(self, token: Token) -> Values:
        """The outputs; what rounds changed was written when they ended."""
        state = token.peek()
        return {self.repetition.loop.output: state["out"]} if "out" in state else {}

    def own(self, child: Token) -> Values:
        """A round's number and item."""
        known = child.look()
        return {name: known[name] for name in (COUNTER, self.repetition.loop.element) if name in known}

    def counters(self, child: Token) -> Values:
        return self._counters(child.parent)

    def _counters(self, container: Token) -> Values:
        """How many rounds there are, under BPMN's names and Camunda 7's; a standard loop has none to count."""
        state = container.peek()
        if "total" not in state:
            return {}
        active = 1 if self.repetition.loop.kind is LoopKind.SEQUENTIAL else state["begun"] - state["done"]
        counts = {"Instances": state["total"], "CompletedInstances": state["done"], "ActiveInstances": active}
        return {f"{prefix}{name}": count for prefix in ("nrOf", "numberOf") for name, count in counts.items()}

    def changes_so_far(self, token: Token) -> Values:
        return {**token.peek()["ended"], **self.written_at_end(token)}

    def withdraw(self, token: Token) -> None:
        self._withdraw_rounds(token)
        super().withdraw(token)

    def _items(self, token: Token) -> list[Any]:
        loop = self.repetition
        if loop.collection is not None:
            found = self.evaluate(loop.collection, token)
            if isinstance(found, Mapping):
                found = list(found.values())
            if not isinstance(found, list | tuple):
                raise StepFailed(self.element, Message(N_("What it is repeated over is not a list.")))
        else:
            found = self._counted(token)
        self._check_count(len(found))
        return list(found)

    def _counted(self, token: Token) -> range:
        count = self.evaluate(self.repetition.cardinality, token) if self.repetition.cardinality else 0
        if isinstance(count, bool) or not isinstance(count, int | float) or count != int(count):
            raise StepFailed(self.element, Message(N_("The number of times is not a whole number.")))
        self._check_count(int(count))
        return range(int(count))

    def _check_count(self, count: int) -> None:
        if count > MAX_ITEMS:
            problem = N_("It would be repeated %(count)s times; at most %(limit)s are allowed.")
            raise StepFailed(self.element, Message(problem, {"count": count, "limit": MAX_ITEMS}))

    def _begin(self, container: Token, item: Any) -> None:
        state, loop = container.internal_data, self.repetition.loop
        index: int = state["begun"]
        state["begun"] = index + 1
        child = Token(container.workflow, self.inner, container)
        own: Values = {COUNTER: index}
        if loop.element:
            own[loop.element] = copy(item)
        changed, gone = self._so_far(container)
        child.freeze({**copy(changed), **own}, [name for name in gone if name not in own])
        child.internal_data["index"] = index
        child.loop = round_of(container.loop, index)
        self.inner._update(child)

    def _keep(self, container: Token, child: Token, data: Values, known: Values) -> None:
        state, loop = container.internal_data, self.repetition.loop
        before, gone = self._so_far(container)
        began = container.look()
        if before or gone:
            began = {name: value for name, value in {**began, **before}.items() if name not in gone}
        changed, deleted = difference(began, data)
        for name in (COUNTER, loop.element):
            changed.pop(name, None)
        if loop.output:
            state["out"][child.peek()["index"]] = self._output(container, known)
        state["done"] += 1
        self._gather(state, changed, deleted)
        container.workflow.write(changed, deleted)

    def _so_far(self, container: Token) -> tuple[Values, Sequence[str]]:
        """What the next round knows of those before it: all they have changed and deleted; nothing in parallel."""
        if self.repetition.loop.kind is LoopKind.PARALLEL:
            return {}, ()
        return container.peek()["ended"], container.peek().get("gone", ())

    def _gather(self, state: Values, changed: Values, deleted: Sequence[str]) -> None:
        state["ended"].update(changed)
        for name in deleted:
            state["ended"].pop(name, None)
        if deleted or "gone" in state:
            state["gone"] = sorted({*state.get("gone", ()), *deleted} - changed.keys())

    def _output(self, container: Token, known: Values) -> Any:
        loop = self.repetition
        if loop.output is not None:
            return self.evaluate(loop.output, container, known)
        return known.get(loop.loop.output_element or loop.loop.element)

    def _enough(self, container: Token, known: Values) -> bool:
        state, loop = container.peek(), self.repetition
        if loop.loop.kind is LoopKind.STANDARD:
            return False
        if state["done"] >= state["total"]:
            return True
        if loop.condition is None:
            return False
        seen = {**known, **state["ended"], **self._counters(container)}
        return loop.condition.is_true(self.evaluate(loop.condition, container, seen))

    def _next_round(self, container: Token) -> None:
        """A standard loop's next round, or its end: its condition says whether to go on."""
        state, loop = container.peek(), self.repetition
        rounds = state["done"]
        over = loop.loop.maximum is not None and rounds >= loop.loop.maximum
        if not over and loop.condition is not None and (rounds or loop.loop.test_before):
            going = self.evaluate(loop.condition, container, {**state["ended"], COUNTER: rounds})
            over = not loop.condition.is_true(going)
        if over:
            self._pass(container)
        else:
            self._begin(container, None)

    def _pass(self, container: Token) -> None:
        """Lets it complete in its turn: many in a row that have nothing to do must not nest."""
        container._set_state(READY)
        container.workflow.top_workflow.agenda.append(container)

    def _withdraw_rounds(self, container: Token) -> None:
        for child in container.children:
            if child.task_spec is self.inner:
                if child._state & LIVE:
                    child.task_spec.withdraw(child)
                child.drop()
