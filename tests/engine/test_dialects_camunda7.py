"""What Camunda 7's extension attributes and elements mean (its reference, "Custom Extensions"); Operaton keeps them."""

from __future__ import annotations

import pytest

from engine.definitions.kinds import Kind
from engine.definitions.parts import Assign, Expr, FormField, Work
from engine.expressions import Level
from tests.engine.build import (
    bpmn,
    call,
    chain,
    document,
    element,
    end,
    extensions,
    script,
    settings,
    start,
    user,
    whole,
)
from tests.engine.reading import around, read, said
from tests.engine.runs import compiled, run


def juel(text: str) -> Expr:
    return Expr(text, "juel")


def literal(text: str) -> Expr:
    return Expr(text, "literal")


def variable(name: str) -> Expr:
    return juel(f'${{execution.getVariable("{name}")}}')


def service(inner: str = "", tag: str = "serviceTask", **attributes: str) -> str:
    return element(tag, "x", inner, **attributes)


def io(*parameters: str) -> str:
    return extensions(f"<camunda:inputOutput>{''.join(parameters)}</camunda:inputOutput>")


def given(name: str, inner: str) -> str:
    return f'<camunda:inputParameter name="{name}">{inner}</camunda:inputParameter>'


def taken(name: str, inner: str) -> str:
    return f'<camunda:outputParameter name="{name}">{inner}</camunda:outputParameter>'


@pytest.mark.parametrize(
    ("attribute", "text", "work"),
    [
        ("assignee", "lina", Work(assignee=literal("lina"))),
        ("assignee", "${boss}", Work(assignee=juel("${boss}"))),
        ("assignee", "agent_${loopCounter}", Work(assignee=juel("agent_${loopCounter}"))),
        ("assignee", "#{boss}", Work(assignee=juel("#{boss}"))),
        ("candidateUsers", "lina, ${person(a, b)}", Work(users=(literal("lina"), juel("${person(a, b)}")))),
        ("candidateGroups", "sales,${team}", Work(groups=(literal("sales"), juel("${team}")))),
        ("dueDate", "${deadline}", Work(due=juel("${deadline}"))),
        ("followUpDate", "2026-12-01", Work(follow_up=literal("2026-12-01"))),
        ("priority", "70", Work(priority=literal("70"))),
        ("formRef", "ask", Work(form="ask")),
        ("formKey", "camunda-forms:deployment:ask.form", Work(form="ask.form")),
        ("formKey", "embedded:app:forms/ask.html", Work(form="embedded:app:forms/ask.html")),
    ],
)
def test_who_does_a_task_by_when_and_with_which_form(attribute: str, text: str, work: Work) -> None:
    assert read(element("userTask", "x", **{f"camunda__{attribute}": text})).work == work


@pytest.mark.parametrize("attribute", ["assignee", "candidateUsers", "candidateGroups", "dueDate", "priority"])
def test_who_and_when_is_left_out_with_a_word_where_only_java_knows(attribute: str) -> None:
    task = element("userTask", "x", **{f"camunda__{attribute}": "${directory.find(a, b)}"})
    assert read(task).work == Work()
    assert ("needs-java", "x") in said(task)


def test_one_candidate_that_only_java_knows_leaves_the_others() -> None:
    task = element("userTask", "x", camunda__candidateGroups="sales, ${directory.find(a, b)}")
    assert read(task).work == Work(groups=(literal("sales"),))


def test_a_form_that_is_only_known_later_is_none() -> None:
    task = element("userTask", "x", camunda__formKey="${which}", camunda__assignee="lina")
    assert read(task).work == Work(assignee=literal("lina"))
    assert said(task) == [("form-expression", "x")]


def test_operaton_says_the_same_in_its_own_namespace() -> None:
    file = around(element("userTask", "x", camunda__assignee="lina"))
    other = file.replace(b"http://camunda.org/schema/1.0/bpmn", b"http://operaton.org/schema/1.0/bpmn")
    node = compiled(other).process.node("x")
    assert node is not None
    assert node.work == Work(assignee=literal("lina"))


def test_the_variable_of_who_started_is_the_start_events() -> None:
    file = bpmn(start("x", camunda__initiator="who"), user("a"), end(), chain("x", "a", "done"))
    node = compiled(file).process.node("x")
    assert node is not None
    assert node.initiator == "who"


def test_properties_are_settings() -> None:
    assert read(element("userTask", "x", settings(status="resolved"))).settings == {"status": "resolved"}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            '<camunda:formField id="n" label="Name" type="string" defaultValue="?" />',
            FormField("n", "string", "Name", "?", line=5),
        ),
        (
            '<camunda:formField id="e" type="enum"><camunda:value id="a" name="A" /></camunda:formField>',
            FormField("e", "enum", values=(("a", "A"),), line=5),
        ),
        (
            (
                '<camunda:formField id="r" type="long"><camunda:validation><camunda:constraint name="max" config="9" />'
                "</camunda:validation></camunda:formField>"
            ),
            FormField("r", "long", constraints=(("max", "9"),), line=5),
        ),
    ],
)
def test_form_data_gives_fields(field: str, expected: FormField) -> None:
    task = element("userTask", "x", extensions(f"<camunda:formData>{field}</camunda:formData>"))
    assert read(task).fields == (expected,)


