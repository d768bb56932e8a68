"""Owns what a vendor may say beyond BPMN, and what plain BPMN says of it; one module a vendor overrides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.definitions.connecting import TOPIC, Connector, connector_of
from engine.definitions.kinds import Kind, LoopKind
from engine.definitions.parts import Assign, Expr, FormField, Loop, Work
from engine.definitions.source import child_text, find_children
from engine.definitions.vendors.performers import assignee_of, candidates_of
from engine.definitions.xml import local

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


@dataclass(frozen=True)
class Mappings:
    """What goes into an activity's data and comes out of it; `only_…`: nothing else does."""

    inputs: tuple[Assign, ...] = ()
    outputs: tuple[Assign, ...] = ()
    only_inputs: bool = False
    only_outputs: bool = False


@dataclass(frozen=True)
class Remark:
    """What becomes of a vendor's words here; `lossy`: not all that they mean there. Texts are English msgids."""

    code: str
    problem: str
    remedy: str
    lossy: bool = True
    params: Mapping[str, object] = field(default_factory=dict)


class Dialect:
    """Plain BPMN. Each method is given an element of the file and answers for it; absent words give the defaults.

    One is made for each file, and keeps what it has looked up in it.
    """

    _declared: Mapping[tuple[str, str], Element] | None = None
    spoken = False
    """Whether the vendor's engine runs a language of ours, so that a bare condition not understood is a mistake."""

    def kind(self, element: Element, kind: Kind) -> Kind:
        """What the vendor's attributes make of an element, such as a service task of the type `dmn`."""
        return Kind.JOB if kind is Kind.DECISION and not self.decision(element)[0] else kind

    def settings(self, _element: Element) -> dict[str, str]:
        return {}

    def work(self, element: Element) -> Work:
        users, groups = candidates_of(element)
        return Work(assignee=assignee_of(element), users=users, groups=groups)

    def fields(self, _element: Element) -> tuple[FormField, ...]:
        return ()

    def forms(self, _process: Element) -> dict[str, str]:
        """Forms that stand inside a process, by the name its tasks call them."""
        return {}

    def documentation(self, element: Element) -> str:
        """What the person who does a task is told about it."""
        return child_text(element, "documentation")

    def initiator(self, _element: Element) -> str:
        return ""

    def topic(self, element: Element) -> str:
        """What a service task asks to have done: the name of its operation, where one is declared."""
        reference = element.get("operationRef", "")
        operation = self.declared(element, "operation", reference)
        return (operation.get("name") if operation is not None else "") or reference

    def connector(self, element: Element) -> Connector | None:
        """The call over HTTP that a task makes, in the vendor's words or in ours; None where it asks for another."""
        return connector_of(self.settings(element)) if self.topic(element) == TOPIC else None

    def value(self, _element: Element) -> Expr | None:
        """What a service or script task computes by an expression alone."""
        return None

    def result(self, _element: Element) -> str:
        return ""

    def called(self, element: Element) -> str:
        """The process a call activity calls, by its id."""
        return element.get("calledElement", "")

    def decision(self, _element: Element) -> tuple[str, str]:
        """The decision a business rule task asks, and how its rows become the result (`Node.result_as`)."""
        return "", ""

    def mappings(self, _element: Element) -> Mappings:
        return Mappings()

    def scripts(self, _element: Element) -> tuple[str, str]:
        """Python run as the element begins and as it ends."""
        return "", ""

    def key(self, _message: Element) -> Expr | None:
        """The correlation key of a declared `message`, else the instance's own."""
        return None

    def awaited(self, _element: Element) -> Expr | None:
        """The condition that an event without a definition waits for, where the vendor gives one."""
        return None

    def received(self, _element: Element) -> str:
        """The variable that takes all that a caught message brings; empty: each entry is a variable."""
        return ""

    def naming(self, _definition: Element) -> Expr | None:
        """What gives the name of a message or signal when the event is reached, where the vendor says it so."""
        return None

    def message(self, _element: Element) -> str:
        """The message that an event without a definition waits for or sends, where the vendor names one."""
        return ""

    def caught(self, _definition: Element) -> tuple[str, str]:
        """Variables that take the code and the words of an error or escalation."""
        return "", ""

    def loop(self, _element: Element, kind: LoopKind) -> Loop:
        return Loop(kind=kind)

    def declared(self, element: Element, tag: str, reference: str) -> Element | None:
        """What is declared beside the processes of the element's file, by its tag and by a reference to its id."""
        if self._declared is None:
            root = element.getroottree().getroot()
            outer = [each for each in root if each.get("id") or local(each) == "interface"]
            inner = [each for interface in find_children(root, "interface") for each in interface]
            self._declared = {(local(each), each.get("id", "")): each for each in (*outer, *inner)}
        return self._declared.get((tag, reference.rpartition(":")[2])) if reference else None

    def unread(self, _element: Element) -> list[str]:
        """The vendor's elements and attributes that do something on the vendor's engine and nothing here."""
        return []

    def remarks(self, _element: Element) -> list[Remark]:
        """What else is to be said of how the element is read."""
        return []


def attribute_of(element: Element, name: str, namespaces: tuple[str, ...]) -> str:
    """An attribute in the first of the namespaces that has it; empty if absent."""
    return next((value for ns in namespaces if (value := element.get(f"{{{ns}}}{name}"))), "")


def words_of(element: Element, namespaces: tuple[str, ...]) -> bool:
    """Whether any element or attribute of the file is in one of these namespaces."""
    marks = tuple(f"{{{ns}}}" for ns in namespaces)
    return any(
        isinstance(found.tag, str)
        and (found.tag.startswith(marks) or any(key.startswith(marks) for key in found.attrib if key[0] == "{"))
        for found in element.iter()
    )
