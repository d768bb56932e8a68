"""User, manual, script, service and send tasks: BPMN 2.0.2, 13.3.3; implicit splits and merges: 13.3.1."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import instances
from engine.instances import At
from engine.step import StepFailed, World
from tests.engine.build import bpmn, chain, element, end, flow, lane_set, script, service, start, user
from tests.engine.runs import NOON, compiled, fresh, run

LINE = bpmn(start(), user("one"), user("two"), end(), chain("begin", "one", "two", "done"))


def test_a_task_opens_with_its_lane_and_data_and_closes_when_done() -> None:
    file = bpmn(start(), user("one"), user("two"), chain("begin", "one", "two"), lanes=lane_set(office="one"))
    begun = run(file, data={"x": 1})
    (task,) = begun.tasks.values()
    assert (task.element, task.lane, task.loop, task.data) == ("one", "office", None, {"x": 1})
    begun.complete("one", y=2)
    assert begun.step.effects.closed == {task.ref: "completed"}
    (task,) = begun.tasks.values()
    assert (task.element, task.lane, task.data) == ("two", "", {"x": 1, "y": 2})


def test_a_task_is_done_once() -> None:
    """The library runs finished tasks again."""
    begun = run(LINE)
    ref = next(iter(begun.tasks))
    begun.complete_ref(ref, {})
    with pytest.raises(instances.NotWaiting):
        begun.complete_ref(ref, {})
    assert begun.open == ["two"]


@pytest.mark.parametrize("ref", ["", "0", "1", "2", "99", "x", "one"])
def test_only_what_waits_for_a_person_can_be_completed(ref: str) -> None:
    begun = run(LINE)
    assert ref not in begun.tasks
    with pytest.raises(instances.NotWaiting):
        begun.complete_ref(ref, {})


def test_a_task_is_not_a_timer_nor_a_message() -> None:
    begun = run(LINE)
    with pytest.raises(instances.NotWaiting):
        begun.fire_ref(next(iter(begun.tasks)), 0)


def test_a_task_without_a_type_and_a_manual_task_are_work_for_a_person() -> None:
    file = bpmn(start(), element("task", "a"), element("manualTask", "b"), end(), chain("begin", "a", "b", "done"))
    begun = run(file)
    assert begun.open == ["a"]
    assert begun.complete("a").complete("b").ended


def test_several_flows_out_are_all_taken() -> None:
    file = bpmn(
        start(), user("one"), user("a"), user("b"), end(), chain("begin", "one", "a", "done"), chain("one", "b")
    )
    assert run(file).complete("one").open == ["a", "b"]


def test_conditions_on_flows_out_of_a_task_choose_and_the_default_is_taken_when_none_holds() -> None:
    file = bpmn(
        *(start(), user("one", default="else"), user("a"), user("b"), user("c"), chain("begin", "one")),
        *(flow("one", "a", "n > 1"), flow("one", "b", "n > 2"), flow("one", "c", ident="else")),
    )
    assert run(file).complete("one", n=3).open == ["a", "b"]
    assert run(file).complete("one", n=2).open == ["a"]
    assert run(file).complete("one", n=1).open == ["c"]


def test_a_flow_without_a_condition_beside_conditional_ones_is_always_taken() -> None:
    file = bpmn(
        *(start(), user("one"), user("a"), user("b"), chain("begin", "one")),
        *(flow("one", "a", "n > 1"), flow("one", "b")),
    )
    assert run(file).complete("one", n=2).open == ["a", "b"]
    assert run(file).complete("one", n=1).open == ["b"]


def test_when_no_flow_of_a_task_holds_the_ticket_does_not_just_end() -> None:
    file = bpmn(start(), user("one"), user("a"), chain("begin", "one"), flow("one", "a", "n > 1"))
    begun = run(file)
    with pytest.raises(StepFailed, match="no default flow") as failed:
        begun.complete("one", n=1)
    assert failed.value.element == "one"
    assert begun.complete("one", n=2).open == ["a"]


def test_a_task_where_flows_meet_opens_for_each_token() -> None:
    file = bpmn(start(), user("a"), user("b"), user("c"), chain("begin", "a", "c"), chain("begin", "b", "c"))
    begun = run(file).complete("a").complete("b")
    assert begun.open == ["c", "c"]
    assert begun.complete("c").complete("c").ended


def test_a_script_works_on_the_values() -> None:
    text = "\n  total = 0\n  for n in numbers:\n    if n > 1:\n      total += n\n  names = [str(n) for n in numbers]\n"
    begun = run(bpmn(start(), script("sum", text), user("a"), chain("begin", "sum", "a")), data={"numbers": [1, 2, 3]})
    assert begun.data == {"numbers": [1, 2, 3], "total": 5, "names": ["1", "2", "3"]}


def test_a_script_task_without_a_script_lets_the_token_through() -> None:
    for empty in (script("s", " \n"), element("scriptTask", "s")):
        begun = run(bpmn(start(), empty, user("a"), chain("begin", "s", "a")))
        assert (begun.open, begun.visited()) == (["a"], ["begin", "s"])


def test_a_script_that_fails_fails_the_step_and_leaves_the_instance_as_it_was() -> None:
    """The library leaves the task in ERROR and the instance stuck."""
    file = bpmn(start(), user("one"), script("bad", "x = y / 0"), user("two"), chain("begin", "one", "bad", "two"))
    begun = run(file, data={"y": 1})
    before = begun.step
    for _ in range(2):
        with pytest.raises(StepFailed, match="divided by zero") as failed:
            begun.complete("one", z=1)
        assert failed.value.element == "bad"
    assert begun.step is before
    assert begun.open == ["one"]


def test_a_script_sees_the_time_and_the_platforms_names() -> None:
    text = "day = today()\nlater = days_after('2026-11-20', 3)\nwho = requester['login']\nboss = superior_of('lina')"
    begun = run(
        bpmn(start(), script("read", text), user("a"), chain("begin", "read", "a")),
        names={"requester": {"login": "zhoulan"}},
        functions={"superior_of": lambda login: f"{login}'s boss"},
    )
    assert begun.data == {
        "day": "2026-11-20",
        "later": "2026-11-23T09:00:00",
        "who": "zhoulan",
        "boss": "lina's boss",
    }


@pytest.mark.parametrize(
    "text", ["x = 2 ** 100", "x = 1e308 * 10", "x = '\\0'", "x = [1] * 10**9", "while True: x = 1"]
)
def test_what_cannot_be_stored_or_never_ends_fails_the_step(text: str) -> None:
    with pytest.raises(StepFailed) as failed:
        run(bpmn(start(), script("bad", text), user("a"), chain("begin", "bad", "a")))
    assert failed.value.element == "bad"


def test_a_date_in_a_script_is_kept_as_text() -> None:
    begun = run(bpmn(start(), script("read", "at = now()"), user("a"), chain("begin", "read", "a")))
    assert begun.data == {"at": "2026-11-20T12:00:00+08:00"}


def test_a_service_task_asks_a_job_and_waits_for_its_answer() -> None:
    file = bpmn(start(), service("send", "sms"), user("after"), chain("begin", "send", "after"))
    begun = run(file, data={"x": 1})
    (asked,) = begun.asked.values()
    assert (asked.element, asked.topic, asked.data, begun.open) == ("send", "sms", {"x": 1}, [])
    begun.answer("send", sent=True)
    assert (begun.step.kind, begun.open, begun.data) == ("job", ["after"], {"x": 1, "sent": True})


def test_a_job_that_answers_twice_is_refused_the_second_time() -> None:
    begun = run(bpmn(start(), service("send"), user("after"), chain("begin", "send", "after")))
    ref, asked = next(iter(begun.asked.items()))
    with pytest.raises(instances.NotWaiting):
        begun.complete_ref(ref, {})
    begun.answer("send")
    begun.asked[ref] = asked
    with pytest.raises(instances.NotWaiting):
        begun.answer("send")


def test_visits_say_when_each_element_was_entered_and_left() -> None:
    begun = run(LINE).wait(hours=2).complete("one").wait(minutes=5.5).complete("two")
    assert [(visit.element, visit.entered_at - NOON, visit.left_at - NOON) for visit in begun.visits] == [
        ("begin", timedelta(), timedelta()),
        ("one", timedelta(), timedelta(hours=2)),
        ("two", timedelta(hours=2), timedelta(hours=2, minutes=5.5)),
        ("done", timedelta(hours=2, minutes=5.5), timedelta(hours=2, minutes=5.5)),
    ]


def test_a_step_says_what_drove_it_and_which_revision_it_is_of() -> None:
    blueprint = fresh(compiled(LINE))
    begun = instances.start(blueprint, 7, data={"x": 1}, world=World(NOON), start_id="begin")
    assert (begun.definition_id, begun.instance_id, begun.expected_revision, begun.revision) == (7, None, 0, 1)
    assert (begun.kind, begun.payload, begun.now) == ("start", {"data": {"x": 1}, "start": "begin"}, NOON)
    ref = next(iter(begun.effects.opened))
    step = instances.complete(begun.live, At(7, 3, 1), ref=ref, values={"y": 2}, world=World(NOON))
    assert (step.instance_id, step.expected_revision, step.revision, step.kind) == (3, 1, 2, "complete")
    assert step.payload == {"ref": ref, "values": {"y": 2}}
