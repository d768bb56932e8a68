"""Ad-hoc sub-processes: BPMN 2.0.2, 10.3.5 and 13.3.5."""

from __future__ import annotations

from typing import Any

import pytest

from engine.step import StepFailed
from tests.engine.build import (
    ad_hoc,
    both,
    boundary,
    bpmn,
    call,
    chain,
    document,
    each,
    end,
    error,
    event_sub,
    flow,
    lane_set,
    message,
    script,
    start,
    sub,
    throw,
    timer,
    user,
    whole,
    xor,
)
from tests.engine.runs import Run, run


def around(inner: str, *more: str, lanes: str = "") -> bytes:
    return bpmn(start(), inner, user("after"), end(), chain("begin", "part", "after", "done"), *more, lanes=lanes)


def choose(begun: Run, activity: str, **values: Any) -> Run:
    return begun.complete("part", next_activity=activity, **values)


def test_nothing_begins_until_a_person_chooses_it() -> None:
    begun = run(around(ad_hoc("part", user("one"), user("two"))), data={"x": 1})
    assert (begun.open, begun.data_of("part")) == (["part"], {"x": 1})
    node = begun.definition.node("part")
    assert node is not None
    assert [value for value, _ in node.fields[0].values] == ["one", "two", ".finish"]
    assert choose(begun, "two").open == ["part", "two"]


def test_in_parallel_any_activity_may_be_begun_any_number_of_times() -> None:
    begun = run(around(ad_hoc("part", user("one"), user("two"))))
    for activity in ("one", "two", "one", "one"):
        choose(begun, activity)
    assert begun.open == ["one", "one", "one", "part", "two"]
    begun.complete("one").complete("two")
    assert begun.open == ["one", "one", "part"]


def test_in_sequence_the_choice_is_open_only_when_nothing_else_is() -> None:
    begun = run(around(ad_hoc("part", user("one"), user("two"), sequential=True)))
    assert choose(begun, "one").open == ["one"]
    assert begun.complete("one").open == ["part"]
    assert choose(begun, "one").complete("one").open == ["part"]


def test_finishing_ends_it_and_cancels_what_is_active() -> None:
    begun = run(around(ad_hoc("part", user("one"), user("two"))))
    choose(begun, "one")
    assert choose(begun, ".finish", why="late").open == ["after"]
    assert begun.visited("cancelled") == ["one"]
    assert begun.data_of("after") == {"why": "late"}
    assert begun.visited() == ["begin", "part"]
    assert begun.complete("after").ended


def test_finishing_may_wait_for_what_is_active() -> None:
    begun = run(around(ad_hoc("part", user("one"), user("two"), chain("one", "two"), keeps=True)))
    choose(begun, "one")
    choose(begun, "one")
    assert choose(begun, ".finish").open == ["one", "one"]
    assert begun.complete("one").open == ["one"]
    assert begun.complete("one").open == ["after"]


def test_it_ends_when_its_condition_holds_as_an_activity_completes() -> None:
    begun = run(around(ad_hoc("part", user("one"), user("two"), until="count >= 2")), data={"count": 0})
    node = begun.definition.node("part")
    assert node is not None
    assert [value for value, _ in node.fields[0].values] == ["one", "two"]
    choose(begun, "one")
    choose(begun, "two")
    choose(begun, "two")
    assert begun.complete("one", count=1).open == ["part", "two", "two"]
    assert begun.complete("two", count=2).open == ["after"]
    assert begun.visited("cancelled") == ["two"]


def test_its_condition_may_let_what_is_active_end_but_begin_nothing_more() -> None:
    inner = ad_hoc("part", user("one"), user("two"), user("next"), chain("two", "next"), until="ok", keeps=True)
    begun = run(around(inner), data={"ok": False})
    choose(begun, "one")
    choose(begun, "two")
    assert begun.complete("one", ok=True).open == ["two"]
    assert begun.complete("two").open == ["after"]
    assert begun.visited("cancelled") == []


def test_what_follows_an_activity_begins_when_it_is_done() -> None:
    inner = ad_hoc("part", user("one"), user("next"), user("two"), chain("one", "next"), sequential=True)
    begun = run(around(inner))
    node = begun.definition.node("part")
    assert node is not None
    assert [value for value, _ in node.fields[0].values] == ["one", "two", ".finish"]
    assert choose(begun, "one").complete("one").open == ["next"]
    assert begun.complete("next").open == ["part"]


