"""Event-based gateways: BPMN 2.0.2, 13.4.4."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import instances
from tests.engine.build import bpmn, catch, chain, end, first_of, message, receive, start, timer, user
from tests.engine.runs import NOON, run

FIRST = bpmn(
    *(start(), first_of("wait"), catch("soon", timer("after", "PT1H")), catch("late", timer("after", "PT2H"))),
    *(catch("mail", message()), user("a"), user("b"), user("c"), end()),
    *(
        chain("begin", "wait", "late", "b", "done"),
        chain("wait", "soon", "a", "done"),
        chain("wait", "mail", "c", "done"),
    ),
)


def test_each_event_has_its_own_due_time_and_the_first_wins() -> None:
    """In the library two timers share one slot, and the second never fires in time."""
    begun = run(FIRST)
    assert begun.due == {"soon": NOON + timedelta(hours=1), "late": NOON + timedelta(hours=2)}
    assert begun.names_awaited == ["order"]
    begun.fire("soon")
    assert (begun.open, begun.due, begun.names_awaited) == (["a"], {}, [])
    assert begun.visited() == ["begin", "wait", "soon"]


def test_the_later_timer_can_win_too() -> None:
    assert run(FIRST).fire("late").open == ["b"]


def test_a_message_takes_its_payload_along() -> None:
    begun = run(FIRST).deliver("order", amount=3)
    assert (begun.open, begun.data_of("c"), begun.due) == (["c"], {"amount": 3}, {})


def test_what_lost_the_race_is_refused() -> None:
    begun = run(FIRST)
    late = next(timer for timer in begun.timers.values() if timer.element == "late")
    begun.deliver("order")
    with pytest.raises(instances.NotWaiting):
        begun.fire_ref(late.ref, late.slot)


def test_a_receive_task_may_follow_it() -> None:
    file = bpmn(
        *(start(), first_of("wait"), catch("soon", timer("after", "PT1H")), receive("order_in"), user("a"), end()),
        *(chain("begin", "wait", "soon", "done"), chain("wait", "order_in", "a", "done")),
    )
    begun = run(file).deliver("order", n=1)
    assert (begun.open, begun.data) == (["a"], {"n": 1})
    assert begun.complete("a").ended
