"""What goes into an element and comes out of it: BPMN 2.0.2, 10.4.1 (data inputs and outputs) and 13.3.2."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.definitions.parts import Assign, Expr
from engine.step import StepFailed, World
from tests.engine.build import (
    both,
    boundary,
    bpmn,
    call,
    catch,
    chain,
    document,
    each,
    end,
    event_sub,
    flow,
    mapped,
    message,
    script,
    send,
    service,
    start,
    sub,
    throw,
    timer,
    until_enough,
    user,
    while_true,
    whole,
    xor,
)
from tests.engine.runs import NOON, Run, changed, compiled, run, run_compiled

WORK = ("begin", "work", "after", "done")


def working(work: str, *more: str) -> bytes:
    return bpmn(start(), work, user("after"), end(), chain(*WORK), *more)


def given(text: str) -> tuple[Assign, ...]:
    """`name = expression` in Python, one a line."""
    lines = [line.partition("=") for line in text.strip().splitlines()]
    return tuple(Assign(name.strip(), Expr(value.strip())) for name, _, value in lines)


def run_with(file: bytes, node_id: str, data: dict[str, Any] | None = None, **fields: Any) -> Run:
    return run_compiled(changed(compiled(file), node_id, **fields), World(NOON), data=data)


def test_inputs_are_known_to_the_task_alone() -> None:
    begun = run(working(user("work", mapped("total = a + b\nb = 9"))), data={"a": 1, "b": 2})
    assert begun.data_of("work") == {"a": 1, "b": 9, "total": 3}
    assert begun.data == {"a": 1, "b": 2}
    begun.complete("work", c=4)
    assert begun.data_of("after") == begun.data == {"a": 1, "b": 2, "c": 4}


def test_inputs_are_given_in_order_and_see_those_before() -> None:
    begun = run(working(user("work", mapped("a = a + 1\nb = a * 10\na = a + b"))), data={"a": 1})
    assert begun.data_of("work") == {"a": 22, "b": 20}


def test_what_a_task_answers_under_an_inputs_name_stays_inside() -> None:
    """In Camunda too: the variable that is nearest is set."""
    begun = run(working(user("work", mapped("a = a + 1", "sum = a + c"))), data={"a": 1})
    begun.complete("work", a=10, c=5)
    assert begun.data_of("after") == {"a": 1, "c": 5, "sum": 15}


def test_outputs_are_worked_out_in_order_on_what_is_known_inside() -> None:
    begun = run(working(user("work", mapped("a = 5", "b = a + x\nc = b * 2"))), data={"a": 1})
    assert begun.complete("work", x=1).data_of("after") == {"a": 1, "x": 1, "b": 6, "c": 12}


def test_only_inputs_go_in_and_only_outputs_come_out() -> None:
    begun = run_with(
        *(working(user("work")), "work", {"a": 1, "secret": 2}),
        inputs=given("b = a + 1"),
        outputs=given("c = b + x"),
        only_inputs=True,
        only_outputs=True,
    )
    assert begun.data_of("work") == {"b": 2}
    begun.complete("work", x=1, secret=3)
    assert begun.data_of("after") == begun.data == {"a": 1, "secret": 2, "c": 3}


def test_with_only_outputs_and_none_nothing_comes_out() -> None:
    begun = run_with(working(user("work")), "work", {"a": 1}, only_outputs=True)
    assert begun.complete("work", a=2, b=3).data_of("after") == {"a": 1}


def test_an_entry_of_an_object_may_be_given() -> None:
    """As Camunda 8 has it: an input makes an object of its own, an output's other entries stay."""
    begun = run_with(
        *(working(user("work")), "work", {"order": {"id": 1}}),
        inputs=given("order.total = 5\norder.tax.rate = 2\nnew.x = 1"),
        outputs=given("order.total = n\nlist.x = 1"),
    )
    assert begun.data_of("work") == {"order": {"total": 5, "tax": {"rate": 2}}, "new": {"x": 1}}
    begun.complete("work", n=7, list=[1])
    kept = {"total": 7, "tax": {"rate": 2}}
    assert begun.data_of("after") == {"order": kept, "n": 7, "list": {"x": 1}}


