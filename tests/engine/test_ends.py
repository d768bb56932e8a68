"""Start and end events: BPMN 2.0.2, 13.5.1 and 13.5.6 (none, terminate, implicit ends)."""

from __future__ import annotations

import pytest

from engine import instances
from engine.step import StepFailed
from tests.engine.build import (
    EVENTS,
    both,
    bpmn,
    call,
    chain,
    document,
    each,
    end,
    message,
    signal,
    start,
    sub,
    terminate,
    timer,
    user,
    whole,
)
from tests.engine.runs import run

SEVERAL = bpmn(
    *(start("by_hand"), start("by_mail", message()), start("by_clock", timer("every", "R/P1D"))),
    *(user("a"), user("b"), user("c"), end()),
    *(chain("by_hand", "a", "done"), chain("by_mail", "b", "done"), chain("by_clock", "c", "done")),
)


def test_an_instance_begins_at_the_chosen_start_event_only() -> None:
    for start_id, opened in (("by_hand", "a"), ("by_mail", "b"), ("by_clock", "c")):
        begun = run(SEVERAL, start_id=start_id)
        assert (begun.open, begun.visited()) == ([opened], [start_id])
        assert begun.complete(opened).ended


def test_a_start_event_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(StepFailed, match="no such start") as failed:
        run(SEVERAL, start_id="a")
    assert failed.value.element == "a"


def test_without_a_choice_it_begins_where_nothing_triggers() -> None:
    assert run(SEVERAL).open == ["a"]


def test_a_process_with_one_triggered_start_begins_there() -> None:
    file = bpmn(start("by_mail", message()), user("a"), end(), chain("by_mail", "a", "done"))
    assert run(file).open == run(file, start_id="by_mail").open == ["a"]


def test_the_person_who_starts_is_known_by_the_initiators_name() -> None:
    file = bpmn(start(camunda__initiator="starter"), user("a"), end(), chain("begin", "a", "done"))
    assert run(file, names={"requester": {"login": "zhoulan"}}).data == {"starter": "zhoulan"}
    assert run(file).data == {"starter": ""}


def test_the_instance_ends_when_every_branch_has() -> None:
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), end(), end("other")),
        *(chain("begin", "fork", "a", "done"), chain("fork", "b", "other")),
    )
    begun = run(file).complete("a")
    assert not begun.ended
    assert begun.complete("b").ended


def test_a_task_that_no_flow_leaves_ends_its_path() -> None:
    begun = run(bpmn(start(), both("fork"), user("a"), user("b"), chain("begin", "fork", "a"), chain("fork", "b")))
    begun.complete("a", x=1)
    assert (begun.ended, begun.data) == (False, {"x": 1})
    begun.complete("b", y=2)
    assert (begun.ended, begun.data) == (True, {"x": 1, "y": 2})


def test_a_start_event_alone_is_a_process() -> None:
    begun = run(bpmn(start()), data={"x": 1})
    assert (begun.ended, begun.data, begun.visited()) == (True, {"x": 1}, ["begin"])


def test_a_terminate_end_ends_everything_at_once() -> None:
    inner = sub("part", start("in"), user("deep"), end("out"), chain("in", "deep", "out"))
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), inner, both("join"), end("stop", terminate()), end()),
        *(chain("begin", "fork", "a", "stop"), chain("fork", "b", "join", "done"), chain("fork", "part", "join")),
    )
    begun = run(file).complete("b").complete("a")
    assert (begun.ended, begun.open) == (True, [])
    assert begun.visited("cancelled") == ["deep", "part", "join"]
    assert begun.visited()[-1] == "stop"


def test_a_terminate_end_of_a_called_process_ends_just_that() -> None:
    caller = whole(start(), call("ask", "q"), user("after"), end(), chain("begin", "ask", "after", "done"))
    called = whole(
        *(start("in"), both("fork"), user("x"), user("y"), end("stop", terminate()), end("out")),
        *(chain("in", "fork", "x", "stop"), chain("fork", "y", "out")),
        process="q",
    )
    begun = run(document(caller, called)).complete("q/x")
    assert begun.open == ["after"]
    assert begun.complete("after").ended


def test_nothing_more_happens_in_an_ended_instance() -> None:
    file = bpmn(
        start(), both("fork"), user("a"), user("b"), end("stop", terminate()), chain("begin", "fork", "a", "stop")
    )
    file = file.replace(b"</process>", chain("fork", "b").encode() + b"</process>")
    begun = run(file)
    other = next(task.ref for task in begun.tasks.values() if task.element == "b")
    begun.complete("a")
    with pytest.raises(instances.NotWaiting):
        begun.complete_ref(other, {})


def test_an_end_event_may_send_a_message_or_a_signal_and_ends_only_its_branch() -> None:
    for trigger, kind in ((message(), "message"), (signal(), "signal")):
        file = bpmn(
            *(start(), both("fork"), user("a"), user("b"), end("told", trigger), end()),
            *(chain("begin", "fork", "a", "told"), chain("fork", "b", "done")),
            declarations=EVENTS,
        )
        begun = run(file).complete("a")
        assert (begun.open, [one.kind for one in begun.thrown]) == (["b"], [kind])
        assert begun.visited()[-1] == "told"
        assert begun.complete("b").ended


def test_a_terminate_end_of_one_round_ends_just_that_round() -> None:
    part = sub(
        *("part", start("in"), both("fork"), user("x"), user("y"), end("stop", terminate())),
        *(chain("in", "fork", "x", "stop"), chain("fork", "y")),
        loop=each("who"),
    )
    begun = run(bpmn(start(), part, user("after"), chain("begin", "part", "after")), data={"who": [1, 2]})
    assert begun.complete("x").open == ["x", "y"]
    assert begun.complete("x").open == ["after"]


def test_only_starts_without_a_trigger_begin_by_themselves() -> None:
    triggers = [message(), timer("every", "R/P1D"), signal(), message() + signal()]
    file = bpmn(
        *(start("by_hand"), user("a"), chain("by_hand", "a")),
        *(start(f"by_{number}", trigger) for number, trigger in enumerate(triggers)),
        *(user(f"u{number}") + chain(f"by_{number}", f"u{number}") for number in range(len(triggers))),
        declarations=EVENTS,
    )
    assert run(file).open == ["a"]
    for number in range(len(triggers)):
        assert run(file, start_id=f"by_{number}").open == [f"u{number}"]
