"""Owns business rule tasks: asking a decision within the step, and what its rows become (BPMN 2.0.2, 10.3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.decisions.compile import CompiledDecision, Outcome
from engine.definitions.model import Node
from engine.expressions import N_, EvaluationError, Message, to_json
from engine.spiff.nodes import NodeSpec
from engine.spiff.tokens import Token
from engine.step import StepFailed


class DecisionSpec(NodeSpec):
    """Asks a decision. Its result is kept under a name; without one the outputs of a single row are variables."""

    def __init__(self, wf_spec: Any, name: str, node: Node, decision: CompiledDecision) -> None:
        super().__init__(wf_spec, name, node)
        self.decision = decision
        self.kept_as = node.result
        self.mapped = RESULTS[node.result_as]

    def _run_hook(self, my_task: Token) -> bool:
        instance = my_task.workflow.top_workflow
        instance.hurry(self.element)
        instance.hearing.read_all()
        try:
            known = {**my_task.known(), **instance.world.names}
            outcome = self.decision.decide(known, functions=instance.functions)
            if self.kept_as:
                my_task.result[self.kept_as] = to_json(self.mapped(outcome))
            elif len(outcome.rows) == 1:
                my_task.result.update(to_json(outcome.rows[0]))
        except EvaluationError as error:
            raise StepFailed(self.element, error.message) from None
        return True


def _single_entry(outcome: Outcome) -> Any:
    row = _single_result(outcome)
    return None if row is None else _entry(row)


def _single_result(outcome: Outcome) -> Any:
    if len(outcome.rows) > 1:
        problem = N_("The decision gives %(count)s rows where one is expected.")
        raise EvaluationError(Message(problem, {"count": len(outcome.rows)}))
    return outcome.rows[0] if outcome.rows else None


def _entry(row: dict[str, Any]) -> Any:
    if len(row) > 1:
        problem = N_("The decision gives %(count)s outputs where one is expected.")
        raise EvaluationError(Message(problem, {"count": len(row)}))
    return next(iter(row.values()), None)


RESULTS: dict[str, Callable[[Outcome], Any]] = {
    "": lambda outcome: outcome.value,
    "single_entry": _single_entry,
    "single_result": _single_result,
    "entries": lambda outcome: [_entry(row) for row in outcome.rows],
    "rows": lambda outcome: outcome.rows,
}
"""How Camunda's mapDecisionResult names what becomes of the rows; without it the decision itself says."""