def test_the_condition_is_looked_at_before_what_follows_begins() -> None:
    inner = ad_hoc("part", user("one"), script("next", "x = 1"), chain("one", "next"), until="ok")
    begun = choose(run(around(inner), data={"ok": False}), "one").complete("one", ok=True)
    assert (begun.open, begun.data) == (["after"], {"ok": True})


def test_flows_inside_may_branch_and_join() -> None:
    inner = ad_hoc(
        *("part", user("one"), xor("which", "else"), user("yes"), user("no"), user("other"), both("join")),
        *(chain("one", "which"), flow("which", "yes", "ok"), flow("which", "no", ident="else"), chain("yes", "join")),
        *(user("last"), chain("other", "join", "last"), throw("said"), chain("no", "said")),
    )
    for sequential in (False, True):
        order = b'"Sequential"' if sequential else b'"Parallel"'
        begun = run(around(inner).replace(b'"Parallel"', order))
        choose(begun, "one").complete("one", ok=True).complete("yes")
        assert begun.open == ["part"]
        choose(begun, "other").complete("other")
        assert begun.open == (["last"] if sequential else ["last", "part"])
        begun.complete("last")
        choose(begun, "one").complete("one", ok=False).complete("no")
        assert choose(begun, ".finish").open == ["after"]


def test_each_activity_sees_what_was_written_before_it_was_chosen() -> None:
    begun = run(around(ad_hoc("part", user("one"), user("two"))), data={"x": 0})
    choose(begun, "one").complete("one", x=1)
    choose(begun, "two", note="n")
    assert begun.data_of("two") == {"x": 1, "note": "n"}
    assert begun.data == {"x": 1, "note": "n"}
    choose(begun, ".finish")
    assert begun.data_of("after") == {"x": 1, "note": "n"}


def test_activities_without_people_are_done_at_once_and_the_choice_opens_again() -> None:
    for sequential in (False, True):
        begun = run(
            around(ad_hoc("part", script("count", "n += 1"), until="n == 3", sequential=sequential)), data={"n": 0}
        )
        choose(begun, "count")
        assert (begun.open, begun.data) == (["part"], {"n": 1})
        choose(begun, "count")
        assert choose(begun, "count").open == ["after"]


@pytest.mark.parametrize("chosen", ["three", "", "after", "part", ".finish", None, ["one"], "next", "x" * 500])
def test_what_is_not_offered_is_refused(chosen: Any) -> None:
    inner = ad_hoc("part", user("one"), user("next"), chain("one", "next"), until="ok")
    begun = run(around(inner))
    with pytest.raises(StepFailed, match="not one of the activities") as failed:
        choose(begun, chosen)
    assert (failed.value.element, begun.open) == ("part", ["part"])
    with pytest.raises(StepFailed):
        begun.complete("part")


def test_events_on_its_boundary_end_it_or_run_beside_it() -> None:
    file = around(
        ad_hoc("part", user("one")),
        *(boundary("late", "part", timer("after", "P1D")), user("off"), chain("late", "off")),
        *(boundary("bell", "part", message(), interrupting=False), user("look"), chain("bell", "look")),
    )
    begun = choose(run(file), "one").deliver("order")
    assert begun.open == ["look", "one", "part"]
    begun.complete("one", x=1).fire("late")
    assert (begun.open, begun.due, begun.data_of("off")) == (["look", "off"], {}, {"x": 1})


def test_errors_inside_reach_its_boundary() -> None:
    inner = ad_hoc("part", sub("risky", start("in"), user("try"), end("fail", error()), chain("in", "try", "fail")))
    file = around(inner, boundary("failed", "part", error()), user("mend"), chain("failed", "mend"))
    begun = choose(run(file), "risky").complete("try")
    assert begun.open == ["mend"]


def test_activities_inside_have_boundary_events_of_their_own() -> None:
    inner = ad_hoc(
        "part", user("one"), boundary("late", "one", timer("after", "P1D")), user("off"), chain("late", "off")
    )
    begun = choose(run(around(inner)), "one").fire("late")
    assert begun.open == ["off", "part"]
    assert begun.complete("off").open == ["part"]


def test_an_event_sub_process_inside_does_not_hold_it_up() -> None:
    care = event_sub("care", message(), user("look"), end("seen"), chain("care_on", "look", "seen"), interrupting=False)
    begun = run(around(ad_hoc("part", user("one"), care, sequential=True)))
    assert begun.open == ["part"]
    begun.deliver("order")
    assert begun.open == ["look", "part"]
    assert choose(begun.complete("look"), "one").complete("one").open == ["part"]
    assert choose(begun, ".finish").open == ["after"]
    assert begun.names_awaited == []


