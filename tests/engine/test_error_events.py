"""Error events: BPMN 2.0.2, 10.5.1, 10.5.3, 10.5.6, 13.5.4: caught where the error comes from, or further out."""

from __future__ import annotations

import pytest

from engine import instances
from engine.step import StepFailed
from tests.engine.build import (
    EVENTS,
    both,
    boundary,
    call,
    chain,
    document,
    each,
    end,
    error,
    event_sub,
    script,
    service,
    start,
    sub,
    timer,
    user,
    while_true,
    whole,
)
from tests.engine.runs import process, run


def failing(name: str = "part", error_id: str = "e_bad", *, loop: str = "") -> str:
    """A sub-process that a person's task leads to an error in, while another is open."""
    return sub(
        *(name, start(f"{name}_in"), both(f"{name}_fork"), user(f"{name}_work"), end(f"{name}_fails", error(error_id))),
        *(user(f"{name}_other"), chain(f"{name}_in", f"{name}_fork", f"{name}_work", f"{name}_fails")),
        chain(f"{name}_fork", f"{name}_other"),
        loop=loop,
    )


def test_an_error_end_event_ends_its_sub_process_and_takes_the_way_of_the_boundary_event() -> None:
    begun = process(
        *(start(), failing(), boundary("oops", "part", error("e_bad")), user("mend"), user("next")),
        *(chain("begin", "part", "next"), chain("oops", "mend")),
    ).complete("part_work", x=1)
    assert begun.open == ["mend"]
    assert begun.visited() == ["begin", "part_in", "part_fork", "part_work", "part_fails", "oops"]
    assert begun.visited("cancelled") == ["part_other", "part"]
    assert begun.data_of("mend") == begun.data == {"x": 1}
    assert begun.complete("mend").ended


def test_a_neighbours_boundary_event_never_catches_it() -> None:
    """In the library it does."""
    calm = sub("calm", start("calm_in"), user("calm_work"), chain("calm_in", "calm_work"))
    begun = process(
        *(start(), both("fork"), failing(), calm, boundary("wrong", "calm", error("e_bad")), user("never")),
        *(boundary("right", "part", error("e_bad")), user("mend")),
        *(chain("begin", "fork", "part"), chain("fork", "calm"), chain("wrong", "never"), chain("right", "mend")),
    ).complete("part_work")
    assert begun.open == ["calm_work", "mend"]


@pytest.mark.parametrize("order", [("e_bad", ""), ("", "e_bad")])
def test_an_exact_code_is_caught_before_any_code(order: tuple[str, str]) -> None:
    begun = process(
        *(start(), failing(), boundary("one", "part", error(order[0])), boundary("two", "part", error(order[1]))),
        *(user("exact"), user("any"), chain("begin", "part")),
        *(chain("one", "exact" if order[0] else "any"), chain("two", "exact" if order[1] else "any")),
    ).complete("part_work")
    assert begun.open == ["exact"]


def test_a_level_further_in_comes_first_even_if_it_takes_any_code() -> None:
    outer = sub(
        *("outer", start("outer_in"), failing(), boundary("near", "part", error()), user("a"), end("outer_out")),
        *(chain("outer_in", "part", "outer_out"), chain("near", "a", "outer_out")),
    )
    begun = process(
        *(start(), outer, boundary("far", "outer", error("e_bad")), user("b"), chain("begin", "outer")),
        chain("far", "b"),
    ).complete("part_work")
    assert begun.open == ["a"]


def test_an_error_of_another_code_goes_further_out() -> None:
    outer = sub(
        *("outer", start("outer_in"), failing(), boundary("near", "part", error("e_worse")), user("a")),
        *(chain("outer_in", "part"), chain("near", "a")),
    )
    begun = process(
        *(start(), outer, boundary("far", "outer", error()), user("b"), chain("begin", "outer"), chain("far", "b"))
    ).complete("part_work", x=1)
    assert (begun.open, begun.data_of("b")) == (["b"], {"x": 1})
    assert begun.visited("cancelled") == ["part_other", "part", "outer"]


