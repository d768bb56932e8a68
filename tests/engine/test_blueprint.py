"""Blueprints are shared by instances and threads: nothing that runs changes one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine import instances
from engine.definitions import dump, load, read_bundle
from engine.definitions.stored import Compiled
from engine.expressions import Expression, Script
from engine.instances import At
from engine.spiff.build import Blueprint, build
from engine.spiff.hot import HotInstances
from engine.step import Step, World
from tests.engine.build import (
    boundary,
    bpmn,
    call,
    chain,
    document,
    each,
    end,
    message,
    script,
    start,
    sub,
    timer,
    user,
    whole,
    xor,
)
from tests.engine.runs import NOON, compiled, fresh, run

FILES = Path(__file__).parent / "files"
GOOD = sorted(path.name for path in FILES.glob("*.bpmn") if not path.name.startswith("bad_"))


def frozen(value: Any, seen: dict[int, tuple[int, Any]]) -> Any:
    """Everything reachable from a spec, as plain comparable data; `seen` keeps it alive, so that ids stay its own."""
    if isinstance(value, str | int | float | bool | bytes | type(None) | Expression | Script):
        return value
    if isinstance(value, tuple | frozenset):
        return [frozen(item, seen) for item in value]
    if id(value) in seen:
        return ("seen", seen[id(value)][0])
    seen[id(value)] = (len(seen), value)
    if isinstance(value, dict):
        return {key: frozen(item, seen) for key, item in value.items()}
    if isinstance(value, list | set):
        return [frozen(item, seen) for item in value]
    state = getattr(value, "__dict__", None) or {name: getattr(value, name) for name in getattr(value, "__slots__", ())}
    return (type(value).__name__, frozen(state, seen))


def snapshot(blueprint: Blueprint) -> Any:
    return frozen({"main": blueprint.main, "specs": blueprint.specs}, {})


def walk(blueprint: Blueprint, *, most: int = 60) -> Step:
    """Goes through an instance, whatever it waits for, with the same values everywhere."""
    values = {"desk": True, "laptop": True, "good": False, "score": 70, "voters": ["a", "b"], "signers": ["c"]}
    values |= {"approved": True, "days": 5, "kind": "事假", "decision": "approve", "amount": 1}
    world = World(NOON)
    step = instances.start(blueprint, 1, data=dict(values), world=world)
    live = step.live
    for number in range(most):
        at = At(1, 2, step.revision)
        waiting = [token for scope in (live, *live.subprocesses.values()) for token in scope.tasks.values()]
        ready = [
            token.id for token in waiting if token.is_live() and not token.peek().get("waits") and token._state == 16
        ]
        timers = [token.id for token in waiting if token.is_live() and token.peek().get("waits")]
        if timers and (number % 3 == 2 or not ready):
            step = instances.fire_timer(live, at, ref=timers[0], slot=0, world=world)
        elif ready:
            given = {**values, "good": number > 10}
            step = instances.complete(live, at, ref=ready[0], values=given, world=world)
        if step.ended:
            break
    return step


@pytest.mark.parametrize("name", GOOD)
def test_running_a_process_leaves_its_blueprint_as_it_was(name: str) -> None:
    files = {path: (FILES / path).read_bytes() for path in {name, "called_assessment.bpmn"}}
    definitions = dict(read_bundle(files).definitions)
    blueprint = build(definitions[name])
    before = snapshot(blueprint)
    first, second = walk(blueprint), walk(blueprint)
    assert first.state == second.state
    assert snapshot(blueprint) == before


def test_a_definition_is_stored_and_loaded_as_it_was() -> None:
    for name in GOOD:
        files = {path: (FILES / path).read_bytes() for path in {name, "called_assessment.bpmn"}}
        for _, found in read_bundle(files).definitions:
            assert load(dump(found)) == found
            assert snapshot(build(load(dump(found)))) == snapshot(build(found))


def test_threads_share_a_blueprint() -> None:
    definition = compiled((FILES / "loop_back.bpmn").read_bytes(), process="loop_back")
    blueprint = fresh(definition)
    expected = walk(fresh(definition)).state
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: walk(blueprint).state, range(24)))
    assert set(found) == {expected}


@pytest.mark.parametrize(
    "ident",
    ["Start", "End", "Root", "start", "process", "p.EndJoin", "StartEventJoin", "self", "None", "id", "中文", "_1"],
)
def test_an_element_may_have_any_name_for_an_id(ident: str) -> None:
    """The library's generated ids collide with Start, End and others."""
    inner = sub("part", start("in"), user(ident), end("out"), chain("in", ident, "out"))
    file = bpmn(start(), user("one"), inner, end(), chain("begin", "one", "part", "done"))
    begun = run(file).complete("one").complete(ident)
    assert begun.ended
    file = bpmn(start(), user(ident), xor("x"), end(), chain("begin", ident, "x", "done"))
    assert run(file).complete(ident).ended
    file = document(
        whole(start(), call("c", ident), end(), chain("begin", "c", "done")),
        whole(start("b"), user("u"), chain("b", "u"), process=ident),
    )
    assert run(file).complete(f"{ident}/u").ended


