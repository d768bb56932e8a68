"""Boundary events: BPMN 2.0.2, 10.5.4 and 13.5.3."""

from __future__ import annotations

import pytest

from tests.engine.build import (
    EVENTS,
    becomes,
    both,
    boundary,
    bpmn,
    call,
    chain,
    document,
    each,
    element,
    end,
    message,
    script,
    service,
    signal,
    some,
    start,
    sub,
    terminate,
    timer,
    user,
    whole,
)
from tests.engine.runs import run

INNER = sub(
    *("part", start("in"), user("one"), both("fork"), user("two"), user("three"), end("out")),
    *(chain("in", "one", "fork", "two", "out"), chain("fork", "three", "out")),
)
GUARDED = bpmn(
    *(start(), INNER, boundary("late", "part", timer("after", "P1D")), user("after"), end(), end("off")),
    *(chain("begin", "part", "done"), chain("late", "after", "off")),
)


def test_interrupting_a_sub_process_cancels_all_that_is_open_inside_and_nothing_else() -> None:
    """An interrupted activity is cancelled, never completed as well."""
    begun = run(GUARDED).complete("one", x=1)
    assert begun.open == ["three", "two"]
    begun.fire("late")
    assert begun.open == ["after"]
    assert begun.visited("cancelled") == ["two", "three", "part"]
    assert begun.visited() == ["begin", "in", "one", "fork", "late"]


def test_the_interrupting_path_sees_what_was_set_inside() -> None:
    begun = run(GUARDED, data={"kept": 1}).complete("one", x=1).complete("two", y=2).fire("late")
    assert begun.data_of("after") == {"kept": 1, "x": 1, "y": 2}
    assert begun.complete("after", z=3).data == {"kept": 1, "x": 1, "y": 2, "z": 3}


def test_the_interrupting_path_sees_what_was_set_two_levels_down() -> None:
    inner = sub("inner", start("in2"), user("ask"), user("more"), end("out2"), chain("in2", "ask", "more", "out2"))
    outer = sub("outer", start("in1"), inner, end("out1"), chain("in1", "inner", "out1"))
    file = bpmn(
        *(start(), outer, boundary("late", "outer", timer("after", "P1D")), user("after"), end(), end("off")),
        *(chain("begin", "outer", "done"), chain("late", "after", "off")),
    )
    begun = run(file).complete("ask", x=1).fire("late")
    assert begun.data_of("after") == {"x": 1}
    assert begun.visited("cancelled") == ["more", "inner", "outer"]
    assert len(begun.loaded().subprocesses) == 0


def test_a_sub_process_done_in_time_takes_its_events_away() -> None:
    begun = run(GUARDED).complete("one").complete("two")
    assert "late" in begun.due
    begun.complete("three")
    assert (begun.ended, begun.due) == (True, {})


def test_several_events_wait_and_the_one_that_interrupts_ends_the_others() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("bell", "work", timer("every", "R/PT1H"), interrupting=False)),
        *(boundary("late", "work", timer("after", "P1D")), boundary("off", "work", message("m_cancel"))),
        *(user("remind"), user("chase"), end(), end("a"), end("b"), end("c")),
        *(chain("begin", "work", "done"), chain("bell", "remind", "a"), chain("late", "chase", "b"), chain("off", "c")),
    )
    begun = run(file).fire("bell").fire("bell")
    assert (sorted(begun.due), begun.names_awaited) == (["bell", "late"], ["cancel"])
    begun.deliver("cancel")
    assert (begun.due, begun.names_awaited, begun.open) == ({}, [], ["remind", "remind"])
    assert begun.complete("remind").complete("remind").ended


def test_an_event_inside_an_interrupted_scope_waits_no_longer() -> None:
    inner = sub(
        *("part", start("in"), user("work"), boundary("bell", "work", timer("every", "R/PT1H"), interrupting=False)),
        *(boundary("off", "work", message("m_cancel")), end("out"), end("x"), end("y")),
        *(chain("in", "work", "out"), chain("bell", "x"), chain("off", "y")),
    )
    file = bpmn(
        *(start(), inner, boundary("late", "part", timer("after", "P1D")), end(), end("gone")),
        *(chain("begin", "part", "done"), chain("late", "gone")),
    )
    begun = run(file).fire("bell").fire("late")
    assert (begun.ended, begun.due, begun.names_awaited, begun.open) == (True, {}, [], [])


