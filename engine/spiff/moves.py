"""Owns moving tokens by hand: ending them all, taking one back to an earlier task, and giving an ended process one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
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


def may_step_back(token: Token, element: str) -> bool:
    """Whether `take_back` would."""
    return isinstance(_way_back(token, element), _WayBack)


def take_back(token: Token, element: str) -> None:
    """An open task is withdrawn; an earlier one opens anew, with the data as it is here.

    A sub-process that is left is withdrawn with all in it; one that the earlier task stands in begins there. Raises
    `StepFailed` where that would begin anything twice, or leave a join waiting.
    """
    way = _way_back(token, element)
    if not isinstance(way, _WayBack):
        raise StepFailed(element, Message(way))
    leaving, spec = way.leaving, way.leaving.task_spec
    scope, known = leaving.workflow, spec.changes_so_far(leaving) if leaving is not token else {}
    spec.disarm(leaving)
    spec.withdraw(leaving)
    child = Token(scope, scope.spec.task_specs[way.path[0]], leaving)
    child.freeze(known, [])
    if len(way.path) == 1:
        child.task_spec._update(child)
        return
    instance: Instance = scope.top_workflow
    inner = _hold_open(instance, child)
    for name in way.path[1:-1]:
        inner = _open(instance, inner, name)
    inner.begin_at(way.path[-1])


@dataclass(frozen=True, slots=True)
class _WayBack:
    """What is withdrawn, a task or the sub-process around it; and from its scope on the way in to the earlier task."""

    leaving: Token
    path: list[str]


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


def _way_back(token: Token, element: str) -> _WayBack | str:
    """Or why there is none."""
    blueprint: Blueprint = token.workflow.top_workflow.blueprint
    leaving = token
    while leaving.task_spec.repeats is None:
        scope = leaving.workflow
        if way := _way_in(blueprint, scope.spec, _form_of(blueprint, scope), element):
            back = leads_back(scope.spec, way[0], leaving.task_spec.name)
            return _WayBack(leaving, way) if back else _TWICE
        holder = scope.holder
        if holder is None or type(holder.task_spec) is not ScopeSpec:
            break
        if not _all_beside(leaving):
            return _TWICE
        leaving = holder
    return _ELSEWHERE


def _all_beside(token: Token) -> bool:
    """Whether what else goes on in the scope has begun at the activity's boundary, so that it ends with it."""
    scope, ahead = token.workflow, [event.name for event in token.task_spec.boundaries]
    beside: set[str] = set()
    while ahead:
        if (name := ahead.pop()) not in beside:
            beside.add(name)
            ahead += [out.target for out in scope.spec.task_specs[name].outs]
    live = (each for each in scope.tasks.values() if each.is_live() and each is not token)
    return all(each.task_spec.name in beside or each.task_spec.stands_by(each) for each in live)


def _form_of(blueprint: Blueprint, scope: ScopeMixin) -> ScopeForm | None:
    if scope.holder is None:
        return blueprint.compiled.process.scope
    node = scope.holder.task_spec.node
    return _inside(blueprint, node) if node is not None else None


def _is_task(spec: NodeSpec | None) -> bool:
    """A person's task, one for many people too."""
    return isinstance(spec.inner if isinstance(spec, RepeatSpec) else spec, UserSpec)


def _open(instance: Instance, scope: ScopeMixin, name: str) -> ScopeMixin:
    """A sub-process or call with nothing in it yet but what stands by."""
    holder = scope.aside(scope.spec.task_specs[name])
    holder.data = dict(scope.written)
    return _hold_open(instance, holder)


def _hold_open(instance: Instance, holder: Token) -> ScopeMixin:
    spec, around = holder.task_spec, holder.workflow
    assert isinstance(spec, ScopeSpec)
    if spec.passage is not None:
        spec.passage.enter(holder)
    holder._set_state(STARTED)
    spec.arm(holder)
    lane = spec.node.lane if spec.node is not None and spec.node.kind is Kind.CALL else ""
    inner = instance.open_scope(holder, spec.inner, lane=lane or around.lane, at="")
    del inner.memory["at"]
    for event in inner.spec.events:
        event.stand_by(inner)
    return inner


def _path_to(blueprint: Blueprint, element: str) -> list[str] | None:
    """The activities that hold open where the element is, and the element; None unless there is just one way."""
    path = _way_in(blueprint, blueprint.main, blueprint.compiled.process.scope, element)
    return path if path is not None and stands_alone(blueprint.main, path[0]) else None


def _way_in(blueprint: Blueprint, spec: ProcessSpec, scope: ScopeForm | None, element: str) -> list[str] | None:
    """The only way in from a scope to a person's task, each activity on it begun with nothing else inside; or None."""
    found = list(_paths(blueprint, scope, element, [])) if scope is not None else []
    if len(found) != 1:
        return None
    for name, below in pairwise(found[0]):
        holder = spec.task_specs[name]
        if type(holder) is not ScopeSpec or _forgets(holder):
            return None
        spec = blueprint.specs[holder.inner]
        if not stands_alone(spec, below):
            return None
    return found[0] if _is_task(spec.task_specs.get(found[0][-1])) else None


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
