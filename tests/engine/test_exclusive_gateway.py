"""Exclusive gateways: BPMN 2.0.2, 13.4.2."""

from __future__ import annotations

import pytest

from engine.step import StepFailed
from tests.engine.build import bpmn, chain, end, flow, script, start, user, xor
from tests.engine.runs import run

CHOICE = bpmn(
    *(start(), user("ask"), xor("which", "else"), user("big"), user("large"), user("small"), end()),
    chain("begin", "ask", "which"),
    flow("which", "small", ident="else"),
    flow("which", "big", "n > 10"),
    flow("which", "large", "n > 5"),
    *(chain("big", "done"), chain("large", "done"), chain("small", "done")),
)


@pytest.mark.parametrize(("n", "taken"), [(11, "big"), (6, "large"), (5, "small")])
def test_the_first_flow_that_holds_is_taken_and_the_default_only_when_none_does(n: int, taken: str) -> None:
    begun = run(CHOICE).complete("ask", n=n)
    assert begun.open == [taken]
    assert begun.complete(taken).ended


def test_the_order_is_the_one_of_the_file() -> None:
    file = bpmn(
        *(start(), xor("which"), user("first"), user("second"), end()),
        chain("begin", "which"),
        *(flow("which", "second", "true", "a"), flow("which", "first", "true", "b")),
    )
    assert run(file).open == ["second"]


def test_the_only_flow_without_a_condition_is_the_default_wherever_it_stands() -> None:
    file = bpmn(
        *(start(), xor("which"), user("yes"), user("no")),
        chain("begin", "which"),
        *(flow("which", "no"), flow("which", "yes", "${ok}")),
    )
    assert run(file, data={"ok": True}).open == ["yes"]
    assert run(file, data={"ok": False}).open == ["no"]


def test_no_flow_and_no_default_is_a_failure_that_names_the_gateway() -> None:
    file = bpmn(
        *(start(), user("ask"), xor("which"), user("yes"), user("no")),
        chain("begin", "ask", "which"),
        *(flow("which", "yes", "n == 1"), flow("which", "no", "n == 2")),
    )
    begun = run(file)
    with pytest.raises(StepFailed, match="no default flow") as failed:
        begun.complete("ask", n=3)
    assert failed.value.element == "which"
    assert begun.complete("ask", n=2).open == ["no"]


def test_a_condition_that_fails_is_a_failure_that_names_the_gateway() -> None:
    file = bpmn(
        *(start(), user("ask"), xor("which", "else"), user("yes"), user("no")),
        chain("begin", "ask", "which"),
        *(flow("which", "yes", "missing > 1"), flow("which", "no", ident="else")),
    )
    with pytest.raises(StepFailed) as failed:
        run(file).complete("ask")
    assert failed.value.element == "which"


def test_each_token_passes_a_merge_alone() -> None:
    file = bpmn(
        *(start(), user("one"), user("two"), xor("merge"), user("after"), end()),
        *(chain("begin", "one", "merge"), chain("begin", "two", "merge"), chain("merge", "after", "done")),
    )
    begun = run(file).complete("one").complete("two")
    assert begun.open == ["after", "after"]
    assert begun.complete("after").complete("after").ended


@pytest.mark.parametrize(("condition", "n"), [("${n > 1}", 2), ("= n > 1", 2), ("n > 1", 2), ("#{n > 1}", 2)])
def test_conditions_may_be_written_in_each_language(condition: str, n: int) -> None:
    file = bpmn(
        *(start(), xor("which", "else"), user("yes"), user("no")),
        chain("begin", "which"),
        *(flow("which", "yes", condition), flow("which", "no", ident="else")),
    )
    assert run(file, data={"n": n}).open == ["yes"]
    assert run(file, data={"n": 0}).open == ["no"]


def test_flows_without_ids_are_told_apart() -> None:
    arrow = '<sequenceFlow sourceRef="{}" targetRef="{}">{}</sequenceFlow>'
    condition = "<conditionExpression>n == 1</conditionExpression>"
    file = bpmn(
        *(start(), user("ask"), xor("which"), user("yes"), user("no")),
        *(arrow.format("begin", "ask", ""), arrow.format("ask", "which", "")),
        *(arrow.format("which", "yes", condition), arrow.format("which", "no", "")),
    )
    assert run(file).complete("ask", n=1).open == ["yes"]
    assert run(file).complete("ask", n=2).open == ["no"]


def test_a_long_loop_without_people_ends() -> None:
    """The library's iterators stop at depth 1000 and report the instance completed with a task hidden."""
    file = bpmn(
        *(
            start(),
            script("zero", "n = 0"),
            xor("again"),
            script("count", "n += 1"),
            xor("enough", "back"),
            user("end"),
        ),
        chain("begin", "zero", "again", "count", "enough"),
        *(flow("enough", "end", "n >= 1500"), flow("enough", "again", ident="back")),
    )
    begun = run(file)
    assert (begun.open, begun.data) == (["end"], {"n": 1500})


def test_a_loop_of_a_thousand_rounds_with_people_stays_small() -> None:
    file = bpmn(
        *(start(), xor("again"), user("work"), xor("enough", "back"), end()),
        chain("begin", "again", "work", "enough", "done"),
        flow("enough", "again", ident="back"),
    ).replace(b'id="enough-done"', b'id="enough-done" name="out"')
    file = file.replace(
        b'sourceRef="enough" targetRef="done">',
        b'sourceRef="enough" targetRef="done"><conditionExpression>n == 1000</conditionExpression>',
    )
    begun = run(file).complete("work", n=0)
    size = len(begun.step.state)
    for number in range(1, 1001):
        assert not begun.ended
        begun.complete("work", n=number)
    assert begun.ended
    assert len(begun.step.state) < size + 20
    assert begun.visited().count("work") == 1001