def test_a_reminder_beside_a_sub_process_sees_what_was_set_inside() -> None:
    bell = boundary("bell", "part", timer("every", "R/PT1H"), interrupting=False)
    file = bpmn(
        *(start(), INNER, bell, user("remind"), end(), end("off")),
        *(chain("begin", "part", "done"), chain("bell", "remind", "off")),
    )
    begun = run(file, data={"kept": 1}).fire("bell").complete("one", x=1).fire("bell")
    assert [task.data for task in begun.tasks.values() if task.element == "remind"] == [
        *({"kept": 1}, {"kept": 1, "x": 1})
    ]
    begun.complete("remind", nth=1, x=2).complete("two")
    assert begun.data == {"kept": 1, "x": 2}


def test_interrupting_a_call_takes_along_what_the_called_process_set() -> None:
    caller = whole(
        *(start(), call("ask_them", "q"), boundary("late", "ask_them", timer("after", "P1D")), user("after"), end()),
        *(end("off"), chain("begin", "ask_them", "done"), chain("late", "after", "off")),
    )
    called = whole(
        *(start("q_in"), user("first"), user("second"), end("q_out"), chain("q_in", "first", "second", "q_out")),
        process="q",
    )
    begun = run(document(caller, called)).complete("q/first", x=1).fire("late")
    assert begun.data_of("after") == {"x": 1}


def test_interrupting_a_repeated_task_keeps_what_was_done() -> None:
    """In the library interrupting a multi-instance sub-process raises TaskNotFoundException."""
    outputs = "<loopDataOutputRef>answers</loopDataOutputRef><outputDataItem name='answer' />"
    for repeated in (
        user("ask", each("people", "who", inner=outputs)),
        sub(
            "ask",
            start("in"),
            user("one"),
            end("out"),
            chain("in", "one", "out"),
            loop=each("people", "who", inner=outputs),
        ),
    ):
        task = "one" if "subProcess" in repeated else "ask"
        file = bpmn(
            *(start(), repeated, boundary("late", "ask", timer("after", "P1D")), user("after"), end(), end("off")),
            *(chain("begin", "ask", "done"), chain("late", "after", "off")),
        )
        begun = run(file, data={"people": ["a", "b", "c"]}).complete(task, nth=1, answer="yes", note="hm").fire("late")
        assert begun.open == ["after"]
        assert begun.data_of("after") == {
            "people": ["a", "b", "c"],
            "answers": [None, "yes", None],
            "answer": "yes",
            "note": "hm",
        }
        assert begun.data == begun.data_of("after")
        assert begun.complete("after").ended


def test_a_repeated_task_right_after_a_boundary_event_works() -> None:
    """In the library that raises."""
    file = bpmn(
        *(start(), user("work"), boundary("late", "work", timer("after", "P1D")), user("ask", each("people"))),
        *(end(), end("off"), chain("begin", "work", "done"), chain("late", "ask", "off")),
    )
    begun = run(file, data={"people": [1, 2]}).fire("late")
    assert begun.open == ["ask", "ask"]
    assert begun.complete("ask").complete("ask").ended


def test_a_service_task_may_be_interrupted_before_its_answer() -> None:
    file = bpmn(
        *(start(), service("send"), boundary("late", "send", timer("after", "PT1H")), end(), end("off")),
        *(chain("begin", "send", "done"), chain("late", "off")),
    )
    begun = run(file)
    assert list(begun.due) == ["late"]
    assert begun.fire("late").ended


def test_the_path_of_a_boundary_event_may_lead_back_to_its_task() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("late", "work", timer("after", "PT1H")), script("note", "n = n + 1"), end()),
        *(chain("begin", "work", "done"), chain("late", "note", "work")),
    )
    begun = run(file, data={"n": 0})
    for number in range(1, 4):
        begun.fire("late")
        assert (begun.open, begun.data, list(begun.due)) == (["work"], {"n": number}, ["late"])
    assert begun.complete("work").ended


def test_a_reminder_still_open_keeps_the_instance_open() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("bell", "work", timer("after", "PT1H"), interrupting=False), user("remind")),
        *(end(), end("x"), chain("begin", "work", "done"), chain("bell", "remind", "x")),
    )
    begun = run(file).fire("bell").complete("work", w=1)
    assert (begun.open, begun.ended, begun.data) == (["remind"], False, {"w": 1})
    assert begun.complete("remind", r=2).data == {"w": 1, "r": 2}