def test_the_scopes_own_event_sub_process_comes_before_its_boundary_event() -> None:
    part = sub(
        *("part", start("in"), user("work"), end("fails", error("e_bad"))),
        event_sub("help", error(), user("rescue"), end("rescued"), chain("help_on", "rescue", "rescued")),
        chain("in", "work", "fails"),
    )
    begun = process(
        *(start(), part, boundary("oops", "part", error("e_bad")), user("mend"), user("next")),
        *(chain("begin", "part", "next"), chain("oops", "mend")),
    ).complete("work", x=1)
    assert (begun.open, begun.data_of("rescue")) == (["rescue"], {"x": 1})
    assert begun.complete("rescue", y=2).open == ["next"]
    assert begun.data_of("next") == {"x": 1, "y": 2}


def test_an_error_in_the_handling_of_an_error_goes_further_out() -> None:
    part = sub(
        *("part", start("in"), user("work"), end("fails", error("e_bad"))),
        event_sub("help", error(), user("rescue"), end("again", error("e_bad")), chain("help_on", "rescue", "again")),
        event_sub("beside", error("e_bad"), user("never"), chain("beside_on", "never")),
        chain("in", "work", "fails"),
    )
    part = part.replace('errorRef="e_bad" /></startEvent>', 'errorRef="e_worse" /></startEvent>')
    begun = process(
        *(start(), part, boundary("oops", "part", error()), user("mend"), chain("begin", "part"), chain("oops", "mend"))
    ).complete("work")
    assert begun.open == ["rescue"]
    assert begun.complete("rescue").open == ["mend"]


def test_an_error_leaves_a_called_process_through_the_call() -> None:
    caller = whole(
        *(start(), call("ask", "q"), boundary("oops", "ask", error("e_bad")), user("mend"), end()),
        *(chain("begin", "ask", "done"), chain("oops", "mend")),
    )
    called = whole(start("in"), user("work"), end("fails", error("e_bad")), chain("in", "work", "fails"), process="q")
    begun = run(document(caller, called, declarations=EVENTS)).complete("q/work", x=1)
    assert (begun.open, begun.data_of("mend"), begun.visited("cancelled")) == (["mend"], {"x": 1}, ["ask"])


def test_an_error_in_one_round_ends_all_of_them_with_what_was_set_in_it() -> None:
    """In the library interrupting a multi-instance sub-process raises TaskNotFoundException."""
    begun = process(
        *(start(), failing(loop=each("who")), boundary("oops", "part", error()), user("mend"), user("next")),
        *(chain("begin", "part", "next"), chain("oops", "mend")),
        who=["a", "b", "c"],
    ).complete("part_work", nth=1, x=1)
    assert (begun.open, begun.data_of("mend")) == (["mend"], {"who": ["a", "b", "c"], "x": 1})
    assert begun.visited("cancelled").count("part") == 3
    assert begun.data == {"who": ["a", "b", "c"], "x": 1}
    assert begun.complete("mend").ended


def test_an_error_in_a_loop_ends_the_loop() -> None:
    begun = process(
        *(start(), failing(loop=while_true("true", most=3)), boundary("oops", "part", error()), user("mend")),
        *(chain("begin", "part"), chain("oops", "mend")),
    ).complete("part_work")
    assert begun.open == ["mend"]


def test_an_uncaught_error_end_event_ends_the_whole_instance() -> None:
    begun = process(
        *(start(), both("fork"), failing(), boundary("oops", "part", error("e_worse")), user("beside"), user("next")),
        *(chain("begin", "fork", "part", "next"), chain("fork", "beside"), chain("oops", "next")),
    ).complete("part_work")
    assert (begun.ended, begun.open) == (True, [])
    assert begun.visited()[-1] == "part_fails"
    assert sorted(begun.visited("cancelled")) == ["beside", "part", "part_other"]


def test_code_and_words_are_put_into_the_variables_asked_for() -> None:
    asked = {"camunda__errorCodeVariable": "code", "camunda__errorMessageVariable": "words"}
    begun = process(
        *(start(), service("job"), boundary("oops", "job", error(**asked)), user("mend")),
        *(chain("begin", "job"), chain("oops", "mend")),
    ).fail("job", "bad", "It broke.", part=7)
    assert begun.data_of("mend") == begun.data == {"code": "bad", "words": "It broke.", "part": 7}


