"""What Camunda 8's (Zeebe's) extension elements mean (its documentation, "BPMN coverage" and "Variables")."""

from __future__ import annotations

import pytest

from engine.definitions.kinds import EventKind, Kind, LoopKind
from engine.definitions.parts import Assign, Expr, Loop, Work
from engine.expressions import Level
from tests.engine.build import MULTIPLE, bpmn, chain, element, end, extensions, flow, start, user, xor
from tests.engine.reading import process_of, read, said
from tests.engine.runs import run


def feel(text: str) -> Expr:
    return Expr(text, "feel")


def literal(text: str) -> Expr:
    return Expr(text, "literal")


def part(tag: str, *inner: str, **attributes: str) -> str:
    return element(tag, "x", extensions(*inner), **attributes)


def io(*ways: str) -> str:
    return f"<zeebe:ioMapping>{''.join(f'<zeebe:{way} />' for way in ways)}</zeebe:ioMapping>"


@pytest.mark.parametrize(
    ("said_so", "work"),
    [
        ('assignmentDefinition assignee="lina"', Work(assignee=literal("lina"))),
        ('assignmentDefinition assignee="= boss"', Work(assignee=feel("= boss"))),
        ('assignmentDefinition candidateUsers="lina, wanglei"', Work(users=(literal("lina"), literal("wanglei")))),
        ('assignmentDefinition candidateGroups="sales,it"', Work(groups=(literal("sales"), literal("it")))),
        ("assignmentDefinition candidateGroups='=[\"a\", team]'", Work(groups=(feel('=["a", team]'),))),
        ('taskSchedule dueDate="=due" followUpDate="2026-12-01T09:00:00Z"', None),
        ('priorityDefinition priority="=10 * n"', Work(priority=feel("=10 * n"))),
        ('formDefinition formId="ask"', Work(form="ask")),
        ('formDefinition formKey="camunda-forms:bpmn:ask_1"', Work(form="ask_1")),
        ('formDefinition externalReference="https://example.com/f"', Work(form="https://example.com/f")),
        ("userTask", Work()),
    ],
)
def test_who_does_a_task_by_when_and_with_which_form(said_so: str, work: Work | None) -> None:
    wanted = work or Work(due=feel("=due"), follow_up=literal("2026-12-01T09:00:00Z"))
    assert read(part("userTask", f"<zeebe:{said_so} />")).work == wanted


def test_forms_inside_a_process_go_by_their_ids() -> None:
    inside = extensions('<zeebe:userTaskForm id="ask">{"components": []}</zeebe:userTaskForm>')
    assert process_of(bpmn(inside, start(), user("a"), chain("begin", "a")))[0].forms == {"ask": '{"components": []}'}


def test_properties_are_settings() -> None:
    properties = '<zeebe:properties><zeebe:property name="status" value="resolved" /></zeebe:properties>'
    assert read(part("userTask", properties)).settings == {"status": "resolved"}


@pytest.mark.parametrize("tag", ["serviceTask", "sendTask", "businessRuleTask", "scriptTask"])
def test_a_task_definition_is_a_job_of_its_type(tag: str) -> None:
    task = part(tag, '<zeebe:taskDefinition type="ship" retries="3" />', "<zeebe:taskHeaders />")
    node = read(task)
    assert (node.kind, node.topic) == (Kind.JOB, "ship")
    assert said(task) == [("not-connected", "x")]


def test_a_script_is_worked_out_in_feel() -> None:
    node = read(part("scriptTask", '<zeebe:script expression="=a + b" resultVariable="sum" />'))
    assert (node.kind, node.value, node.result) == (Kind.SCRIPT, feel("=a + b"), "sum")


@pytest.mark.parametrize("ident", ["discount", '="discount"'])
def test_a_called_decision_by_its_id(ident: str) -> None:
    written = f"<zeebe:calledDecision decisionId='{ident}' resultVariable=\"d\" />"
    node = read(part("businessRuleTask", written))
    assert (node.kind, node.called, node.result, node.result_as) == (Kind.DECISION, "discount", "d", "")


def test_a_decision_that_is_only_known_later_is_a_job() -> None:
    assert read(part("businessRuleTask", '<zeebe:calledDecision decisionId="=which" />')).kind is Kind.JOB


@pytest.mark.parametrize(
    ("attributes", "only_inputs", "only_outputs"),
    [
        ("", False, False),
        ('propagateAllChildVariables="true"', False, False),
        ('propagateAllChildVariables="false"', False, True),
        ('propagateAllParentVariables="false"', True, False),
    ],
)
def test_a_call_passes_all_both_ways_unless_it_says_not(attributes: str, only_inputs: bool, only_outputs: bool) -> None:
    node = read(part("callActivity", f'<zeebe:calledElement processId="q" {attributes} />'))
    assert (node.called, node.only_inputs, node.only_outputs) == ("q", only_inputs, only_outputs)