def test_all_entries_of_an_object_may_be_given() -> None:
    begun = run_with(working(user("work")), "work", {"o": {"a": 1, "b": 2}}, outputs=(Assign("", Expr("o")),))
    assert begun.complete("work").data_of("after") == {"o": {"a": 1, "b": 2}, "a": 1, "b": 2}


def test_an_input_that_fails_fails_the_step_at_its_element() -> None:
    with pytest.raises(StepFailed, match="zero") as failed:
        run(working(user("work", mapped("a = 1 / 0"))))
    assert failed.value.element == "work"
    begun = run(working(user("work", mapped("", "a = 1 / 0"))))
    with pytest.raises(StepFailed, match="zero"):
        begun.complete("work", x=1)
    assert (begun.open, begun.data) == (["work"], {})


def test_a_job_is_asked_with_the_inputs_and_its_answer_mapped() -> None:
    begun = run(working(service("work", inner=mapped("to = name", "sent = ok"))), data={"name": "x"})
    (asked,) = begun.asked.values()
    assert asked.data == {"name": "x", "to": "x"}
    assert begun.answer("work", ok=True).data_of("after") == {"name": "x", "ok": True, "sent": True}


def test_a_jobs_answer_is_kept_under_the_results_name_unless_it_has_that_name() -> None:
    begun = run_with(working(service("work")), "work", result="r").answer("work", status=200)
    assert begun.data == {"r": {"status": 200}}
    assert run_with(working(service("work")), "work", result="r").answer("work", r=1, s=2).data == {"r": 1, "s": 2}
    assert run_with(working(service("work")), "work", result="r").answer("work").data == {}


@pytest.mark.parametrize("language", ["service", "script"])
def test_a_task_may_be_given_by_one_expression(language: str) -> None:
    work = service("work") if language == "service" else script("work", "a")
    begun = run_with(working(work), "work", {"a": 2}, value=Expr("a * 3"), result="b")
    assert (begun.open, begun.data) == (["after"], {"a": 2, "b": 6})
    dropped = run_with(working(work), "work", {"a": 2}, value=Expr("a * 3"))
    assert (dropped.open, dropped.data) == (["after"], {"a": 2})
    with pytest.raises(StepFailed) as failed:
        run_with(working(work), "work", {"a": 2}, value=Expr("a / 0"), result="b")
    assert failed.value.element == "work"


def test_a_scripts_own_data_may_be_mapped() -> None:
    begun = run(
        working(script("work", "b = a + 1\na = 0\ndel c", mapped("a = a * 10", "d = b"))), data={"a": 1, "c": 1}
    )
    assert begun.data_of("after") == begun.data == {"a": 1, "b": 11, "d": 11}


def test_scripts_run_before_and_after_an_element() -> None:
    begun = run_with(working(user("work")), "work", {"a": 1}, before="a = a + 1\nb = 0", after="c = a + x\ndel b")
    assert begun.data_of("work") == begun.data == {"a": 2, "b": 0}
    begun.complete("work", x=5)
    assert begun.data_of("after") == begun.data == {"a": 2, "x": 5, "c": 7}


@pytest.mark.parametrize("node_id", ["begin", "which", "thrown", "done"])
def test_scripts_run_at_events_and_gateways_too(node_id: str) -> None:
    file = bpmn(
        start(), xor("which"), throw("thrown"), user("after"), end(), chain("begin", "which", "thrown", "after")
    )
    file = file.replace(b"</process>", flow("after", "done").encode() + b"</process>")
    begun = run_with(file, node_id, {"n": 1}, before="n = n + 1", after="n = n * 10")
    assert begun.complete("after").data == {"n": 20}


def test_scripts_run_at_a_message_that_was_waited_for() -> None:
    file = working(catch("work", message()))
    begun = run_with(file, "work", {"n": 1}, before="n = n + 1", after="n = n + order", outputs=given("m = n"))
    assert begun.data == {"n": 2}
    assert begun.deliver("order", order=5).data_of("after") == {"n": 7, "order": 5, "m": 7}


