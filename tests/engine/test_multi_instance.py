"""Multi-instance activities: BPMN 2.0.2, 10.3.8 and 13.3.7."""

from __future__ import annotations

from typing import Any

import pytest

from engine.step import StepFailed
from tests.engine.build import (
    both,
    boundary,
    bpmn,
    call,
    chain,
    document,
    each,
    end,
    flow,
    receive,
    script,
    service,
    start,
    sub,
    terminate,
    timer,
    times,
    until_enough,
    user,
    while_true,
    whole,
    xor,
)
from tests.engine.runs import run

OUTPUT = '<loopDataOutputRef>answers</loopDataOutputRef><outputDataItem name="answer" />'


def asking(loop: str) -> bytes:
    return bpmn(start(), user("ask", loop), user("after"), end(), chain("begin", "ask", "after", "done"))


def test_in_parallel_all_are_open_at_once_each_with_its_item() -> None:
    begun = run(asking(each("people", "who")), data={"people": ["a", "b", "c"]})
    assert begun.open == ["ask"] * 3
    tasks = list(begun.tasks.values())
    assert [(task.data["who"], task.data["loopCounter"], task.loop) for task in tasks] == [
        ("a", 0, "1"),
        ("b", 1, "2"),
        ("c", 2, "3"),
    ]
    begun.complete("ask", nth=1).complete("ask", nth=1).complete("ask")
    assert begun.open == ["after"]
    assert begun.data_of("after") == {"people": ["a", "b", "c"]}


def test_in_sequence_each_follows_the_one_before_and_sees_what_it_set() -> None:
    """In the library the second round raises "item already exists"."""
    begun = run(asking(each("people", "who", sequential=True)), data={"people": ["a", "b", "c"], "n": 0})
    for number, who in enumerate("abc"):
        (task,) = begun.tasks.values()
        assert (task.data["who"], task.data["n"], task.loop) == (who, number, str(number + 1))
        begun.complete("ask", n=number + 1)
    assert begun.data_of("after") == {"people": ["a", "b", "c"], "n": 3}


@pytest.mark.parametrize("sequential", [False, True])
def test_a_completion_condition_ends_it_early(sequential: bool) -> None:
    enough = until_enough("${nrOfCompletedInstances >= 2}")
    begun = run(asking(each("people", sequential=sequential, inner=enough)), data={"people": [1, 2, 3, 4]})
    begun.complete("ask").complete("ask")
    assert begun.open == ["after"]
    assert begun.visited("cancelled") == ([] if sequential else ["ask", "ask"])
    assert begun.complete("after").ended


def test_a_completion_condition_may_read_what_a_round_set() -> None:
    begun = run(asking(each("people", inner=until_enough("vote == 'no'"))), data={"people": [1, 2, 3]})
    assert begun.complete("ask", vote="yes").open == ["ask", "ask"]
    assert begun.complete("ask", vote="no").open == ["after"]


def test_counters_count_all_done_and_active() -> None:
    condition = until_enough("nrOfInstances == 4 and nrOfCompletedInstances == 1 and nrOfActiveInstances == 3")
    begun = run(asking(times("4", inner=condition)))
    assert begun.complete("ask").open == ["after"]


@pytest.mark.parametrize("sequential", [False, True])
def test_outputs_are_gathered_in_the_order_of_the_items(sequential: bool) -> None:
    begun = run(asking(each("people", "who", sequential=sequential, inner=OUTPUT)), data={"people": ["a", "b", "c"]})
    order = (0, 0, 0) if sequential else (2, 0, 0)
    for nth in order:
        who = [task for task in begun.tasks.values() if task.element == "ask"][nth].data["who"]
        begun.complete("ask", nth=nth, answer=f"{who}!")
    assert begun.data_of("after")["answers"] == ["a!", "b!", "c!"]


def test_what_parallel_rounds_change_is_merged_and_none_undoes_another() -> None:
    begun = run(asking(each("people")), data={"people": [1, 2], "x": 0, "y": 0})
    begun.complete("ask", nth=1, y=2).complete("ask", nth=0, x=1)
    assert begun.data_of("after") == {"people": [1, 2], "x": 1, "y": 2}


def test_a_variable_named_like_the_item_is_hidden_and_comes_back() -> None:
    begun = run(asking(each("people", "who")), data={"people": ["a"], "who": "asker", "loopCounter": 9})
    assert begun.data_of("ask")["who"] == "a"
    begun.complete("ask", who="changed")
    assert begun.data_of("after") == {"people": ["a"], "who": "asker", "loopCounter": 9}


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("empty", [[], {}, ""])
def test_nothing_to_repeat_over_passes_at_once(empty: Any, sequential: bool) -> None:
    file = asking(each("people", sequential=sequential, inner=OUTPUT))
    if empty == "":
        with pytest.raises(StepFailed, match="not a list"):
            run(file, data={"people": empty})
        return
    begun = run(file, data={"people": empty})
    assert (begun.open, begun.data_of("after")["answers"]) == (["after"], [])