def test_a_calls_version_is_noted() -> None:
    calling = part("callActivity", '<zeebe:calledElement processId="q" bindingType="versionTag" versionTag="v1" />')
    assert ("call-binding", "x") in said(calling, level=Level.NOTE)


def test_a_process_that_is_only_known_later_is_said() -> None:
    calling = part("callActivity", "<zeebe:calledElement processId='=\"a\" + b' />")
    assert read(calling).kind is Kind.JOB
    assert said(calling) == [("call-expression", "x")]


def test_inputs_and_outputs_are_feel_or_text_and_with_outputs_nothing_else_comes_out() -> None:
    node = read(part("userTask", io('input source="=a + 1" target="b"', 'output source="plain" target="c.d"')))
    assert node.inputs == (Assign("b", feel("=a + 1")),)
    assert (node.outputs, node.only_outputs) == ((Assign("c.d", literal("plain")),), True)
    assert read(part("userTask", io('input source="=a" target="b"'))).only_outputs is False


def test_a_mapping_that_is_not_understood_is_left_out_with_a_word() -> None:
    task = part("userTask", io('input source="=a +" target="b"'), '<zeebe:assignmentDefinition assignee="lina" />')
    assert read(task).inputs == ()
    assert said(task) == [("data-left-out", "x")]


def test_a_message_is_found_by_its_correlation_key() -> None:
    key = extensions('<zeebe:subscription correlationKey="=orderId" />')
    caught = element("intermediateCatchEvent", "x", '<messageEventDefinition messageRef="m" />')
    event = read(caught, declarations=element("message", "m", key, name="paid")).event
    assert event is not None
    assert (event.kind, event.name, event.key) == (EventKind.MESSAGE, "paid", feel("=orderId"))


@pytest.mark.parametrize(
    ("gathered", "loop"),
    [
        ("", Loop(LoopKind.PARALLEL, feel("=people"), element="who")),
        ('outputCollection="all" outputElement="=answer"', None),
        ('outputCollection="all" outputElement="={who: who}"', None),
    ],
)
def test_rounds_have_an_element_and_gather_an_output(gathered: str, loop: Loop | None) -> None:
    said_so = f'<zeebe:loopCharacteristics inputCollection="=people" inputElement="who" {gathered} />'
    found = read(user("x", f"<{MULTIPLE}>{extensions(said_so)}</{MULTIPLE}>")).loop
    assert found is not None
    if loop is not None:
        assert found == loop
    elif "{" in gathered:
        assert (found.output, found.output_element, found.output_value) == ("all", "", feel("= {who: who}"))
    else:
        assert (found.output, found.output_element, found.output_value) == ("all", "answer", None)


def test_the_number_of_a_round_counts_from_one() -> None:
    ways = io('input source="=loopCounter" target="turn"')
    rounds = '<zeebe:loopCharacteristics inputCollection="=[5, 6]" inputElement="n" />'
    task = user("x", extensions(ways) + f'<{MULTIPLE} isSequential="true">{extensions(rounds)}</{MULTIPLE}>')
    going = run(bpmn(start(), task, end(), chain("begin", "x", "done")))
    assert going.data_of("x")["turn"] == 1


def test_a_condition_begins_with_an_equals_sign() -> None:
    file = bpmn(
        start(),
        xor("x", default="x-b"),
        user("a"),
        user("b"),
        chain("begin", "x"),
        flow("x", "a", "=n > 1"),
        flow("x", "b"),
    )
    assert run(file, data={"n": 2}).open == ["a"]


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("userTask", '<zeebe:taskListeners><zeebe:taskListener eventType="creating" type="t" /></zeebe:taskListeners>'),
        (
            "userTask",
            "<zeebe:executionListeners><zeebe:executionListener eventType='end' type='t' /></zeebe:executionListeners>",
        ),
        ("endEvent", '<zeebe:taskDefinition type="send" />'),
    ],
)
def test_what_would_do_something_there_and_does_nothing_here_is_said_once(tag: str, words: str) -> None:
    trigger = '<messageEventDefinition messageRef="m" />' if tag == "endEvent" else ""
    written = element(tag, "y", extensions(words) + trigger)
    file = bpmn(start(), user("x"), written, chain("begin", "x", "y"), declarations='<message id="m" name="m" />')
    found = [problem for problem in process_of(file)[1].problems if problem.code == "not-read"]
    assert [problem.element for problem in found] == ["y"]
