"""Owns whether, and how, an instance goes on as another version of its process.

What has been done stays done. Its tokens are put on the elements of the same ids, and that is right where the same
tokens could stand there had the instance been begun on that version: then no join waits for a token that was never
sent, and nothing is done twice. What waits goes on waiting as it was begun; boundary events and event sub-processes
that are new begin to wait, those that are gone wait no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from engine.definitions.kinds import EventKind
from engine.definitions.model import Node
from engine.definitions.parts import Event
from engine.expressions import N_, Message
from engine.spiff.ad_hoc import OFFER
from engine.spiff.codec import dump, load
from engine.spiff.event_scopes import EventScopeSpec
from engine.spiff.events import BoundarySpec
from engine.spiff.gateways import JoinSpec
from engine.spiff.reach import comes_to, may_miss, waiting_on
from engine.spiff.tokens import WAITING, Token
from engine.spiff.trail import Record, records_of
from engine.spiff.workflow import Instance
from engine.step import StepFailed, World

if TYPE_CHECKING:
    from engine.spiff.build import Blueprint, ProcessSpec
    from engine.spiff.nodes import NodeSpec
    from engine.spiff.open_scopes import ScopeMixin

_GONE = N_("That version doesn't have it, or has it in another section; the ticket is there now or came by it.")
_RENAMED = N_(
    "That version has one of the same name with another id, %(there)s instead of %(here)s: by its id it is another "
    "element. The ticket is there now or came by it."
)
_OTHERWISE = N_("In that version it is something else, or waits for something else; the ticket is there now.")
_REPEATED = N_("In that version it is repeated otherwise; the ticket is there now.")
_ELSEWHERE = N_("A ticket begun on that version can't be there with just what is open now: others would be missing.")
_UNDONE = N_("It is done, and may be undone later; in that version nothing, or something else, would undo it.")
_MISSED = N_("The ticket would pass over it: in that version it comes before what is open now, and it isn't done.")


Must = Collection[Collection[str]]
"""Groups of elements; an instance may not pass over all of one."""


def change_version(instance: Instance, blueprint: Blueprint, world: World, must: Must = ()) -> Instance:
    """The same instance on another version, its step begun; the given one is not to be used any more.

    `must` is of what is not done yet. Raises `StepFailed` with the element in the way.
    """
    for scope in _scopes(instance):
        _check(scope, blueprint.specs.get(scope.spec.name), must)
        _check_undoing(records_of(scope), scope.spec.name, instance.blueprint, blueprint)
    old = {scope.spec.name: scope.spec for scope in _scopes(instance)}
    instance.begin_step(world)
    for scope in _scopes(instance):
        _let_go(scope, blueprint.specs[scope.spec.name])
    changed = load(dump(instance), blueprint)
    changed.begin_step(world)
    changed.effects = instance.effects
    for scope in _scopes(changed):
        _begin_to_wait(scope, old[scope.spec.name])
    return changed


def _scopes(instance: Instance) -> list[ScopeMixin]:
    return [instance, *instance.subprocesses.values()]


def _check(scope: ScopeMixin, there: ProcessSpec | None, must: Must) -> None:
    if there is None:
        assert scope.holder is not None, "a version is of the same process"
        raise StepFailed(scope.holder.task_spec.element, Message(_OTHERWISE))
    for token in scope.tasks.values():
        if not _let_be(token, there):
            twin = there.task_specs.get(token.task_spec.name)
            if twin is None:
                raise StepFailed(token.task_spec.element or token.task_spec.name, _gone(token.task_spec, there))
            _check_token(token, twin)
    _check_places(scope, there, must)


def _let_be(token: Token, there: ProcessSpec) -> bool:
    """What only stands by may be gone there, or be another: `_let_go` lets go of it."""
    return _stands_by(token) and not _is_kept(token.task_spec, there)


def _stands_by(token: Token) -> bool:
    spec = token.task_spec
    return isinstance(spec, BoundarySpec | EventScopeSpec) and token._state == WAITING


def _gone(spec: NodeSpec, there: ProcessSpec) -> Message:
    """Whoever draws an element anew under its old name does not see that its id has changed."""
    name = spec.node.name if spec.node is not None else ""
    nodes = [each.node for each in there.task_specs.values() if each.node is not None]
    same = next((node.id for node in nodes if name and node.name == name and node.id != spec.element), "")
    return Message(_RENAMED, {"here": spec.element, "there": same}) if same else Message(_GONE)


def _check_token(token: Token, there: NodeSpec) -> None:
    spec = token.task_spec
    if not token.is_live():
        return
    if type(there) is not type(spec) or _waits_for(spec) != _waits_for(there):
        raise StepFailed(spec.element, Message(_OTHERWISE))
    if (spec.node and spec.node.loop) != (there.node and there.node.loop):
        raise StepFailed(spec.element, Message(_REPEATED))
    if isinstance(there, JoinSpec) and token.via and token.via not in there.flows:
        raise StepFailed(spec.element, Message(_ELSEWHERE))


def _check_undoing(records: Iterable[Record], name: str, here: Blueprint, there: Blueprint) -> None:
    """What completed activities have left behind is undone by the same, also what is inside of them."""
    for record in records:
        if _undoes(here.specs.get(name), record["of"]) != _undoes(there.specs.get(name), record["of"]):
            raise StepFailed(record["of"], Message(_UNDONE))
        _check_undoing(record["inside"], f"{name}/{record['of']}", here, there)


def _undoes(spec: ProcessSpec | None, element: str) -> object:
    return spec and (spec.undo.get(element), spec.undone_at.get(element), spec.undoer)


def _waits_for(spec: NodeSpec) -> object:
    """What makes a wait another one; a clock that runs already keeps its time, so that its text may be another."""
    node = spec.node
    slots = [(part.element, _heard(part.event)) for _, part in spec.slots]
    return slots, node and (node.kind, node.topic, node.called, node.interrupting, bool(node.ad_hoc))


def _heard(event: Event) -> object:
    timer = event.timer if event.kind is EventKind.TIMER else None
    return event.kind, event.name, event.naming, event.key, event.expr if timer is None else None, timer


def _is_kept(spec: NodeSpec, there: ProcessSpec) -> bool:
    twin = there.task_specs.get(spec.name)
    return twin is not None and type(twin) is type(spec) and _waits_for(spec) == _waits_for(twin) and _at(spec, twin)


def _at(spec: NodeSpec, twin: NodeSpec) -> bool:
    """Whether both hang on the same activity."""
    return (spec.node and spec.node.attached_to) == (twin.node and twin.node.attached_to)


def _let_go(scope: ScopeMixin, there: ProcessSpec) -> None:
    for token in list(scope.tasks.values()):
        if token.id in scope.tasks and _let_be(token, there):
            token.task_spec.withdraw(token)


def _begin_to_wait(scope: ScopeMixin, before: ProcessSpec) -> None:
    """What was no boundary event of an active activity, or no event sub-process, and is one now."""
    for token in list(scope.tasks.values()):
        if token.is_live() and not _stands_by(token):
            for boundary in token.task_spec.boundaries:
                if not _is_kept(boundary, before):
                    boundary.arm(token)
    if "at" not in scope.memory and not any(_has_taken_over(token) for token in scope.tasks.values()):
        for event in scope.spec.events:
            if not _is_kept(event, before):
                event.stand_by(scope)


def _has_taken_over(token: Token) -> bool:
    """Whether it is an event sub-process that runs and has ended all else in its scope."""
    spec = token.task_spec
    return isinstance(spec, EventScopeSpec) and spec.interrupting and token.is_live() and not _stands_by(token)


def _check_places(scope: ScopeMixin, there: ProcessSpec, must: Must) -> None:
    """Whether the tokens could be where they are, and pass over nothing that must be done."""
    held = list(_held(scope))
    places = [place for _, place in held]
    if not places:
        return
    begun = (there.start.name,)
    if _drawing(scope.spec) != _drawing(there) and not comes_to(there, begun, places):
        raise StepFailed(held[0][0].task_spec.element, Message(_ELSEWHERE))
    for elements in must:
        names = {name for element in elements for name in _holding(there, element)}
        passed = names and not names & set(places) and may_miss(there, places, names)
        if passed and not may_miss(there, begun, names):
            raise StepFailed(min(elements), Message(_MISSED))


def _held(scope: ScopeMixin) -> Iterator[tuple[Token, str]]:
    """The live tokens that flows have led to, with their places; rounds are part of what is repeated."""
    for token in scope.tasks.values():
        spec = token.task_spec
        aside = isinstance(spec, EventScopeSpec | BoundarySpec) or spec.repeats is not None or spec.offer is not None
        if token.is_live() and not aside and spec.name != OFFER:
            joins = isinstance(spec, JoinSpec) and token._state == WAITING
            yield token, waiting_on(token.via) if joins else spec.name


def _holding(spec: ProcessSpec, element: str) -> set[str]:
    """The nodes of the scope that are the element, or have it inside."""
    return {
        name
        for name, one in spec.task_specs.items()
        if one.element == element or (one.node is not None and _has_inside(one.node, element))
    }


def _has_inside(node: Node, element: str) -> bool:
    return node.body is not None and any(inner.id == element for inner in node.body.walk())


def _drawing(spec: ProcessSpec) -> object:
    """What decides which tokens a scope can have: two that are alike need no search."""
    return {
        name: (type(one), {(out.id, out.target, out is one.default) for out in one.outs}, _hosts(one))
        for name, one in spec.task_specs.items()
    }


def _hosts(spec: NodeSpec) -> object:
    return {(boundary.name, boundary.node and boundary.node.interrupting) for boundary in spec.boundaries}
