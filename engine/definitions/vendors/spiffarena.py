"""Owns the SpiffArena dialect: scripts around tasks, JSON-schema forms, connectors, and messages' payloads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.definitions.connecting import Connector
from engine.definitions.declared import lanes_in
from engine.definitions.kinds import Kind
from engine.definitions.parts import Assign, Expr, Work
from engine.definitions.source import extension, find_children, settings_of
from engine.definitions.vendors.calls import of_spiffarena
from engine.definitions.vendors.dialect import Dialect, Mappings, Remark
from engine.definitions.vendors.passing import fault_of
from engine.definitions.vendors.performers import assignee_of, candidates_of
from engine.definitions.xml import local, namespace
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
LOST = ("processVariableCorrelation", "signalButtonLabel", "taskMetadataValues", "onException")
SENDING = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})
RECEIVING = frozenset({"receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent"})
_INSERT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{|\{%")
OWNERS = "lane_owners"
FORM, LAYOUT = "formJsonSchemaFilename", "formUiSchemaFilename"


class SpiffArena(Dialect):
    """How SpiffArena says what plain BPMN has no words for; expressions and scripts are Python."""

    spoken = True
    _owned: Mapping[str, str] | None = None

    def kind(self, element: Element, kind: Kind) -> Kind:
        if _extensions(element, "serviceTaskOperator") and kind in (Kind.SCRIPT, Kind.SEND, Kind.JOB):
            return Kind.JOB
        return super().kind(element, kind)

    def settings(self, element: Element) -> dict[str, str]:
        found = settings_of(element, (SPIFF,))
        return {name: value for name, value in found.items() if name not in (FORM, LAYOUT)}

    def work(self, element: Element) -> Work:
        users, groups = candidates_of(element)
        users += self._owners(element)
        said = settings_of(element, (SPIFF,))
        form, layout = said.get(FORM, ""), said.get(LAYOUT, "")
        return Work(assignee=assignee_of(element), users=users, groups=groups, form=form, layout=layout)

    def _owners(self, element: Element) -> tuple[Expr, ...]:
        """The people that the variable `lane_owners` gives for the task's lane, where the file speaks of it."""
        if self._owned is None:
            root = element.getroottree().getroot()
            speaks = any(OWNERS in text for text in root.itertext())
            self._owned = {ident: lane for each in root for ident, lane in lanes_in(each).items()} if speaks else {}
        lane = self._owned.get(element.get("id", ""), "")
        named = json.dumps(lane, ensure_ascii=False)
        return (Expr(f"= get value({OWNERS}, {named})", "feel"),) if lane else ()

    def documentation(self, element: Element) -> str:
        """The instructions, and the element's documentation; values in them are `${…}` here."""
        told = (_INSERT.sub(_filled, self._instructions(element)), super().documentation(element))
        return "\n\n".join(dict.fromkeys(filter(None, told)))

    def _instructions(self, element: Element) -> str:
        return _text(element, "instructionsForEndUser")

    def topic(self, element: Element) -> str:
        operators = _extensions(element, "serviceTaskOperator")
        return operators[0].get("id", "") if operators else super().topic(element)

    def connector(self, element: Element) -> Connector | None:
        operators = _extensions(element, "serviceTaskOperator")
        if not operators or not operators[0].get("id", "").startswith("http/"):
            return super().connector(element)
        given = [
            each for part in find_children(operators[0], "parameters") for each in find_children(part, "parameter")
        ]
        said = {each.get("id", ""): each.get("value", "") for each in given}
        return of_spiffarena(operators[0].get("id", ""), said, operators[0].get("resultVariable", ""))

    def result(self, element: Element) -> str:
        operators = _extensions(element, "serviceTaskOperator")
        return operators[0].get("resultVariable", "") if operators else ""

    def decision(self, element: Element) -> tuple[str, str]:
        return _text(element, "calledDecisionId"), ""

    def scripts(self, element: Element) -> tuple[str, str]:
        return _script(element, "preScript"), _script(element, "postScript")

    def caught(self, definition: Element) -> tuple[str, str]:
        """The variable that the declared error or escalation puts what it brings into."""
        kind = local(definition).removesuffix("EventDefinition")
        declared = self.declared(definition, kind, definition.get(f"{kind}Ref", ""))
        return "", _text(declared, "variableName") if declared is not None else ""

    def mappings(self, element: Element) -> Mappings:
        """Where a message is sent, what it carries: the entries of its payload."""
        text = self._about_message(element, "messagePayload") if local(element) in SENDING else ""
        return Mappings(inputs=(Assign("", Expr(text)),)) if text else Mappings()

    def received(self, element: Element) -> str:
        """The variable that takes all that a message brings."""
        return self._about_message(element, "messageVariable") if local(element) in RECEIVING else ""

    def unread(self, element: Element) -> list[str]:
        return [local(each) for each in _extensions(element, *LOST)]

    def remarks(self, element: Element) -> list[Remark]:
        found = []
        if local(element) == "process" and find_children(element.getroottree().getroot(), "correlationProperty"):
            problem = N_("Correlation properties are not read: messages find a ticket by their name and its key.")
            remedy = N_("Give the process the property “correlation”, an expression that gives the key.")
            found.append(Remark("correlation", problem, remedy))
        if _TEMPLATE.search(_INSERT.sub(_filled, self._instructions(element))):
            problem = N_(
                "The instructions hold parts of a template that are not understood; these are shown as written."
            )
            remedy = N_("Write plain values such as {{ customer.name }}, or show them in the form.")
            found.append(Remark("instructions", problem, remedy))
        return found

    def _about_message(self, element: Element, name: str) -> str:
        """What is said of a message where it is used, or else where it is declared."""
        holders = [element, *(each for each in element if local(each) == "messageEventDefinition")]
        for holder in holders:
            if text := _text(holder, name):
                return text
        declared = (self.declared(element, "message", holder.get("messageRef", "")) for holder in holders)
        return next((text for each in declared if each is not None and (text := _text(each, name))), "")


def _extensions(element: Element, *names: str) -> list[Element]:
    found = extension(element)
    return [] if found is None else [each for each in found if namespace(each) == SPIFF and local(each) in names]


def _filled(insert: re.Match[str]) -> str:
    """`{{ name }}` as `${name}`, where it is an expression in Python and no more."""
    inner = insert[1].strip()
    understood = not set(inner) & set("|{}") and fault_of(Expr(inner))[1] is None
    return f"${{{inner}}}" if understood else insert[0]


def _text(element: Element, name: str) -> str:
    found = _extensions(element, name)
    return "".join(found[0].itertext()).strip() if found else ""


def _script(element: Element, name: str) -> str:
    """The script, moved down so that a line in it is found in the file."""
    found = _extensions(element, name)
    text = "".join(found[0].itertext()) if found else ""
    if not text.strip():
        return ""
    return "\n" * max(int(found[0].sourceline or 1) - int(element.sourceline or 1), 0) + text.rstrip()
