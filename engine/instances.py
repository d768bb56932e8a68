"""Owns moving an instance: start, complete, fire, answer; each plans one `Step` and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.expressions import N_, Message
from engine.spiff.build import Blueprint
from engine.spiff.codec import dump, load
from engine.spiff.events import fire
from engine.spiff.tokens import READY, WAITING, Token, copy
from engine.spiff.workflow import Instance
from engine.step import Step, StepFailed, Values, World


@dataclass(frozen=True, slots=True)
class At:
    """Which instance a step is of: its definition version, its id, and the revision it was read at."""

    definition_id: int
    instance_id: int
    revision: int


class NotWaiting(Exception):
    """The token does not (or no longer) wait for this: the caller looks at what has become of it."""


def start(blueprint: Blueprint, definition_id: int, *, data: Values, world: World, start_id: str | None = None) -> Step:
    """A new instance, moved as far as it goes by itself. Raises `StepFailed`."""
    instance = Instance(blueprint)
    instance.begin_step(world)
    instance.start(copy(data), start_id)
    payload = {"data": data, "start": start_id}
    return _finish(instance, definition_id, None, 0, "start", payload)


def restore(state: bytes, blueprint: Blueprint) -> Instance:
    """The instance of a stored state; raises `engine.spiff.codec.UnknownState`."""
    return load(state, blueprint)


def complete(instance: Instance, at: At, *, ref: str, values: Values, world: World) -> Step:
    """A person's task is done with these values. Raises `NotWaiting`, `StepFailed`."""

    def move(token: Token) -> None:
        if token._state != READY:
            raise NotWaiting(ref)
        token.result = copy(values)
        token.complete()

    return _moved(instance, at, "complete", {"ref": ref, "values": values}, ref, move, world)


def answer(instance: Instance, at: At, *, ref: str, values: Values, world: World) -> Step:
    """A job asked by a service task is done. Raises `NotWaiting`, `StepFailed`."""
    return replace(complete(instance, at, ref=ref, values=values, world=world), kind="job")


def fire_timer(instance: Instance, at: At, *, ref: str, slot: int, world: World) -> Step:
    """A due time has come. Raises `NotWaiting`, `StepFailed`."""
    return _fire(instance, at, "timer", ref, slot, {}, world)


def deliver(instance: Instance, at: At, *, ref: str, slot: int, payload: Values, world: World) -> Step:
    """A message has come. Raises `NotWaiting`, `StepFailed`."""
    return _fire(instance, at, "message", ref, slot, payload, world)


def _fire(instance: Instance, at: At, kind: str, ref: str, slot: int, payload: Values, world: World) -> Step:
    def move(token: Token) -> None:
        if token._state != WAITING or not fire(token, slot, payload):
            raise NotWaiting(ref)

    return _moved(instance, at, kind, {"ref": ref, "slot": slot, "payload": payload}, ref, move, world)


def _moved(
    instance: Instance, at: At, kind: str, payload: Values, ref: str, move: Callable[[Token], None], world: World
) -> Step:
    instance.begin_step(world)
    token = instance.find(ref)
    if token is None:
        raise NotWaiting(ref)
    move(token)
    return _finish(instance, at.definition_id, at.instance_id, at.revision, kind, payload)


def _finish(
    instance: Instance, definition_id: int, instance_id: int | None, revision: int, kind: str, payload: Values
) -> Step:
    try:
        instance.advance()
    except RecursionError:
        raise StepFailed("", Message(N_("The process is nested too deeply."))) from None
    return Step(
        definition_id=definition_id,
        instance_id=instance_id,
        expected_revision=revision,
        kind=kind,
        payload=payload,
        now=instance.world.now,
        state=dump(instance),
        data=copy(instance.written),
        ended=bool(instance.completed),
        effects=instance.effects,
        live=instance,
    )