def test_the_same_event_interrupts_in_every_round_of_a_loop_around() -> None:
    file = bpmn(
        *(start(), both("fork"), user("other"), user("work"), boundary("late", "work", timer("after", "PT1H"))),
        *(user("chase"), some("join"), user("after"), end()),
        *(chain("begin", "fork", "work", "join", "after", "done"), chain("fork", "other", "join")),
        chain("late", "chase", "work"),
    )
    begun = run(file).complete("other", o=1)
    for number in range(3):
        begun.fire("late").complete("chase", **{f"c{number}": number})
    begun.complete("work")
    assert (begun.open, begun.data_of("after")) == (["after"], {"o": 1, "c0": 0, "c1": 1, "c2": 2})


def test_a_terminate_end_on_the_boundary_path_ends_everything() -> None:
    file = bpmn(
        *(
            start(),
            both("fork"),
            user("a"),
            user("b"),
            boundary("late", "a", timer("after", "PT1H"), interrupting=False),
        ),
        *(end(), end("stop", terminate()), chain("begin", "fork", "a", "done"), chain("fork", "b", "done")),
        chain("late", "stop"),
    )
    begun = run(file).fire("late")
    assert (begun.ended, begun.open, begun.visited("cancelled")) == (True, [], ["a", "b"])


def test_a_message_that_does_not_interrupt_comes_again_and_again() -> None:
    """In the library only the first one comes."""
    bell = boundary("bell", "part", message(), interrupting=False)
    file = bpmn(
        *(start(), INNER, bell, user("remind"), end(), end("off")),
        *(chain("begin", "part", "done"), chain("bell", "remind", "off")),
    )
    begun = run(file).deliver("order", n=1).complete("one", x=1).deliver("order", n=2)
    assert [task.data for task in begun.tasks.values() if task.element == "remind"] == [{"n": 1}, {"n": 2, "x": 1}]
    assert begun.names_awaited == ["order"]
    begun.complete("two").complete("three")
    assert (begun.names_awaited, begun.open) == ([], ["remind", "remind"])


REPEATED = {
    "user": user("work", each("who")),
    "job": service("work", inner=each("who")),
    "sub": sub("work", start("w_in"), user("deep"), chain("w_in", "deep"), loop=each("who", sequential=True)),
    "call": call("work", "q", each("who")),
    "receive": element("receiveTask", "work", each("who"), messageRef="m_order"),
    "alone": call("work", "q"),
    "receive alone": element("receiveTask", "work", messageRef="m_order"),
    "manual": element("manualTask", "work", camunda__candidateGroups="office"),
}


@pytest.mark.parametrize("kind", REPEATED)
@pytest.mark.parametrize("what", ["timer", "message", "signal", "condition", "person"])
@pytest.mark.parametrize("interrupting", [True, False])
def test_every_kind_of_activity_may_have_every_kind_of_event(kind: str, what: str, interrupting: bool) -> None:
    triggers = {"timer": timer("after", "PT1H"), "message": message("m_cancel"), "signal": signal(), "person": ""}
    trigger = triggers.get(what, becomes("go"))
    caller = whole(
        *(start(), both("fork"), REPEATED[kind], boundary("ring", "work", trigger, interrupting=interrupting)),
        *(user("beside"), user("rung"), chain("begin", "fork", "work"), chain("fork", "beside"), chain("ring", "rung")),
    )
    called = whole(start("q_in"), user("ask"), chain("q_in", "ask"), process="q")
    begun = run(document(caller, called, declarations=EVENTS), data={"who": [1, 2]})
    before = [element for element in begun.open if element not in ("ring", "beside")]
    happen = {
        "timer": lambda: begun.fire("ring"),
        "message": lambda: begun.deliver("cancel", x=1),
        "signal": lambda: begun.signal("go", x=1),
        "person": lambda: begun.complete("ring", x=1),
        "condition": lambda: begun.complete("beside", go=True),
    }
    happen[what]()
    after = [element for element in begun.open if element not in ("ring", "beside", "rung")]
    assert begun.open.count("rung") == 1
    assert after == ([] if interrupting else before)
    assert ("work" in begun.visited("cancelled")) is interrupting
    if interrupting:
        assert (begun.awaited, begun.due) == ({}, {})


def test_an_event_on_the_edge_of_many_rounds_takes_along_what_those_that_are_done_have_changed() -> None:
    part = sub("part", start("in"), user("one"), user("two"), chain("in", "one", "two"), loop=each("who"))
    file = bpmn(
        *(
            start(),
            part,
            boundary("off", "part", message()),
            user("after"),
            chain("begin", "part"),
            chain("off", "after"),
        )
    )
    begun = (
        run(file, data={"who": [1, 2]}).complete("one", a=1).complete("two", b=2).complete("one", c=3).deliver("order")
    )
    assert begun.data_of("after") == {"who": [1, 2], "a": 1, "b": 2}
