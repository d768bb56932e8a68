"""States that each release wrote are loaded and brought to their end by every later one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from engine import instances
from engine.definitions import load
from engine.spiff.build import build
from engine.spiff.codec import CODEC_VERSION, UnknownState, dump
from engine.step import Asked, Awaited, DueTimer, Effects, Opened, Step, World
from tests.engine import make_states
from tests.engine.build import bpmn, chain, start, user
from tests.engine.runs import Run, run

FILES = sorted(make_states.FOLDER.glob("*.json"))
KEPT = [(path, number) for path in FILES for number in range(len(orjson.loads(path.read_bytes())))]


def restored(kept: dict[str, Any]) -> Run:
    """The instance of a kept scenario, with what the tables know of it."""
    begun = Run(load(orjson.dumps(kept["definition"])), World(datetime.fromisoformat(kept["now"]), key="T-1"))
    state = orjson.dumps(kept["state"])
    begun.revision = kept["revision"]
    begun.step = Step(1, 2, begun.revision - 1, "restored", {}, begun.world.now, state, {}, False, Effects(), None)
    begun.tasks = {ref: Opened(ref, element, loop, lane, {}) for ref, (element, loop, lane) in kept["tasks"].items()}
    for ref, slot, element, due in kept["timers"]:
        begun.timers[ref, slot] = DueTimer(ref, slot, element, datetime.fromisoformat(due))
    begun.awaited = {(one[0], one[1]): Awaited(*one) for one in kept["awaited"]}
    begun.asked = {ref: Asked(ref, element, topic, {}) for ref, (element, topic) in kept["asked"].items()}
    return begun


@pytest.mark.parametrize(("path", "number"), KEPT, ids=lambda value: getattr(value, "stem", str(value)))
def test_a_state_of_an_earlier_release_runs_to_its_end(path: Path, number: int) -> None:
    kept = orjson.loads(path.read_bytes())[number]
    begun = restored(kept)
    make_states.go(begun, kept["way"])
    assert begun.ended
    assert begun.data == kept["end"]["data"]
    assert [[visit.element, visit.loop, visit.outcome] for visit in begun.visits] == kept["end"]["visits"]


def test_this_release_writes_what_its_kept_states_say() -> None:
    """If this fails, the shape of states or definitions has changed: raise its version, and keep reading the old."""
    today = orjson.loads(orjson.dumps([make_states.written(scenario) for scenario in make_states.scenarios()]))
    assert today == orjson.loads(FILES[-1].read_bytes())


def test_a_state_written_by_a_later_release_is_refused() -> None:
    begun = run(bpmn(start(), user("a"), chain("begin", "a")))
    later = begun.step.state.replace(b'"v":%d' % CODEC_VERSION, b'"v":%d' % (CODEC_VERSION + 1))
    with pytest.raises(UnknownState):
        instances.restore(later, build(begun.definition))


def test_loading_and_writing_again_changes_nothing() -> None:
    for scenario in make_states.scenarios():
        state = scenario.begun.step.state
        assert dump(instances.restore(state, build(scenario.begun.definition))) == state


def test_a_state_holds_no_spec_and_stays_small() -> None:
    ids = [f"u{number}" for number in range(300)]
    begun = run(bpmn(start(), *map(user, ids), chain("begin", *ids)), data={"x": 1})
    assert len(begun.step.state) < 200
    for ident in ids[:30]:
        begun.complete(ident)
    assert len(begun.step.state) < 200
