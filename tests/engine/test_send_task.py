"""Send tasks: BPMN 2.0.2, 10.3.3 and 13.3.3."""

from __future__ import annotations

import pytest

from tests.engine.build import (
    boundary,
    bpmn,
    catch,
    chain,
    compensation,
    each,
    end,
    mapped,
    message,
    send,
    start,
    throw,
    timer,
    undoing,
    undone_by,
    user,
)
from tests.engine.runs import run


def test_it_throws_its_message_and_goes_on() -> None:
    begun = run(bpmn(start(), send("tell"), user("after"), chain("begin", "tell", "after")), data={"x": [1]}, key="T-9")
    (thrown,) = begun.thrown
    assert (thrown.element, thrown.name, thrown.key, thrown.kind) == ("tell", "order", "T-9", "message")
    assert (thrown.payload, begun.open) == ({"x": [1]}, ["after"])
    assert begun.visited() == ["begin", "tell"]


def test_its_inputs_are_all_it_sends() -> None:
    file = bpmn(start(), send("tell", inner=mapped("total = a + b")), user("after"), chain("begin", "tell", "after"))
    begun = run(file, data={"a": 1, "b": 2})
    assert [thrown.payload for thrown in begun.thrown] == [{"total": 3}]
    assert begun.data_of("after") == {"a": 1, "b": 2}


@pytest.mark.parametrize("sequential", [False, True])
def test_it_may_be_repeated(sequential: bool) -> None:
    task = send("tell", inner=mapped("to = who") + each("people", "who", sequential=sequential))
    begun = run(bpmn(start(), task, user("after"), chain("begin", "tell", "after")), data={"people": ["a", "b"]})
    assert [thrown.payload for thrown in begun.thrown] == [{"to": "a"}, {"to": "b"}]
    assert [visit.loop for visit in begun.visits] == [None, "1", "2"]


def test_events_on_its_boundary_never_happen() -> None:
    file = bpmn(
        *(start(), send("tell"), user("after"), end(), boundary("late", "tell", timer("after", "P1D"))),
        *(boundary("off", "tell", message("m_cancel")), chain("begin", "tell", "after"), chain("late", "done")),
        chain("off", "done"),
    )
    begun = run(file)
    assert (begun.open, begun.due, begun.names_awaited) == (["after"], {}, [])


def test_it_may_be_undone_and_may_undo() -> None:
    file = bpmn(
        *(start(), send("tell"), undone_by("tell", "untell"), undoing(send("untell", "m_cancel"))),
        *(throw("undo", compensation()), user("after"), chain("begin", "tell", "undo", "after")),
    )
    assert [thrown.name for thrown in run(file).thrown] == ["order", "cancel"]


def test_a_message_to_its_own_instance_is_for_others_to_deliver() -> None:
    file = bpmn(start(), send("tell"), catch("hear", message()), end(), chain("begin", "tell", "hear", "done"))
    begun = run(file)
    assert (len(begun.thrown), begun.names_awaited) == (1, ["order"])
    assert begun.deliver("order").ended
