"""Owns the Camunda 7 dialect, and Flowable's and Activiti's, which kept its words: attributes to the normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.dialect import Dialect
from engine.definitions.model import Expr, FormField, Loop, LoopKind, Work
from engine.definitions.performers import assignee_of, candidates_of, split
from engine.definitions.source import expr_of, extension, find_children, id_of, settings_of
from engine.definitions.xml import local, namespace

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
NAMESPACES = (CAMUNDA, "http://flowable.org/bpmn", "http://activiti.org/bpmn", "http://operaton.org/schema/1.0/bpmn")


LOST = frozenset("inputOutput executionListener taskListener connector in out field errorEventDefinition".split())


def attribute(element: Element, name: str) -> str:
    """The vendor's attribute, whichever of the kindred namespaces it is written in; empty if absent."""
    return next((value for ns in NAMESPACES if (value := element.get(f"{{{ns}}}{name}"))), "")


class Camunda7(Dialect):
    """How Camunda 7 says what plain BPMN has no words for. Absent words give the normal form's defaults."""

    spoken = True

    def settings(self, element: Element) -> dict[str, str]:
        return settings_of(element, NAMESPACES)

    def work(self, element: Element) -> Work:
        users, groups = candidates_of(element)
        return Work(
            assignee=_optional(attribute(element, "assignee")) or assignee_of(element),
            users=_several(attribute(element, "candidateUsers")) or users,
            groups=_several(attribute(element, "candidateGroups")) or groups,
            due=_optional(attribute(element, "dueDate")),
            follow_up=_optional(attribute(element, "followUpDate")),
            priority=_optional(attribute(element, "priority")),
            form=form_reference(element),
        )

    def fields(self, element: Element) -> tuple[FormField, ...]:
        extensions = extension(element)
        if extensions is None:
            return ()
        data = next((child for child in extensions if local(child) == "formData"), None)
        fields = find_children(data, "formField") if data is not None else find_children(extensions, "formProperty")
        return tuple(_field(field) for field in fields)

    def initiator(self, element: Element) -> str:
        return attribute(element, "initiator")

    def topic(self, element: Element) -> str:
        """What a service task asks to have done: an external task's topic, else the delegate's name."""
        names = ("topic", "delegateExpression", "class", "expression", "type")
        return next((value for name in names if (value := attribute(element, name))), "")

    def result(self, element: Element) -> str:
        return attribute(element, "resultVariable")

    def loop(self, element: Element, kind: LoopKind) -> Loop:
        collection = attribute(element, "collection")
        return Loop(
            kind=kind,
            collection=expr_of(collection, plain="variable") if collection else None,
            element=attribute(element, "elementVariable"),
        )

    def unread(self, element: Element) -> list[str]:
        """The vendor's elements that would do something on the vendor's engine and do nothing here."""
        extensions = extension(element)
        found = [] if extensions is None else [child for child in extensions if namespace(child) in NAMESPACES]
        return list(dict.fromkeys(local(child) for child in found if local(child) in LOST))


def form_reference(element: Element) -> str:
    """`camunda:formRef`, or the file named by a `formKey`: a `.form` of the same upload."""
    reference = attribute(element, "formRef")
    return reference or attribute(element, "formKey").removeprefix("camunda-forms:").removeprefix("deployment:")


def _optional(text: str) -> Expr | None:
    return expr_of(text) if text else None


def _several(text: str) -> tuple[Expr, ...]:
    return tuple(expr_of(part) for part in split(text))


def _field(field: Element) -> FormField:
    name = field.get("label") or field.get("name") or ""
    values = tuple((id_of(value), value.get("name") or id_of(value)) for value in find_children(field, "value"))
    return FormField(
        id=field.get("id", ""),
        type=field.get("type", "string"),
        label=name,
        default=field.get("defaultValue") or field.get("default") or "",
        values=values,
        constraints=_constraints(field),
        line=int(field.sourceline or 1),
    )


def _constraints(field: Element) -> tuple[tuple[str, str], ...]:
    validation = next(iter(find_children(field, "validation")), None)
    found = [(c.get("name", ""), c.get("config") or "true") for c in find_children(validation, "constraint")]
    legacy = (("required", field.get("required")), ("readonly", "true" if field.get("writable") == "false" else None))
    pattern = field.get("datePattern")
    found += [(name, value) for name, value in legacy if value]
    return tuple(found + ([("datePattern", pattern)] if pattern else []))
