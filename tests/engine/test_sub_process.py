"""Embedded sub-processes: BPMN 2.0.2, 13.3.4."""

from __future__ import annotations

import pytest

from engine.step import StepFailed
from tests.engine.build import both, bpmn, chain, end, flow, lane_set, script, start, sub, terminate, user, xor
from tests.engine.runs import run


def test_it_ends_when_nothing_inside_is_left_and_hands_on_what_it_set() -> None:
    inner = sub(
        *("part", start("in"), both("fork"), user("one"), user("two"), end("out1"), end("out2")),
        *(chain("in", "fork", "one", "out1"), chain("fork", "two", "out2")),
    )
    begun = run(bpmn(start(), inner, user("after"), end(), chain("begin", "part", "after", "done")), data={"x": 0})
    begun.complete("one", x=1, a=1)
    assert begun.open == ["two"]
    begun.complete("two", b=2)
    assert (begun.open, begun.data_of("after")) == (["after"], {"x": 1, "a": 1, "b": 2})


def test_without_a_start_event_it_begins_where_no_flow_leads_and_ends_where_none_leaves() -> None:
    inner = sub("part", user("one"), user("two"), user("three"), chain("one", "two"))
    begun = run(bpmn(start(), inner, user("after"), end(), chain("begin", "part", "after", "done")))
    assert begun.open == ["one", "three"]
    begun.complete("one").complete("three")
    assert begun.open == ["two"]
    assert begun.complete("two").open == ["after"]


def test_a_terminate_end_ends_just_the_sub_process() -> None:
    inner = sub(
        *("part", start("in"), both("fork"), user("one"), user("two"), end("stop", terminate()), end("out")),
        *(chain("in", "fork", "one", "stop"), chain("fork", "two", "out")),
    )
    file = bpmn(
        *(start(), both("outer"), user("beside"), inner, user("after"), end()),
        *(chain("begin", "outer", "part", "after", "done"), chain("outer", "beside", "done")),
    )
    begun = run(file).complete("one", x=1)
    assert (begun.open, begun.data_of("after")) == (["after", "beside"], {"x": 1})
    assert begun.visited("cancelled") == ["two"]
    assert begun.complete("after").complete("beside").ended


def test_lanes_reach_the_tasks_inside() -> None:
    inner = sub("part", start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out"))
    lanes = lane_set(office="begin part done", lead="two")
    begun = run(bpmn(start(), inner, end(), chain("begin", "part", "done"), lanes=lanes))
    assert [task.lane for task in begun.tasks.values()] == ["office"]
    begun.complete("one")
    assert [task.lane for task in begun.tasks.values()] == ["lead"]


def test_a_loop_back_into_it_begins_it_anew() -> None:
    inner = sub("part", start("in"), user("one"), end("out"), chain("in", "one", "out"))
    file = bpmn(
        *(start(), xor("again"), inner, xor("good", "back"), end(), chain("begin", "again", "part", "good")),
        *(flow("good", "done", "n == 3"), flow("good", "again", ident="back")),
    )
    begun = run(file)
    for number in (1, 2, 3):
        begun.complete("one", n=number)
    assert begun.ended
    assert begun.visited().count("part") == 3


def test_two_of_it_at_once_are_two() -> None:
    inner = sub("part", start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out"))
    file = bpmn(
        *(start(), both("fork"), xor("merge"), inner, user("after"), end()),
        *(chain("begin", "fork", "merge", "part", "after", "done"), flow("fork", "merge", ident="second")),
    )
    begun = run(file)
    assert begun.open == ["one", "one"]
    begun.complete("one", nth=1, x=2)
    assert begun.open == ["one", "two"]
    begun.complete("two", y=2)
    assert (begun.open, begun.data_of("after")) == (["after", "one"], {"x": 2, "y": 2})
    assert begun.complete("after").complete("one").complete("two").complete("after").ended


def test_it_may_be_nested_deep() -> None:
    inner = sub("s0", start("in0"), user("core"), end("out0"), chain("in0", "core", "out0"))
    for depth in range(1, 20):
        inner = sub(
            *(f"s{depth}", start(f"in{depth}"), inner, end(f"out{depth}")),
            chain(f"in{depth}", f"s{depth - 1}", f"out{depth}"),
        )
    begun = run(bpmn(start(), inner, end(), chain("begin", "s19", "done"))).complete("core", x=1)
    assert (begun.ended, begun.data) == (True, {"x": 1})


def test_a_failure_inside_names_the_element_inside() -> None:
    inner = sub("part", start("in"), script("bad", "x = 1 / 0"), end("out"), chain("in", "bad", "out"))
    begun = run(bpmn(start(), user("ask"), inner, end(), chain("begin", "ask", "part", "done")))
    with pytest.raises(StepFailed) as failed:
        begun.complete("ask")
    assert failed.value.element == "bad"
    assert begun.open == ["ask"]


def test_one_without_people_is_done_in_one_step() -> None:
    inner = sub("part", start("in"), script("set", "x = 1"), end("out"), chain("in", "set", "out"))
    begun = run(bpmn(start(), inner, end(), chain("begin", "part", "done")))
    assert (begun.ended, begun.data) == (True, {"x": 1})
    assert begun.visited() == ["begin", "in", "set", "out", "part", "done"]
