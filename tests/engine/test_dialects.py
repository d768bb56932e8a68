"""Which dialect a file is in, what plain BPMN says itself, and how a file of several vendors is read."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions import read_bundle
from engine.definitions.kinds import Kind
from engine.definitions.parts import Expr, Work
from engine.definitions.vendors.camunda7 import Camunda7
from engine.definitions.vendors.camunda8 import Camunda8
from engine.definitions.vendors.dialect import Dialect
from engine.definitions.vendors.dialects import Mixed, dialect_of
from engine.definitions.vendors.flowable import Flowable
from engine.definitions.vendors.spiffarena import SpiffArena
from engine.definitions.xml import read_xml
from engine.expressions import Level
from engine.spiff.build import build
from tests.engine.build import MULTIPLE, bpmn, chain, element, extensions, start, user
from tests.engine.reading import around, read, said


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (element("userTask", "x"), Dialect),
        (element("userTask", "x", camunda__assignee="lina"), Camunda7),
        (element("userTask", "x", flowable__assignee="lina"), Flowable),
        (element("userTask", "x", activiti__assignee="lina"), Flowable),
        (element("userTask", "x", extensions("<zeebe:userTask />")), Camunda8),
        (element("userTask", "x", extensions("<spiff:preScript />")), SpiffArena),
        (element("userTask", "x", extensions("<spiff:preScript />"), camunda__assignee="lina"), Mixed),
    ],
)
def test_a_files_dialect_is_that_of_the_words_it_uses(written: str, kind: type[Dialect]) -> None:
    assert type(dialect_of(read_xml(around(written)))) is kind


def test_a_file_of_several_vendors_has_each_ones_words() -> None:
    words = extensions(
        '<zeebe:taskSchedule dueDate="=due" />',
        '<zeebe:properties><zeebe:property name="status" value="theirs" /></zeebe:properties>',
        '<camunda:properties><camunda:property name="status" value="ours" /></camunda:properties>',
        '<camunda:taskListener event="create" class="a.B" />',
    )
    node = read(element("userTask", "x", words, camunda__assignee="lina", flowable__formKey="ask"))
    assert node.work == Work(assignee=Expr("lina", "literal"), due=Expr("=due", "feel"), form="ask")
    assert node.settings == {"status": "ours"}


def test_a_call_that_says_what_it_passes_in_one_vendors_words_has_said_it() -> None:
    passed = extensions('<flowable:in source="a" target="b" />')
    calling = element("callActivity", "x", passed, calledElement="q", camunda__asyncBefore="true")
    assert said(calling, level=Level.NOTE) == []
    assert [assign.name for assign in read(calling).inputs] == ["b"]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (element("serviceTask", "x", flowable__type="mail"), Kind.JOB),
        (element("businessRuleTask", "x", extensions('<zeebe:calledDecision decisionId="d" />')), Kind.DECISION),
        (element("businessRuleTask", "x", camunda__decisionRef="d"), Kind.DECISION),
        (element("businessRuleTask", "x"), Kind.JOB),
        (element("serviceTask", "x", camunda__expression="${1 + 1}"), Kind.SCRIPT),
    ],
)
def test_what_an_element_is_does_not_depend_on_the_other_vendors_in_the_file(written: str, kind: Kind) -> None:
    other = element("task", "other", extensions("<spiff:preScript />"), activiti__async="true")
    assert read(written, other).kind is kind


def test_a_plain_service_task_is_called_by_its_operations_name() -> None:
    declared = '<interface id="i" name="i"><operation id="o" name="ship" /></interface>'
    assert read(element("serviceTask", "x", operationRef="o"), declarations=declared).topic == "ship"
    assert read(element("serviceTask", "x", operationRef="tns:other")).topic == "tns:other"


WORDS = {
    "camunda": "assignee formKey dueDate expression resultVariable decisionRef topic collection initiator type",
    "flowable": "assignee formKey expression type collection elementIndexVariable skipExpression initiator",
}
INNER = (
    "camunda:inputOutput camunda:inputParameter camunda:list camunda:map camunda:entry camunda:script camunda:in"
    " camunda:out camunda:formData camunda:formField camunda:value camunda:connector flowable:field flowable:eventType"
    " flowable:variableAggregation flowable:collection flowable:formProperty flowable:eventCorrelationParameter"
    " flowable:variableListenerEventDefinition flowable:value zeebe:ioMapping zeebe:input zeebe:output zeebe:script"
    " zeebe:calledElement zeebe:loopCharacteristics zeebe:assignmentDefinition zeebe:userTaskForm zeebe:subscription"
    " spiff:preScript spiff:serviceTaskOperator spiff:messagePayload spiff:messageVariable spiff:properties"
    " spiff:property spiff:instructionsForEndUser"
).split()
NAMES = "name source target sourceExpression variables id key value type expression processId inputCollection".split()
TEXTS = ["", "a", "${a}", "${a +", "=a", "=[", "#{x.y()}", "{{ a }}", "a.b", '"', "all", "true", "lane_owners"]
TAGS = "userTask serviceTask sendTask scriptTask businessRuleTask callActivity receiveTask startEvent subProcess"


def written(tag: str, attributes: dict[str, str], inner: list[str]) -> str:
    said = " ".join(f"{name}={quoteattr(text)}" for name, text in attributes.items())
    return f"<{tag} {said}>{''.join(inner)}</{tag}>"


TEXT = st.sampled_from(TEXTS)
EXTENSION = st.recursive(
    TEXT.map(escape),
    lambda inner: st.builds(
        written, st.sampled_from(INNER), st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=3), st.lists(inner)
    ),
    max_leaves=12,
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from([f"{vendor}:{name}" for vendor, names in WORDS.items() for name in names.split()]), TEXT, max_size=4
)


@given(st.sampled_from(TAGS.split()), ATTRIBUTES, st.lists(EXTENSION, max_size=4), st.booleans())
def test_any_words_of_any_vendor_are_read_or_refused_with_a_remedy(
    tag: str, attributes: dict[str, str], inner: list[str], repeated: bool
) -> None:
    loop = written(MULTIPLE, attributes, []) if repeated else ""
    parts = [extensions(*(each for each in inner if each.startswith("<"))), loop]
    file = bpmn(start(), written(tag, {"id": "x", **attributes}, parts), user("a"), chain("begin", "x", "a"))
    bundle = read_bundle({"x.bpmn": file}, lenient=True)
    assert all(str(problem.remedy) and problem.line for problem in bundle.report.problems)
    for _, found in bundle.definitions:
        build(found)
