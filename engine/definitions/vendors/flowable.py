"""Owns the Flowable dialect, and Activiti's before it: task types, the event registry, and their ways to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.kinds import Kind, LoopKind
from engine.definitions.parts import Assign, Expr, Loop
from engine.definitions.source import BPMN, child, find_children
from engine.definitions.vendors.aggregation import aggregated
from engine.definitions.vendors.data_objects import values_from_start
from engine.definitions.vendors.dialect import Mappings, Remark
from engine.definitions.vendors.kindred import LISTENERS, STARTERS, Kindred, text_inside
from engine.definitions.vendors.passing import assigns, expression
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

FLOWABLE = "http://flowable.org/bpmn"
ACTIVITI = "http://activiti.org/bpmn"
DECISIONS = ("decisionTableReferenceKey", "decisionServiceReferenceKey")
EVERYBODY = "flowableUser"
"""The group that Flowable's own modeler lets start a process: all who may sign in."""
INITIATOR = "$INITIATOR"
"""What the modeler writes for whoever started the process."""
CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
THROWING = frozenset({"intermediateThrowEvent", "endEvent"})
LOST = """
    skipExpression owner taskIdVariableName taskCompleterVariableName businessCalendarName endDate terminateAll
    terminateMultiInstance idVariableName processInstanceName
"""