@pytest.mark.parametrize(
    ("task", "topic"),
    [
        (service(camunda__type="external", camunda__topic="ship"), "ship"),
        (service(camunda__delegateExpression="${shipper}"), "${shipper}"),
        (service(camunda__class="com.example.Ship"), "com.example.Ship"),
        (service(camunda__expression="${shipper.ship(order)}"), "${shipper.ship(order)}"),
        (service(camunda__expression="${shipper.name}"), "${shipper.name}"),
        (
            service(
                extensions("<camunda:connector><camunda:connectorId>http</camunda:connectorId></camunda:connector>")
            ),
            "http",
        ),
        (service(tag="sendTask", camunda__type="external", camunda__topic="mail"), "mail"),
        (service(tag="businessRuleTask", camunda__class="com.example.Rules"), "com.example.Rules"),
        (service(tag="scriptTask", scriptFormat="python", camunda__resource="classpath://a.py"), "classpath://a.py"),
        (service(tag="callActivity", camunda__caseRef="claim"), "claim"),
    ],
)
def test_what_is_called_outside_is_a_job_by_its_name(task: str, topic: str) -> None:
    node = read(task)
    assert (node.kind, node.topic) == (Kind.JOB, topic)
    assert ("not-connected", "x") in said(task)


@pytest.mark.parametrize(
    ("task", "value", "result"),
    [
        (service(camunda__expression="${a + b}", camunda__resultVariable="sum"), juel("${a + b}"), "sum"),
        (service(camunda__expression="${'done'}"), juel("${'done'}"), ""),
        (service(camunda__expression="${execution.setVariable('n', m + 1)}"), juel("${m + 1}"), "n"),
        (service(tag="sendTask", camunda__expression="#{1 + 1}", camunda__resultVariable="n"), juel("#{1 + 1}"), "n"),
        (
            service("<script>${a > 1}</script>", "scriptTask", scriptFormat="juel", camunda__resultVariable="big"),
            juel("${a > 1}"),
            "big",
        ),
    ],
)
def test_an_expression_that_needs_no_java_is_worked_out(task: str, value: Expr, result: str) -> None:
    node = read(task)
    assert (node.kind, node.value, node.result) == (Kind.SCRIPT, value, result)
    assert said(task) == []


@pytest.mark.parametrize(
    ("how", "result_as"),
    [
        ("singleEntry", "single_entry"),
        ("singleResult", "single_result"),
        ("collectEntries", "entries"),
        ("resultList", "rows"),
        ("", "rows"),
    ],
)
def test_a_decision_by_its_id_and_how_its_rows_become_the_result(how: str, result_as: str) -> None:
    node = read(
        service(
            tag="businessRuleTask",
            camunda__decisionRef="discount",
            camunda__mapDecisionResult=how,
            camunda__resultVariable="d",
        )
    )
    assert (node.kind, node.called, node.result, node.result_as) == (Kind.DECISION, "discount", "d", result_as)


def test_a_decision_without_a_result_variable_is_there_for_its_outputs() -> None:
    task = service(io(taken("rate", "${decisionResult}")), "businessRuleTask", camunda__decisionRef="discount")
    assert (read(task).result, read(task).outputs) == (
        "decisionResult",
        (Assign("rate", juel("${decisionResult}")),),
    )


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("plain", literal("plain")),
        ("${a}", juel("${a}")),
        ("Dear ${name}", juel("Dear ${name}")),
        ("", juel("${null}")),
        ('<camunda:script scriptFormat="juel">${a + 1}</camunda:script>', juel("${a + 1}")),
        ('<camunda:script scriptFormat="python">[n for n in a]</camunda:script>', Expr("[n for n in a]")),
        (
            "<camunda:list><camunda:value>a</camunda:value><camunda:value>${b.c}</camunda:value></camunda:list>",
            Expr('= ["a", b.c]', "feel"),
        ),
        (
            (
                '<camunda:map><camunda:entry key="k">v</camunda:entry><camunda:entry key="l"><camunda:list>'
                "<camunda:value>1</camunda:value></camunda:list></camunda:entry></camunda:map>"
            ),
            Expr('= {"k": "v", "l": ["1"]}', "feel"),
        ),
        ("<camunda:list />", Expr("= []", "feel")),
    ],
)
def test_parameters_give_variables_by_text_script_list_or_map(inner: str, value: Expr) -> None:
    node = read(service(io(given("in", inner), taken("out", inner)), "userTask"))
    assert (node.inputs, node.outputs) == ((Assign("in", value),), (Assign("out", value),))
    assert (node.only_inputs, node.only_outputs) == (False, False)


