"""What SpiffArena's extension elements mean (SpiffArena's documentation, "Building diagrams")."""

from __future__ import annotations

import pytest

from engine.definitions.kinds import Kind
from engine.definitions.parts import Assign, Expr, Work
from tests.engine.build import bpmn, chain, element, end, extensions, lane_set, start, user
from tests.engine.reading import process_of, read, said
from tests.engine.runs import run


def part(tag: str, *inner: str, **attributes: str) -> str:
    return element(tag, "x", extensions(*inner), **attributes)


def properties(**pairs: str) -> str:
    written = "".join(f'<spiff:property name="{name}" value="{value}" />' for name, value in pairs.items())
    return f"<spiff:properties>{written}</spiff:properties>"


def message(*inner: str) -> str:
    return element("message", "m", extensions(*inner), name="order")


OPERATOR = '<spiff:serviceTaskOperator id="http/GetRequest" resultVariable="answer" />'
SENT = '<messageEventDefinition messageRef="m" />'


def test_a_form_is_a_schema_and_its_layout() -> None:
    pair = properties(formJsonSchemaFilename="ask-schema.json", formUiSchemaFilename="ask-uischema.json", status="open")
    node = read(part("userTask", pair))
    assert node.work == Work(form="ask-schema.json", layout="ask-uischema.json")
    assert node.settings == {"status": "open"}


@pytest.mark.parametrize(("script", "asked"), [('lane_owners = {"Sales": ["lina"]}', True), ("n = 1", False)])
def test_the_owners_of_a_lane_do_its_tasks_where_the_file_speaks_of_them(script: str, asked: bool) -> None:
    told = f"<spiff:preScript>{script}</spiff:preScript>"
    file = bpmn(start(), part("userTask", told), end(), chain("begin", "x", "done"), lanes=lane_set(Sales="x"))
    node = process_of(file)[0].node("x")
    assert node is not None
    assert node.lane == "Sales"
    assert node.work == Work(users=(Expr('= get value(lane_owners, "Sales")', "feel"),) if asked else ())


def test_instructions_are_what_the_person_is_told() -> None:
    told = "<spiff:instructionsForEndUser>Call the student first.</spiff:instructionsForEndUser>"
    node = read(element("manualTask", "x", f"<documentation>By phone.</documentation>{extensions(told)}"))
    assert node.documentation == "Call the student first.\n\nBy phone."


@pytest.mark.parametrize(
    ("written", "told", "lost"),
    [
        ("Call {{ name }} of {{order['shop']}}.", "Call ${name} of ${order['shop']}.", 0),
        ("{% if late %}Hurry.{% endif %}", "{% if late %}Hurry.{% endif %}", 1),
        ("{{ lines | length }} lines", "{{ lines | length }} lines", 1),
    ],
)
def test_values_in_instructions_are_filled_in_where_they_are_expressions(written: str, told: str, lost: int) -> None:
    task = part("manualTask", f"<spiff:instructionsForEndUser>{written}</spiff:instructionsForEndUser>")
    assert read(task).documentation == told
    assert [code for code, _ in said(task) if code == "instructions"] == ["instructions"] * lost


def test_scripts_run_before_and_after() -> None:
    before, after = "<spiff:preScript>\nn = 1</spiff:preScript>", "<spiff:postScript>m = n + 1</spiff:postScript>"
    node = read(part("manualTask", before, after))
    assert (node.before.strip(), node.after.strip()) == ("n = 1", "m = n + 1")
    going = run(bpmn(start(), part("manualTask", before, after), user("a"), chain("begin", "x", "a")))
    assert going.data["n"] == 1
    going.complete("x")
    assert going.data["m"] == 2


@pytest.mark.parametrize("tag", ["serviceTask", "scriptTask", "sendTask"])
def test_an_operator_is_a_job_by_its_id(tag: str) -> None:
    node = read(part(tag, OPERATOR))
    assert (node.kind, node.topic, node.result) == (Kind.JOB, "http/GetRequest", "answer")


def test_a_called_decision_by_its_id_has_its_outputs_as_variables() -> None:
    node = read(part("businessRuleTask", "<spiff:calledDecisionId>discount</spiff:calledDecisionId>"))
    assert (node.kind, node.called, node.result) == (Kind.DECISION, "discount", "")


PAYLOAD = '<spiff:messagePayload>{"a": n + 1}</spiff:messagePayload>'


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        (element("sendTask", "x", extensions(PAYLOAD), messageRef="m"), message()),
        (element("intermediateThrowEvent", "x", SENT), message(PAYLOAD)),
        (
            element(
                "intermediateThrowEvent",
                "x",
                f'<messageEventDefinition messageRef="m">{extensions(PAYLOAD)}</messageEventDefinition>',
            ),
            message(),
        ),
    ],
)
def test_what_is_sent_is_the_payload(written: str, declared: str) -> None:
    assert read(written, declarations=declared).inputs == (Assign("", Expr('{"a": n + 1}')),)
    going = run(bpmn(start(), written, user("a"), chain("begin", "x", "a"), declarations=declared), data={"n": 1})
    assert [(thrown.name, thrown.payload) for thrown in going.thrown] == [("order", {"a": 2})]


VARIABLE = "<spiff:messageVariable>order</spiff:messageVariable>"


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        (element("receiveTask", "x", messageRef="m"), message(VARIABLE)),
        (element("intermediateCatchEvent", "x", SENT), message(VARIABLE)),
    ],
)
def test_what_is_received_is_one_variable(written: str, declared: str) -> None:
    event = read(written, declarations=declared).event
    assert event is not None
    assert event.payload_to == "order"
    going = run(bpmn(start(), written, user("a"), chain("begin", "x", "a"), declarations=declared))
    going.deliver("order", n=1)
    assert going.data == {"order": {"n": 1}}


def test_what_starts_a_ticket_is_one_variable_too() -> None:
    begin = element("startEvent", "x", SENT)
    file = bpmn(begin, user("a"), chain("x", "a"), declarations=message(VARIABLE))
    assert run(file, data={"n": 1}, start_id="x").data == {"order": {"n": 1}}


def test_a_caught_error_brings_its_variable() -> None:
    declared = element("error", "e", extensions("<spiff:variableName>why</spiff:variableName>"), errorCode="42")
    others = (
        element("boundaryEvent", "b", '<errorEventDefinition errorRef="e" />', attachedToRef="x"),
        end("o"),
        chain("b", "o"),
    )
    event = read(user("x"), *others, ident="b", declarations=declared).event
    assert event is not None
    assert event.message_to == "why"


def test_correlation_properties_are_said() -> None:
    file = bpmn(start(), part("userTask", properties(status="open")), end(), chain("begin", "x", "done"))
    file = file.replace(b"<process", b'<correlationProperty id="c" name="c" /><process', 1)
    assert "correlation" in [problem.code for problem in process_of(file)[1].problems]


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("<spiff:signalButtonLabel>Go</spiff:signalButtonLabel>", 1),
        ("<spiff:taskMetadataValues />", 1),
        ("<spiff:allowGuest>true</spiff:allowGuest>", 0),
        ("<spiff:guestConfirmation>Thanks.</spiff:guestConfirmation>", 0),
        ("<spiff:unitTests />", 0),
    ],
)
def test_what_would_do_something_there_and_does_nothing_here_is_said_once(words: str, lost: int) -> None:
    assert [code for code, _ in said(part("manualTask", words)) if code == "not-read"] == ["not-read"] * lost