def test_a_jobs_error_is_caught_on_the_job_first() -> None:
    part = sub(
        *("part", start("in"), service("job"), boundary("near", "job", error("e_bad")), user("a"), end("out")),
        event_sub("help", error("e_bad"), user("b"), chain("help_on", "b")),
        *(chain("in", "job", "out"), chain("near", "a", "out")),
    )
    begun = process(
        start(), part, boundary("far", "part", error()), user("c"), chain("begin", "part"), chain("far", "c")
    )
    begun.fail("job", "bad")
    assert (begun.open, begun.visited("cancelled")) == (["a"], ["job"])


def test_a_jobs_error_looks_in_its_scope_and_then_outwards() -> None:
    for handled, opened in (("bad", "b"), ("worse", "c")):
        part = sub(
            *("part", start("in"), service("job"), end("out"), chain("in", "job", "out")),
            event_sub("help", error("e_bad"), user("b"), chain("help_on", "b")),
        )
        begun = process(
            *(start(), part, boundary("far", "part", error()), user("c"), chain("begin", "part"), chain("far", "c"))
        ).fail("job", handled)
        assert begun.open == [opened]


def test_a_jobs_error_in_one_round_ends_all_rounds() -> None:
    begun = process(
        *(start(), service("job", inner=each("who")), boundary("oops", "job", error()), user("mend")),
        *(chain("begin", "job"), chain("oops", "mend")),
        who=[1, 2],
    )
    assert begun.fail("job", "bad").open == ["mend"]
    assert begun.visited("cancelled") == ["job", "job"]


def test_a_jobs_error_that_nobody_catches_is_an_incident_and_changes_nothing() -> None:
    begun = process(
        *(start(), both("fork"), service("job"), boundary("oops", "job", error("e_worse")), user("a"), user("mend")),
        *(chain("begin", "fork", "job"), chain("fork", "a"), chain("oops", "mend")),
    )
    with pytest.raises(StepFailed, match="“bad” is caught by nothing: It broke") as failed:
        begun.fail("job", "bad", "It broke.")
    assert (failed.value.element, begun.open) == ("job", ["a"])
    assert begun.answer("job").complete("a").ended


def test_only_a_waiting_job_fails() -> None:
    begun = process(start(), user("a"), service("job"), chain("begin", "a", "job"))
    task = next(iter(begun.tasks))
    with pytest.raises(instances.NotWaiting):
        begun._move(lambda live, at: instances.fail(live, at, ref=task, code="bad", values={}, world=begun.world), task)


def test_an_error_path_may_lead_back_and_fail_again() -> None:
    begun = process(
        *(start(), service("job"), boundary("oops", "job", error()), script("count", "n = n + 1"), end()),
        *(chain("begin", "job", "done"), chain("oops", "count", "job")),
        n=0,
    )
    for number in range(1, 4):
        assert begun.fail("job", "bad").data == {"n": number}
        assert list(begun.asked.values())[-1].element == "job"
    assert begun.answer("job").ended


def test_an_error_that_is_thrown_for_ever_is_stopped() -> None:
    part = sub("part", start("in"), end("fails", error("e_bad")), chain("in", "fails"))
    begun = process(
        *(start(), user("go"), part, boundary("oops", "part", error()), chain("begin", "go", "part")),
        chain("oops", "part"),
    )
    with pytest.raises(StepFailed, match="without end"):
        begun.complete("go")
    assert begun.open == ["go"]


def test_what_waits_beside_a_failing_activity_waits_no_longer() -> None:
    begun = process(
        *(start(), service("job"), boundary("late", "job", timer("after", "PT1H")), user("a")),
        *(boundary("oops", "job", error()), user("mend")),
        *(chain("begin", "job"), chain("late", "a"), chain("oops", "mend")),
    )
    assert begun.fail("job", "x").due == {}
    assert begun.open == ["mend"]


def test_an_error_interrupts_whatever_is_drawn() -> None:
    begun = process(
        *(start(), service("job"), boundary("oops", "job", error(), interrupting=False), user("mend")),
        *(chain("begin", "job"), chain("oops", "mend")),
    ).fail("job", "bad")
    assert (begun.open, begun.visited("cancelled")) == (["mend"], ["job"])
    help_ = event_sub("help", error(), user("rescue"), chain("help_on", "rescue"), interrupting=False)
    begun = process(start(), both("f"), service("job"), user("a"), help_, chain("begin", "f", "job"), chain("f", "a"))
    assert begun.fail("job", "bad").open == ["rescue"]
