"""What Flowable's and Activiti's extension attributes and elements mean (their guides, "BPMN 2.0 Constructs")."""

from __future__ import annotations

import pytest

from engine.definitions.kinds import EventKind, Kind, LoopKind
from engine.definitions.parts import Assign, Event, Expr, FormField, Loop, Work
from engine.expressions import Level
from tests.engine.build import (
    MULTIPLE,
    bpmn,
    call,
    chain,
    element,
    end,
    extensions,
    start,
    user,
)
from tests.engine.reading import process_of, read, said
from tests.engine.runs import run


def juel(text: str) -> Expr:
    return Expr(text, "juel")


def variable(name: str) -> Expr:
    return juel(f'${{execution.getVariable("{name}")}}')


def service(kind: str = "", *inner: str, tag: str = "serviceTask", **attributes: str) -> str:
    return element(tag, "x", extensions(*inner), **({"flowable__type": kind} if kind else {}), **attributes)


def field(name: str, text: str) -> str:
    return f'<flowable:field name="{name}"><flowable:string><![CDATA[{text}]]></flowable:string></flowable:field>'


def way(tag: str, source: str, target: str) -> str:
    return f'<flowable:{tag} source="{source}" target="{target}" />'


CYCLE = "<timeCycle flowable:endDate='2030-01-01'>R3/PT1H</timeCycle>"
EVENT = "<flowable:eventType>order.placed</flowable:eventType>"


@pytest.mark.parametrize("vendor", ["flowable", "activiti"])
@pytest.mark.parametrize(
    ("attribute", "text", "work"),
    [
        ("assignee", "lina", Work(assignee=Expr("lina", "literal"))),
        ("assignee", "kermit_${loopCounter}", Work(assignee=juel("kermit_${loopCounter}"))),
        ("candidateUsers", "lina,${x}", Work(users=(Expr("lina", "literal"), juel("${x}")))),
        ("candidateGroups", "a, b", Work(groups=(Expr("a", "literal"), Expr("b", "literal")))),
        ("dueDate", "${d}", Work(due=juel("${d}"))),
        ("priority", "42", Work(priority=Expr("42", "literal"))),
        ("formKey", "ask", Work(form="ask")),
    ],
)
def test_who_does_a_task_by_when_and_with_which_form(vendor: str, attribute: str, text: str, work: Work) -> None:
    assert read(element("userTask", "x", **{f"{vendor}__{attribute}": text})).work == work


@pytest.mark.parametrize(("initiator", "name"), [("who", "who"), ("", "requester.login")])
def test_the_modelers_initiator_is_whoever_started(initiator: str, name: str) -> None:
    begin = start(flowable__initiator=initiator)
    file = bpmn(begin, element("userTask", "x", flowable__assignee="$INITIATOR"), end(), chain("begin", "x", "done"))
    node = process_of(file)[0].node("x")
    assert node is not None
    assert node.work == Work(assignee=juel(f"${{{name}}}"))


def test_a_task_has_its_category_and_its_name_in_other_languages() -> None:
    names = '<activiti:localization locale="es" name="Revisar" />'
    node = read(element("userTask", "x", extensions(names), flowable__category="approval"))
    assert node.settings == {"category": "approval", "name.es": "Revisar"}
    assert node.names == {"es": "Revisar"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('id="a" name="A" required="true"', FormField("a", "string", "A", constraints=(("required", "true"),))),
        ('id="a" variable="b"', FormField("b", "string", "a")),
        ('id="a" type="long" writable="false"', FormField("a", "long", constraints=(("readonly", "true"),))),
        ('id="a" readable="false"', FormField("a", "string", constraints=(("readable", "false"),))),
        ('id="a" expression="#{b.c}"', FormField("a", "string", default="${b.c}")),
        (
            'id="a" type="date" datePattern="dd-MM-yyyy" default="01-02-2026"',
            FormField("a", "date", default="01-02-2026", constraints=(("datePattern", "dd-MM-yyyy"),)),
        ),
    ],
)
def test_form_properties_give_fields(written: str, expected: FormField) -> None:
    node = read(element("userTask", "x", extensions(f"<flowable:formProperty {written} />")))
    (found,) = node.fields
    assert FormField(found.id, found.type, found.label, found.default, found.values, found.constraints) == expected


