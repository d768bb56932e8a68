"""Owns looking at an instance without moving it: what its state waits for, and what its history would make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from engine import instances
from engine.instances import At
from engine.models import EventType
from engine.spiff.build import Blueprint
from engine.spiff.hearing import heard_again
from engine.spiff.parts import Wait, ref_of
from engine.spiff.tokens import READY, WAITING, Token
from engine.spiff.workflow import Instance
from engine.step import CANCEL, HEARD, REOPEN, VERSION, Asked, Awaited, DueTimer, Step, Values, World

Slot = tuple[str, int]
Versions = Callable[[int], Blueprint]


@dataclass(frozen=True)
class Standing:
    """What an instance waits for: people's tasks (ref to element), timers and events by ref and slot, jobs by ref."""

    tasks: Mapping[str, str]
    timers: Mapping[Slot, DueTimer]
    awaited: Mapping[Slot, Awaited]
    asked: Mapping[str, Asked]
    live: frozenset[str]
    """The refs of all tokens that may still move."""
    data: Values

    @property
    def ended(self) -> bool:
        return not self.live


def standing(instance: Instance) -> Standing:
    """How the instance stands; nothing of it is changed."""
    live = [token for token in _tokens(instance) if token.is_live()]
    ready = [token for token in live if token._state == READY]
    waits = [(token, slot, wait) for token in live if token._state == WAITING for slot, wait in _waits(token)]
    tasks = {token.id: token.task_spec.element for token in ready if token.task_spec.by_person}
    tasks |= {ref_of(token, slot): _element(token, slot) for token, slot, wait in waits if wait[0] == "person"}
    timers = [_timer(token, slot, wait) for token, slot, wait in waits if wait[0] == "timer"]
    awaited = [_awaited(token, slot, wait) for token, slot, wait in waits if wait[0] in set(EventType)]
    return Standing(
        tasks=tasks,
        timers={(one.ref, one.slot): one for one in timers},
        awaited={(one.ref, one.slot): one for one in awaited},
        asked={token.id: _asked(token) for token in ready if token.task_spec.by_job},
        live=frozenset(token.id for token in live),
        data=instance.written,
    )


class Given(NamedTuple):
    """What drove one step, as it was written down (`engine.models.StepInput`)."""

    revision: int
    kind: str
    at: datetime
    payload: Values


def replay(blueprint: Blueprint, given: Iterable[Given], world: World, version: Versions) -> Iterator[Step]:
    """The steps that led to an instance, once more, from the definition it began on and what drove it.

    `version` gives another version's blueprint, by its definition's id, where the instance was put on one. `world`
    lends its zone, calendar, key and the keys of its names; moments and what was heard are those written down.
    The same instance is moved from step to step (`Step.live`). Raises `NotWaiting`, `StepFailed`, LookupError.
    """
    live: Instance | None = None
    for one in given:
        names, functions = heard_again(one.payload.get(HEARD, {}), world.names.keys())
        then = World(one.at, world.zone, names, functions, world.key, world.calendar)
        if live is not None and one.kind == VERSION:
            step = _on_another(live, one, version, then)
        else:
            step = _again(live, blueprint, one, then)
        live = step.live
        yield step


def begun_on(given: Iterable[Given], now_on: int) -> int:
    """The id of the definition on which an instance began that is on `now_on` today."""
    return next((int(one.payload["from"]) for one in given if one.kind == VERSION), now_on)


def _on_another(live: Instance, one: Given, version: Versions, world: World) -> Step:
    """What it might not pass over was looked at when it was done."""
    there = int(one.payload["to"])
    at = At(0, 0, one.revision - 1)
    return instances.change_version(live, at, version(there), there, must=(), world=world)


def _again(live: Instance | None, blueprint: Blueprint, one: Given, world: World) -> Step:
    kind, given, at = one.kind, one.payload, At(0, 0, one.revision - 1)
    if live is None:
        return instances.start(blueprint, 0, data=given["data"], world=world, start_id=given["start"])
    match kind:
        case "complete":
            return instances.complete(live, at, ref=given["ref"], values=given["values"], world=world)
        case "job":
            return instances.answer(live, at, ref=given["ref"], values=given["values"], world=world)
        case "fail":
            error = {"code": given["code"], "message": given["message"], "values": given["values"]}
            return instances.fail(live, at, ref=given["ref"], **error, world=world)
        case "timer":
            return instances.fire_timer(live, at, ref=given["ref"], slot=given["slot"], world=world)
        case "message" | "signal":
            come = instances.deliver if kind == "message" else instances.signal
            return come(live, at, ref=given["ref"], slot=given["slot"], payload=given["payload"], world=world)
        case "back":
            return instances.step_back(live, at, ref=given["ref"], element=given["element"], world=world)
        case _ if kind == CANCEL:
            return instances.cancel(live, at, world=world)
        case _ if kind == REOPEN:
            return instances.reopen(live, at, element=given["element"], world=world)
    raise LookupError(kind)


def _tokens(instance: Instance) -> Iterator[Token]:
    for scope in (instance, *instance.subprocesses.values()):
        yield from scope.tasks.values()


def _waits(token: Token) -> list[tuple[int, Wait]]:
    return [(int(number), wait) for number, wait in token.peek().get("waits", {}).items()]


def _element(token: Token, slot: int) -> str:
    return str(token.task_spec.slots[slot][1].element)


def _timer(token: Token, slot: int, wait: Wait) -> DueTimer:
    return DueTimer(token.id, slot, _element(token, slot), datetime.fromisoformat(wait[1]))


def _awaited(token: Token, slot: int, wait: Wait) -> Awaited:
    kind, name, *key = wait
    return Awaited(token.id, slot, _element(token, slot), name, "".join(key), kind)


def _asked(token: Token) -> Asked:
    node: Any = token.task_spec.node
    return Asked(token.id, token.task_spec.element, node.topic if node is not None else "", {})
