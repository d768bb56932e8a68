"""Owns moving an instance: start, complete, fire, answer; each plans one `Step` and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.definitions.kinds import EventKind
from engine.expressions import N_, EvaluationError, Message, to_json
from engine.spiff import versions
from engine.spiff.build import Blueprint
from engine.spiff.catching import Alarm, raise_alarm
from engine.spiff.codec import dump, load
from engine.spiff.moves import end_all, take_back, take_up
from engine.spiff.tokens import READY, Token, copy
from engine.spiff.waits import fire, received
from engine.spiff.workflow import Instance
from engine.step import CANCEL, HEARD, REOPEN, VERSION, Step, StepFailed, Uncaught, Values, World

MAX_STATE = 4_000_000
"""Bytes: what each step reads and writes whole."""


@dataclass(frozen=True, slots=True)
class At:
    """Which instance a step is of: its definition version, its id (None: new), and the revision it was read at."""

    definition_id: int
    instance_id: int | None
    revision: int


class NotWaiting(Exception):
    """The token does not (or no longer) wait for this: the caller looks at what has become of it."""


def start(blueprint: Blueprint, definition_id: int, *, data: Values, world: World, start_id: str | None = None) -> Step:
    """A new instance, moved as far as it goes by itself. Raises `StepFailed`."""
    instance, given = Instance(blueprint), _kept(data, start_id or "")
    begins = blueprint.compiled.process.node(start_id) if start_id else None
    given = received(begins.event if begins is not None else None, given)
    instance.begin_step(world)
    _advance(instance, lambda: instance.start(given, start_id))
    return _step(instance, At(definition_id, None, 0), "start", {"data": data, "start": start_id})


def restore(state: bytes, blueprint: Blueprint) -> Instance:
    """The instance of a stored state; raises `engine.spiff.codec.UnknownState`."""
    return load(state, blueprint)


def resting(instance: Instance) -> list[str]:
    """The elements at which its tokens are: what it waits for besides people, times and messages is in no table."""
    scopes = (instance, *instance.subprocesses.values())
    tokens = [token for scope in scopes for token in scope.tasks.values() if token.is_live()]
    specs = [token.task_spec for token in tokens if token.id not in instance.subprocesses]
    return list(dict.fromkeys(spec.element for spec in specs if spec.element and not spec.is_container))


def complete(instance: Instance, at: At, *, ref: str, values: Values, world: World) -> Step:
    """A person's task is done with these values, or an event's: it has happened. Raises `NotWaiting`, `StepFailed`."""

    def move(token: Token) -> None:
        slot = ref.partition(".")[2]
        if slot.isdecimal():
            _happen(token, int(slot), ref, values)
        else:
            _finish(token, token.task_spec.by_person, ref, values)

    return _moved(instance, at, "complete", {"ref": ref, "values": values}, ref, move, world)


def answer(instance: Instance, at: At, *, ref: str, values: Values, world: World) -> Step:
    """A job asked by a service task is done. Raises `NotWaiting`, `StepFailed`."""

    def move(token: Token) -> None:
        _finish(token, token.task_spec.by_job, ref, values)

    return _moved(instance, at, "job", {"ref": ref, "values": values}, ref, move, world)


def fail(instance: Instance, at: At, *, ref: str, code: str, message: str = "", values: Values, world: World) -> Step:
    """A job asked by a service task ends with a BPMN error of this code (10.5.7, 13.5.5): whoever catches it goes on.

    Raises `NotWaiting`; `StepFailed`, too if nobody catches it.
    """

    def move(token: Token) -> None:
        if token._state != READY or not token.task_spec.by_job:
            raise NotWaiting(ref)
        element = token.task_spec.element
        if not raise_alarm(token, Alarm(EventKind.ERROR, code, message, _kept(values, element))):
            raise Uncaught(element, _uncaught(code, message))

    given = {"ref": ref, "code": code, "message": message, "values": values}
    return _moved(instance, at, "fail", given, ref, move, world)


def fire_timer(instance: Instance, at: At, *, ref: str, slot: int, world: World) -> Step:
    """A due time has come. Raises `NotWaiting`, `StepFailed`."""
    return _fire(instance, at, "timer", ref, slot, {}, world)


def deliver(instance: Instance, at: At, *, ref: str, slot: int, payload: Values, world: World) -> Step:
    """A message has come. Raises `NotWaiting`, `StepFailed`."""
    return _fire(instance, at, "message", ref, slot, payload, world)


def signal(instance: Instance, at: At, *, ref: str, slot: int, payload: Values, world: World) -> Step:
    """A signal was sent elsewhere. Raises `NotWaiting`, `StepFailed`."""
    return _fire(instance, at, "signal", ref, slot, payload, world)


def cancel(instance: Instance, at: At, *, world: World) -> Step:
    """Everything that is under way is withdrawn and the instance has ended: no end event, nothing undone."""
    instance.begin_step(world)
    end_all(instance)
    return _step(instance, at, CANCEL, {})


def step_back(instance: Instance, at: At, *, ref: str, element: str, world: World) -> Step:
    """A person's open task is taken back, and an earlier one opens anew, with the data as it is.

    Raises `NotWaiting`; `StepFailed` where other branches would be done twice or wait for ever.
    """

    def move(token: Token) -> None:
        if token._state != READY or not token.task_spec.by_person:
            raise NotWaiting(ref)
        take_back(token, element)

    return _moved(instance, at, "back", {"ref": ref, "element": element}, ref, move, world)


def reopen(instance: Instance, at: At, *, element: str, world: World) -> Step:
    """An instance that has ended goes on at a person's task, with the data it ended with. Raises `StepFailed`."""
    instance.begin_step(world)
    _advance(instance, lambda: take_up(instance, element))
    return _step(instance, at, REOPEN, {"element": element})


