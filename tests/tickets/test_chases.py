"""The shipped types' chases: each is of one step, which it names, and is withdrawn when that step is done."""

from __future__ import annotations

import pytest

from engine.definitions import Kind, Node, read_bundle
from engine.definitions.kinds import EventKind
from engine.definitions.model import Scope
from tests.tickets.play import SHIPPED_TYPES, shipped


def scopes(key: str) -> list[Scope]:
    """The process's own and those of its sub-processes."""
    ((_, compiled),) = read_bundle(shipped(key)).definitions
    whole = compiled.process.scope
    return [whole, *(node.body for node in whole.walk() if node.body is not None)]


def chases(scope: Scope) -> list[tuple[Node, Node]]:
    """The steps that are chased in a scope, each with the task that chases it."""
    nodes = {node.id: node for node in scope.nodes}
    late = [node for node in scope.nodes if node.kind is Kind.BOUNDARY and not node.interrupting]
    leads = {flow.source: flow.target for flow in scope.flows}
    return [(nodes[event.attached_to], nodes[leads[event.id]]) for event in late]


@pytest.mark.parametrize("key", SHIPPED_TYPES)
def test_each_chase_names_its_step_and_ends_with_it(key: str) -> None:
    found = [(scope, *pair) for scope in scopes(key) for pair in chases(scope)]
    assert found
    for scope, step, chase in found:
        (end,) = (flow.target for flow in scope.flows if flow.source == step.id)
        event = next(node.event for node in scope.nodes if node.id == end)
        assert event is not None
        assert event.kind is EventKind.TERMINATE
        assert len([node for node in scope.nodes if node.kind is Kind.USER]) == 2, "that end ends nothing else"
        for language in ("zh", "en"):
            name = step.names[language]
            assert name.lower() in chase.names[language].lower()
            assert name in chase.documentation
