"""Multiple and parallel multiple events: BPMN 2.0.2, 10.5.5: any one of several triggers, or every one."""

from __future__ import annotations

import pytest

from engine.definitions.kinds import EventKind
from tests.engine.build import (
    becomes,
    both,
    boundary,
    catch,
    chain,
    end,
    error,
    escalation,
    event_sub,
    first_of,
    message,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.engine.runs import Run, process

THREE = message() + signal() + timer("after", "PT1H")


def happen(begun: Run, what: str, element: str) -> Run:
    return {
        "m": lambda: begun.deliver("order", m=1),
        "s": lambda: begun.signal("go", s=1),
        "t": lambda: begun.fire(element),
    }[what]()


@pytest.mark.parametrize("what", "mst")
def test_any_one_is_enough_and_the_others_are_forgotten(what: str) -> None:
    begun = process(start(), catch("any", THREE), user("a"), chain("begin", "any", "a"))
    assert (begun.names_awaited, list(begun.due)) == (["go", "order"], ["any"])
    happen(begun, what, "any")
    assert (begun.open, begun.names_awaited, begun.due) == (["a"], [], {})


@pytest.mark.parametrize("order", ["mst", "tsm", "smt", "stm"])
def test_every_one_has_to_come_in_whatever_order(order: str) -> None:
    begun = process(start(), catch("all", THREE, all_of=True), user("a"), chain("begin", "all", "a"))
    for number, what in enumerate(order):
        assert (begun.open, len(begun.awaited) + len(begun.timers)) == ([], 3 - number)
        happen(begun, what, "all")
    assert (begun.open, begun.data, begun.awaited, begun.timers) == (["a"], {"m": 1, "s": 1}, {}, {})


def test_a_due_time_stays_what_it_was_while_others_come() -> None:
    begun = process(start(), catch("all", THREE, all_of=True), user("a"), chain("begin", "all", "a"))
    due = begun.due["all"]
    assert begun.wait(minutes=20).deliver("order").due["all"] == due


def test_a_condition_counts_once_it_has_held() -> None:
    begun = process(
        *(start(), both("fork"), catch("all", becomes("x == 1") + signal(), all_of=True), user("a")),
        *(user("b"), user("c"), user("d"), chain("begin", "fork", "all", "a"), chain("fork", "b", "c", "d")),
    )
    begun.complete("b", x=1).complete("c", x=0)
    assert begun.open == ["d"]
    assert begun.signal("go").open == ["a", "d"]


@pytest.mark.parametrize("what", "mst")
def test_on_a_boundary_any_one_interrupts(what: str) -> None:
    begun = process(
        *(start(), user("work"), boundary("any", "work", THREE), user("a"), chain("begin", "work"), chain("any", "a"))
    )
    happen(begun, what, "any")
    assert (begun.open, begun.awaited, begun.timers) == (["a"], {}, {})


def test_one_that_does_not_interrupt_waits_for_the_rest_as_before() -> None:
    begun = process(
        *(start(), user("work"), boundary("any", "work", THREE, interrupting=False), user("a"), end()),
        *(chain("begin", "work", "done"), chain("any", "a")),
    )
    due = begun.due["any"]
    begun.wait(minutes=5).deliver("order").signal("go").deliver("order")
    assert (begun.open.count("a"), begun.names_awaited, begun.due["any"]) == (3, ["go", "order"], due)
    begun.fire("any")
    assert (begun.open.count("a"), begun.names_awaited, begun.due) == (4, ["go", "order"], {})
    assert begun.complete("work").names_awaited == []


def test_one_that_wants_every_one_begins_to_collect_anew() -> None:
    begun = process(
        *(start(), user("work"), boundary("all", "work", message() + signal(), interrupting=False, all_of=True)),
        *(user("a"), chain("begin", "work"), chain("all", "a")),
    )
    for number in range(1, 3):
        begun.deliver("order")
        assert (begun.open.count("a"), begun.names_awaited) == (number - 1, ["go"])
        begun.signal("go")
        assert (begun.open.count("a"), begun.names_awaited) == (number, ["go", "order"])


@pytest.mark.parametrize("what", ["error", "signal"])
def test_an_error_may_be_one_of_them(what: str) -> None:
    begun = process(
        *(start(), service("job"), boundary("any", "job", error("e_bad") + signal()), user("a")),
        *(chain("begin", "job"), chain("any", "a")),
    )
    if what == "error":
        begun.fail("job", "bad", part=1)
        assert begun.data == {"part": 1}
    else:
        begun.signal("go")
    assert (begun.open, begun.awaited) == (["a"], {})


def test_an_escalation_and_a_message_may_both_be_needed() -> None:
    part = sub(
        "part", start("in"), user("up"), throw("tell", escalation("x_up")), user("b"), chain("in", "up", "tell", "b")
    )
    for first in ("escalation", "message"):
        begun = process(
            *(start(), part, boundary("all", "part", escalation() + message(), all_of=True), user("a")),
            *(chain("begin", "part"), chain("all", "a")),
        )
        if first == "escalation":
            assert begun.complete("up").open == ["b"]
            begun.deliver("order")
        else:
            assert begun.deliver("order").open == ["up"]
            begun.complete("up")
        assert begun.open == ["a"]


def test_an_event_gateway_gives_each_its_own_slots() -> None:
    begun = process(
        *(
            start(),
            first_of("wait"),
            catch("any", message() + timer("after", "PT1H")),
            catch("late", timer("after", "PT2H")),
        ),
        *(user("a"), user("b"), chain("begin", "wait", "any", "a"), chain("wait", "late", "b")),
    )
    assert sorted(slot for _, slot in [*begun.timers, *begun.awaited]) == [0, 1, 2]
    assert begun.fire("late").open == ["b"]


@pytest.mark.parametrize("what", "mst")
def test_an_event_sub_process_begins_by_any_one(what: str) -> None:
    help_ = event_sub("help", THREE, user("a"), chain("help_on", "a"), interrupting=False)
    begun = happen(process(start(), user("work"), help_, chain("begin", "work")), what, "help_on")
    assert begun.open == ["a", "work"]
    assert len(begun.awaited) == 2


def test_throwing_several_throws_each() -> None:
    part = sub(
        *("part", start("in"), user("go"), throw("tell", message() + signal() + escalation("x_up")), user("b")),
        chain("in", "go", "tell", "b"),
    )
    begun = process(
        *(start(), both("fork"), part, boundary("up", "part", escalation(), interrupting=False), user("boss")),
        *(catch("wait", signal()), user("a"), chain("begin", "fork", "part"), chain("fork", "wait", "a")),
        chain("up", "boss"),
    ).complete("go")
    assert (begun.open, [one.kind for one in begun.thrown]) == (["a", "b", "boss"], ["message", "signal"])


def test_the_normal_form_of_several_triggers_is_one_event() -> None:
    begun = process(start(), catch("all", THREE, all_of=True), chain("begin", "all"))
    event = begun.definition.process.scope.nodes[1].event
    assert event is not None
    assert (event.kind, event.all_of, len(event.of)) == (EventKind.MULTIPLE, True, 3)
