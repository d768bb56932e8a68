"""Signal events: BPMN 2.0.2, 10.5.1, 10.5.5 and 13.5.3: whoever waits for a signal gets it, wherever it stands."""

from __future__ import annotations

import pytest

from engine.step import StepFailed, Thrown
from tests.engine.build import (
    EVENTS,
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
    signal,
    start,
    sub,
    throw,
    timer,
    user,
    whole,
    xor,
)
from tests.engine.runs import process, run


def test_a_thrown_signal_reaches_a_branch_beside_within_the_same_step() -> None:
    begun = process(
        *(start(), both("fork"), catch("wait", signal()), user("a"), user("say"), throw("tell", signal()), user("b")),
        *(chain("begin", "fork", "wait", "a"), chain("fork", "say", "tell", "b")),
    )
    assert [(one.name, one.kind, one.key) for one in begun.awaited.values()] == [("go", "signal", "")]
    begun.complete("say")
    assert (begun.open, begun.awaited) == (["a", "b"], {})
    assert begun.thrown == [Thrown("tell", "go", "", {}, "signal")]
    assert begun.visited() == ["begin", "fork", "say", "tell", "wait"]


def test_a_signal_reaches_everything_that_waits_for_it_and_nothing_else() -> None:
    part = sub("part", start("in"), catch("deep", signal()), user("c"), chain("in", "deep", "c"))
    begun = process(
        *(start(), both("fork"), catch("one", signal()), user("a"), first_of("first"), catch("two", signal())),
        *(catch("late", timer("after", "PT1H")), user("b"), part, catch("other", signal("s_stop")), user("d")),
        *(user("say"), end("said", signal()), chain("begin", "fork", "one", "a"), chain("fork", "first", "two", "b")),
        *(chain("first", "late"), chain("fork", "part"), chain("fork", "other", "d"), chain("fork", "say", "said")),
    )
    begun.complete("say")
    assert (begun.open, begun.due, begun.names_awaited) == (["a", "b", "c"], {}, ["stop"])


def test_a_signal_comes_from_outside_too_with_what_is_sent_along() -> None:
    begun = process(start(), catch("wait", signal()), user("a"), chain("begin", "wait", "a")).signal("go", x=1)
    assert (begun.open, begun.data, begun.thrown) == (["a"], {"x": 1}, [])