def test_many_empty_ones_in_line_pass_too() -> None:
    ids = [f"ask{number}" for number in range(400)]
    file = bpmn(start(), *(user(ident, each("none")) for ident in ids), user("after"), chain("begin", *ids, "after"))
    assert run(file, data={"none": []}).open == ["after"]


def test_the_values_of_an_object_are_its_items() -> None:
    begun = run(asking(each("people", "who")), data={"people": {"x": "a", "y": "b"}})
    assert [task.data["who"] for task in begun.tasks.values()] == ["a", "b"]


@pytest.mark.parametrize("how", ["${people}", "= people", "people", "[p for p in people if p]"])
def test_a_collection_may_be_any_expression(how: str) -> None:
    begun = run(asking(each(how, "who")), data={"people": ["a", "b"]})
    assert [task.data["who"] for task in begun.tasks.values()] == ["a", "b"]


def test_plain_bpmn_names_its_collection_and_items() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>people</loopDataInputRef>'
        '<loopDataOutputRef>answers</loopDataOutputRef><inputDataItem id="who" /><outputDataItem id="said" />'
        "</multiInstanceLoopCharacteristics>"
    )
    begun = run(asking(loop), data={"people": ["a", "b"]})
    assert begun.data_of("ask")["who"] == "a"
    begun.complete("ask", said=1).complete("ask", said=2)
    assert begun.data_of("after")["answers"] == [1, 2]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"n": "three"}, "not a whole number"),
        ({"n": 2.5}, "not a whole number"),
        ({"n": True}, "not a whole number"),
        ({"n": None}, "not a whole number"),
        ({"n": 1001}, "1001 times"),
        ({"n": 10**12}, "times"),
        ({"n": 1e300}, "times"),
    ],
)
def test_a_number_of_times_that_makes_no_sense_is_a_failure(data: dict[str, Any], reason: str) -> None:
    with pytest.raises(StepFailed, match=reason) as failed:
        run(asking(times("n")), data=data)
    assert failed.value.element == "ask"


def test_a_number_below_one_is_none() -> None:
    assert run(asking(times("n")), data={"n": -3}).open == ["after"]


def test_a_collection_that_is_too_long_is_a_failure() -> None:
    with pytest.raises(StepFailed, match="at most 1000"):
        run(asking(each("people")), data={"people": list(range(1001))})


@pytest.mark.parametrize("bad", ["text", 7, None, True])
def test_a_collection_that_is_none_is_a_failure(bad: Any) -> None:
    with pytest.raises(StepFailed, match="not a list"):
        run(asking(each("people")), data={"people": bad})


@pytest.mark.parametrize("sequential", [False, True])
def test_scripts_may_be_repeated(sequential: bool) -> None:
    loop = each("numbers", "n", sequential=sequential, inner=OUTPUT)
    file = bpmn(start(), script("twice", "answer = n * 2", loop), user("after"), chain("begin", "twice", "after"))
    begun = run(file, data={"numbers": [1, 2, 3]})
    assert begun.data["answers"] == [2, 4, 6]


def test_service_and_receive_tasks_may_be_repeated() -> None:
    file = bpmn(
        *(start(), service("send", inner=each("people", "who")), receive("hear", inner=each("people", "who")), end()),
        chain("begin", "send", "hear", "done"),
    )
    begun = run(file, data={"people": ["a", "b"]})
    assert [asked.data["who"] for asked in begun.asked.values()] == ["a", "b"]
    begun.answer("send").answer("send")
    assert begun.names_awaited == ["order", "order"]
    assert begun.deliver("order").deliver("order").ended


@pytest.mark.parametrize("sequential", [False, True])
def test_sub_processes_may_be_repeated(sequential: bool) -> None:
    inner = sub(
        *("part", start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out")),
        loop=each("people", "who", sequential=sequential, inner=OUTPUT),
    )
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "part", "after")), data={"people": ["a", "b"]})
    while "after" not in begun.open:
        task = next(iter(begun.tasks.values()))
        begun.complete_ref(task.ref, {"answer": f"{task.element} {task.data['who']}"})
    assert begun.data_of("after")["answers"] == ["two a", "two b"]
    assert "who" not in begun.data