def test_the_hot_cache_gives_an_instance_once_and_only_at_its_revision() -> None:
    hot = HotInstances(instances=2)
    blueprint = fresh(compiled(bpmn(start(), user("u"), chain("begin", "u"))))
    lives = [instances.start(blueprint, 1, data={}, world=World(NOON)).live for _ in range(3)]
    hot.put(1, 5, lives[0])
    assert hot.take(1, 4) is None
    assert hot.take(1, 5) is None
    hot.put(1, 5, lives[0])
    assert hot.take(1, 5) is lives[0]
    assert hot.take(1, 5) is None
    for number, live in enumerate(lives):
        hot.put(number, 1, live)
    assert hot.take(0, 1) is None
    assert hot.take(2, 1) is lives[2]


def test_the_hot_cache_keeps_the_newer_revision() -> None:
    hot = HotInstances()
    blueprint = fresh(compiled(bpmn(start(), user("u"), chain("begin", "u"))))
    old, new = (instances.start(blueprint, 1, data={}, world=World(NOON)).live for _ in range(2))
    hot.put(1, 6, new)
    hot.put(1, 5, old)
    assert hot.take(1, 6) is new


def test_a_blueprint_is_built_once_per_version() -> None:
    hot, fetched = HotInstances(blueprints=1), []
    stored = dump(compiled(bpmn(start(), user("u"), chain("begin", "u"))))

    def fetch() -> bytes:
        fetched.append(1)
        return stored

    first = hot.blueprint(1, fetch)
    assert hot.blueprint(1, fetch) is first
    assert hot.blueprint(2, fetch) is not first
    assert hot.blueprint(1, fetch) is not first
    assert len(fetched) == 3


def test_a_large_process_is_built_from_its_artefact() -> None:
    ids = [f"u{number}" for number in range(1990)]
    file = bpmn(start(), *map(user, ids), end(), chain("begin", *ids, "done"))
    definition: Compiled = load(dump(compiled(file)))
    assert len(build(definition).main.task_specs) == 1993


EVENTS = bpmn(
    *(start(), user("work"), boundary("bell", "work", timer("every", "R/PT1H"), interrupting=False)),
    *(boundary("off", "work", message("m_cancel")), script("s", "n = 1", each("[1, 2]")), end(), end("x"), end("y")),
    *(chain("begin", "work", "s", "done"), chain("bell", "x"), chain("off", "y")),
)


def test_events_leave_the_blueprint_as_it_was() -> None:
    """The library's event sub-processes change the spec when they are triggered."""
    blueprint = fresh(compiled(EVENTS))
    before = snapshot(blueprint)
    for hour in range(3):
        step = instances.start(blueprint, 1, data={}, world=World(NOON))
        for _ in range(hour):
            ref = next(iter(step.effects.timers))[0]
            step = instances.fire_timer(step.live, At(1, 2, step.revision), ref=ref, slot=0, world=World(NOON))
    assert snapshot(blueprint) == before
