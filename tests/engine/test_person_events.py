"""Events without a trigger (the spirit of BPMN 2.0.2, 10.5.4 and 13.5.3): a person says that they have happened."""

from __future__ import annotations

import pytest

from engine import instances
from tests.engine.build import (
    both,
    boundary,
    bpmn,
    catch,
    chain,
    each,
    end,
    first_of,
    lane_set,
    start,
    sub,
    terminate,
    timer,
    user,
)
from tests.engine.runs import run


def test_a_catch_event_without_a_trigger_is_a_task_of_its_own() -> None:
    begun = run(bpmn(start(), catch("arrived"), user("a"), chain("begin", "arrived", "a")), data={"x": 1})
    assert (begun.open, begun.data_of("arrived"), begun.names_awaited) == (["arrived"], {"x": 1}, [])
    assert begun.complete("arrived", y=2).open == ["a"]
    assert (begun.data, begun.visited()) == ({"x": 1, "y": 2}, ["begin", "arrived"])


def test_a_person_may_say_that_an_activity_is_over() -> None:
    begun = run(
        bpmn(
            *(start(), user("work"), boundary("off", "work"), user("a"), end()),
            *(chain("begin", "work", "done"), chain("off", "a")),
        )
    )
    assert begun.open == ["off", "work"]
    assert begun.complete("off", why="rain").open == ["a"]
    assert (begun.visited("cancelled"), begun.data_of("a")) == (["work"], {"why": "rain"})


def test_an_activity_that_is_done_takes_the_question_away() -> None:
    begun = run(
        bpmn(
            *(start(), user("work"), boundary("off", "work"), user("a"), user("next")),
            *(chain("begin", "work", "next"), chain("off", "a")),
        )
    )
    ref = next(ref for ref, task in begun.tasks.items() if task.element == "off")
    assert begun.complete("work").open == ["next"]
    with pytest.raises(instances.NotWaiting):
        begun.complete_ref(ref, {})


def test_one_that_does_not_interrupt_is_asked_again_each_time() -> None:
    begun = run(
        bpmn(
            *(start(), user("work"), boundary("more", "work", interrupting=False), user("a"), end()),
            *(chain("begin", "work", "done"), chain("more", "a")),
        )
    )
    for number in range(1, 4):
        begun.complete("more", n=number)
        assert begun.open == ["a"] * number + ["more", "work"]
    assert begun.complete("work").open == ["a", "a", "a"]


def test_the_role_is_that_of_the_lane_it_stands_in() -> None:
    begun = run(
        bpmn(
            *(start(), user("work"), boundary("off", "work"), user("a"), chain("begin", "work"), chain("off", "a")),
            lanes=lane_set(teacher="off", office="work"),
        )
    )
    assert {task.element: task.lane for task in begun.tasks.values()} == {"off": "teacher", "work": "office"}


def test_on_the_edge_of_an_activity_it_is_that_of_the_activitys_lane_unless_it_has_its_own() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("off", "work"), user("a"), chain("begin", "work"), chain("off", "a")),
        lanes=lane_set(office="work"),
    )
    assert [task.lane for task in run(file).tasks.values()] == ["office", "office"]


def test_behind_an_event_gateway_each_is_a_task_and_one_of_them_wins() -> None:
    begun = run(
        bpmn(
            *(start(), first_of("wait"), catch("yes"), catch("no"), catch("late", timer("after", "PT1H"))),
            *(user("a"), user("b"), user("c")),
            *(chain("begin", "wait", "yes", "a"), chain("wait", "no", "b"), chain("wait", "late", "c")),
        )
    )
    assert (begun.open, list(begun.due)) == (["no", "yes"], ["late"])
    assert len({task.ref for task in begun.tasks.values()}) == 2
    begun.complete("no")
    assert (begun.open, begun.due, begun.visited()) == (["b"], {}, ["begin", "wait", "no"])


def test_a_timer_beside_it_closes_the_tasks() -> None:
    begun = run(
        bpmn(
            *(start(), first_of("wait"), catch("yes"), catch("late", timer("after", "PT1H")), user("a"), user("c")),
            *(chain("begin", "wait", "yes", "a"), chain("wait", "late", "c")),
        )
    ).fire("late")
    assert begun.open == ["c"]


def test_a_scope_that_ends_takes_them_away() -> None:
    inner = sub("part", start("in"), catch("never"), chain("in", "never"), loop=each("who"))
    begun = run(
        bpmn(
            *(start(), both("fork"), inner, user("stop"), end("all", terminate())),
            *(chain("begin", "fork", "part"), chain("fork", "stop", "all")),
        ),
        data={"who": [1, 2]},
    )
    assert begun.open == ["never", "never", "stop"]
    assert begun.complete("stop").open == []


def test_a_task_that_is_none_of_an_event_is_not_completed_as_one() -> None:
    begun = run(bpmn(start(), user("work"), chain("begin", "work")))
    ref = next(iter(begun.tasks))
    for wrong in (f"{ref}.0", f"{ref}.x", f"{ref}.", ".0"):
        with pytest.raises(instances.NotWaiting):
            begun.complete_ref(wrong, {})
