"""Event sub-processes: BPMN 2.0.2, 10.3.4, 10.5.2 and 13.5.4: they stand by, and interrupt what is around or do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

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
    error,
    escalation,
    event_sub,
    message,
    script,
    service,
    signal,
    start,
    sub,
    terminate,
    throw,
    timer,
    user,
    while_true,
    whole,
)
from tests.engine.runs import NOON, Run, process, run


def part(*events: str, loop: str = "") -> str:
    """A sub-process of two tasks, and event sub-processes in it."""
    return sub(
        "part", start("in"), user("one"), user("two"), end("out"), *events, chain("in", "one", "two", "out"), loop=loop
    )


def helping(trigger: str, *, interrupting: bool = True, name: str = "help") -> str:
    return event_sub(
        *(
            name,
            trigger,
            user(f"{name}_task"),
            end(f"{name}_done"),
            chain(f"{name}_on", f"{name}_task", f"{name}_done"),
        ),
        interrupting=interrupting,
    )


def test_an_interrupting_one_ends_what_its_scope_does_and_the_scope_ends_with_it() -> None:
    begun = process(
        start(), both("f"), user("a"), user("b"), helping(message()), chain("begin", "f", "a"), chain("f", "b")
    )
    assert (begun.open, begun.names_awaited) == (["a", "b"], ["order"])
    begun.deliver("order", x=1)
    assert (begun.open, begun.names_awaited, begun.visited("cancelled")) == (["help_task"], [], ["a", "b"])
    assert begun.complete("help_task").ended
    assert begun.visited()[-4:] == ["help_on", "help_task", "help_done", "help"]
    assert begun.data == {"x": 1}


def test_standing_by_keeps_no_scope_open_and_ends_with_it() -> None:
    """In the library untriggered timer event sub-processes block completion for ever."""
    every = helping(timer("every", "R/PT1H"), interrupting=False)
    begun = process(
        start(), part(helping(message(), name="off"), every), user("after"), chain("begin", "part", "after")
    )
    assert (begun.names_awaited, list(begun.due)) == (["order"], ["help_on"])
    begun.complete("one").complete("two")
    assert (begun.open, begun.names_awaited, begun.due) == (["after"], [], {})
    assert begun.complete("after").ended
    assert begun.visited("cancelled") == []


def test_the_way_after_an_interrupted_sub_process_is_the_usual_one() -> None:
    """In the library an interrupting event sub-process doesn't cancel what is around it."""
    begun = process(start(), part(helping(signal())), user("after"), chain("begin", "part", "after"))
    begun.complete("one", x=1).signal("go", y=2)
    assert (begun.open, begun.data_of("help_task")) == (["help_task"], {"x": 1, "y": 2})
    assert begun.complete("help_task", z=3).open == ["after"]
    assert begun.data_of("after") == {"x": 1, "y": 2, "z": 3}
    assert begun.visited("cancelled") == ["two"]


def test_any_number_of_those_that_do_not_interrupt_run_at_once_and_the_scope_waits_for_them() -> None:
    begun = process(
        start(), part(helping(message(), interrupting=False)), user("after"), chain("begin", "part", "after")
    )
    begun.deliver("order", n=1).deliver("order", n=2)
    assert begun.open == ["help_task", "help_task", "one"]
    assert [task.data for task in begun.tasks.values() if task.element == "help_task"] == [{"n": 1}, {"n": 2}]
    begun.complete("one").complete("two").complete("help_task").deliver("order", n=3)
    assert begun.open == ["help_task", "help_task"]
    assert begun.complete("help_task").complete("help_task").open == ["after"]
    assert begun.names_awaited == []


def test_an_interrupting_one_ends_those_that_run_beside_and_stand_by() -> None:
    begun = process(
        start(),
        part(helping(message(), interrupting=False), helping(signal(), name="off")),
        chain("begin", "part"),
    )
    begun.deliver("order").signal("go")
    assert (begun.open, begun.awaited) == (["off_task"], {})
    assert sorted(begun.visited("cancelled")) == ["help", "help_task", "one"]
    assert begun.complete("off_task").ended


def test_a_cyclic_timer_turns_once_after_downtime_and_in_step() -> None:
    """In the library every missed turn of a cycle happens."""
    begun = process(start(), user("a"), helping(timer("every", "R/PT1H"), interrupting=False), chain("begin", "a"))
    begun.wait(hours=10, minutes=30).fire("help_on")
    assert begun.open == ["a", "help_task"]
    assert begun.due == {"help_on": NOON + timedelta(hours=11)}
    begun.fire("help_on")
    assert begun.open == ["a", "help_task", "help_task"]


def test_a_cycle_with_turns_ends_after_its_last() -> None:
    begun = process(start(), user("a"), helping(timer("every", "R2/PT1H"), interrupting=False), chain("begin", "a"))
    begun.fire("help_on").fire("help_on")
    assert (begun.open, begun.due) == (["a", "help_task", "help_task"], {})


