"""Message events: BPMN 2.0.2, 8.4.2 (correlation), 10.5.5 and 13.5 (throwing and catching)."""

from __future__ import annotations

import pytest

from engine import instances
from tests.engine.build import (
    both,
    boundary,
    bpmn,
    catch,
    chain,
    document,
    end,
    message,
    receive,
    settings,
    start,
    throw,
    user,
    whole,
)
from tests.engine.runs import run

WAITING = bpmn(start(), catch("wait", message()), user("after"), end(), chain("begin", "wait", "after", "done"))


def test_a_catch_event_waits_for_its_message_by_name_and_key() -> None:
    begun = run(WAITING, key="CR-7")
    assert [(one.name, one.key, one.element) for one in begun.awaited.values()] == [("order", "CR-7", "wait")]
    begun.deliver("order", amount=3)
    assert (begun.open, begun.data, begun.awaited) == (["after"], {"amount": 3}, {})


def test_a_message_is_delivered_once() -> None:
    begun = run(WAITING)
    one = next(iter(begun.awaited.values()))
    begun.deliver("order")
    begun.awaited[one.ref, one.slot] = one
    with pytest.raises(instances.NotWaiting):
        begun.deliver("order")


def test_a_receive_task_is_the_same_and_may_have_a_boundary() -> None:
    file = bpmn(
        *(start(), receive("wait"), boundary("off", "wait", message("m_cancel")), end(), end("cancelled")),
        *(chain("begin", "wait", "done"), chain("off", "cancelled")),
    )
    begun = run(file)
    assert begun.names_awaited == ["cancel", "order"]
    begun.deliver("cancel")
    assert (begun.ended, begun.names_awaited) == (True, [])
    assert begun.visited("cancelled") == ["wait"]
    begun = run(file).deliver("order")
    assert (begun.ended, begun.names_awaited) == (True, [])
    assert begun.visited() == ["begin", "wait", "done"]


def test_a_declared_key_is_an_expression_on_the_data() -> None:
    file = document(
        whole(
            *(start(), user("ask"), catch("wait", message()), end(), chain("begin", "ask", "wait", "done")),
            settings=settings(correlation="order-${number}"),
        )
    )
    begun = run(file).complete("ask", number=17)
    assert [one.key for one in begun.awaited.values()] == ["order-17"]


def test_an_interrupting_message_ends_its_task_and_brings_its_payload() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("off", "work", message("m_cancel")), user("after"), end(), end("gone")),
        *(chain("begin", "work", "done"), chain("off", "after", "gone")),
    )
    begun = run(file, data={"a": 1}).deliver("cancel", why="rain")
    assert (begun.open, begun.data_of("after")) == (["after"], {"a": 1, "why": "rain"})
    assert (begun.visited("cancelled"), begun.visited()) == (["work"], ["begin", "off"])


def test_a_non_interrupting_message_can_come_again_and_again() -> None:
    """The library's fires only once."""
    file = bpmn(
        *(
            start(),
            user("work"),
            boundary("more", "work", message(), interrupting=False),
            user("look"),
            end(),
            end("x"),
        ),
        *(chain("begin", "work", "done"), chain("more", "look", "x")),
    )
    begun = run(file)
    for number in range(4):
        assert begun.names_awaited == ["order"]
        begun.deliver("order", number=number)
    assert begun.open == ["look"] * 4 + ["work"]
    assert [task.data["number"] for task in begun.tasks.values() if task.element == "look"] == [0, 1, 2, 3]
    begun.complete("work")
    assert (begun.names_awaited, begun.ended) == ([], False)
    for _ in range(4):
        begun.complete("look")
    assert begun.ended


def test_what_a_non_interrupting_message_brings_stays_on_its_own_path() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("more", "work", message(), interrupting=False), user("look"), user("next")),
        *(end(), end("x"), chain("begin", "work", "next", "done"), chain("more", "look", "x")),
    )
    begun = run(file).deliver("order", amount=1).complete("work")
    assert begun.data_of("next") == {}
    assert begun.data == {"amount": 1}


def test_a_thrown_message_carries_the_data_and_the_key() -> None:
    file = bpmn(
        *(start(), throw("tell", message()), user("work"), end("done", message("m_cancel"))),
        chain("begin", "tell", "work", "done"),
    )
    begun = run(file, data={"x": [1]}, key="T-9").complete("work", y=2)
    told = [(one.element, one.name, one.key, one.payload) for one in begun.thrown]
    assert told == [("tell", "order", "T-9", {"x": [1]}), ("done", "cancel", "T-9", {"x": [1], "y": 2})]
    assert begun.ended


def test_two_that_wait_for_one_name_are_two() -> None:
    file = bpmn(
        *(start(), both("fork"), catch("a", message()), catch("b", message()), both("join"), end()),
        *(chain("begin", "fork", "a", "join", "done"), chain("fork", "b", "join")),
    )
    begun = run(file)
    assert begun.names_awaited == ["order", "order"]
    assert not begun.deliver("order").ended
    assert begun.deliver("order").ended
