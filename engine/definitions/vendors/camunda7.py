"""Owns the Camunda 7 dialect, which Operaton keeps: decisions, external tasks, and data that goes in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.connecting import Connector
from engine.definitions.kinds import Kind
from engine.definitions.source import find_children
from engine.definitions.vendors.calls import HTTP_CONNECTOR, of_camunda7
from engine.definitions.vendors.dialect import Mappings, Remark
from engine.definitions.vendors.kindred import LISTENERS, STARTERS, Kindred, text_inside
from engine.definitions.vendors.parameters import parameters
from engine.definitions.vendors.passing import assigns
from engine.definitions.xml import local

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
OPERATON = "http://operaton.org/schema/1.0/bpmn"
RESULTS = {"singleEntry": "single_entry", "singleResult": "single_result", "collectEntries": "entries"}
THROWING = frozenset({"intermediateThrowEvent", "endEvent"})
DECIDED = "decisionResult"
"""What the outputs of a business rule task call its result, whether or not it is kept."""


class Camunda7(Kindred):
    """How Camunda 7 says what plain BPMN has no words for. Absent words give the normal form's defaults."""

    namespaces = (CAMUNDA, OPERATON)
    lost_elements = frozenset({*LISTENERS, "errorEventDefinition", "potentialStarter"})
    lost_attributes = frozenset(
        {*STARTERS, "variableMappingClass", "variableMappingDelegateExpression", "variableName", "variableEvents"}
    )

    def kind(self, element: Element, kind: Kind) -> Kind:
        if kind is Kind.CALL and not self.called(element) and self.attribute(element, "caseRef"):
            return Kind.JOB
        if kind is Kind.SCRIPT and self.attribute(element, "resource"):
            return Kind.JOB
        return super().kind(element, kind)

    def topic(self, element: Element) -> str:
        connectors = self.extensions(element, "connector")
        if connectors and (named := text_inside(connectors[0], "connectorId")):
            return named
        return self.attribute(element, "resource") or self.attribute(element, "caseRef") or super().topic(element)

    def connector(self, element: Element) -> Connector | None:
        found = self.extensions(element, "connector")
        if found and text_inside(found[0], "connectorId") == HTTP_CONNECTOR:
            mapped, remarks = parameters(find_children(found[0], "inputOutput"))
            return of_camunda7(mapped.inputs, mapped.outputs, [str(each.params["name"]) for each in remarks])
        return super().connector(element)

    def decision(self, element: Element) -> tuple[str, str]:
        called = self.attribute(element, "decisionRef")
        if not called or "${" in called or "#{" in called:
            return "", ""
        return called, RESULTS.get(self.attribute(element, "mapDecisionResult"), "rows")

    def result(self, element: Element) -> str:
        return super().result(element) or (DECIDED if self.decision(element)[0] else "")

    def caught(self, definition: Element) -> tuple[str, str]:
        kind = local(definition).removesuffix("EventDefinition")
        return self.attribute(definition, f"{kind}CodeVariable"), self.attribute(definition, f"{kind}MessageVariable")

    def mappings(self, element: Element) -> Mappings:
        passed = Mappings(assigns(self._sent(element))[0]) if local(element) in THROWING else super().mappings(element)
        mapped = parameters(self.extensions(element, "inputOutput"))[0]
        return Mappings(
            mapped.inputs + passed.inputs, passed.outputs + mapped.outputs, passed.only_inputs, passed.only_outputs
        )

    def _sent(self, event: Element) -> list[Element]:
        """What a signal that is thrown brings along."""
        signals = (each for each in event if local(each) == "signalEventDefinition")
        return [way for signal in signals for way in self.extensions(signal, "in")]

    def unread(self, element: Element) -> list[str]:
        found = super().unread(element)
        thrown = (each for each in element if local(each) == "messageEventDefinition")
        return found + ["messageEventDefinition" for each in thrown if self._implementation(each)][:1]

    def remarks(self, element: Element) -> list[Remark]:
        lost = parameters(self.extensions(element, "inputOutput"))[1]
        return super().remarks(element) + lost + assigns(self._sent(element))[1]
