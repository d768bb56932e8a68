"""Elements together: BPMN 2.0.2, 13.3 to 13.5: scopes, joins and events where one element's rules meet another's."""

from __future__ import annotations

import pytest

from tests.engine.build import (
    EVENTS,
    becomes,
    both,
    boundary,
    bpmn,
    call,
    catch,
    chain,
    document,
    end,
    error,
    escalation,
    event_sub,
    flow,
    mapped,
    message,
    signal,
    some,
    start,
    sub,
    terminate,
    throw,
    times,
    user,
    while_true,
    whole,
    xor,
)
from tests.engine.runs import Run, process, run

LINK = '<linkEventDefinition name="over" />'


def asking(ident: str, *more: str, loop: str = "") -> str:
    """A sub-process of one task, called `ask`."""
    return sub(ident, start("in"), user("ask"), end("out"), chain("in", "ask", "out"), *more, loop=loop)


def handling(trigger: str, *last: str, interrupting: bool = True) -> str:
    """An event sub-process of one task, called `handle`, and an end."""
    ends = last or (end("handled"), chain("handle", "handled"))
    return event_sub("event", trigger, user("handle"), chain("event_on", "handle"), *ends, interrupting=interrupting)


def late() -> Run:
    """An inclusive join that one branch reaches only through an event on a sub-process's boundary."""
    return process(
        *(start(), both("fork"), user("early"), asking("part"), boundary("told", "part", message()), user("late")),
        *(some("join"), user("after"), end(), end("other")),
        *(chain("begin", "fork", "early", "join", "after", "done"), chain("told", "late", "join")),
        *(flow("fork", "part"), flow("part", "other")),
    )


def test_an_inclusive_join_waits_as_long_as_an_event_on_a_boundary_may_lead_to_it() -> None:
    begun = late().complete("early")
    assert begun.open == ["ask"]
    assert begun.deliver("order").open == ["late"]
    assert begun.complete("late").complete("after").ended


def test_an_inclusive_join_goes_on_when_the_activity_ends_before_its_event_comes() -> None:
    begun = late().complete("early").complete("ask")
    assert begun.open == ["after"]
    assert begun.complete("after").ended


def test_an_event_sub_process_holds_up_no_inclusive_join_beside_it() -> None:
    begun = process(
        *(start(), both("fork"), user("one"), user("two"), some("join"), user("after"), end()),
        *(chain("begin", "fork", "one", "join", "after", "done"), chain("fork", "two", "join")),
        handling(signal(), interrupting=False),
    )
    begun.complete("one").signal("go").complete("two")
    assert begun.open == ["after", "handle"]
    assert not begun.complete("after").ended
    assert begun.complete("handle").ended


def test_each_token_from_an_event_beside_needs_a_partner_at_a_parallel_join() -> None:
    begun = process(
        *(start(), user("task"), boundary("told", "task", message(), interrupting=False), user("beside")),
        *(both("join"), user("after"), end(), chain("begin", "task", "join", "after", "done")),
        chain("told", "beside", "join"),
    )
    begun.deliver("order", m=1).deliver("order", m=2)
    assert begun.open == ["beside", "beside", "task"]
    begun.complete("beside", r=1).complete("task", q=1)
    assert begun.open == ["after", "beside"]
    assert begun.data_of("after") == {"m": 1, "r": 1, "q": 1}
    begun.complete("after").complete("beside")
    assert (begun.open, begun.ended) == ([], False)


def test_an_error_in_an_event_sub_process_of_a_called_process_leaves_through_the_call() -> None:
    fails = handling(signal(), end("bad", error("e_bad")), chain("handle", "bad"))
    called = whole(start("first"), user("work"), end("last"), chain("first", "work", "last"), fails, process="q")
    begun = run(
        document(
            whole(
                *(start(), call("call", "q"), boundary("caught", "call", error("e_bad")), user("fix"), end()),
                *(chain("begin", "call", "done"), chain("caught", "fix", "done")),
            ),
            called,
            declarations=EVENTS,
        )
    )
    begun.signal("go").complete("q/handle", x=1)
    assert (begun.open, begun.data_of("fix")) == (["fix"], {"x": 1})
    assert begun.complete("fix").ended


def test_an_error_in_one_event_sub_process_may_begin_another() -> None:
    fails = handling(signal(), end("bad", error("e_bad")), chain("handle", "bad"), interrupting=False)
    mends = event_sub("other", error("e_bad"), user("mend"), end("mended"), chain("other_on", "mend", "mended"))
    begun = process(start(), user("work"), end(), chain("begin", "work", "done"), fails, mends)
    assert begun.signal("go").complete("handle").open == ["mend"]
    assert sorted(begun.visited("cancelled")) == ["event", "work"]
    assert begun.complete("mend").ended


def test_an_error_in_an_event_sub_process_of_one_round_ends_all_rounds() -> None:
    fails = handling(message(), end("bad", error("e_bad")), chain("handle", "bad"))
    begun = process(
        *(start(), asking("part", fails, loop=times("2")), boundary("caught", "part", error()), user("fix"), end()),
        *(chain("begin", "part", "done"), chain("caught", "fix", "done")),
    )
    begun.deliver("order").complete("handle", x=1)
    assert (begun.open, begun.data_of("fix")) == (["fix"], {"x": 1})


