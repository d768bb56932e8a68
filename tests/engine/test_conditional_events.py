"""Conditional events: BPMN 2.0.2, 10.5.5 and 13.5.3: they happen when their condition becomes true, by whomever."""

from __future__ import annotations

import pytest

from engine.step import StepFailed
from tests.engine.build import (
    becomes,
    both,
    boundary,
    bpmn,
    call,
    catch,
    chain,
    document,
    each,
    end,
    event_sub,
    first_of,
    script,
    service,
    start,
    sub,
    timer,
    times,
    user,
    whole,
)
from tests.engine.runs import process, run


def test_a_condition_that_holds_already_is_passed_at_once() -> None:
    begun = process(start(), catch("enough", becomes("n > 3")), user("a"), chain("begin", "enough", "a"), n=4)
    assert (begun.open, begun.visited()) == (["a"], ["begin", "enough"])


def test_what_another_branch_sets_makes_it_true() -> None:
    begun = process(
        *(start(), both("fork"), catch("enough", becomes("n > 3")), user("a"), user("count"), user("again")),
        *(chain("begin", "fork", "enough", "a"), chain("fork", "count", "again")),
    )
    assert begun.complete("count", n=1).open == ["again"]
    assert begun.complete("again", n=4).open == ["a"]


def test_a_condition_on_what_nobody_has_set_yet_does_not_hold_yet() -> None:
    begun = process(
        *(start(), both("fork"), catch("enough", becomes("person.age >= 18")), user("a"), user("b"), user("c")),
        *(chain("begin", "fork", "enough", "a"), chain("fork", "b", "c")),
    )
    assert begun.complete("b", person=None).open == ["c"]
    assert begun.complete("c", person={"age": 20}).open == ["a"]


def test_it_interrupts_the_activity_it_is_attached_to() -> None:
    begun = process(
        *(start(), both("fork"), user("work"), boundary("stop", "work", becomes("stopped")), user("after"), user("b")),
        *(end(), chain("begin", "fork", "work", "done"), chain("fork", "b"), chain("stop", "after")),
    ).complete("b", stopped=True)
    assert (begun.open, begun.visited("cancelled")) == (["after"], ["work"])


def test_an_activity_is_interrupted_before_it_has_done_anything_if_it_holds_already() -> None:
    part = sub("part", start("in"), script("count", "n = 1"), user("work"), chain("in", "count", "work"))
    begun = process(
        *(start(), part, boundary("stop", "part", becomes("stopped")), user("after"), chain("begin", "part")),
        *(script("next", "n = 2"), boundary("halt", "next", becomes("stopped")), user("last")),
        *(chain("stop", "next"), chain("halt", "last"), chain("next", "after")),
        stopped=True,
    )
    assert (begun.open, begun.data) == (["last"], {"stopped": True})
    assert begun.visited() == ["begin", "stop", "halt"]


def test_one_that_does_not_interrupt_happens_each_time_it_becomes_true() -> None:
    part = sub(
        *("part", start("in"), user("u0"), user("u1"), user("u2"), user("u3"), user("u4")),
        chain("in", "u0", "u1", "u2", "u3", "u4"),
    )
    begun = process(
        *(start(), part, boundary("hot", "part", becomes("t > 30"), interrupting=False), user("cool")),
        *(chain("begin", "part"), chain("hot", "cool")),
        t=20,
    )
    cools = []
    for number, degrees in enumerate((35, 40, 20, 31)):
        begun.complete(f"u{number}", t=degrees)
        cools.append(begun.open.count("cool"))
    assert cools == [1, 1, 1, 2]


def test_an_event_gateway_takes_whichever_comes_first() -> None:
    begun = process(
        *(start(), both("fork"), first_of("wait"), catch("enough", becomes("n > 3")), user("a")),
        *(catch("late", timer("after", "PT1H")), user("b"), user("count"), user("again")),
        *(chain("begin", "fork", "wait", "enough", "a"), chain("wait", "late", "b"), chain("fork", "count", "again")),
    )
    assert begun.complete("count", n=4).open == ["a", "again"]
    assert begun.due == {}
    assert begun.visited() == ["begin", "fork", "count", "wait", "enough"]