def test_who_begins_to_wait_after_it_was_thrown_waits_for_the_next() -> None:
    begun = process(
        *(start(), throw("tell", signal()), catch("wait", signal()), user("a"), chain("begin", "tell", "wait", "a"))
    )
    assert (begun.open, begun.names_awaited) == ([], ["go"])
    assert begun.signal("go").open == ["a"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_signal_from_inside_is_caught_on_the_edge_of_its_own_sub_process(interrupting: bool) -> None:
    """In the library a signal end event throws nothing; and the interrupted activity would complete as well."""
    part = sub(
        *("part", start("in"), both("fork"), user("say"), end("said", signal()), user("other"), end("out")),
        *(chain("in", "fork", "say", "said"), chain("fork", "other", "out")),
    )
    begun = process(
        *(start(), part, boundary("heard", "part", signal(), interrupting=interrupting), user("after"), user("next")),
        *(chain("begin", "part", "next"), chain("heard", "after")),
    ).complete("say", x=1)
    assert begun.visited("cancelled") == (["other", "part"] if interrupting else [])
    assert begun.visited() == ["begin", "in", "fork", "say", "said", "heard"]
    assert begun.open == (["after"] if interrupting else ["after", "other"])
    assert begun.data_of("after") == {"x": 1}
    assert begun.names_awaited == ([] if interrupting else ["go"])


def test_the_last_event_of_a_sub_process_may_interrupt_it() -> None:
    part = sub("part", start("in"), user("say"), end("said", signal()), chain("in", "say", "said"))
    begun = process(
        *(start(), part, boundary("heard", "part", signal()), user("after"), user("next")),
        *(chain("begin", "part", "next"), chain("heard", "after")),
    ).complete("say")
    assert (begun.open, begun.visited("cancelled")) == (["after"], ["part"])


def test_the_thrower_goes_on_unless_what_it_throws_ends_its_own_branch() -> None:
    for interrupting, opened in ((True, ["rescue"]), (False, ["next", "rescue"])):
        rescue = event_sub("help", signal(), user("rescue"), chain("help_on", "rescue"), interrupting=interrupting)
        begun = process(
            *(start(), user("say"), throw("tell", signal()), user("next"), rescue),
            chain("begin", "say", "tell", "next"),
        ).complete("say")
        assert begun.open == opened
        assert begun.visited() == ["begin", "say", "tell", "help_on"]
        assert begun.visited("cancelled") == []


def test_a_signal_crosses_calls_and_rounds() -> None:
    caller = whole(
        *(start(), both("fork"), call("ask", "q", each("who")), user("say"), throw("tell", signal()), end()),
        *(chain("begin", "fork", "ask", "done"), chain("fork", "say", "tell", "done")),
    )
    called = whole(start("in"), catch("wait", signal()), user("u"), chain("in", "wait", "u"), process="q")
    begun = run(document(caller, called, declarations=EVENTS), data={"who": [1, 2, 3]}).complete("say")
    assert (begun.open, begun.awaited) == (["q/u"] * 3, {})


def test_a_reminder_by_signal_rings_each_time() -> None:
    begun = process(
        *(start(), user("work"), boundary("bell", "work", signal(), interrupting=False), user("remind"), end()),
        *(chain("begin", "work", "done"), chain("bell", "remind")),
    )
    for number in range(1, 4):
        begun.signal("go")
        assert (begun.open, begun.names_awaited) == (["remind"] * number + ["work"], ["go"])
    begun.complete("work")
    assert (begun.names_awaited, begun.ended) == ([], False)


def test_one_signal_may_ring_and_end_an_activity_at_once() -> None:
    begun = process(
        *(start(), user("work"), boundary("bell", "work", signal(), interrupting=False)),
        *(boundary("off", "work", signal()), user("remind"), user("after"), end()),
        *(chain("begin", "work", "done"), chain("bell", "remind"), chain("off", "after")),
    ).signal("go")
    assert (begun.open, begun.names_awaited, begun.visited("cancelled")) == (["after", "remind"], [], ["work"])


def test_signals_that_answer_each_other_for_ever_are_stopped() -> None:
    begun = process(
        *(start(), user("go"), throw("ping", signal()), end()),
        event_sub("a", signal(), throw("pong", signal("s_stop")), chain("a_on", "pong"), interrupting=False),
        event_sub("b", signal("s_stop"), throw("again", signal()), chain("b_on", "again"), interrupting=False),
        chain("begin", "go", "ping", "done"),
    )
    with pytest.raises(StepFailed, match="without end"):
        begun.complete("go")
    assert begun.open == ["go"]


def test_a_storm_of_signals_is_stopped() -> None:
    begun = process(
        *(start(), user("go"), xor("merge"), both("fork"), throw("tell", signal()), catch("wait", signal()), end()),
        *(chain("begin", "go", "merge", "fork", "wait", "merge"), chain("fork", "tell", "done")),
    )
    with pytest.raises(StepFailed, match="without end"):
        begun.complete("go")


def test_a_signal_whose_name_is_an_expression_is_found_by_what_it_gives() -> None:
    declared = EVENTS.replace('name="go"', 'name="go_${kind}"')
    file = bpmn(
        *(start(), both("fork"), catch("wait", signal()), user("a"), user("say")),
        *(throw("tell", signal()), user("b"), chain("begin", "fork", "wait", "a"), chain("fork", "say", "tell", "b")),
        declarations=declared,
    )
    begun = run(file, data={"kind": "x"})
    assert begun.names_awaited == ["go_x"]
    begun.complete("say")
    assert (begun.open, [one.name for one in begun.thrown]) == (["a", "b"], ["go_x"])
