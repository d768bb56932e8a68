"""Every element in a case of its own, against what BPMN 2.0 wants of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.step import StepFailed
from tests.engine.cases import CASES, Case
from tests.engine.replay import Replay
from tests.engine.runs import Run, run

UNITS = {"h": "hours", "d": "days"}


def walk(case: Case) -> str:
    """The trail of a case: each completed task, then how it ended; the token game agrees with each firing."""
    happens, trail, times = list(case.happens), list[str](), dict[str, int]()
    try:
        begun = run(case.file, data=dict(case.data), start_id=case.begins or None)
        while not begun.ended and len(trail) < 20:
            ready = [name for name in begun.open if name != case.held or not happens]
            ready = [name for name in ready if name != case.held] or ready
            if begun.asked:
                begun.answer(next(iter(begun.asked.values())).element)
            elif ready and not (happens and set(ready) == {case.held}):
                trail.append(ready[0])
                begun.complete(ready[0], **given(case, ready[0], times))
            elif happens:
                outside(begun, happens.pop(0))
            else:
                break
    except StepFailed:
        return " ".join([*trail, "FAILED"])
    definition = begun.definition
    Replay(definition.process, definition.called.values()).check(begun.visited(), ended=begun.ended)
    return " ".join([*trail, "END" if begun.ended else "STUCK"])


def given(case: Case, name: str, times: dict[str, int]) -> dict[str, Any]:
    """What the task is completed with; of a list, the next one each time."""
    times[name] = times.get(name, -1) + 1
    values = case.given.get(name, {})
    return {key: value[times[name]] if isinstance(value, list) else value for key, value in values.items()}


def outside(begun: Run, what: str) -> None:
    verb, what = what.split(" ")
    if verb == "later":
        until = begun.world.now + timedelta(**{UNITS[what[-1]]: int(what[:-1])})
        while due := [timer for timer in begun.timers.values() if timer.due_at <= until]:
            begun.fire(min(due, key=lambda timer: timer.due_at).element)
        begun.wait(seconds=max(0.0, (until - begun.world.now).total_seconds()))
    elif verb == "message":
        begun.deliver(what)
    else:
        begun.signal(what)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_takes_the_trail_that_the_specification_wants(case: Case) -> None:
    assert walk(case) == case.trail


def test_there_are_as_many_cases_as_elements_have_ways() -> None:
    assert len(CASES) >= 135
    assert len({case.name for case in CASES}) == len(CASES)