def test_a_script_before_a_gateway_counts_for_its_conditions() -> None:
    file = bpmn(
        *(start(), xor("which"), user("a"), user("b"), chain("begin", "which")),
        *(flow("which", "a", "n > 5"), flow("which", "b", "n <= 5")),
    )
    assert run_with(file, "which", {"n": 5}, before="n = n + 1").open == ["a"]
    assert run_with(file, "which", {"n": 5}, after="n = n + 1").open == ["a"]


def test_a_sub_process_has_data_of_its_own() -> None:
    inner = sub(
        *("work", mapped("a = a * 10", "sum = a + b"), start("in"), user("one"), script("two", "a = a + 1")),
        *(user("three"), end("out"), chain("in", "one", "two", "three", "out")),
    )
    begun = run(working(inner), data={"a": 1})
    assert begun.data_of("one") == {"a": 10}
    begun.complete("one", b=5)
    assert (begun.data_of("three"), begun.data) == ({"a": 11, "b": 5}, {"a": 1, "b": 5})
    assert begun.complete("three").data_of("after") == begun.data == {"a": 1, "b": 5, "sum": 16}


def test_a_call_takes_only_what_it_is_given_and_brings_back_only_what_it_says() -> None:
    called = whole(start("in"), user("check"), end("out"), chain("in", "check", "out"), process="q")
    caller = whole(start(), call("work", "q"), user("after"), end(), chain(*WORK))
    definition = changed(
        *(compiled(document(caller, called)), "work"),
        inputs=given("x = a + 1"),
        outputs=given("result = x + y"),
        only_inputs=True,
        only_outputs=True,
    )
    begun = run_compiled(definition, World(NOON), data={"a": 1, "kept": [1]})
    assert begun.data_of("q/check") == {"x": 2}
    begun.complete("q/check", y=3, x=5)
    assert begun.data_of("after") == begun.data == {"a": 1, "kept": [1], "result": 8}


def test_camundas_in_and_out_of_a_call() -> None:
    called = whole(start("in"), user("check"), end("out"), chain("in", "check", "out"), process="q")
    passed = (
        '<extensionElements><camunda:in source="a" target="x" /><camunda:in sourceExpression="${a + 1}" target="y" />'
        '<camunda:out source="z" target="b" /></extensionElements>'
    )
    caller = whole(start(), call("work", "q", passed), user("after"), end(), chain(*WORK))
    begun = run(document(caller, called), data={"a": 1})
    assert begun.data_of("q/check") == {"x": 1, "y": 2}
    assert begun.complete("q/check", z=7, w=8).data_of("after") == {"a": 1, "b": 7}


def test_a_message_carries_its_inputs_or_everything() -> None:
    file = bpmn(
        *(start(), throw("all", message()), throw("some", message()), user("after"), end()),
        chain("begin", "all", "some", "after", "done"),
    )
    begun = run_with(file, "some", {"a": 1, "b": 2}, inputs=given("total = a + b"))
    assert [thrown.payload for thrown in begun.thrown] == [{"a": 1, "b": 2}, {"total": 3}]
    assert begun.data_of("after") == {"a": 1, "b": 2}
    sent = run(working(send("work", inner=mapped("total = a + b"))), data={"a": 1, "b": 2})
    assert [thrown.payload for thrown in sent.thrown] == [{"total": 3}]


@pytest.mark.parametrize("sequential", [False, True])
def test_each_round_has_inputs_of_its_own_that_see_its_item_and_how_many_there_are(sequential: bool) -> None:
    output = '<loopDataOutputRef>answers</loopDataOutputRef><outputDataItem name="answer" />'
    loop = each("numbers", "n", sequential=sequential, inner=output)
    label = mapped("label = n * 100 + loopCounter * 10 + nrOfInstances")
    begun = run(working(user("work", label + loop)), data={"numbers": [7, 8]})
    labels = []
    for _ in range(2):
        labels.append(begun.data_of("work")["label"])
        begun.complete("work", answer=-labels[-1])
    assert labels == [702, 812]
    assert begun.data_of("after") == {"numbers": [7, 8], "answers": [-702, -812], "answer": -812}