TRIGGERS: dict[str, tuple[str, Callable[[Run], Run]]] = {
    "message": (message(), lambda begun: begun.deliver("order")),
    "signal": (signal(), lambda begun: begun.signal("go")),
    "timer": (timer("after", "PT1H"), lambda begun: begun.fire("help_on")),
    "person": ("", lambda begun: begun.complete("help_on")),
}


@pytest.mark.parametrize("name", TRIGGERS)
@pytest.mark.parametrize("interrupting", [True, False])
def test_each_trigger_begins_one(name: str, interrupting: bool) -> None:
    trigger, happen = TRIGGERS[name]
    begun = happen(process(start(), user("a"), helping(trigger, interrupting=interrupting), chain("begin", "a")))
    assert [element for element in begun.open if element != "help_on"] == (
        ["help_task"] if interrupting else ["a", "help_task"]
    )


def test_in_each_round_of_a_repeated_sub_process_it_stands_by_for_itself() -> None:
    """In the library triggering one changes the shared spec."""
    begun = process(
        *(start(), part(helping(message(), interrupting=False), loop=each("who", "item")), user("after"), end()),
        chain("begin", "part", "after", "done"),
        who=["x", "y"],
    )
    assert begun.names_awaited == ["order", "order"]
    begun.deliver("order")
    assert [(task.loop, task.data["item"]) for task in begun.tasks.values() if task.element == "help_task"] == [
        ("1", "x")
    ]
    begun.complete("one").complete("one").complete("two").complete("two")
    assert begun.open == ["help_task"]
    begun.complete("help_task", answer=1)
    assert (begun.open, begun.data) == (["after"], {"who": ["x", "y"], "answer": 1})


def test_one_rounds_interruption_is_of_no_matter_to_the_others() -> None:
    begun = process(
        *(start(), part(helping(message()), loop=each("who")), user("after"), chain("begin", "part", "after")),
        who=["x", "y"],
    )
    begun.deliver("order")
    assert begun.open == ["help_task", "one"]
    assert begun.complete("help_task").complete("one").complete("two").open == ["after"]


def test_in_a_loop_it_stands_by_anew_each_round() -> None:
    begun = process(
        start(), part(helping(message()), loop=while_true("n < 2")), user("after"), chain("begin", "part", "after"), n=0
    )
    begun.deliver("order").complete("help_task", n=1)
    assert (begun.open, begun.names_awaited) == (["one"], ["order"])
    assert begun.deliver("order").complete("help_task", n=2).open == ["after"]


def test_in_a_called_process_it_ends_what_the_call_does() -> None:
    caller = whole(start(), call("ask", "q"), user("after"), end(), chain("begin", "ask", "after", "done"))
    called = whole(start("in"), user("u"), helping(message()), chain("in", "u"), process="q")
    begun = run(document(caller, called, declarations=EVENTS)).deliver("order")
    assert begun.open == ["q/help_task"]
    assert begun.complete("q/help_task").open == ["after"]


def test_a_boundary_event_around_ends_it_too() -> None:
    begun = process(
        *(start(), part(helping(message(), interrupting=False)), boundary("late", "part", timer("after", "PT1H"))),
        *(user("after"), chain("begin", "part"), chain("late", "after")),
    )
    begun.deliver("order").fire("late")
    assert (begun.open, begun.awaited) == (["after"], {})
    assert sorted(begun.visited("cancelled")) == ["help", "help_task", "one", "part"]


def test_a_terminate_end_inside_ends_just_that() -> None:
    help_ = event_sub(
        *("help", message(), both("f"), user("a"), user("b"), end("stop", terminate())),
        *(chain("help_on", "f", "a", "stop"), chain("f", "b")),
        interrupting=False,
    )
    begun = process(start(), part(help_), user("after"), chain("begin", "part", "after")).deliver("order").complete("a")
    assert (begun.open, begun.visited("cancelled")) == (["one"], ["b"])
    assert begun.complete("one").complete("two").open == ["after"]


def test_a_terminate_end_around_ends_it_with_the_scope() -> None:
    inner = sub(
        *("part", start("in"), user("one"), end("stop", terminate()), helping(message(), interrupting=False)),
        chain("in", "one", "stop"),
    )
    begun = process(start(), inner, user("after"), chain("begin", "part", "after")).deliver("order").complete("one")
    assert (begun.open, begun.names_awaited) == (["after"], [])


def test_an_error_beside_ends_the_scope_before_its_boundary_hears_of_it() -> None:
    job = sub("deep", start("d_in"), service("job"), chain("d_in", "job"))
    inner = sub("part", start("in"), job, helping(error("e_bad")), chain("in", "deep"))
    begun = process(start(), inner, user("after"), chain("begin", "part", "after")).fail("job", "bad", part=1)
    assert (begun.open, begun.data_of("help_task")) == (["help_task"], {"part": 1})
    assert begun.visited("cancelled") == ["job", "deep"]
    assert begun.complete("help_task").open == ["after"]


