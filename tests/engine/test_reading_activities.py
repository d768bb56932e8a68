"""BPMN 2.0.2, 10.3: what each task, call, repetition and condition is read as, whatever language it is in."""

from __future__ import annotations

import pytest

from engine.definitions import Kind, Node, read_bundle
from engine.definitions.kinds import EventKind, LoopKind
from engine.definitions.parts import Event, Expr, Loop
from engine.expressions import Level
from tests.engine.build import (
    HEAD,
    ORDER,
    boundary,
    bpmn,
    call,
    chain,
    element,
    end,
    flow,
    message,
    some,
    start,
    sub,
    times,
    user,
    while_true,
    xor,
)
from tests.engine.reading import bundle_of, node_of, problems_of, whole_of

MULTIPLE = "multiInstanceLoopCharacteristics"


def task(written: str, *, declarations: str = ORDER) -> Node:
    return node_of("x", start(), written, chain("begin", "x"), declarations=declarations)


def test_a_send_task_with_a_message_throws_it() -> None:
    found = task(element("sendTask", "x", messageRef="m_order"))
    assert (found.kind, found.event) == (Kind.SEND, Event(EventKind.MESSAGE, "order"))
    assert task(element("sendTask", "x")).kind is Kind.JOB


def test_a_business_rule_task_without_a_decision_is_a_job() -> None:
    parts = (start(), element("businessRuleTask", "x", operationRef="rules"), chain("begin", "x"))
    found = node_of("x", *parts)
    assert (found.kind, found.topic) == (Kind.JOB, "rules")
    assert problems_of(*parts) == [("not-connected", "x")]


def test_a_call_of_a_task_beside_the_processes_is_that_task() -> None:
    beside = (
        '<globalUserTask id="g_user"><potentialOwner><resourceAssignmentExpression><formalExpression>group(legal)'
        "</formalExpression></resourceAssignmentExpression></potentialOwner></globalUserTask>"
        '<globalTask id="g_task" /><globalManualTask id="g_manual" /><globalBusinessRuleTask id="g_rule" />'
        '<globalScriptTask id="g_script" scriptLanguage="python"><script>n = 1</script></globalScriptTask>'
    )
    found = task(call("x", "g_user"), declarations=beside)
    assert found.work is not None
    assert (found.kind, found.work.groups) == (Kind.USER, (Expr("legal", "literal"),))
    assert task(call("x", "ns:g_script"), declarations=beside).script == "n = 1"
    kinds = [task(call("x", ident), declarations=beside).kind for ident in ("g_task", "g_manual", "g_rule")]
    assert kinds == [Kind.MANUAL, Kind.MANUAL, Kind.JOB]


@pytest.mark.parametrize("called", ["${which}", "#{which}", "= which", "order-${kind}"])
def test_a_call_of_what_is_only_known_later_gives_nothing(called: str) -> None:
    parts = (start(), call("x", called), chain("begin", "x"))
    found = node_of("x", *parts)
    assert (found.kind, found.topic) == (Kind.JOB, called)
    assert problems_of(*parts) == [("call-expression", "x")]


@pytest.mark.parametrize("language", ["groovy", "JavaScript", "text/javascript", "juel script"])
def test_a_script_in_another_language_is_a_job(language: str) -> None:
    written = element("scriptTask", "x", "<script>print 1</script>", scriptFormat=language)
    found = task(written)
    assert (found.kind, found.topic, found.script) == (Kind.JOB, language.lower(), "")
    assert problems_of(start(), written, chain("begin", "x")) == [("script-language", "x")]


@pytest.mark.parametrize(
    ("language", "text", "expr"),
    [("juel", "${a + 1}", Expr("${a + 1}", "juel")), ("FEEL", "a + 1", Expr("a + 1", "feel"))],
)
def test_a_script_that_is_an_expression_is_computed(language: str, text: str, expr: Expr) -> None:
    found = task(element("scriptTask", "x", f"<script>{text}</script>", scriptFormat=language))
    assert (found.kind, found.value, found.script) == (Kind.SCRIPT, expr, "")


def choice(text: str, *, inside: str = "", declared: str = "") -> bytes:
    """A gateway with one condition, in a file of no vendor's."""
    written = f"<conditionExpression{inside}>{text}</conditionExpression>"
    flows = (
        element("sequenceFlow", "f", written, sourceRef="g", targetRef="a"),
        flow("g", "b", ident="other"),
        chain("begin", "g"),
    )
    gateway = element("exclusiveGateway", "g", default="other")
    content = bpmn(start(), gateway, element("task", "a"), element("task", "b"), *flows)
    return content.replace(b'id="definitions"', f'id="definitions"{declared}'.encode())


