"""Owns moving tokens by hand: ending them all, taking one back to an earlier task, and giving an ended process one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.definitions.model import Scope as ScopeForm
from engine.expressions import N_, Message
from engine.spiff.reach import leads_back, stands_alone
from engine.spiff.repeat import RepeatSpec
from engine.spiff.scopes import ScopeSpec
from engine.spiff.tasks import UserSpec
from engine.spiff.tokens import STARTED, Token
from engine.step import StepFailed

if TYPE_CHECKING:
    from engine.spiff.build import Blueprint, ProcessSpec
    from engine.spiff.nodes import NodeSpec
    from engine.spiff.open_scopes import ScopeMixin
    from engine.spiff.workflow import Instance

_ELSEWHERE = N_("The process can't go back to it from here: it is part of another section, or done many times.")
_TWICE = N_("The process can't go back to it from here: others work at the same time, and would have to do it twice.")
_NOT_ALONE = N_("The process can't be taken up there again: other steps belong to it that can't be begun anew.")


def end_all(instance: Instance) -> None:
    """Everything live is withdrawn; no end event happens and nothing is undone."""
    instance.withdraw_all()
    instance.completed = True


def may_step_back(scope: ScopeMixin, token: Token, element: str) -> bool:
    """Whether `take_back` would."""
    return _is_task(scope.spec.task_specs.get(element)) and _refusal(token, element) is None


def take_back(token: Token, element: str) -> None:
    """An open task is withdrawn; an earlier one of the same scope opens anew, with the data as it is here.

    Raises `StepFailed` where that would begin anything twice, or leave a join waiting.
    """
    if (refusal := _refusal(token, element)) is not None:
        raise StepFailed(element, Message(refusal))
    spec = token.task_spec
    spec.disarm(token)
    spec.withdraw(token)
    earlier = token.workflow.spec.task_specs[element]
    child = Token(token.workflow, earlier, token)
    child.freeze({}, [])
    earlier._update(child)


def take_up(instance: Instance, element: str) -> None:
    """An ended instance has one token again, at a person's task, with the data it ended with. Raises `StepFailed`."""
    path = _path_to(instance.blueprint, element)
    if path is None:
        raise StepFailed(element, Message(_NOT_ALONE))
    instance.completed = False
    scope: ScopeMixin = instance
    for event in scope.spec.events:
        event.stand_by(scope)
    for name in path[:-1]:
        scope = _open(instance, scope, name)
    scope.begin_at(path[-1])


def may_take_up(blueprint: Blueprint, element: str) -> bool:
    """Whether an instance that has ended can go on there."""
    return _path_to(blueprint, element) is not None


def _refusal(token: Token, element: str) -> str | None:
    scope = token.workflow
    if token.task_spec.repeats is not None or not _is_task(scope.spec.task_specs.get(element)):
        return _ELSEWHERE
    return None if leads_back(scope.spec, element, token.task_spec.name) else _TWICE


def _is_task(spec: NodeSpec | None) -> bool:
    """A person's task, one for many people too."""
    return isinstance(spec.inner if isinstance(spec, RepeatSpec) else spec, UserSpec)


def _open(instance: Instance, scope: ScopeMixin, name: str) -> ScopeMixin:
    """A sub-process or call with nothing in it yet but what stands by."""
    spec = scope.spec.task_specs[name]
    assert isinstance(spec, ScopeSpec)
    holder = scope.aside(spec)
    holder.data = dict(scope.written)
    if spec.passage is not None:
        spec.passage.enter(holder)
    holder._set_state(STARTED)
    spec.arm(holder)
    lane = spec.node.lane if spec.node is not None and spec.node.kind is Kind.CALL else ""
    inner = instance.open_scope(holder, spec.inner, lane=lane or scope.lane, at="")
    del inner.memory["at"]
    for event in inner.spec.events:
        event.stand_by(inner)
    return inner


def _path_to(blueprint: Blueprint, element: str) -> list[str] | None:
    """The activities that hold open where the element is, and the element; None unless there is just one way."""
    found = list(_paths(blueprint, blueprint.compiled.process.scope, element, []))
    if len(found) != 1:
        return None
    spec: ProcessSpec = blueprint.main
    for name in found[0][:-1]:
        if not stands_alone(spec, name):
            return None
        holder = spec.task_specs[name]
        if type(holder) is not ScopeSpec or _forgets(holder):
            return None
        spec = blueprint.specs[holder.inner]
    last = found[0][-1]
    return found[0] if _is_task(spec.task_specs.get(last)) and stands_alone(spec, last) else None


def _forgets(holder: ScopeSpec) -> bool:
    """Whether what was written inside ended with it, so that its tasks would lack what came before them."""
    return holder.passage is not None and holder.passage.only_outputs


def _paths(blueprint: Blueprint, scope: ScopeForm, element: str, above: list[str]) -> list[list[str]]:
    found = []
    for node in scope.nodes:
        if node.id == element:
            found.append([*above, node.id])
        elif node.id not in above and (inner := _inside(blueprint, node)) is not None:
            found += _paths(blueprint, inner, element, [*above, node.id])
    return found


def _inside(blueprint: Blueprint, node: Node) -> ScopeForm | None:
    if node.kind is Kind.CALL:
        called = blueprint.compiled.called.get(node.called)
        return called.scope if called is not None else None
    return node.body