class Flowable(Kindred):
    """How Flowable and Activiti say what plain BPMN has no words for."""

    namespaces = (FLOWABLE, ACTIVITI)
    lost_elements = frozenset({*LISTENERS, "mapException", "customResource", "potentialStarter"})
    lost_attributes = frozenset({*STARTERS, *LOST.split()})

    def __init__(self) -> None:
        self._starters: dict[str, str] = {}

    def kind(self, element: Element, kind: Kind) -> Kind:
        if self._type(element) == "send-event" and not self._says(element, "triggerable") and self.message(element):
            return Kind.SEND
        return super().kind(element, kind)

    def settings(self, element: Element) -> dict[str, str]:
        """The properties; a task's category; names in other languages, which we keep as `name.<language>`."""
        found = super().settings(element)
        if category := self.attribute(element, "category"):
            found.setdefault("category", category)
        for each in self.extensions(element, "localization"):
            if each.get("locale") and each.get("name"):
                found.setdefault(f"name.{each.get('locale')}", each.get("name", ""))
        return found

    def assignee(self, element: Element) -> Expr | None:
        if self.attribute(element, "assignee") == INITIATOR:
            return Expr(f"${{{self._starter(element)}}}", "juel")
        return super().assignee(element)

    def decision(self, element: Element) -> tuple[str, str]:
        if self._type(element) != "dmn":
            return "", ""
        named = (self._field(element, name) for name in DECISIONS)
        return next((name for name in named if name and "${" not in name), ""), ""

    def naming(self, definition: Element) -> Expr | None:
        names = (self.attribute(definition, name) for name in ("messageExpression", "signalExpression"))
        return next((expression(name) for name in names if name), None)

    def message(self, element: Element) -> str:
        """The event registry's type of an event, receive task or sending service task."""
        found = self.extensions(element, "eventType")
        return "".join(found[0].itertext()).strip() if found else ""

    def key(self, element: Element) -> Expr | None:
        """What the event's first correlation parameter is compared with."""
        found = self.extensions(element, "eventCorrelationParameter")
        return expression(found[0].get("value", ""), plain="literal") if found and found[0].get("value") else None

    def awaited(self, element: Element) -> Expr | None:
        """A variable listener waits until its variable is set."""
        name = self._listened(element)
        return Expr(f'${{execution.hasVariable("{name}")}}', "juel") if name and '"' not in name else None

    def caught(self, definition: Element) -> tuple[str, str]:
        return self.attribute(definition, "errorVariableName"), ""

    def mappings(self, element: Element) -> Mappings:
        passed = self._passed(element)
        repeated = child(element, "multiInstanceLoopCharacteristics")
        index = self.attribute(repeated, "elementIndexVariable") if repeated is not None else ""
        counted = (Assign(index, expression("${loopCounter}")),) if index else ()
        begun = values_from_start(element, self.namespaces) if local(element) == "startEvent" else ()
        return Mappings(counted + passed.inputs, begun + passed.outputs, passed.only_inputs, passed.only_outputs)

    def loop(self, element: Element, kind: LoopKind) -> Loop:
        loop = super().loop(element, kind)
        over = self.extensions(element, "collection")
        if loop.collection is None and over:
            texts = [text_inside(over[0], name) for name in ("expression", "string")]
            text = texts[0] or ("" if self._handler(over[0]) else texts[1])
            loop = _with_collection(loop, text)
        return aggregated(loop, self.extensions(element, "variableAggregation"))[0]

    def unread(self, element: Element) -> list[str]:
        found = super().unread(element)
        if self.attribute(element, "candidateStarterGroups") == EVERYBODY:
            found.remove("candidateStarterGroups")
        if any(self.attribute(signal, "scope") == "processInstance" for signal in self._signals(element)):
            found.append("scope")
        repeated = child(element, "multiInstanceLoopCharacteristics")
        if repeated is not None and any(self._handler(each) for each in self.extensions(repeated, "collection")):
            found.append("collection")
        return found

    def remarks(self, element: Element) -> list[Remark]:
        found = super().remarks(element)
        repeated = child(element, "multiInstanceLoopCharacteristics")
        if repeated is not None:
            gathered = self.extensions(repeated, "variableAggregation")
            found += aggregated(Loop(LoopKind.PARALLEL), gathered)[1]
        if self._listened(element):
            problem = N_("The event happens when its variable is first set, not each time it changes.")
            remedy = N_("Use a conditional event that says which value is waited for.")
            found.append(Remark("variable-listener", problem, remedy))
        return found + self._ways(element)[1]

    def _passed(self, element: Element) -> Mappings:
        """What goes in and comes out, by the words that each kind of element has for it."""
        if local(element) == "callActivity":
            found = super().mappings(element)
            only_inputs = found.only_inputs and not self._says(element, "inheritVariables")
            return Mappings(found.inputs, found.outputs, only_inputs, found.only_outputs)
        return self._ways(element)[0]

    def _ways(self, element: Element) -> tuple[Mappings, list[Remark]]:
        tag, task = local(element), self._type(element)
        if tag in CATCHING:
            outputs, lost = assigns(self.extensions(element, "in", "eventOutParameter"))
            named = bool(self.extensions(element, "eventOutParameter"))
            return Mappings(outputs=outputs, only_outputs=named), lost
        if tag in THROWING or task == "send-event":
            inputs, lost = assigns(self.extensions(element, "out", "eventInParameter"))
            return Mappings(inputs=inputs), lost
        if tag == "scriptTask":
            inputs, lost = assigns(self.extensions(element, "in"))
            return Mappings(inputs=inputs), lost
        inputs, lost = assigns(self.extensions(element, "externalWorkerInParameter"))
        outputs, also = assigns(self.extensions(element, "externalWorkerOutParameter"))
        return Mappings(inputs, outputs), lost + also

    def _type(self, element: Element) -> str:
        return self.attribute(element, "type")

    def _field(self, element: Element, name: str) -> str:
        for field in self.extensions(element, "field"):
            if field.get("name") == name:
                return field.get("stringValue") or text_inside(field, "string")
        return ""

    def _starter(self, element: Element) -> str:
        process = next(element.iterancestors(f"{{{BPMN}}}process"), None)
        ident = "" if process is None else process.get("id", "")
        if ident not in self._starters:
            names = (self.initiator(start) for start in find_children(process, "startEvent"))
            self._starters[ident] = next(filter(None, names), "requester.login")
        return self._starters[ident]

    def _signals(self, element: Element) -> list[Element]:
        """The declarations of the signals that an event throws or waits for."""
        used = (each.get("signalRef", "") for each in element if local(each) == "signalEventDefinition")
        return [found for each in used if (found := self.declared(element, "signal", each)) is not None]

    def _listened(self, element: Element) -> str:
        found = self.extensions(element, "variableListenerEventDefinition")
        return found[0].get("variableName", "").strip() if found else ""

    def _handler(self, collection: Element) -> bool:
        """Whether Java makes the items of the collection."""
        return any(self.attribute(collection, name) for name in ("class", "delegateExpression"))


def _with_collection(loop: Loop, text: str) -> Loop:
    collection = expression(text, plain="variable") if text else None
    return Loop(kind=loop.kind, collection=collection, element=loop.element)
