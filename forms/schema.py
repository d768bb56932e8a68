"""Owns the vocabulary of form-js 1.23: which properties each type has, and which types are refused here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.expressions import N_
from forms.fields import Kind

_ANY: Final = {"type", "id", "conditional", "layout", "properties"}
_INPUT: Final = {*_ANY, "key", "label", "description", "defaultValue", "readonly", "disabled", "validate"}
_CHOICE: Final = {*_INPUT, "values", "valuesKey", "valuesExpression"}
_ADORNED: Final = {*_INPUT, "appearance"}
_CONTAINER: Final = {*_ANY, "label", "path", "components", "showOutline", "verticalAlignment", "key"}
_MOMENT: Final = {
    "subtype",
    "dateLabel",
    "timeLabel",
    "use24h",
    "timeSerializingFormat",
    "timeInterval",
    "disallowPassedDates",
}
_LIST: Final = {"isRepeating", "defaultRepetitions", "allowAddRemove", "disableCollapse", "nonCollapsedItems"}

PROPERTIES: Final[Mapping[Kind, set[str]]] = {
    Kind.TEXTFIELD: _ADORNED,
    Kind.TEXTAREA: _INPUT,
    Kind.NUMBER: {*_ADORNED, "decimalDigits", "increment", "serializeToString"},
    Kind.DATETIME: {*_INPUT, *_MOMENT},
    Kind.CHECKBOX: _INPUT,
    Kind.CHECKLIST: _CHOICE,
    Kind.RADIO: _CHOICE,
    Kind.SELECT: {*_CHOICE, "searchable"},
    Kind.TAGLIST: _CHOICE,
    Kind.FILEPICKER: {*_INPUT, "accept", "multiple"} - {"defaultValue"},
    Kind.EXPRESSION: {*_ANY, "key", "label", "expression", "computeOn"},
    Kind.GROUP: _CONTAINER,
    Kind.DYNAMICLIST: {*_CONTAINER, *_LIST},
    Kind.TEXT: {*_ANY, "text", "label", "strict"},
    Kind.SEPARATOR: _ANY,
    Kind.SPACER: {*_ANY, "height"},
}
"""What may stand in a component of each type (form-js JSON schema, rules-allowed-properties)."""

REFUSED: Final[Mapping[str, str]] = {
    "html": N_("Write the text as Markdown in a text field instead."),
    "iframe": N_("Put a link into a text field instead."),
    "image": N_("Remove the image: forms load nothing from elsewhere. Describe it, or link to it."),
    "documentPreview": N_("Use a filepicker: attached files are shown with the ticket."),
    "table": N_("Use a dynamiclist, or a text field with a Markdown table."),
    "multipage": N_("Use a group for each page."),
    "page": N_("Use a group for each page."),
}
"""form-js types that are not accepted, and what to use instead."""
