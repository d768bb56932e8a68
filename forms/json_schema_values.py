"""Owns a JSON schema's single values as form-js fields: texts, numbers, dates, choices, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from forms.losses import Losses, number, option
from forms.paths import KEY

Json = Mapping[str, Any]
Component = dict[str, Any]

FROM_DATA: Final = "options_from_task_data_var:"
"""How SpiffArena names the variable that holds the options, each with a value and a label."""
MOMENTS: Final = {"date": "date", "alt-date": "date", "date-time": "datetime", "datetime": "datetime"} | {
    "alt-datetime": "datetime",
    "datetime-local": "datetime",
    "time": "time",
}
MANY_SHOWN: Final = 10
"""More options than these are chosen from a list that opens."""
READ: Final = frozenset(
    "type title description default enum enumNames oneOf anyOf const format minLength maxLength pattern minimum maximum"
    " exclusiveMinimum exclusiveMaximum multipleOf items uniqueItems minItems maxItems readOnly $id $schema $comment"
    " examples properties required validationErrorMessage writeOnly deprecated".split()
)
WIDGETS: Final = frozenset(
    "text textarea password email url uri tel updown range number select radio checkboxes checkbox file files"
    " markdown".split()
) | frozenset(MOMENTS)


@dataclass(frozen=True)
class Value:
    """One value of the schema with its layout."""

    schema: Json
    layout: Json
    path: str
    losses: Losses

    @property
    def widget(self) -> str:
        found = self.layout.get("ui:widget") or self.options.get("widget")
        return found if isinstance(found, str) else ""

    @property
    def options(self) -> Json:
        found = self.layout.get("ui:options")
        return found if isinstance(found, dict) else {}

    def limit(self, name: str) -> int | float | None:
        return number(self.schema.get(name))


def value_component(
    key: str, label: str, schema: Json, layout: Json, *, path: str, required: bool, losses: Losses
) -> Component:
    """A field for one value, or for several chosen or attached ones."""
    value = Value(schema, layout, path, losses)
    component: Component = {"id": path.replace(".", "_"), "key": key, "label": label}
    if hint := _hint(value):
        component["description"] = hint
    if schema.get("readOnly") is True or layout.get("ui:readonly") is True or layout.get("ui:disabled") is True:
        component["readonly"] = True
    component["validate"] = {"required": True} if required else {}
    made = _reader(value)(value)
    component["validate"] = {**component["validate"], **made.pop("validate", {})}
    if made["type"] == "checkbox":
        component["validate"] = {}  # required means that it is there; form-js would want it ticked
    if made["type"] != "filepicker" and schema.get("default") is not None:
        component["defaultValue"] = schema["default"]
    _say_lost(value)
    return {**component, **made}


def choices(schema: Json, layout: Json) -> Sequence[Component]:
    """The options of an `enum`, or of `oneOf` with one constant each; none if it is no choice."""
    enum, named = schema.get("enum"), layout.get("ui:enumNames") or schema.get("enumNames")
    names = named if isinstance(named, list) else []
    if isinstance(enum, list):
        labels = [*names, *[None] * len(enum)]
        return [each for value, label in zip(enum, labels, strict=False) if (each := option(value, label))]
    found = []
    for part in _alternatives(schema):
        if isinstance(part, dict):
            one = part.get("enum")
            constant = part.get("const", one[0] if isinstance(one, list) and len(one) == 1 else None)
            each = option(constant, part.get("title"))
            found += [each] if each is not None else []
    return found


def _reader(value: Value) -> Callable[[Value], Component]:
    kind = value.schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "string")
    if kind == "array":
        return _several
    if kind == "boolean":
        return _flag
    if choices(value.schema, value.layout) or _source(value):
        return _choice
    if kind in ("number", "integer"):
        return _number
    return _text


def _text(value: Value) -> Component:
    form = value.schema.get("format")
    kind = MOMENTS.get(value.widget) or MOMENTS.get(form if isinstance(form, str) else "")
    if kind is not None:
        return {"type": "datetime", "subtype": kind}
    if form == "data-url" or value.widget == "file":
        return {"type": "filepicker"}
    limits = {
        name: limit for name in ("minLength", "maxLength") if (limit := value.limit(name)) is not None and limit >= 0
    }
    validate: Component = {**limits}
    if pattern := value.losses.pattern(value.path, value.schema.get("pattern")):
        validate["pattern"] = pattern
    if form == "email" or value.widget == "email":
        validate["validationType"] = "email"
    made: Component = {"type": "textarea" if value.widget in ("textarea", "markdown") else "textfield"}
    if value.widget == "password":
        made["properties"] = {"sensitive": "true"}
    return {**made, "validate": validate}


def _number(value: Value) -> Component:
    whole = value.schema.get("type") == "integer"
    validate: Component = {}
    for name, outside, step in (("min", "exclusiveMinimum", 1), ("max", "exclusiveMaximum", -1)):
        limit, strict = value.limit(f"{name}imum"), value.limit(outside)
        if strict is not None and whole:
            limit = strict + step
        elif strict is not None:
            value.losses.lost(value.path, outside)
            limit = strict
        if limit is not None:
            validate[name] = limit
    made: Component = {"type": "number", "validate": validate}
    increment = value.limit("multipleOf")
    if increment is not None and increment > 0:
        made["increment"] = str(increment)
    return {**made, "decimalDigits": 0} if whole else made


def _flag(value: Value) -> Component:
    if value.widget not in ("radio", "select"):
        return {"type": "checkbox"}
    named = value.layout.get("ui:enumNames") or value.schema.get("enumNames")
    names = named if isinstance(named, list) and len(named) == 2 else ["Yes", "No"]
    pairs = zip((True, False), names, strict=True)
    return {"type": value.widget, "values": [{"value": each, "label": str(name)} for each, name in pairs]}


def _choice(value: Value) -> Component:
    made: Component = {"type": "radio" if value.widget == "radio" else "select"}
    if source := _source(value):
        return {**made, "valuesKey": source}
    return {**made, "values": list(choices(value.schema, value.layout))}


def _several(value: Value) -> Component:
    items = value.schema.get("items")
    inner: Json = items if isinstance(items, dict) else {}
    if inner.get("format") == "data-url":
        return {"type": "filepicker", "multiple": True}
    found = list(choices(inner, value.layout))
    many = value.widget != "checkboxes" and len(found) > MANY_SHOWN
    return {"type": "taglist" if many else "checklist", "values": found}


def _source(value: Value) -> str:
    """The variable that holds the options."""
    for part in _alternatives(value.schema):
        if isinstance(part, str) and part.startswith(FROM_DATA):
            name = part.removeprefix(FROM_DATA).strip()
            return name if KEY.match(name) else ""
    return ""


def _alternatives(schema: Json) -> list[Any]:
    for name in ("oneOf", "anyOf", "enum"):
        found = schema.get(name)
        if isinstance(found, list):
            return found
    return []


def _hint(value: Value) -> str:
    """Its description and its help, as one."""
    said = [value.layout.get("ui:description") or value.schema.get("description"), value.layout.get("ui:help")]
    shown = [value.losses.words(value.path, each) for each in said]
    return "\n".join(dict.fromkeys(filter(None, shown)))


def _say_lost(value: Value) -> None:
    for name in value.schema.keys() - READ:
        value.losses.lost(value.path, name)
    if value.widget and value.widget not in WIDGETS:
        value.losses.lost(value.path, value.widget)