def test_a_terminate_end_in_an_event_sub_process_of_one_round_ends_that_round_alone() -> None:
    stops = handling(message(), end("stop", terminate()), chain("handle", "stop"))
    begun = process(
        start(), asking("part", stops, loop=times("2")), user("next"), end(), chain("begin", "part", "next", "done")
    )
    assert begun.deliver("order").open == ["ask", "handle"]
    assert begun.complete("handle").open == ["ask"]
    assert begun.complete("ask").open == ["next"]


def test_an_escalation_from_one_round_may_end_all_rounds() -> None:
    raising = (user("ask"), throw("up", escalation("x_up")), user("more"), end("out"))
    begun = process(
        start(),
        sub("part", start("in"), *raising, chain("in", "ask", "up", "more", "out"), loop=times("3")),
        *(boundary("told", "part", escalation("x_up")), user("boss"), end()),
        *(chain("begin", "part", "done"), chain("told", "boss", "done")),
    )
    begun.complete("ask", nth=1, x=7)
    assert (begun.open, begun.data_of("boss")) == (["boss"], {"x": 7})


def test_an_event_beside_a_looping_sub_process_rings_in_every_round() -> None:
    begun = process(
        *(start(), asking("part", loop=while_true("n < 2")), end()),
        *(boundary("told", "part", message(), interrupting=False), user("beside")),
        *(chain("begin", "part", "done"), chain("told", "beside")),
        n=0,
    )
    begun.complete("ask", n=1).deliver("order")
    assert (begun.open, begun.data_of("beside")) == (["ask", "beside"], {"n": 1})
    begun.deliver("order").complete("ask", n=2)
    assert begun.open == ["beside", "beside"]
    assert begun.complete("beside").complete("beside").ended


def test_what_a_mapping_hands_out_may_make_a_condition_true_in_another_branch() -> None:
    begun = process(
        *(start(), both("fork"), user("sum", mapped(outputs="total = x + 1")), user("wait"), user("fix"), end()),
        *(boundary("enough", "wait", becomes("total > 2")), chain("begin", "fork", "sum", "done")),
        *(chain("fork", "wait", "done"), chain("enough", "fix", "done")),
    )
    assert begun.complete("sum", x=2).open == ["fix"]


def test_what_a_round_hands_out_may_make_a_condition_true_as_soon_as_it_ends() -> None:
    begun = process(
        *(start(), both("fork"), user("ask", times("2")), user("wait"), user("fix"), end()),
        *(boundary("enough", "wait", becomes("x == 1")), chain("begin", "fork", "ask", "done")),
        *(chain("fork", "wait", "done"), chain("enough", "fix", "done")),
    )
    assert begun.complete("ask", x=1).open == ["ask", "fix"]


def test_interrupting_a_repeated_call_closes_what_is_open_in_every_round() -> None:
    called = whole(
        *(start("first"), both("fork"), user("one"), user("two"), end("last")),
        *(chain("first", "fork", "one", "last"), chain("fork", "two", "last")),
        process="q",
    )
    caller = whole(
        *(start(), call("call", "q", loop=times("2")), boundary("told", "call", message()), user("fix"), end()),
        *(chain("begin", "call", "done"), chain("told", "fix", "done")),
    )
    begun = run(document(caller, called, declarations=EVENTS)).complete("q/one")
    assert begun.deliver("order").open == ["fix"]
    assert sorted(begun.visited("cancelled")) == ["call", "call", "q/one", "q/two", "q/two"]
    assert begun.complete("fix").ended


def test_a_link_may_lead_on_inside_an_event_sub_process() -> None:
    begun = process(
        *(start(), user("work"), end(), chain("begin", "work", "done")),
        event_sub(
            *("event", signal(), throw("away", LINK), catch("here", LINK), user("handle"), end("handled")),
            *(chain("event_on", "away"), chain("here", "handle", "handled")),
            interrupting=False,
        ),
    )
    assert begun.signal("go").open == ["handle", "work"]


@pytest.mark.parametrize("chosen", ["begin", "told"])
def test_event_sub_processes_stand_by_whichever_start_event_an_instance_begins_at(chosen: str) -> None:
    begun = run(
        bpmn(
            *(start(), start("told", message()), user("one"), user("two"), end(), handling(signal())),
            *(chain("begin", "one", "done"), chain("told", "two", "done")),
            declarations=EVENTS,
        ),
        start_id=chosen,
    )
    assert begun.open == [{"begin": "one", "told": "two"}[chosen]]
    assert begun.signal("go").open == ["handle"]
    assert begun.complete("handle").ended


def test_a_signal_thrown_beside_an_event_gateway_in_a_loop_is_heard_once_a_turn() -> None:
    begun = process(
        *(start(), both("fork"), xor("merge"), '<eventBasedGateway id="first" />', catch("heard", signal())),
        *(catch("over", message()), user("again"), user("sound"), throw("now", signal()), user("rest"), end()),
        *(chain("begin", "fork", "merge", "first", "heard", "again", "merge"), chain("first", "over", "done")),
        chain("fork", "sound", "now", "rest", "done"),
    )
    assert begun.complete("sound").open == ["again", "rest"]
    assert begun.complete("again").deliver("order").open == ["rest"]
