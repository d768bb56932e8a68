"""Event-based gateways: BPMN 2.0.2, 13.4.4."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import instances
from tests.engine.build import (
    EVENTS,
    becomes,
    both,
    bpmn,
    catch,
    chain,
    end,
    first_of,
    message,
    receive,
    signal,
    start,
    timer,
    user,
)
from tests.engine.runs import NOON, Run, run

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


EVERY = bpmn(
    *(start(), both("fork"), first_of("wait"), catch("mail", message()), catch("call", signal())),
    *(catch("soon", timer("after", "PT1H")), catch("late", timer("after", "PT2H")), catch("full", becomes("n > 3"))),
    *(catch("said"), user("count"), end()),
    *(user(f"by_{name}") for name in ("mail", "call", "soon", "late", "full", "said")),
    *(chain("wait", name, f"by_{name}", "done") for name in ("mail", "call", "soon", "late", "full", "said")),
    *(chain("begin", "fork", "wait"), chain("fork", "count", "done")),
    declarations=EVENTS,
)
HAPPENINGS: dict[str, Callable[[Run], Run]] = {
    "mail": lambda begun: begun.deliver("order"),
    "call": lambda begun: begun.signal("go"),
    "soon": lambda begun: begun.fire("soon"),
    "late": lambda begun: begun.fire("late"),
    "full": lambda begun: begun.complete("count", n=4),
    "said": lambda begun: begun.complete("said"),
}


@pytest.mark.parametrize("name", HAPPENINGS)
def test_whichever_kind_of_event_comes_first_wins_and_the_rest_is_forgotten(name: str) -> None:
    begun = run(EVERY)
    assert (begun.open, begun.names_awaited, sorted(begun.due)) == (
        ["count", "said"],
        ["go", "order"],
        ["late", "soon"],
    )
    HAPPENINGS[name](begun)
    assert [element for element in begun.open if element != "count"] == [f"by_{name}"]
    assert (begun.awaited, begun.due) == ({}, {})
    assert begun.visited()[-2:] == ["wait", name]


def test_only_one_of_two_events_that_come_at_once_wins() -> None:
    file = bpmn(
        *(start(), first_of("wait"), catch("one", signal()), catch("two", signal()), user("a"), user("b")),
        *(chain("begin", "wait", "one", "a"), chain("wait", "two", "b")),
        declarations=EVENTS,
    )
    assert run(file).signal("go").open == ["a"]
