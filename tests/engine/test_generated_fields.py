"""Asking for what conditions need and nothing sets: docs/decisions, 6; conditional flows: BPMN 2.0.2, 8.3.13."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions import Node, Process, Report
from engine.definitions.asking.asked import ask_for_missing, wanted_of
from engine.definitions.asking.process import Asking
from engine.definitions.asking.questions import choice_values
from engine.definitions.asking.solving import solve
from engine.definitions.asking.writes import FormKeys
from engine.definitions.parts import Expr, FormField
from engine.definitions.read import read_processes
from engine.definitions.xml import read_xml
from engine.expressions import Level
from tests.engine.build import (
    ad_hoc,
    both,
    boundary,
    bpmn,
    call,
    catch,
    chain,
    each,
    element,
    end,
    flow,
    message,
    receive,
    script,
    service,
    some,
    start,
    sub,
    timer,
    until_enough,
    user,
    while_true,
    xor,
)

REQUIRED = (("required", "true"),)


class Asked:
    """A process after asking, and what the report says of it."""

    def __init__(self, *parts: str, keys: FormKeys | None = None) -> None:
        self.report = Report()
        found = read_processes(read_xml(bpmn(*parts)), self.report)[0]
        self.before = len(self.report.problems)
        self.process: Process = ask_for_missing(found, self.report, keys)

    def node(self, ident: str) -> Node:
        found = self.process.node(ident)
        assert found is not None
        return found

    def fields(self, ident: str) -> dict[str, FormField]:
        return {field.id: field for field in self.node(ident).fields}

    def choices(self, ident: str, field: str) -> list[str]:
        return [value for value, _ in self.fields(ident)[field].values]

    def conditions(self) -> dict[str, Expr | None]:
        flows = (flow for scope in self.process.scope.scopes() for flow in scope.flows)
        return {flow.id: flow.condition for flow in flows if flow.source == "which"}

    def said(self) -> list[tuple[str, str]]:
        return [(problem.code, problem.element) for problem in self.report.problems[self.before :]]


def decides(*conditions: str, gateway: str = "", before: str = "", **attributes: str) -> tuple[str, ...]:
    """A task, then a gateway with a flow to an end for each condition; the last one is the default if it is empty."""
    default = f"which-end{len(conditions)}" if conditions[-1] == "" else ""
    return (
        start(),
        before or user("work", **attributes),
        gateway or xor("which", default),
        chain("begin", "work", "which"),
        *(end(f"end{number}") for number, _ in enumerate(conditions, 1)),
        *(flow("which", f"end{number}", when) for number, when in enumerate(conditions, 1)),
    )


def form_data(*ids: str) -> str:
    fields = "".join(f'<camunda:formField id="{ident}" type="string" />' for ident in ids)
    return f"<extensionElements><camunda:formData>{fields}</camunda:formData></extensionElements>"


def forms(**keys: frozenset[str]) -> FormKeys:
    return lambda name, _text: keys.get(name)


# Variables of conditions


def test_a_boolean_is_a_box_to_tick() -> None:
    asked = Asked(*decides("${approved}", "${!approved}"))
    assert asked.fields("work") == {"approved": FormField("approved", "boolean", "approved", line=6)}
    assert ("field-generated", "which") in asked.said()


def test_the_note_names_the_field_the_task_and_the_gateway() -> None:
    asked = Asked(*decides("${approved}", "${!approved}"))
    note = asked.report.problems[-1]
    assert (note.level, note.code, note.line) == (Level.NOTE, "field-generated", 6)
    assert note.problem.params == {"field": "approved", "gateway": "which", "task": "work"}


def test_constants_are_the_choices() -> None:
    asked = Asked(*decides("${answer == 'yes'}", "${answer == 'no'}"))
    field = asked.fields("work")["answer"]
    assert (field.type, field.values, field.constraints) == ("enum", (("yes", "yes"), ("no", "no")), REQUIRED)


@pytest.mark.parametrize(
    "conditions",
    [
        ("${kind == 'a'}", "${kind == 'b'}", ""),
        ("${kind != 'a'}", "${kind == 'a'}"),
        ("not kind == 'a'", "kind == 'a'"),
    ],
)
def test_another_choice_is_added_where_a_flow_is_taken_for_no_constant(conditions: tuple[str, ...]) -> None:
    asked = Asked(*decides(*conditions))
    assert asked.choices("work", "kind")[-1] == "other"


def test_a_choice_is_called_what_its_flow_is_called() -> None:
    named = flow("which", "end1", "${answer == 'y'}").replace("<sequenceFlow", '<sequenceFlow name="Send it"')
    asked = Asked(start(), user("work"), xor("which"), end("end1"), end("end2"), chain("begin", "work", "which"), named)
    assert asked.fields("work")["answer"].values == (("y", "Send it"), ("other", "Other"))


def test_the_label_is_the_gateways_question() -> None:
    gateway = element("exclusiveGateway", "which", name="Approved?")
    asked = Asked(*decides("${approved}", "${!approved}", gateway=gateway))
    assert asked.fields("work")["approved"].label == "Approved?"
    asked = Asked(*decides("${a}", "${b}", gateway=gateway))
    assert [field.label for field in asked.node("work").fields] == ["a", "b"]


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("${amount > 100}", "double"),
        ("due == date('2026-01-31')", "date"),
        ("'vip' in tags", "checklist"),
        ("name.startswith('B')", "string"),
        ("${empty note}", "string"),
        ("a < b", "double"),
        ("a == b", "string"),
        ("${loopCounter / 2 >= share}", "double"),
        ("${score % size == rest}", "double"),
        ("${due - now() > 1}", "date"),
        ("kind == 'a' or kind > 5", "string"),
        ("= x in [1..5]", "double"),
        ('= region in ("north", "south")', "enum"),
    ],
)
def test_the_constants_say_what_kind_of_field_it_is(condition: str, kind: str) -> None:
    asked = Asked(*decides(condition, ""))
    assert {field.type for field in asked.node("work").fields} == {kind}


def test_what_may_be_null_need_not_be_answered() -> None:
    asked = Asked(*decides("${note != null && note == 'x'}", ""))
    assert asked.fields("work")["note"].constraints == ()


def test_an_entry_of_an_object_is_asked_by_its_path() -> None:
    asked = Asked(*decides("order.total > 5 and order.kind == 'a' and order != None", ""))
    assert set(asked.fields("work")) == {"order.total", "order.kind"}


def test_all_that_the_process_compares_with_can_be_chosen() -> None:
    asked = Asked(
        *decides("${kind == 'a'}", "${kind != 'a'}"),
        xor("again", "again-end4"),
        end("end3"),
        end("end4"),
        flow("end1", "again"),
        flow("again", "end3", "${kind == 'c'}"),
        flow("again", "end4"),
    )
    assert asked.choices("work", "kind")[:2] == ["a", "c"]


@pytest.mark.parametrize(
    "sets",
    [
        user("work", form_data("approved")),
        script("work", "approved = True"),
        element("businessRuleTask", "work", camunda__decisionRef="d", camunda__resultVariable="approved"),
        user("work", each("people", "approved")),
    ],
)
def test_what_something_sets_is_not_asked(sets: str) -> None:
    assert not [code for code, _ in Asked(*decides("${approved}", "", before=sets)).said() if code == "field-generated"]


def test_what_is_always_known_is_not_asked() -> None:
    asked = Asked(*decides("ticket.number == 'A-1' and requester.name == 'B' and loopCounter > 1", ""))
    assert not asked.node("work").fields


def test_a_start_that_is_filed_asks_too() -> None:
    asked = Asked(
        start(),
        xor("which"),
        end("a"),
        end("b"),
        chain("begin", "which"),
        flow("which", "a", "${x}"),
        flow("which", "b"),
    )
    assert set(asked.fields("begin")) == {"x"}


def test_a_start_by_a_message_does_not_ask() -> None:
    parts = (start("begin", message()), xor("which"), end("a"), end("b"), chain("begin", "which"))
    asked = Asked(*parts, flow("which", "a", "${x}"), flow("which", "b"))
    assert asked.said() == []


def test_a_start_by_the_clock_leaves_nobody_to_ask() -> None:
    parts = (start("begin", timer("every", "R/P1D")), xor("which"), end("a"), end("b"), chain("begin", "which"))
    asked = Asked(*parts, flow("which", "a", "${x}"), flow("which", "b"))
    assert asked.said() == [("unset-variable", "which")]


@pytest.mark.parametrize("between", [service("between"), receive("between"), call("between", "q")])
def test_another_system_may_set_it(between: str) -> None:
    asked = Asked(
        *(start(), user("work"), between, xor("which"), end("a"), end("b"), chain("begin", "work", "between", "which")),
        flow("which", "a", "${x}"),
        flow("which", "b"),
    )
    assert asked.said() == []


@pytest.mark.parametrize(
    "between", [script("between", "y = 1"), catch("between", timer("after", "PT1H")), both("between"), some("between")]
)
def test_what_sets_nothing_is_passed_on_the_way_back(between: str) -> None:
    asked = Asked(
        *(start(), user("work"), between, xor("which"), end("a"), end("b"), chain("begin", "work", "between", "which")),
        flow("which", "a", "${x}"),
        flow("which", "b"),
    )
    assert set(asked.fields("work")) == {"x"}


def test_every_way_back_is_asked_on() -> None:
    asked = Asked(
        *(start(), xor("first", "first-left"), user("left"), user("right"), xor("which"), end("a"), end("b")),
        *(flow("first", "left"), flow("first", "right", "y == 1"), chain("left", "which"), chain("right", "which")),
        *(chain("begin", "first"), flow("which", "a", "${x}"), flow("which", "b")),
    )
    assert set(asked.fields("left")) == set(asked.fields("right")) == {"x"}
    assert set(asked.fields("begin")) == {"y"}


def test_after_parallel_paths_one_of_them_is_asked() -> None:
    asked = Asked(
        *(start(), both("fork"), user("left"), user("right"), both("join"), xor("which"), end("a"), end("b")),
        *(chain("begin", "fork", "left", "join", "which"), chain("fork", "right", "join")),
        *(flow("which", "a", "${x}"), flow("which", "b")),
    )
    assert [bool(asked.fields(ident)) for ident in ("left", "right")] == [True, False]


def test_a_task_inside_a_sub_process_is_asked() -> None:
    inner = sub("work", start("in"), user("inside"), end("out"), chain("in", "inside", "out"))
    assert set(Asked(*decides("${x}", "", before=inner)).fields("inside")) == {"x"}


def test_an_empty_sub_process_is_passed_on_the_way_back() -> None:
    empty = (start(), user("work"), sub("inner"), xor("which"), end("a"), end("b"))
    asked = Asked(*empty, chain("begin", "work", "inner", "which"), flow("which", "a", "${x}"), flow("which", "b"))
    assert set(asked.fields("work")) == {"x"}


def test_an_event_sub_process_begins_after_the_start() -> None:
    inner = sub(
        "inner",
        *(start("in", timer("after", "PT1H")), xor("which"), end("a"), end("b"), chain("in", "which")),
        *(flow("which", "a", "${x}"), flow("which", "b")),
    ).replace("<subProcess", '<subProcess triggeredByEvent="true"')
    asked = Asked(start(), user("work"), end(), chain("begin", "work", "done"), inner)
    assert set(asked.fields("begin")) == {"x"}


def test_what_undoes_an_activity_comes_after_it() -> None:
    undo = sub(
        "undo",
        *(start("in"), xor("which"), end("a"), end("b"), chain("in", "which")),
        *(flow("which", "a", "${x}"), flow("which", "b")),
    ).replace("<subProcess", '<subProcess isForCompensation="true"')
    asked = Asked(
        *(start(), user("work"), boundary("undone", "work", "<compensateEventDefinition />"), undo, end()),
        *('<association id="to" sourceRef="undone" targetRef="undo" />', chain("begin", "work", "done")),
    )
    assert set(asked.fields("work")) == {"x"}


def test_from_inside_a_sub_process_the_way_back_leads_out() -> None:
    inner = sub(
        "inner",
        *(start("in"), xor("which"), end("a"), end("b"), chain("in", "which")),
        *(flow("which", "a", "${x}"), flow("which", "b")),
    )
    asked = Asked(start(), user("work"), inner, end(), chain("begin", "work", "inner", "done"))
    assert set(asked.fields("work")) == {"x"}


def test_an_interrupted_task_says_nothing() -> None:
    asked = Asked(
        *(start(), user("before"), user("work"), boundary("late", "work", timer("after", "PT1H")), xor("which")),
        *(end(), end("a"), end("b"), chain("begin", "before", "work", "done"), chain("late", "which")),
        *(flow("which", "a", "${x}"), flow("which", "b")),
    )
    assert set(asked.fields("before")) == {"x"}
    assert not asked.fields("work")


def test_a_loop_back_is_walked_once() -> None:
    asked = Asked(
        *(start(), user("work"), xor("which"), xor("again"), end("a"), chain("begin", "again", "work", "which")),
        *(flow("which", "again", "${not done}"), flow("which", "a", "${done}")),
    )
    assert set(asked.fields("work")) == {"done"}


def test_an_activity_that_decides_itself_asks_itself() -> None:
    parts = (start(), user("work"), end("a"), end("b"), chain("begin", "work"))
    asked = Asked(*parts, flow("work", "a", "${x}"), flow("work", "b", "${!x}"))
    assert set(asked.fields("work")) == {"x"}


@pytest.mark.parametrize(
    "condition", ["any(line.price > 5 for line in lines)", "${var:containsAny(codes, 1, 2)}", "len(lines) > 2"]
)
def test_what_no_field_can_hold_leaves_the_choice_to_a_person(condition: str) -> None:
    asked = Asked(*decides(condition, ""))
    assert set(asked.fields("work")) == {"choice_which"}
    assert [code for code, _ in asked.said()] == ["condition-unasked", "field-generated"]


def test_what_no_field_can_hold_may_be_set_by_another_system() -> None:
    asked = Asked(
        *(start(), user("work"), service("job"), xor("which", "which-b"), end("a"), end("b")),
        *(chain("begin", "work", "job", "which"), flow("which", "a", "lines[0].price > 5"), flow("which", "b")),
    )
    assert asked.said() == []


def test_a_condition_that_is_not_understood_asks_nothing() -> None:
    assert not Asked(*decides("${bean.check(execution)}", "")).node("work").fields


# Forms of a task's own


def test_a_form_of_its_own_is_not_added_to() -> None:
    keys = forms(own=frozenset({"other"}))
    asked = Asked(*decides("${approved}", "", camunda__formKey="own"), keys=keys)
    warning = asked.report.problems[-1]
    assert (warning.level, warning.code, warning.element) == (Level.WARNING, "field-missing", "work")
    assert not asked.node("work").fields
    assert str(warning.remedy) == "Add a field with the key “approved” to the form."


def test_a_form_that_sets_it_is_enough() -> None:
    keys = forms(own=frozenset({"approved"}))
    assert Asked(*decides("${approved}", "", camunda__formKey="own"), keys=keys).said() == []


def test_a_form_that_is_not_there_leaves_room_for_fields() -> None:
    asked = Asked(*decides("${approved}", "", camunda__formKey="missing"), keys=forms())
    assert set(asked.fields("work")) == {"approved"}


def test_a_form_that_is_not_known_may_set_anything() -> None:
    assert Asked(*decides("${approved}", "", camunda__formKey="own")).said() == []


def test_fields_drawn_into_the_task_are_added_to() -> None:
    asked = Asked(*decides("${approved}", "", before=user("work", form_data("note"))))
    assert list(asked.fields("work")) == ["note", "approved"]


# Gateways without conditions


def drawn(*names: str, gateway: str = "", before: str = "", default: str = "") -> tuple[str, ...]:
    """A task, then a gateway with a bare flow for each name."""
    flows = (
        element("sequenceFlow", f"f{number}", sourceRef="which", targetRef=f"end{number}", name=name)
        for number, name in enumerate(names, 1)
    )
    return (
        *(start(), before or user("work"), gateway or xor("which", default), chain("begin", "work", "which")),
        *(element("endEvent", f"end{number}", name=f"End {number}") for number, _ in enumerate(names, 1)),
        *flows,
    )


def test_the_way_is_chosen_by_the_names_of_the_flows() -> None:
    asked = Asked(*drawn("Yes", "No", gateway=element("exclusiveGateway", "which", name="Approved?")))
    field = asked.fields("work")["choice_which"]
    assert (field.type, field.label, field.constraints) == ("enum", "Approved?", REQUIRED)
    assert field.values == (("Yes", "Yes"), ("No", "No"))
    assert asked.node("which").default_flow == "f1"
    assert asked.conditions() == {"f1": None, "f2": Expr('= choice_which = "No"', "feel")}
    assert asked.said() == [("field-generated", "which")]


def test_flows_without_names_are_called_what_they_lead_to() -> None:
    field = Asked(*drawn("", "")).fields("work")["choice_which"]
    assert field.values == (("f1", "End 1"), ("f2", "End 2"))
    assert field.label == "End 1 / End 2"


def test_a_default_flow_stays_one() -> None:
    asked = Asked(*drawn("Yes", "No", default="f2"))
    assert asked.node("which").default_flow == "f2"
    assert asked.conditions() == {"f1": Expr('= choice_which = "Yes"', "feel"), "f2": None}


def test_an_inclusive_gateway_is_a_checklist() -> None:
    asked = Asked(*drawn("Mail", "Phone", gateway=some("which")))
    assert asked.fields("work")["choice_which"].type == "checklist"
    assert asked.node("which").default_flow == ""
    assert [condition is not None for condition in asked.conditions().values()] == [True, True]


def test_a_job_between_does_not_know_the_way() -> None:
    asked = Asked(
        *(start(), user("work"), service("job"), xor("which"), end("a"), end("b")),
        *(chain("begin", "work", "job", "which"), flow("which", "a"), flow("which", "b")),
    )
    assert set(asked.fields("work")) == {"choice_which"}


def test_the_start_asks_where_no_task_is_before() -> None:
    asked = Asked(
        *(start(), xor("which"), end("a"), end("b"), chain("begin", "which"), chain("which", "a"), chain("which", "b"))
    )
    assert set(asked.fields("begin")) == {"choice_which"}


def test_where_nobody_can_be_asked_the_gateway_stays_as_it_is() -> None:
    parts = (start("begin", message()), xor("which"), end("a"), end("b"), chain("begin", "which"))
    asked = Asked(*parts, chain("which", "a"), chain("which", "b"))
    assert set(asked.conditions().values()) == {None}
    assert asked.said() == []


def test_one_flow_without_a_condition_is_the_default() -> None:
    assert "choice_which" not in Asked(*decides("${x}", "")).fields("work")


def test_a_name_that_no_form_can_have_leaves_the_choice_to_a_person() -> None:
    asked = Asked(*decides("_undefined", "_undefined"))
    assert set(asked.fields("work")) == {"choice_which"}
    assert [code for code, _ in asked.said()] == ["condition-unasked"] * 2 + ["field-generated"]


def test_the_answer_has_a_name_of_its_own() -> None:
    asked = Asked(*drawn("Yes", "No", before=user("work", form_data("choice_which"))))
    assert list(asked.fields("work")) == ["choice_which", "choice_which_2"]


def test_a_label_is_only_words() -> None:
    asked = Asked(*drawn("= yes", "{{no}}", gateway=element("exclusiveGateway", "which", name="=\n{{{x}}} ?")))
    field = asked.fields("work")["choice_which"]
    assert field.label == "{ {x}}} ?"
    assert [label for _, label in field.values] == ["yes", "{ no}}"]


def test_names_that_would_end_a_text_are_not_put_into_conditions() -> None:
    asked = Asked(*drawn('say "yes"', "No"))
    assert asked.choices("work", "choice_which") == ["f1", "f2"]


# Whatever is asked leads everywhere

SINGLE = st.sampled_from(
    [
        "{v} == 'a'",
        "{v} != 'a'",
        "{v}",
        "not {v}",
        "{v} > 10",
        "{v} <= 3",
        "{v} in ('a', 'b')",
        "'x' in {v}",
        "{v} is None",
    ]
)


@st.composite
def gateways(draw: st.DrawFn) -> tuple[str, ...]:
    """Flows that each read a variable of their own, so that each can be reached."""
    count = draw(st.integers(2, 5))
    conditions = [draw(SINGLE).format(v=f"v{number}") for number in range(count)]
    return (*conditions, "") if draw(st.booleans()) else tuple(conditions)


@settings(max_examples=60, deadline=None)
@given(gateways(), st.sampled_from(["exclusiveGateway", "inclusiveGateway"]))
def test_the_choices_of_generated_fields_make_each_flow_reachable(conditions: tuple[str, ...], kind: str) -> None:
    default = {"default": f"which-end{len(conditions)}"} if conditions[-1] == "" else {}
    asked = Asked(*decides(*conditions, gateway=element(kind, "which", **default)))
    assert_all_reachable(asked)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["Yes", "No", "", "Maybe", 'a"b', "\\"]), min_size=2, max_size=5),
    st.sampled_from(["exclusiveGateway", "inclusiveGateway"]),
    st.booleans(),
)
def test_every_drawn_flow_can_be_chosen(names: list[str], kind: str, has_default: bool) -> None:
    default = {"default": "f2"} if has_default else {}
    asked = Asked(*drawn(*names, gateway=element(kind, "which", **default)))
    assert_all_reachable(asked)


def assert_all_reachable(asked: Asked) -> None:
    again = Asking(asked.process, Report())
    [(node, flows)] = [(node, flows) for node, flows in again.deciding if node.id == "which"]
    choices: Mapping[str, list[object]] = {
        field.id: list(values) for field in asked.node("work").fields if (values := choice_values(field)) is not None
    }
    for wanted in wanted_of(node, flows, again):
        assert solve(wanted, choices=choices) is not None


def test_what_ends_a_repetition_is_asked_in_it() -> None:
    loop = while_true("again == 'yes'")
    asked = Asked(start(), user("work", loop), end(), chain("begin", "work", "done"))
    assert asked.choices("work", "again") == ["yes", "other"]
    each_one = each("[1, 2]", inner=until_enough("stop"))
    asked = Asked(start(), user("work", each_one), end(), chain("begin", "work", "done"))
    assert list(asked.fields("work")) == ["stop"]
    inner = sub("part", user("one"), user("two"), chain("one", "two"), loop=while_true("not fine"))
    asked = Asked(start(), inner, end(), chain("begin", "part", "done"))
    assert (list(asked.fields("two")), list(asked.fields("one"))) == (["fine"], [])


def test_what_repetition_counts_itself_is_not_asked() -> None:
    for condition in ("nrOfCompletedInstances >= 2", "numberOfCompletedInstances >= 2", "loopCounter == 1"):
        loop = each("[1, 2]", inner=until_enough(condition))
        asked = Asked(start(), user("work", loop), end(), chain("begin", "work", "done"))
        assert asked.fields("work") == {}


def test_what_ends_an_ad_hoc_sub_process_is_asked_with_the_choice() -> None:
    inner = ad_hoc("part", user("one"), user("two"), chain("one", "two"), until="${completed}")
    asked = Asked(start(), inner, end(), chain("begin", "part", "done"))
    assert list(asked.fields("part")) == ["next_activity", "completed"]
    assert asked.fields("one") == asked.fields("two") == {}
    (note,) = [problem for problem in asked.report.problems[asked.before :] if problem.code == "field-generated"]
    assert (note.element, note.level) == ("part", Level.NOTE)
