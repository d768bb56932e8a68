"""Owns the Camunda 8 dialect (Zeebe): its extension elements to the normal form; expressions are FEEL after `=`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.connecting import Connector
from engine.definitions.kinds import Kind, LoopKind
from engine.definitions.parts import Assign, Expr, Loop, Work
from engine.definitions.source import child, expr_of, extension, find_children, settings_of
from engine.definitions.vendors.calls import HTTP_JSON, of_camunda8
from engine.definitions.vendors.dialect import Dialect, Mappings, Remark
from engine.definitions.vendors.passing import constant_of, fault_of, left_out
from engine.definitions.vendors.performers import assignee_of, candidates_of, split
from engine.definitions.xml import local, namespace
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

ZEEBE = "http://camunda.org/schema/zeebe/1.0"
EMBEDDED = "camunda-forms:bpmn:"
LOST = ("executionListeners", "taskListeners", "adHoc", "conditionalFilter", "linkedResources")
COUNTER = "loopCounter"
"""The number of a round: from 1 there, from 0 here."""


class Camunda8(Dialect):
    """How Camunda 8 says what plain BPMN has no words for. Absent words give the normal form's defaults."""

    spoken = True

    def kind(self, element: Element, kind: Kind) -> Kind:
        if kind is Kind.DECISION:
            return Kind.DECISION if self.decision(element)[0] else Kind.JOB
        if kind is Kind.SCRIPT and self.topic(element) and self.value(element) is None:
            return Kind.JOB
        return kind

    def settings(self, element: Element) -> dict[str, str]:
        return settings_of(element, (ZEEBE,))

    def work(self, element: Element) -> Work:
        users, groups = candidates_of(element)
        assigned, times = _said(element, "assignmentDefinition"), _said(element, "taskSchedule")
        return Work(
            assignee=_optional(assigned.get("assignee", "")) or assignee_of(element),
            users=_several(assigned.get("candidateUsers", "")) or users,
            groups=_several(assigned.get("candidateGroups", "")) or groups,
            due=_optional(times.get("dueDate", "")),
            follow_up=_optional(times.get("followUpDate", "")),
            priority=_optional(_said(element, "priorityDefinition").get("priority", "")),
            form=_form(_said(element, "formDefinition")),
        )

    def forms(self, process: Element) -> dict[str, str]:
        found = _extensions(process, "userTaskForm")
        return {each.get("id", ""): "".join(each.itertext()).strip() for each in found if each.get("id")}

    def topic(self, element: Element) -> str:
        return _said(element, "taskDefinition").get("type", "") or super().topic(element)

    def connector(self, element: Element) -> Connector | None:
        said = _said(element, "taskDefinition")
        if said.get("type", "").rpartition(":")[0] != HTTP_JSON:
            return super().connector(element)
        mapped = [each for holder in _extensions(element, "ioMapping") for each in find_children(holder, "input")]
        headers = [each for holder in _extensions(element, "taskHeaders") for each in find_children(holder, "header")]
        return of_camunda8(
            {each.get("target", "").strip(): each.get("source", "") for each in mapped},
            {each.get("key", "").strip(): each.get("value", "") for each in headers},
            said.get("retries", ""),
        )

    def value(self, element: Element) -> Expr | None:
        text = _said(element, "script").get("expression", "").strip()
        return Expr(text, "feel") if text else None

    def result(self, element: Element) -> str:
        for name in ("script", "calledDecision"):
            if result := _said(element, name).get("resultVariable", ""):
                return result
        return ""

    def called(self, element: Element) -> str:
        return _static(_said(element, "calledElement").get("processId", "")) or super().called(element)

    def decision(self, element: Element) -> tuple[str, str]:
        """By its id, where that is known now; its result is shaped by its table, as in FEEL itself."""
        called = _static(_said(element, "calledDecision").get("decisionId", ""))
        return ("", "") if called.startswith("=") else (called, "")

    def mappings(self, element: Element) -> Mappings:
        """Inputs are the element's own; once there are outputs, nothing else comes out."""
        inputs, outputs = _mapped(element, "input")[0], _mapped(element, "output")[0]
        call = _said(element, "calledElement")
        return Mappings(
            _counted(element) + inputs,
            outputs,
            call.get("propagateAllParentVariables", "") == "false",
            bool(outputs) or call.get("propagateAllChildVariables", "") == "false",
        )

    def key(self, message: Element) -> Expr | None:
        return _optional(_said(message, "subscription").get("correlationKey", ""))

    def loop(self, element: Element, kind: LoopKind) -> Loop:
        said = _said(element, "loopCharacteristics")
        collection = said.get("inputCollection", "").strip()
        gathered = said.get("outputElement", "").strip().removeprefix("=").strip()
        named = gathered.isidentifier()
        return Loop(
            kind=kind,
            collection=Expr(collection, "feel") if collection else None,
            element=said.get("inputElement", "").strip(),
            output=said.get("outputCollection", "").strip(),
            output_element=gathered if named else "",
            output_value=Expr(f"= {gathered}", "feel") if gathered and not named else None,
        )

    def unread(self, element: Element) -> list[str]:
        found = [local(each) for each in _extensions(element, *LOST)]
        if local(element) in ("endEvent", "intermediateThrowEvent") and _said(element, "taskDefinition"):
            found.append("taskDefinition")
        return found

    def remarks(self, element: Element) -> list[Remark]:
        return _mapped(element, "input")[1] + _mapped(element, "output")[1] + _called_by_version(element)