XPATH = ' expressionLanguage="http://www.w3.org/1999/XPath"'
FEEL = ' expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"'
JSP = ' expressionLanguage="http://java.sun.com/products/jsp/"'


@pytest.mark.parametrize(
    ("text", "inside", "declared", "expected"),
    [
        ("n == 1", "", "", Expr("n == 1", "python")),
        ("${n == 1}", "", XPATH, Expr("${n == 1}", "juel")),
        ("${n == 1}", ' language="groovy"', "", Expr("${n == 1}", "juel")),
        ("= n = 1", "", XPATH, Expr("= n = 1", "feel")),
        ("n = 1", "", FEEL, Expr("n = 1", "feel")),
        ("n = 1", ' language="feel"', XPATH, Expr("n = 1", "feel")),
        ("n == 1", ' language="Python"', XPATH, Expr("n == 1", "python")),
        ("n == 1", "", JSP, Expr("n == 1", "python")),
    ],
)
def test_a_condition_is_in_the_language_that_it_is_spelt_or_declared_in(
    text: str, inside: str, declared: str, expected: Expr
) -> None:
    bundle = read_bundle({"x.bpmn": choice(text, inside=inside, declared=declared)})
    flows = {each.id: each for each in bundle.definitions[0][1].process.scope.flows}
    assert flows["f"].condition == expected


@pytest.mark.parametrize(
    ("text", "inside", "declared"),
    [
        ("n == 1", "", XPATH),
        ("n == 1", ' language="groovy"', ""),
        ("bpmn:getDataObject('n') = 1", "", ""),
        ("not(bpmn:getDataObject('n'))", "", ""),
        ('Vacation Approval = "Approved"', "", ""),
        ("Approved by the boss", "", ""),
    ],
)
def test_a_condition_in_another_language_counts_as_none(text: str, inside: str, declared: str) -> None:
    """BPMN's own default is XPath (8.1.1): in a file of no vendor's, what is not ours is not a mistake of ours."""
    report = read_bundle({"x.bpmn": choice(text, inside=inside, declared=declared)}).report
    assert report.accepted
    assert [(found.code, found.element) for found in report.problems if found.code == "language"] == [("language", "f")]


def test_a_condition_in_a_file_of_its_own_counts_as_none() -> None:
    inside = ' language="groovy" camunda:resource="decide.groovy"'
    report = read_bundle({"x.bpmn": choice("", inside=inside)}).report
    assert [(found.code, found.element) for found in report.problems if found.code == "language"] == [("language", "f")]


def test_a_mistake_in_a_vendors_file_or_in_a_language_of_ours_is_refused() -> None:
    parts = (start(), xor("g", "other"), user("a"), user("b"), chain("begin", "g"), flow("g", "b", ident="other"))
    assert problems_of(*parts, flow("g", "a", "amount >"), level=Level.ERROR) == [("expression", "g-a")]
    report = read_bundle({"x.bpmn": choice("${n ==}")}).report
    assert not report.accepted


def test_an_empty_condition_is_none() -> None:
    report = read_bundle({"x.bpmn": choice("  ")}).report
    assert "language" not in {problem.code for problem in report.problems}


def split(*flows: str, gateway: str) -> tuple[str, ...]:
    return start(), gateway, element("serviceTask", "a"), element("serviceTask", "b"), chain("begin", "g"), *flows


def test_where_nobody_can_be_asked_the_first_flow_without_a_condition_is_taken() -> None:
    first = element("startEvent", "begin", message())
    parts = split(flow("g", "a"), flow("g", "b"), gateway=xor("g"))
    found = whole_of(first, *parts[1:])
    gateway = found.node("g")
    assert gateway is not None
    assert gateway.default_flow == "g-a"
    assert [each.condition for each in found.scope.flows if each.source == "g"] == [None, Expr("False")]
    assert ("no-condition", "g") in problems_of(first, *parts[1:])


def test_the_only_flow_without_a_condition_is_the_default_one() -> None:
    parts = split(flow("g", "a", "${order.total > 1}"), flow("g", "b"), gateway=xor("g"))
    gateway = node_of("g", *parts)
    assert gateway.default_flow == "g-b"
    assert ("implied-default", "g") in problems_of(*parts, level=Level.NOTE)


def test_at_an_inclusive_gateway_a_flow_without_a_condition_is_always_taken() -> None:
    first = element("startEvent", "begin", message())
    parts = split(flow("g", "a", "${order.total > 1}"), flow("g", "b"), gateway=some("g"))
    assert ("no-condition", "g") in problems_of(first, *parts[1:])