def test_repetitions_may_be_nested() -> None:
    inner = sub(
        *("class", start("in"), user("call_parent", each("students", "student")), end("out")),
        chain("in", "call_parent", "out"),
        loop=each("classes", "students"),
    )
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "class", "after")), data={"classes": [[1, 2], [3]]})
    assert [(task.data["student"], task.loop) for task in begun.tasks.values()] == [(1, "1.1"), (2, "1.2"), (3, "2.1")]
    begun.complete("call_parent", nth=2).complete("call_parent").complete("call_parent")
    assert begun.open == ["after"]
    assert begun.data == {"classes": [[1, 2], [3]]}


def test_a_terminate_end_inside_one_round_ends_just_that_round() -> None:
    inner = sub(
        *("part", start("in"), both("fork"), user("one"), user("two"), end("stop", terminate()), end("out")),
        *(chain("in", "fork", "one", "stop"), chain("fork", "two", "out")),
        loop=each("people"),
    )
    begun = run(bpmn(start(), inner, end(), chain("begin", "part", "done")), data={"people": [1, 2]})
    assert begun.open == ["one", "one", "two", "two"]
    assert begun.complete("one").open == ["one", "two"]
    assert begun.complete("two").complete("one").ended


def test_a_boundary_event_belongs_to_all_of_it() -> None:
    file = bpmn(
        *(start(), user("ask", each("people")), boundary("bell", "ask", timer("every", "R/PT1H"), interrupting=False)),
        *(user("remind"), end(), end("x"), chain("begin", "ask", "done"), chain("bell", "remind", "x")),
    )
    begun = run(file, data={"people": [1, 2, 3]})
    assert list(begun.due) == ["bell"]
    begun.fire("bell").complete("ask").fire("bell")
    assert begun.open == ["ask", "ask", "remind", "remind"]
    begun.complete("ask").complete("ask")
    assert (begun.open, begun.due) == (["remind", "remind"], {})


def test_a_loop_back_repeats_it_anew() -> None:
    file = bpmn(
        *(start(), xor("again"), user("ask", each("people", inner=OUTPUT)), xor("good", "back"), end()),
        *(chain("begin", "again", "ask", "good"), flow("good", "done", "ok"), flow("good", "again", ident="back")),
    )
    begun = run(file, data={"people": [1, 2], "ok": False})
    begun.complete("ask", answer="a").complete("ask", answer="b")
    assert (begun.open, begun.data["answers"]) == (["ask", "ask"], ["a", "b"])
    begun.complete("ask", answer="c").complete("ask", answer="d", ok=True)
    assert (begun.ended, begun.data["answers"]) == (True, ["c", "d"])


def test_a_round_is_visited_once_and_the_whole_is_no_visit() -> None:
    begun = run(asking(each("people")), data={"people": [1, 2]}).complete("ask").complete("ask")
    visits = [(visit.element, visit.loop) for visit in begun.visits]
    assert visits == [("begin", None), ("ask", "1"), ("ask", "2")]


def test_five_hundred_at_once_work() -> None:
    begun = run(asking(each("people")), data={"people": list(range(500))})
    assert len(begun.tasks) == 500
    begun.complete("ask", nth=250)
    assert len(begun.tasks) == 499


@pytest.mark.parametrize("sequential", [False, True])
def test_right_after_a_boundary_event_it_begins_like_anywhere(sequential: bool) -> None:
    """In the library this raises."""
    file = bpmn(
        *(start(), user("work"), boundary("late", "work", timer("after", "P1D")), user("after"), end()),
        *(user("ask", each("people", "who", sequential=sequential)), chain("late", "ask", "after", "done")),
        chain("begin", "work", "done"),
    )
    begun = run(file, data={"people": ["a", "b"], "who": "asker"}).fire("late")
    assert begun.data_of("ask")["who"] == "a"
    begun.complete("ask").complete("ask")
    assert (begun.open, begun.data_of("after")) == (["after"], {"people": ["a", "b"], "who": "asker"})


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("inner", ["task", "sub", "call"])
def test_interrupting_all_of_it_takes_along_what_its_rounds_changed(sequential: bool, inner: str) -> None:
    """In the library interrupting a repeated sub-process raises."""
    loop = each("people", "who", sequential=sequential, inner=OUTPUT)
    steps = (start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out"))
    activity = {"task": user("part", loop), "sub": sub("part", *steps, loop=loop), "call": call("part", "q", loop)}
    first = {"task": "part", "sub": "one", "call": "q/one"}[inner]
    caller = whole(
        *(start(), activity[inner], boundary("late", "part", timer("after", "P1D")), user("after"), user("off")),
        *(chain("begin", "part", "after"), chain("late", "off")),
    )
    begun = run(document(caller), bpmn(*steps, process="q"), data={"people": ["a", "b", "c"]})
    begun.complete(first, answer=1)
    if inner != "task":
        begun.complete(first.replace("one", "two"))
    begun.fire("late")
    assert begun.open == ["off"]
    answers = {"people": ["a", "b", "c"], "answer": 1, "answers": [1, None, None]}
    assert begun.data_of("off") == begun.data == answers


def test_rounds_of_sub_processes_do_not_see_each_other_in_parallel() -> None:
    inner = sub(
        *("part", start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out")),
        loop=each("people", "who"),
    )
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "part", "after")), data={"people": [1, 2], "x": 0})
    begun.complete("one", x=1)
    assert begun.data_of("two")["x"] == 1
    assert begun.data_of("one")["x"] == 0
    assert begun.data["x"] == 0
    begun.complete("two")
    assert begun.data["x"] == 1