def _extensions(element: Element, *names: str) -> list[Element]:
    found = extension(element)
    return [] if found is None else [each for each in found if namespace(each) == ZEEBE and local(each) in names]


def _said(element: Element, name: str) -> dict[str, str]:
    """The attributes of an extension element; none if it is absent."""
    found = _extensions(element, name)
    return {str(key): str(value) for key, value in found[0].attrib.items()} if found else {}


def _mapped(element: Element, way: str) -> tuple[tuple[Assign, ...], list[Remark]]:
    """What the `ioMapping` gives, `source` to `target`; what is not understood is left out and remarked."""
    found: list[Assign] = []
    remarks: list[Remark] = []
    for mapping in _extensions(element, "ioMapping")[:1]:
        for each in find_children(mapping, way):
            target, value = each.get("target", "").strip(), expr_of(each.get("source", ""))
            fault = fault_of(value)[1] if value.text else None
            if fault is not None:
                remarks.append(left_out(target, fault))
            elif target:
                found.append(Assign(target, value))
    return tuple(found), remarks


def _form(said: dict[str, str]) -> str:
    """A form's own id, the one inside the process, or a key that means something to another application."""
    return said.get("formId", "") or said.get("formKey", "").removeprefix(EMBEDDED) or said.get("externalReference", "")


def _optional(text: str) -> Expr | None:
    return expr_of(text) if text.strip() else None


def _several(text: str) -> tuple[Expr, ...]:
    """Names with commas between them, or one FEEL expression that gives a list."""
    return tuple(expr_of(part) for part in split(text))


def _static(text: str) -> str:
    """An id as it stands or as a constant in FEEL; what is only known later stays an expression."""
    text = text.strip()
    return (constant_of(Expr(text, "feel")) or text) if text.startswith("=") else text


def _counted(element: Element) -> tuple[Assign, ...]:
    """The rounds' number as it is counted there, where the activity speaks of it."""
    repeated = child(element, "multiInstanceLoopCharacteristics")
    if repeated is None or not any(COUNTER in value for each in element.iter() for value in each.attrib.values()):
        return ()
    return (Assign(COUNTER, Expr(f"= {COUNTER} + 1", "feel")),)


def _called_by_version(element: Element) -> list[Remark]:
    bound = [_said(element, name).get("bindingType", "") for name in ("calledElement", "calledDecision")]
    if "versionTag" not in bound:
        return []
    problem = N_("The call names a version; it calls the one that is bound when this file is deployed.")
    remedy = N_("Nothing to do: deploy this file again to call a newer one.")
    return [Remark("call-binding", problem, remedy, lossy=False)]