def test_a_complex_gateway_is_run_as_an_inclusive_one() -> None:
    found = task(element("complexGateway", "x", "<activationCondition>x</activationCondition>"))
    assert found.kind is Kind.INCLUSIVE


def data(inner: str) -> str:
    into = "<ioSpecification><dataInput id='in' /></ioSpecification>"
    bring = "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>in</targetRef></dataInputAssociation>"
    return element("userTask", "x", into + bring + inner)


def test_a_loop_over_an_input_is_over_what_the_association_brings() -> None:
    loop = f"<{MULTIPLE}><loopDataInputRef>in</loopDataInputRef><inputDataItem id='i' name='one' /></{MULTIPLE}>"
    named = "<dataObjectReference id='ref' name='guests' dataObjectRef='o' /><dataObject id='o' />"
    found = node_of("x", start(), named, data(loop), chain("begin", "x"))
    assert found.loop == Loop(LoopKind.PARALLEL, Expr("guests"), element="one")
    unnamed = "<dataObjectReference id='ref' name='List of guests' dataObjectRef='o' /><dataObject id='o' />"
    found = node_of("x", start(), unnamed, data(loop), chain("begin", "x"))
    assert found.loop is not None
    assert found.loop.collection == Expr("ref")


@pytest.mark.parametrize("loop", [f"<{MULTIPLE} />", times(""), while_true()])
def test_a_repetition_that_does_not_say_how_often_is_done_once(loop: str) -> None:
    parts = (start(), user("x", loop), chain("begin", "x"))
    found = node_of("x", *parts)
    assert found.loop is None
    assert [code for code, _ in problems_of(*parts)] in (["loop-empty"], ["loop-endless"])


def test_the_number_of_times_may_be_an_expression() -> None:
    found = task(user("x", times("${guests + 1}")))
    assert found.loop is not None
    assert found.loop.cardinality == Expr("${guests + 1}", "juel")


def test_data_is_accepted_and_a_store_is_noted() -> None:
    extra = (
        "<dataObject id='d'><dataState name='open' /></dataObject><property id='pr' name='n' /><group id='g' />"
        "<dataStoreReference id='ds' dataStoreRef='store' /><ioSpecification id='io' /><textAnnotation id='t' />"
    )
    parts = (start(), user("a"), end(), extra, chain("begin", "a", "done"))
    assert problems_of(*parts, declarations='<dataStore id="store" /><category id="c" />') == []
    assert problems_of(*parts, level=Level.NOTE) == [("data-store", "ds")]


def test_a_vendors_element_among_the_nodes_is_not_run() -> None:
    other = "<magic xmlns='http://example.com/vendor' id='m' />"
    assert problems_of(start(), user("a"), other, chain("begin", "a")) == [("foreign-element", "m")]
    assert problems_of(start(), other, chain("begin", "m"), level=Level.ERROR) == [("dangling-flow", "begin-m")]


@pytest.mark.parametrize(
    "inner",
    [
        '<collaboration id="c"><participant id="x" name="A" /><participant id="y" name="B" /></collaboration>',
        '<choreography id="c"><choreographyTask id="t" /></choreography>',
        '<collaboration id="c"><conversation id="k" /></collaboration>',
        '<globalUserTask id="g" />',
        '<process id="box" />',
    ],
)
def test_a_file_without_a_process_to_run_is_a_picture(inner: str) -> None:
    bundle = read_bundle({"x.bpmn": f"{HEAD}{inner}</definitions>".encode()})
    assert bundle.report.accepted
    assert bundle.definitions == ()
    assert "picture-only" in {problem.code for problem in bundle.report.problems}


def test_several_pools_are_several_processes() -> None:
    pools = '<collaboration id="c"><participant id="x" name="Shop" processRef="ns:p" /></collaboration>'
    other = element("process", "q", start("s") + user("u") + chain("s", "u"), isExecutable="true")
    content = bpmn(start(), user("a"), chain("begin", "a"), declarations=pools + other)
    bundle = read_bundle({"x.bpmn": content})
    assert sorted((found.process.id, found.process.name) for _, found in bundle.definitions) == [
        ("p", "Shop"),
        ("q", "q"),
    ]


def test_a_boundary_event_may_stand_on_whatever_takes_time() -> None:
    hosts = [user("h"), element("sendTask", "h", messageRef="m_order"), element("businessRuleTask", "h")]
    hosts += [sub("h", user("in")), element("scriptTask", "h", "<script>x = 1</script>")]
    for host in hosts:
        parts = (start(), host, boundary("b", "h", "<errorEventDefinition />"), chain("begin", "h"))
        assert bundle_of(*parts).report.accepted