def change_version(
    instance: Instance, at: At, blueprint: Blueprint, definition_id: int, *, must: versions.Must, world: World
) -> Step:
    """The instance goes on as another version of its process; `at` names the one it was on.

    Raises `StepFailed`, with the element in the way, where it can't, or would pass over one of `must`.
    """
    changed = versions.change_version(instance, blueprint, world, must)
    _advance(changed, lambda: None)
    there = At(definition_id, at.instance_id, at.revision)
    return _step(changed, there, VERSION, {"from": at.definition_id, "to": definition_id})


def _fire(instance: Instance, at: At, kind: str, ref: str, slot: int, payload: Values, world: World) -> Step:
    def move(token: Token) -> None:
        _happen(token, slot, ref, payload)

    return _moved(instance, at, kind, {"ref": ref, "slot": slot, "payload": payload}, ref, move, world)


def _happen(token: Token, slot: int, ref: str, payload: Values) -> None:
    if not fire(token, slot, _kept(payload, token.task_spec.element)):
        raise NotWaiting(ref)


def _finish(token: Token, accepts: bool, ref: str, values: Values) -> None:
    if token._state != READY or token.id != ref or not accepts:
        raise NotWaiting(ref)
    token.result = _kept(values, token.task_spec.element)
    token.complete()


def _uncaught(code: str, message: str) -> Message:
    if message:
        return Message(N_("The error “%(code)s” is caught by nothing: %(message)s"), {"code": code, "message": message})
    return Message(N_("The error “%(code)s” is caught by nothing."), {"code": code})


def _moved(
    instance: Instance, at: At, kind: str, payload: Values, ref: str, move: Callable[[Token], None], world: World
) -> Step:
    instance.begin_step(world)
    token = instance.find(ref)
    if token is None:
        raise NotWaiting(ref)
    _advance(instance, lambda: move(token))
    return _step(instance, at, kind, payload)


def _kept(values: Values, element: str) -> Values:
    """A copy of what is given from outside; what JSON or a database cannot hold is refused here, before it is state."""
    try:
        return dict(to_json(values))
    except EvaluationError as error:
        raise StepFailed(element, error.message) from None


def _advance(instance: Instance, move: Callable[[], None]) -> None:
    try:
        move()
        instance.advance()
    except RecursionError:
        raise StepFailed("", Message(N_("The process is nested too deeply."))) from None


def _step(instance: Instance, at: At, kind: str, payload: Values) -> Step:
    state = dump(instance)
    if len(state) > MAX_STATE:
        raise StepFailed("", Message(N_("Its values are larger than %(limit)s MB."), {"limit": MAX_STATE // 1_000_000}))
    return Step(
        definition_id=at.definition_id,
        instance_id=at.instance_id,
        expected_revision=at.revision,
        kind=kind,
        payload={**payload, HEARD: heard} if (heard := instance.hearing.kept()) else payload,
        now=instance.world.now,
        state=state,
        data=copy(instance.written),
        ended=bool(instance.completed),
        effects=instance.effects,
        live=instance,
    )