def test_the_values_of_an_enum_are_its_choices() -> None:
    values = '<activiti:value id="a" name="A" /><activiti:value id="b" />'
    written = f'<activiti:formProperty id="e" type="enum">{values}</activiti:formProperty>'
    (found,) = read(element("userTask", "x", extensions(written))).fields
    assert found.values == (("a", "A"), ("b", "b"))


@pytest.mark.parametrize(
    ("task", "topic"),
    [
        (service("mail", field("to", "a@example.com")), "mail"),
        (service("http", field("requestUrl", "http://example.com")), "http"),
        (service("shell"), "shell"),
        (service("camel"), "camel"),
        (service("case"), "case"),
        (service("external-worker", flowable__topic="ship"), "ship"),
        (service("mail", tag="sendTask"), "mail"),
        (service(activiti__class="com.example.Ship"), "com.example.Ship"),
        (service(flowable__delegateExpression="${ship}"), "${ship}"),
        (service(activiti__rules="a,b", tag="businessRuleTask"), ""),
        (service("dmn", field("decisionTableReferenceKey", "${which}")), "dmn"),
    ],
)
def test_what_is_called_outside_is_a_job_by_its_name(task: str, topic: str) -> None:
    node = read(task)
    assert (node.kind, node.topic) == (Kind.JOB, topic)
    assert [code for code, _ in said(task)] == ["not-connected"]


@pytest.mark.parametrize("key", ["decisionTableReferenceKey", "decisionServiceReferenceKey"])
def test_a_dmn_task_asks_a_decision_whose_outputs_are_variables(key: str) -> None:
    node = read(service("dmn", field(key, "discount")))
    assert (node.kind, node.called, node.result, node.result_as) == (Kind.DECISION, "discount", "", "")


@pytest.mark.parametrize("name", ["resultVariable", "resultVariableName"])
def test_an_expression_that_needs_no_java_is_worked_out(name: str) -> None:
    node = read(service(flowable__expression="${a + b}", **{f"flowable__{name}": "sum"}))
    assert (node.kind, node.value, node.result) == (Kind.SCRIPT, juel("${a + b}"), "sum")


@pytest.mark.parametrize(
    ("written", "collection"),
    [
        ('flowable:collection="people"', Expr("people")),
        ('flowable:collection="${order.lines}"', juel("${order.lines}")),
        ("", Expr("people")),
    ],
)
def test_a_collection_is_an_attribute_or_an_element(written: str, collection: Expr) -> None:
    inner = (
        ""
        if written
        else extensions("<flowable:collection><flowable:string>people</flowable:string></flowable:collection>")
    )
    loop = f'<{MULTIPLE} {written} flowable:elementVariable="who">{inner}</{MULTIPLE}>'
    assert read(user("x", loop)).loop == Loop(LoopKind.PARALLEL, collection, element="who")


def test_a_collection_made_by_java_is_said() -> None:
    made = '<flowable:collection flowable:class="a.B"><flowable:string>a</flowable:string></flowable:collection>'
    assert ("not-read", "x") in said(user("x", f"<{MULTIPLE}>{extensions(made)}</{MULTIPLE}>"))


def test_the_number_of_a_round_has_the_name_it_is_given() -> None:
    loop = f'<{MULTIPLE} flowable:collection="people" flowable:elementIndexVariable="turn" />'
    assert read(user("x", loop)).inputs == (Assign("turn", juel("${loopCounter}")),)


