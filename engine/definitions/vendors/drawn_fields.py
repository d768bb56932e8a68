"""Owns reading the form fields that stand inside a BPMN file: `formData` with its fields, and `formProperty`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definitions.parts import FormField
from engine.definitions.source import find_children, id_of
from engine.definitions.xml import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.etree import _Element as Element


def fields_of(extensions: Sequence[Element]) -> tuple[FormField, ...]:
    """The fields of the first `formData`; else one for each `formProperty`."""
    data = next((each for each in extensions if local(each) == "formData"), None)
    found: Iterable[Element] = extensions if data is None else find_children(data, "formField")
    return tuple(_field(each) for each in found)


def _field(field: Element) -> FormField:
    values = tuple((id_of(value), value.get("name") or id_of(value)) for value in find_children(field, "value"))
    return FormField(
        id=field.get("variable") or id_of(field),
        type=field.get("type", "string"),
        label=field.get("label") or field.get("name") or (id_of(field) if field.get("variable") else ""),
        default=_default(field),
        values=values,
        constraints=_constraints(field),
        line=int(field.sourceline or 1),
    )


def _default(field: Element) -> str:
    """A default, or the expression a `formProperty` shows the value of; a form's own templates are `${…}` only."""
    text = field.get("defaultValue") or field.get("default") or field.get("expression") or ""
    return text.replace("#{", "${")


def _constraints(field: Element) -> tuple[tuple[str, str], ...]:
    """As `camunda:constraint` names them; a `formProperty`'s own attributes by the names they have there."""
    validation = next(iter(find_children(field, "validation")), None)
    found = [(c.get("name", ""), c.get("config") or "true") for c in find_children(validation, "constraint")]
    legacy = (
        ("required", field.get("required")),
        ("readonly", "true" if field.get("writable") == "false" else None),
        ("readable", "false" if field.get("readable") == "false" else None),
        ("datePattern", field.get("datePattern")),
    )
    return tuple(found + [(name, value) for name, value in legacy if value])