def test_a_rounds_output_may_be_worked_out_from_its_own_data() -> None:
    loop = each("people", "who", inner="<loopDataOutputRef>answers</loopDataOutputRef>")
    definition = compiled(working(user("work", loop)))
    node = definition.node("work")
    assert node is not None
    assert node.loop is not None
    repeated = msgspec.structs.replace(node.loop, output_value=Expr("who + hello + said"))
    begun = run_with(
        *(working(user("work", loop)), "work", {"people": ["a", "b"]}),
        loop=repeated,
        inputs=given("hello = ' says '"),
        only_outputs=True,
    )
    begun.complete("work", nth=1, said="no").complete("work", said="yes")
    assert begun.data_of("after") == {"people": ["a", "b"], "answers": ["a says yes", "b says no"]}


def test_a_completion_condition_knows_what_a_round_knew() -> None:
    loop = each("people", "who", inner=until_enough("limit == votes"))
    begun = run_with(working(user("work", loop)), "work", {"people": [1, 2, 3]}, inputs=given("limit = 2"))
    begun.complete("work", votes=1)
    assert begun.complete("work", votes=2).open == ["after"]
    assert begun.data_of("after") == {"people": [1, 2, 3], "votes": 2}


def test_a_loops_rounds_are_mapped_one_by_one() -> None:
    loop = while_true("n < 3")
    begun = run_with(working(script("work", "n = m", loop)), "work", {"n": 0}, inputs=given("m = n + 1"))
    assert (begun.open, begun.data) == (["after"], {"n": 3})


def test_an_event_on_the_boundary_does_not_see_the_inputs() -> None:
    late = (boundary("late", "work", timer("after", "P1D")), user("off"), chain("late", "off"))
    begun = run(working(user("work", mapped("b = a + 1")), *late), data={"a": 1}).fire("late")
    assert begun.data_of("off") == {"a": 1}
    inner = sub("work", mapped("b = a + 1"), start("in"), user("one"), user("two"), end("out"))
    inner = inner.replace("</subProcess>", chain("in", "one", "two", "out") + "</subProcess>")
    begun = run(working(inner, *late), data={"a": 1}).complete("one", b=7, c=1).fire("late")
    assert begun.data_of("off") == begun.data == {"a": 1, "c": 1}


def test_scripts_run_at_boundary_events_and_event_sub_processes() -> None:
    late = (boundary("late", "work", timer("after", "P1D")), user("off"), chain("late", "off"))
    begun = run_with(working(user("work"), *late), "late", {"n": 1}, before="n = n + 1", after="n = n * 10")
    assert begun.fire("late").data_of("off") == begun.data == {"n": 20}
    care = event_sub("care", message(), user("look"), end("seen"), chain("care_on", "look", "seen"))
    file = working(user("work"), care)
    begun = run_with(file, "care", {"n": 1}, before="n = n + 1", inputs=given("m = n"), after="n = n * 10")
    begun.deliver("order", x=5)
    assert begun.data_of("look") == {"n": 2, "m": 2, "x": 5}
    assert begun.complete("look").data == {"n": 20, "x": 5}


def test_what_other_branches_wrote_meanwhile_is_not_undone_by_a_mapped_sub_process() -> None:
    inner = sub("work", mapped("", "b = 1"), start("in"), user("one"), user("two"), chain("in", "one", "two"))
    file = bpmn(
        *(start(), both("fork"), inner, user("other"), end(), chain("begin", "fork", "work", "done")),
        *(chain("fork", "other", "third", "done"), user("third")),
    )
    begun = run(file).complete("one", x=1).complete("other", x=2).complete("two")
    assert begun.data == {"x": 2, "b": 1}


def test_mapped_data_survives_a_restart_in_the_middle() -> None:
    """`Run` goes both ways at each step: kept in memory, and loaded from the stored state."""
    begun = run(working(user("work", mapped("b = a + 1", "c = b"))), data={"a": 1})
    state = begun.step.state
    assert b'"local":{"b":2}' in state
    assert begun.complete("work").data_of("after") == {"a": 1, "c": 2}