def test_an_event_sub_process_inside_may_end_everything_else() -> None:
    care = event_sub("care", message(), user("look"), end("seen"), chain("care_on", "look", "seen"))
    begun = choose(run(around(ad_hoc("part", user("one"), care, until="1 == 2"))), "one")
    assert begun.open == ["one", "part"]
    assert begun.deliver("order", x=1).open == ["look"]
    assert begun.complete("look").open == ["after"]
    assert begun.data == {"x": 1}


def test_its_activities_may_be_repeated_sub_processes_and_calls() -> None:
    called = whole(start("in3"), user("check"), end("out3"), chain("in3", "check", "out3"), process="q")
    inner = ad_hoc(
        *("part", user("ask", each("people", "who")), call("them", "q")),
        sub("steps", start("in2"), user("one"), end("out2"), chain("in2", "one", "out2")),
        until="over",
    )
    caller = whole(start(), inner, user("after"), end(), chain("begin", "part", "after", "done"))
    begun = run(document(caller, called), data={"people": [1, 2], "over": False})
    choose(begun, "ask")
    assert begun.open == ["ask", "ask", "part"]
    choose(begun.complete("ask").complete("ask"), "them")
    choose(begun, "steps")
    assert begun.open == ["one", "part", "q/check"]
    assert begun.complete("one").complete("q/check", over=True).open == ["after"]


def test_it_may_be_repeated() -> None:
    inner = ad_hoc("part", user("one"), until="ok == who", loop=each("people", "who"))
    begun = run(around(inner), data={"people": ["a", "b"], "ok": ""})
    assert [(task.loop, task.data["who"]) for task in begun.tasks.values()] == [("1", "a"), ("2", "b")]
    begun.complete("part", nth=1, next_activity="one")
    assert begun.data_of("one")["who"] == "b"
    assert begun.complete("one", ok="b").open == ["part"]
    assert choose(begun, "one").complete("one", ok="a").open == ["after"]


def test_it_may_be_nested() -> None:
    deep = ad_hoc("deep", user("one"), until="found")
    begun = choose(run(around(ad_hoc("part", deep, user("two")))), "deep")
    assert begun.open == ["deep", "part"]
    begun.complete("deep", next_activity="one")
    assert begun.open == ["deep", "one", "part"]
    assert begun.complete("one", found=True).open == ["part"]
    assert choose(begun, ".finish").open == ["after"]


def test_it_may_be_in_a_called_process() -> None:
    called = whole(
        *(start("in"), ad_hoc("part", user("one")), end("out"), chain("in", "part", "out")),
        process="q",
    )
    caller = whole(start(), call("ask", "q"), end(), chain("begin", "ask", "done"))
    begun = run(document(caller, called))
    node = begun.definition.node("q/part")
    assert node is not None
    offered = [value for value, _ in node.fields[0].values]
    begun.complete("q/part", next_activity=offered[0])
    assert begun.open == ["q/one", "q/part"]
    assert begun.complete("q/part", next_activity=".finish").ended


def test_the_choice_stands_in_the_lane_of_the_sub_process() -> None:
    inner = ad_hoc("part", user("one"), user("two"))
    begun = choose(run(around(inner, lanes=lane_set(office="begin part after done", lead="two"))), "two")
    assert {task.element: task.lane for task in begun.tasks.values()} == {"part": "office", "two": "lead"}


def test_two_tokens_have_two_choices() -> None:
    file = bpmn(
        *(start(), both("fork"), xor("merge"), ad_hoc("part", user("one")), user("after"), end()),
        *(chain("begin", "fork", "merge", "part", "after", "done"), flow("fork", "merge", ident="second")),
    )
    begun = run(file)
    assert begun.open == ["part", "part"]
    choose(begun, "one")
    assert choose(begun, ".finish").open == ["after", "one", "part"]


def test_thirty_activities_at_once_and_a_hundred_in_turn_are_no_matter() -> None:
    begun = run(around(ad_hoc("part", user("one"))))
    for number in range(30):
        choose(begun, "one", x=number)
    assert begun.open == ["one"] * 30 + ["part"]
    for _ in range(100):
        choose(begun.complete("one"), "one")
    assert len(begun.step.state) < 5_000
    assert choose(begun, ".finish").open == ["after"]