def gather(*variables: str, attributes: str = 'target="all"') -> str:
    inner = "".join(f"<variable {written} />" for written in variables)
    made = f"<flowable:variableAggregation {attributes}>{inner}</flowable:variableAggregation>"
    return f'<{MULTIPLE} flowable:collection="${{[1, 2]}}" flowable:elementVariable="n">{extensions(made)}</{MULTIPLE}>'


def test_rounds_gather_variables_in_a_list() -> None:
    task = user("x", gather('source="answer" target="a"', 'source="n"').replace("${[1, 2]}", "=[1, 2]"))
    going = run(bpmn(start(), task, end(), chain("begin", "x", "done")))
    going.complete("x", answer="yes")
    going.complete("x", answer="no")
    assert going.data["all"] == [{"a": "yes", "n": 1}, {"a": "no", "n": 2}]


@pytest.mark.parametrize(
    "loop",
    [
        gather('source="a"', attributes=""),
        gather('sourceExpression="${a + 1}"'),
        gather('source="a"', attributes='targetExpression="${t}"'),
    ],
)
def test_what_cannot_be_gathered_is_said(loop: str) -> None:
    assert ("aggregation", "x") in said(user("x", loop.replace("${[1, 2]}", "ns")))


@pytest.mark.parametrize("tag", ["startEvent", "intermediateCatchEvent"])
def test_an_event_of_the_registry_is_a_message_of_its_name(tag: str) -> None:
    correlation = '<flowable:eventCorrelationParameter name="id" value="${customer}" />'
    event = element(tag, "x", extensions(EVENT, correlation, way("eventOutParameter", "total", "sum")))
    file = bpmn(*((event,) if tag == "startEvent" else (start(), event)), user("a"), chain("x", "a"))
    node = process_of(file)[0].node("x")
    assert node is not None
    assert node.event == Event(EventKind.MESSAGE, name="order.placed", key=juel("${customer}"))
    assert (node.outputs, node.only_outputs) == ((Assign("sum", variable("total")),), True)


def test_a_receive_task_may_wait_for_an_event_of_the_registry() -> None:
    event = read(element("receiveTask", "x", extensions(EVENT))).event
    assert event is not None
    assert event.name == "order.placed"


def test_a_send_event_task_sends_what_it_names() -> None:
    node = read(service("send-event", EVENT, way("eventInParameter", "${a + 1}", "total")))
    assert node.kind is Kind.SEND
    assert node.event is not None
    assert (node.event.name, node.inputs) == ("order.placed", (Assign("total", juel("${a + 1}")),))


def test_a_send_event_task_that_waits_for_an_answer_is_a_job() -> None:
    assert read(service("send-event", EVENT, flowable__triggerable="true")).kind is Kind.JOB


def test_a_variable_listener_waits_until_its_variable_is_set() -> None:
    listener = '<flowable:variableListenerEventDefinition variableName="paid" variableChangeType="create" />'
    caught = element("intermediateCatchEvent", "x", extensions(listener))
    event = read(caught).event
    assert event is not None
    assert (event.kind, event.expr) == (EventKind.CONDITIONAL, juel('${execution.hasVariable("paid")}'))
    assert said(caught) == [("variable-listener", "x")]


@pytest.mark.parametrize(("name", "kind"), [("messageExpression", "message"), ("signalExpression", "signal")])
def test_a_message_or_signal_may_be_named_by_an_expression(name: str, kind: str) -> None:
    trigger = f'<{kind}EventDefinition flowable:{name}="${{kind}}.done" />'
    event = read(element("intermediateCatchEvent", "x", trigger)).event
    assert event is not None
    assert event.naming == juel("${kind}.done")


def test_a_caught_errors_code_has_a_variable() -> None:
    trigger = '<errorEventDefinition flowable:errorVariableName="code" />'
    others = (element("boundaryEvent", "b", trigger, attachedToRef="x"), end("o"), chain("b", "o"))
    event = read(user("x"), *others, ident="b").event
    assert event is not None
    assert (event.code_to, event.message_to) == ("code", "")