@pytest.mark.parametrize("kind", ["parallel", "sequential", "loop"])
def test_a_repeated_sub_process_may_hold_repeated_tasks_and_calls(kind: str) -> None:
    loops = {
        "parallel": each("groups", "group"),
        "sequential": each("groups", "group", sequential=True),
        "loop": while_true("loopCounter < 2"),
    }
    inner = sub(
        *("part", start("in"), user("ask", each("[1, 2]", "n", sequential=True)), call("check", "q", each("[3]", "m"))),
        *(end("out"), chain("in", "ask", "check", "out")),
        loop=loops[kind],
    )
    called = whole(start("in2"), user("look"), end("out2"), chain("in2", "look", "out2"), process="q")
    caller = whole(start(), inner, user("after"), end(), chain("begin", "part", "after", "done"))
    begun = run(document(caller, called), data={"groups": ["a", "b"]})
    rounds = []
    while begun.open != ["after"]:
        task = next(iter(begun.tasks.values()))
        rounds.append((task.element, task.loop, task.data.get("n"), task.data.get("m")))
        begun.complete_ref(task.ref, {})
    assert sorted(rounds) == [
        *(("ask", "1.1", 1, None), ("ask", "1.2", 2, None), ("ask", "2.1", 1, None), ("ask", "2.2", 2, None)),
        *(("q/look", "1.1", None, 3), ("q/look", "2.1", None, 3)),
    ]
    assert begun.data == {"groups": ["a", "b"]}


def test_counters_have_bpmns_own_names_too() -> None:
    condition = until_enough("numberOfInstances == 3 and numberOfCompletedInstances + numberOfActiveInstances == 3")
    assert run(asking(times("3", inner=condition))).complete("ask").open == ["after"]
    one_at_a_time = until_enough("nrOfActiveInstances == 1 and nrOfCompletedInstances == 2")
    begun = run(asking(times("3", sequential=True, inner=one_at_a_time))).complete("ask")
    assert begun.complete("ask").open == ["after"]


def test_what_a_completion_condition_ends_leaves_none_of_its_values() -> None:
    inner = sub(
        *("part", start("in"), user("one"), user("two"), end("out"), chain("in", "one", "two", "out")),
        loop=each("people", inner=until_enough("nrOfCompletedInstances == 1")),
    )
    begun = run(bpmn(start(), inner, user("after"), chain("begin", "part", "after")), data={"people": [1, 2]})
    begun.complete("one", nth=0, x=1).complete("one", y=1).complete("two", nth=1)
    assert begun.open == ["after"]
    assert begun.data_of("after") == {"people": [1, 2], "y": 1}


@pytest.mark.parametrize("loop", [times("2", sequential=True), while_true("loopCounter < 2")], ids=["turn", "loop"])
def test_a_round_may_put_a_value_back_to_what_it_was_before_all_rounds(loop: str) -> None:
    begun = run(
        bpmn(start(), user("ask", loop), user("after"), end(), chain("begin", "ask", "after", "done")), data={"v": 1}
    )
    begun.complete("ask", v=2).complete("ask", v=1)
    assert (begun.data_of("after"), begun.data) == ({"v": 1}, {"v": 1})


@pytest.mark.parametrize(
    "loop",
    [times("2"), times("2", sequential=True), while_true("loopCounter < 2")],
    ids=["at once", "in turn", "loop"],
)
def test_what_a_round_deletes_is_gone_after_it(loop: str) -> None:
    inside = (start("in"), user("ask"), script("drop", "v = 0\ndel v"), end("out"), chain("in", "ask", "drop", "out"))
    begun = run(
        bpmn(start(), sub("each", *inside, loop=loop), user("after"), end(), chain("begin", "each", "after", "done")),
        data={"v": 1},
    )
    begun.complete("ask", w=1)
    assert begun.data == {"w": 1}
    assert "v" not in begun.complete("ask", w=2).data_of("after")
    assert begun.data == {"w": 2}
