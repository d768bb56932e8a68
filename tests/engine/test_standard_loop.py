"""Standard loops: BPMN 2.0.2, 10.3.8 and 13.3.6."""

from __future__ import annotations

import pytest

from tests.engine.build import boundary, bpmn, chain, end, script, start, sub, timer, user, while_true
from tests.engine.runs import run


def working(loop: str) -> bytes:
    return bpmn(start(), user("work", loop), user("after"), chain("begin", "work", "after"))


def test_it_goes_on_while_its_condition_holds() -> None:
    begun = run(working(while_true("${not done}")))
    for number in range(3):
        assert begun.open == ["work"]
        assert next(iter(begun.tasks.values())).loop == str(number + 1)
        begun.complete("work", done=number == 2, n=number)
    assert (begun.open, begun.data_of("after")) == (["after"], {"done": True, "n": 2})


@pytest.mark.parametrize(("more", "rounds"), [(False, 0), (True, 1)])
def test_tested_before_it_may_not_happen_at_all(more: bool, rounds: int) -> None:
    begun = run(working(while_true("more", test_before=True)), data={"more": more})
    assert begun.open == (["work"] if rounds else ["after"])
    if rounds:
        assert begun.complete("work", more=False).open == ["after"]


def test_tested_after_it_happens_at_least_once() -> None:
    begun = run(working(while_true("more")), data={"more": False})
    assert begun.complete("work").open == ["after"]


def test_a_maximum_ends_it() -> None:
    for loop in (while_true(most=2), while_true("true", most=2)):
        begun = run(working(loop)).complete("work").complete("work")
        assert begun.open == ["after"]


def test_each_round_sees_what_the_one_before_set_and_its_number() -> None:
    begun = run(working(while_true("loopCounter < 3")), data={"n": 0})
    for number in range(3):
        assert begun.data_of("work") == {"n": number, "loopCounter": number}
        begun.complete("work", n=number + 1)
    assert begun.data_of("after") == {"n": 3}


def test_a_thousand_rounds_without_people() -> None:
    file = bpmn(
        start(), script("count", "n += 1", while_true("n < 1000")), user("after"), chain("begin", "count", "after")
    )
    assert run(file, data={"n": 0}).data == {"n": 1000}


def test_sub_processes_may_loop_and_be_interrupted() -> None:
    inner = sub("part", start("in"), user("one"), end("out"), chain("in", "one", "out"), loop=while_true("not ok"))
    file = bpmn(
        *(start(), inner, boundary("late", "part", timer("after", "P1D")), user("after"), user("off")),
        *(chain("begin", "part", "after"), chain("late", "off")),
    )
    begun = run(file).complete("one", ok=False, n=1).complete("one", ok=False, n=2).fire("late")
    assert begun.data_of("off") == {"ok": False, "n": 2}
    assert run(file).complete("one", ok=True).open == ["after"]