def test_an_escalation_from_an_inner_scope_begins_one_that_does_not_interrupt() -> None:
    deep = sub("deep", start("d_in"), throw("up", escalation("x_up")), user("d"), chain("d_in", "up", "d"))
    inner = sub("part", start("in"), deep, helping(escalation(), interrupting=False), chain("in", "deep"))
    begun = process(start(), inner, user("after"), chain("begin", "part", "after"))
    assert begun.open == ["d", "help_task"]
    assert begun.complete("d").complete("help_task").open == ["after"]


def test_what_it_does_is_kept_when_it_is_written_again_and_again() -> None:
    """Standing by is pruned from no state."""
    ids = [f"u{number}" for number in range(20)]
    begun = process(
        *(start(), *map(user, ids), helping(message(), interrupting=False), end(), chain("begin", *ids, "done"))
    )
    for ident in ids[:-1]:
        begun.complete(ident, **{ident: 1})
    assert len(begun.step.live.tasks) == 3
    begun.deliver("order")
    assert begun.data_of("help_task") == dict.fromkeys(ids[:-1], 1)
    assert begun.complete("help_task", ok=True).complete(ids[-1]).ended
    assert begun.data["ok"] is True


def test_values_set_in_it_are_seen_by_the_branches_that_meet_later() -> None:
    count = event_sub(
        "count",
        message(),
        script("add", "n = n + 1"),
        end("added"),
        chain("count_on", "add", "added"),
        interrupting=False,
    )
    begun = process(start(), user("a"), user("b"), count, chain("begin", "a", "b"), n=0)
    begun.deliver("order").deliver("order")
    assert begun.data == {"n": 2}


def test_inside_an_event_sub_process_there_may_be_another() -> None:
    deep = helping(signal(), name="deep")
    outer = event_sub("outer", message(), user("a"), deep, chain("outer_on", "a"), interrupting=False)
    begun = process(start(), user("main"), outer, chain("begin", "main"))
    assert begun.names_awaited == ["order"]
    assert begun.deliver("order").names_awaited == ["go", "order"]
    assert begun.signal("go").open == ["deep_task", "main"]
    assert begun.complete("deep_task").open == ["main"]
    assert begun.names_awaited == ["order"]


def test_it_stands_by_when_an_instance_begins_at_a_chosen_start() -> None:
    file = bpmn(
        *(start("by_hand"), start("by_mail", message("m_cancel")), user("a"), user("b"), helping(message())),
        *(chain("by_hand", "a"), chain("by_mail", "b")),
    )
    begun = run(file, start_id="by_mail")
    assert (begun.open, begun.names_awaited) == (["b"], ["order"])
    assert begun.deliver("order").open == ["help_task"]


def test_a_time_in_it_may_be_an_expression_on_what_the_scope_knows() -> None:
    begun = process(start(), user("a"), helping(timer("after", "${wait}")), chain("begin", "a"), wait="PT2H")
    assert begun.due == {"help_on": NOON + timedelta(hours=2)}


def test_a_process_of_nothing_else_ends_at_once() -> None:
    begun = process(start(), end(), helping(message()), chain("begin", "done"))
    assert (begun.ended, begun.names_awaited) == (True, [])


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_scope_without_a_start_event_begins_beside_it(interrupting: bool) -> None:
    begun = process(user("a"), helping(message(), interrupting=interrupting))
    assert begun.open == ["a"]


def test_two_tokens_that_wait_beside_each_other_are_both_ended() -> None:
    begun = process(
        *(start(), both("f"), catch("c1", signal()), catch("c2", timer("after", "PT1H")), helping(message())),
        *(chain("begin", "f", "c1"), chain("f", "c2")),
    ).deliver("order")
    assert (begun.due, begun.names_awaited, begun.open) == ({}, [], ["help_task"])


def test_one_without_a_trigger_begins_when_a_person_says_so() -> None:
    begun = process(start(), user("a"), helping("", interrupting=False), chain("begin", "a"))
    assert begun.open == ["a", "help_on"]
    assert begun.complete("help_on", why="rain").open == ["a", "help_on", "help_task"]
    assert begun.data_of("help_task") == {"why": "rain"}
    assert begun.complete("a").open == ["help_on", "help_task"]
    assert begun.complete("help_task").ended


def test_one_that_begins_late_shares_its_data_with_no_branch() -> None:
    """The branch beside it goes on alone, with data that it may change where it lies."""
    told = event_sub("told", escalation(), user("boss"), end("x"), chain("told_on", "boss", "x"), interrupting=False)
    begun = process(
        *(
            start(),
            throw("up", escalation("x_up")),
            user("a"),
            script("count", "n = n + 1"),
            user("b"),
            user("c"),
            told,
        ),
        chain("begin", "up", "a", "count", "b", "c"),
        n=0,
    )
    assert begun.open == ["a", "boss"]
    begun.complete("a", x=1).complete("b", y=2)
    assert (begun.data_of("c"), begun.data_of("boss")) == ({"n": 1, "x": 1, "y": 2}, {"n": 0})
    begun.complete("boss", z=3)
    assert begun.data == {"n": 1, "x": 1, "y": 2, "z": 3}