@pytest.mark.parametrize(
    "inner",
    [
        '<camunda:script scriptFormat="groovy">a</camunda:script>',
        '<camunda:script scriptFormat="python" resource="a.py" />',
        "${bean.make(a)}",
        "<camunda:list><camunda:value>${a + 1}</camunda:value></camunda:list>",
        '<camunda:map><camunda:entry key="${k}">v</camunda:entry></camunda:map>',
        "<camunda:list><camunda:script>1</camunda:script></camunda:list>",
        f"{'<camunda:list>' * 30}{'</camunda:list>' * 30}",
    ],
)
def test_a_parameter_that_cannot_be_said_is_left_out_with_a_word(inner: str) -> None:
    task = service(io(given("a", inner), given("b", "1")), "userTask", camunda__assignee="lina")
    assert [assigned.name for assigned in read(task).inputs] == ["b"]
    assert said(task) == [("data-left-out", "x")]


INNER = whole(
    start("i"), script("s", "out = seen"), end("e"), chain("i", "s", "e"), process="q", settings=settings(category="c")
)


def passing(*ways: str) -> str:
    return extensions(*(f"<camunda:{way} />" for way in ways))


@pytest.mark.parametrize(
    ("ways", "inputs", "outputs", "only_inputs", "only_outputs"),
    [
        ([], (), (), False, False),
        (['in source="a" target="b"'], (Assign("b", variable("a")),), (), True, True),
        (['in sourceExpression="${a + 1}" target="b"'], (Assign("b", juel("${a + 1}")),), (), True, True),
        (['in variables="all"', 'out source="c" target="d"'], (), (Assign("d", variable("c")),), False, True),
        (['in source="a"', 'out variables="all"'], (Assign("a", variable("a")),), (), True, False),
        (['in businessKey="${order}"'], (), (), True, True),
        (['in source="a" target="b" local="true"'], (Assign("b", variable("a")),), (), True, True),
    ],
)
def test_a_call_passes_what_it_names_and_nothing_else(
    ways: list[str],
    inputs: tuple[Assign, ...],
    outputs: tuple[Assign, ...],
    only_inputs: bool,
    only_outputs: bool,
) -> None:
    calling = whole(start(), call("x", "q", passing(*ways)), end(), chain("begin", "x", "done"))
    node = compiled(document(calling, INNER)).process.node("x")
    assert node is not None
    assert (node.called, node.inputs, node.outputs) == ("q", inputs, outputs)
    assert (node.only_inputs, node.only_outputs) == (only_inputs, only_outputs)


def test_what_a_call_names_is_what_its_process_sees_and_gives_back() -> None:
    calling = whole(
        start(),
        script("prepare", "seen = 1\nmine = 2"),
        call("x", "q", passing('in sourceExpression="${mine * 10}" target="seen"', 'out source="out" target="back"')),
        user("look"),
        chain("begin", "prepare", "x", "look"),
    )
    assert run(document(calling, INNER)).data == {"seen": 1, "mine": 2, "back": 20}


@pytest.mark.parametrize(
    ("attributes", "noted"),
    [({}, ["call-data"]), ({"camunda__calledElementBinding": "deployment"}, ["call-data", "call-binding"])],
)
def test_a_call_says_what_it_passes_by_itself_and_which_version(attributes: dict[str, str], noted: list[str]) -> None:
    part = element("callActivity", "x", calledElement="q", camunda__asyncBefore="true", **attributes)
    assert [code for code, ident in said(part, level=Level.NOTE) if ident == "x"] == noted


def test_a_thrown_signal_brings_what_it_names() -> None:
    brought = passing('in source="a" target="b"')
    trigger = f'<signalEventDefinition signalRef="s">{brought}</signalEventDefinition>'
    node = read(element("intermediateThrowEvent", "x", trigger), declarations='<signal id="s" name="s" />')
    assert node.inputs == (Assign("b", variable("a")),)


def test_a_caught_errors_code_and_words_have_variables() -> None:
    trigger = '<errorEventDefinition camunda:errorCodeVariable="code" camunda:errorMessageVariable="words" />'
    others = (element("boundaryEvent", "b", trigger, attachedToRef="x"), end("o"), chain("b", "o"))
    event = read(user("x"), *others, ident="b").event
    assert event is not None
    assert (event.code_to, event.message_to) == ("code", "words")


@pytest.mark.parametrize(
    ("task", "lost"),
    [
        (user("x", extensions('<camunda:taskListener event="create" class="a.B" />')), 1),
        (user("x", extensions('<camunda:executionListener event="start" class="a.B" />' * 2)), 1),
        (user("x", extensions("<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>")), 0),
        (user("x", camunda__asyncBefore="true", camunda__exclusive="false", camunda__jobPriority="3"), 0),
        (
            element(
                "intermediateThrowEvent",
                "x",
                '<messageEventDefinition messageRef="m" camunda:type="external" camunda:topic="t" />',
            ),
            1,
        ),
    ],
)
def test_what_would_do_something_there_and_does_nothing_here_is_said_once(task: str, lost: int) -> None:
    assert said(task, declarations='<message id="m" name="m" />') == [("not-read", "x")] * lost
