"""Escalation events: BPMN 2.0.2, 10.5.1, 10.5.3, 10.5.6, 13.5.4: caught outwards by one that interrupts or not."""

from __future__ import annotations

import pytest

from engine.step import StepFailed
from tests.engine.build import (
    EVENTS,
    boundary,
    call,
    chain,
    document,
    each,
    end,
    escalation,
    event_sub,
    signal,
    start,
    sub,
    throw,
    user,
    whole,
)
from tests.engine.runs import process, run


def raising(*more: str, loop: str = "") -> str:
    """A sub-process that escalates between two tasks."""
    return sub(
        *("part", start("in"), user("first"), throw("up", escalation("x_up")), user("second"), end("out"), *more),
        chain("in", "first", "up", "second", "out"),
        loop=loop,
    )


def test_an_escalation_may_start_something_beside() -> None:
    begun = process(
        *(start(), raising(), boundary("told", "part", escalation("x_up"), interrupting=False), user("boss"), end()),
        *(chain("begin", "part", "done"), chain("told", "boss")),
    ).complete("first", x=1)
    assert (begun.open, begun.data_of("boss")) == (["boss", "second"], {"x": 1})
    assert begun.visited() == ["begin", "in", "first", "up", "told"]
    assert begun.complete("second").complete("boss").ended


def test_an_escalation_may_end_what_it_comes_from() -> None:
    begun = process(
        *(start(), raising(), boundary("told", "part", escalation()), user("boss"), end()),
        *(chain("begin", "part", "done"), chain("told", "boss")),
    ).complete("first", x=1)
    assert (begun.open, begun.visited("cancelled"), begun.visited()[-2:]) == (["boss"], ["part"], ["up", "told"])


def test_an_uncaught_escalation_lets_the_process_go_on() -> None:
    begun = process(
        *(start(), raising(), boundary("told", "part", escalation("x_far")), user("boss"), end()),
        *(chain("begin", "part", "done"), chain("told", "boss")),
    ).complete("first")
    assert begun.open == ["second"]
    assert begun.complete("second").ended


def test_an_escalation_end_event_ends_only_its_branch() -> None:
    part = sub("part", start("in"), user("work"), end("up", escalation("x_up")), chain("in", "work", "up"))
    begun = process(
        *(start(), part, boundary("told", "part", escalation(), interrupting=False), user("boss"), user("next")),
        *(chain("begin", "part", "next"), chain("told", "boss")),
    ).complete("work")
    assert begun.open == ["boss", "next"]
    assert "part" in begun.visited()


def test_an_exact_code_comes_before_any_and_one_catcher_is_enough() -> None:
    begun = process(
        *(start(), raising(), boundary("any", "part", escalation(), interrupting=False), user("a")),
        *(boundary("exact", "part", escalation("x_up"), interrupting=False), user("b")),
        *(chain("begin", "part"), chain("any", "a"), chain("exact", "b")),
    ).complete("first")
    assert begun.open == ["b", "second"]


def test_it_goes_outwards_through_scopes_and_calls() -> None:
    caller = whole(
        *(start(), sub("outer", start("oi"), call("ask", "q"), chain("oi", "ask"))),
        *(boundary("told", "outer", escalation("x_up"), interrupting=False), user("boss"), end()),
        *(chain("begin", "outer", "done"), chain("told", "boss")),
    )
    called = whole(
        *(start("in"), throw("up", escalation("x_up")), user("work"), chain("in", "up", "work")), process="q"
    )
    assert run(document(caller, called, declarations=EVENTS)).open == ["boss", "q/work"]


def test_code_and_words_are_put_into_the_variables_asked_for() -> None:
    caught = escalation(camunda__escalationCodeVariable="code")
    begun = process(
        *(start(), raising(), boundary("told", "part", caught, interrupting=False), user("boss")),
        *(chain("begin", "part"), chain("told", "boss")),
    ).complete("first")
    assert begun.data_of("boss") == begun.data == {"code": "up"}


def test_each_round_may_escalate() -> None:
    begun = process(
        *(start(), raising(loop=each("who")), boundary("told", "part", escalation(), interrupting=False)),
        *(user("boss"), chain("begin", "part"), chain("told", "boss")),
        who=["a", "b"],
    ).complete("first", x=1)
    assert begun.complete("first", x=2).open == ["boss", "boss", "second", "second"]
    assert [task.data["x"] for task in begun.tasks.values() if task.element == "boss"] == [1, 2]


def test_an_event_sub_process_catches_it_in_the_scope_itself() -> None:
    for interrupting, opened in ((True, ["boss"]), (False, ["boss", "second"])):
        told = event_sub("told", escalation(), user("boss"), chain("told_on", "boss"), interrupting=interrupting)
        begun = process(start(), raising(told), user("next"), chain("begin", "part", "next")).complete("first")
        assert begun.open == opened
        assert begun.complete("boss").open == (["next"] if interrupting else ["second"])


def test_an_event_sub_process_does_not_catch_what_comes_from_itself() -> None:
    told = event_sub(
        *("told", escalation("x_up"), throw("on", escalation("x_up")), user("boss"), chain("told_on", "on", "boss")),
        interrupting=False,
    )
    begun = process(
        *(start(), raising(told), boundary("far", "part", escalation(), interrupting=False), user("top")),
        *(chain("begin", "part"), chain("far", "top")),
    ).complete("first")
    assert begun.open == ["boss", "second", "top"]


def test_two_that_escalate_to_each_other_for_ever_are_stopped() -> None:
    ping = event_sub(
        "ping", escalation("x_up"), end("a", escalation("x_far")), chain("ping_on", "a"), interrupting=False
    )
    pong = event_sub(
        "pong", escalation("x_far"), end("b", escalation("x_up")), chain("pong_on", "b"), interrupting=False
    )
    begun = process(start(), raising(ping, pong), chain("begin", "part"))
    with pytest.raises(StepFailed, match="without end"):
        begun.complete("first")


@pytest.mark.parametrize("trigger", [escalation("x_up"), signal("s_go")], ids=["escalation", "signal"])
def test_whoever_catches_what_an_end_event_throws_does_so_before_the_sub_process_ends(trigger: str) -> None:
    begun = process(
        *(start(), sub("part", start("in"), user("first"), end("out", trigger), chain("in", "first", "out"))),
        *(boundary("told", "part", trigger, interrupting=False), user("boss"), user("next"), end()),
        *(chain("begin", "part", "next", "done"), chain("told", "boss")),
    ).complete("first", x=1)
    assert begun.open == ["boss", "next"]
    assert begun.visited() == ["begin", "in", "first", "out", "told", "part"]