@pytest.mark.parametrize(("attributes", "only"), [({}, True), ({"flowable__inheritVariables": "true"}, False)])
def test_a_call_passes_what_it_names_or_all_it_inherits(attributes: dict[str, str], only: bool) -> None:
    inner = extensions(way("in", "a", "b"), '<flowable:out sourceExpression="${c + 1}" target="d" />')
    node = read(element("callActivity", "x", inner, calledElement="q", **attributes))
    assert (node.inputs, node.only_inputs) == ((Assign("b", variable("a")),), only)
    assert (node.outputs, node.only_outputs) == ((Assign("d", juel("${c + 1}")),), True)


def test_an_external_workers_parameters_go_in_and_come_out() -> None:
    ways = (way("externalWorkerInParameter", "a", "b"), way("externalWorkerOutParameter", "c", "d"))
    node = read(service("external-worker", *ways, flowable__topic="ship"))
    assert (node.inputs, node.outputs) == ((Assign("b", variable("a")),), (Assign("d", variable("c")),))


@pytest.mark.parametrize(
    ("part", "lost"),
    [
        (user("x", flowable__skipExpression="${skip}"), 1),
        (user("x", flowable__owner="lina"), 1),
        (user("x", flowable__taskIdVariableName="t"), 1),
        (user("x", extensions('<activiti:taskListener event="create" class="a.B" />')), 1),
        (user("x", extensions('<flowable:customResource flowable:name="a" />')), 1),
        (user("x", flowable__async="true", flowable__exclusive="false", flowable__formFieldValidation="true"), 0),
        (user("x", extensions("<flowable:work-form-field-validation>true</flowable:work-form-field-validation>")), 0),
        (
            element(
                "intermediateCatchEvent",
                "x",
                f"<timerEventDefinition>{CYCLE}</timerEventDefinition>",
            ),
            1,
        ),
    ],
)
def test_what_would_do_something_there_and_does_nothing_here_is_said_once(part: str, lost: int) -> None:
    assert [code for code, _ in said(part) if code == "not-read"] == ["not-read"] * lost


@pytest.mark.parametrize(("groups", "lost"), [("flowableUser", 0), ("managers", 1)])
def test_who_may_start_is_said_unless_it_is_everybody(groups: str, lost: int) -> None:
    file = bpmn(start(), user("a"), end(), chain("begin", "a", "done"))
    file = file.replace(b'<process id="p"', f'<process id="p" flowable:candidateStarterGroups="{groups}"'.encode())
    problems = process_of(file)[1].problems
    assert [problem.code for problem in problems if problem.level is Level.WARNING] == ["not-read"] * lost


def test_a_signal_that_stays_inside_its_instance_is_said() -> None:
    thrown = element("intermediateThrowEvent", "x", '<signalEventDefinition signalRef="s" />')
    inside = '<signal id="s" name="s" flowable:scope="processInstance" />'
    assert said(thrown, declarations=inside) == [("not-read", "x")]


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("string", "it's \\ here", "it's \\ here"),
        ("int", "12", 12),
        ("double", "1.5", 1.5),
        ("boolean", "true", True),
        ("datetime", "2026-12-01T10:00:00", "2026-12-01T10:00:00"),
    ],
)
def test_a_data_object_has_its_value_from_the_start_unless_it_is_given(kind: str, written: str, value: object) -> None:
    held = extensions(f"<flowable:value>{written}</flowable:value>")
    data = element("dataObject", "d", held, name="kept", itemSubjectRef=f"xsd:{kind}")
    file = bpmn(data, element("dataObject", "e", name="empty"), start(), user("x"), chain("begin", "x"))
    assert run(file).data == {"kept": value}
    assert run(file, data={"kept": "given"}).data == {"kept": "given"}


def test_a_called_process_is_bound_by_its_key() -> None:
    assert read(call("x", "q")).called == "q"