def test_an_event_sub_process_begins_when_it_becomes_true() -> None:
    for interrupting, opened in ((True, ["help"]), (False, ["b", "help"])):
        alarm = event_sub(
            "alarm", becomes("t > 30"), user("help"), chain("alarm_on", "help"), interrupting=interrupting
        )
        begun = process(start(), user("a"), user("b"), alarm, chain("begin", "a", "b")).complete("a", t=31)
        assert (begun.open, begun.data_of("help")) == (opened, {"t": 31})


def test_it_sees_what_is_set_outside_of_its_own_scope_and_what_only_its_round_knows() -> None:
    caller = whole(
        *(start(), both("fork"), call("ask", "q", each("who", "one")), user("set"), end()),
        *(chain("begin", "fork", "ask", "done"), chain("fork", "set", "done")),
    )
    called = whole(
        *(start("in"), catch("enough", becomes("limit >= one and loopCounter < 2")), user("u")),
        chain("in", "enough", "u"),
        process="q",
    )
    begun = run(document(caller, called), data={"who": [3, 1, 1], "limit": 0})
    assert begun.open == ["set"]
    begun.complete("set", limit=2)
    assert [task.data["one"] for task in begun.tasks.values()] == [1]


def test_what_an_inner_scope_sets_is_seen_outside_at_once() -> None:
    part = sub("part", start("in"), user("a"), user("b"), chain("in", "a", "b"))
    begun = process(
        *(start(), both("fork"), part, catch("enough", becomes("n == 1")), user("c")),
        *(chain("begin", "fork", "part"), chain("fork", "enough", "c")),
    ).complete("a", n=1)
    assert begun.open == ["b", "c"]


def test_a_script_that_makes_it_true_is_enough() -> None:
    begun = process(
        *(start(), both("fork"), catch("enough", becomes("n > 3")), user("a"), user("go"), script("count", "n = 9")),
        *(user("b"), chain("begin", "fork", "enough", "a"), chain("fork", "go", "count", "b")),
    )
    assert begun.complete("go").open == ["a", "b"]


def test_names_that_the_platform_gives_may_stand_in_it() -> None:
    file = bpmn(
        *(start(), service("job"), boundary("off", "job", becomes('requester["login"] == "zhoulan"')), user("a")),
        *(chain("begin", "job"), chain("off", "a")),
    )
    assert run(file, names={"requester": {"login": "zhoulan"}}).open == ["a"]
    assert run(file, names={"requester": {"login": "qianyu"}}).open == []


def test_conditions_that_flip_for_ever_are_stopped() -> None:
    begun = process(
        *(start(), user("go"), user("last"), chain("begin", "go", "last")),
        event_sub("a", becomes("x == 1"), script("off", "x = 0"), chain("a_on", "off"), interrupting=False),
        event_sub("b", becomes("x == 0"), script("on", "x = 1"), chain("b_on", "on"), interrupting=False),
    )
    with pytest.raises(StepFailed, match="without end"):
        begun.complete("go", x=1)
    assert begun.open == ["go"]


def test_one_that_makes_itself_true_again_happens_once_a_change() -> None:
    begun = process(
        *(start(), user("go"), user("last"), chain("begin", "go", "last")),
        event_sub("a", becomes("x == 1"), script("still", "n = n + 1"), chain("a_on", "still"), interrupting=False),
        n=0,
    ).complete("go", x=1)
    assert begun.data == {"x": 1, "n": 1}


def test_conditions_of_a_thousand_rounds_are_looked_at_within_the_budget() -> None:
    begun = process(
        *(
            start(),
            both("fork"),
            sub("part", start("in"), catch("c", becomes("go")), chain("in", "c"), loop=times("1000")),
        ),
        *(user("set"), user("next"), chain("begin", "fork", "part", "next"), chain("fork", "set")),
    )
    assert begun.complete("set", go=True).open == ["next"]


def test_one_in_a_closed_scope_is_looked_at_no_more() -> None:
    part = sub("part", start("in"), catch("c", becomes("go")), user("never"), chain("in", "c", "never"))
    begun = process(
        *(start(), part, boundary("late", "part", timer("after", "PT1H")), user("a"), user("b")),
        *(chain("begin", "part"), chain("late", "a", "b")),
    ).fire("late")
    assert begun.complete("a", go=True).open == ["b"]
    assert begun.loaded().conditional == begun.step.live.conditional == {}
