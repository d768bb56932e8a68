"""Owns throwing: what intermediate and end events send out (BPMN 2.0.2, 10.5.1 and 13.5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.model import EventKind
from engine.spiff.nodes import NodeSpec
from engine.spiff.tokens import Token, copy
from engine.step import Thrown

if TYPE_CHECKING:
    from engine.spiff.workflow import Instance


class ThrowSpec(NodeSpec):
    """An intermediate or end event that throws a message; others find it by name and key."""

    def _run_hook(self, my_task: Token) -> bool:
        instance: Instance = my_task.workflow.top_workflow
        event = self.node.event if self.node else None
        if event is not None and event.kind is EventKind.MESSAGE:
            thrown = Thrown(self.element, event.name, instance.correlation(my_task), copy(my_task.known()))
            instance.effects.thrown.append(thrown)
        return True
