"""Owns Flowable's form models as form-js JSON: its fields, and its outcomes as a choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from engine.expressions import N_, Problem
from forms.losses import Losses, number, option

Json = Mapping[str, Any]
Component = dict[str, Any]

TYPES: Final = {
    "text": "textfield",
    "multi-line-text": "textarea",
    "password": "textfield",
    "integer": "number",
    "decimal": "number",
    "amount": "number",
    "date": "datetime",
    "boolean": "checkbox",
    "dropdown": "select",
    "radio-buttons": "radio",
    "upload": "filepicker",
    "people": "textfield",
    "functional-group": "textfield",
}
NAMED: Final = frozenset({"people", "functional-group"})
"""Pickers of people and groups: here their login or role is written."""
MAX_DEPTH: Final = 8


def is_flowable(value: Json) -> bool:
    """Whether JSON is one of Flowable's form models."""
    fields = value.get("fields")
    return isinstance(fields, list) and all(isinstance(each, dict) for each in fields) and "components" not in value


def form_from_flowable(model: Json, *, file: str = "", text: str = "") -> tuple[Component, list[Problem]]:
    """The form as form-js JSON, to be read by `read_form`, and what is lost of it. Its id is the model's key."""
    losses = Losses(file, text)
    components = _fields(model.get("fields"), losses, 0)
    key = model.get("key")
    if outcome := _outcome(model, key if isinstance(key, str) else ""):
        components.append(outcome)
    return {"type": "default", "id": key if isinstance(key, str) else "form", "components": components}, losses.problems


def _fields(given: object, losses: Losses, depth: int) -> list[Component]:
    found = []
    for each in given if isinstance(given, list) else ():
        inner = each if isinstance(each, dict) else {}
        if not losses.room(str(inner.get("id", ""))):
            break
        found += _field(inner, losses, depth)
    return found


def _field(field: Json, losses: Losses, depth: int) -> list[Component]:
    kind, ident = _text(field, "type"), _text(field, "id")
    if kind in SHOWN:
        return [SHOWN[kind](field, losses)]
    if kind == "container" or isinstance(field.get("fields"), list):
        return _container(field, losses, depth)
    key = losses.key(ident)
    if not key:
        return []
    if kind not in TYPES:
        problem = N_("The field type “%(type)s” is not known; a text field is shown.")
        losses.add(ident, "custom-type", problem, N_("Check that a text will do."), type=kind)
    return [_input(key, kind, field, losses)]


def _input(key: str, kind: str, field: Json, losses: Losses) -> Component:
    tag = TYPES.get(kind, "textfield")
    if tag in ("select", "radio") and not _options(field):
        losses.lost(key, kind)
        tag = "textfield"
    component: Component = {"type": tag, "id": key, "key": key, "label": losses.words(key, _text(field, "name")) or key}
    validate: Component = {"required": True} if field.get("required") is True and tag != "checkbox" else {}
    if hint := losses.words(key, field.get("placeholder")):
        component["description"] = hint
    if field.get("readOnly") is True:
        component["readonly"] = True
    component |= _by_type(kind, tag, field)
    validate |= _limits(tag, field, key, losses)
    component["validate"] = validate
    value = field.get("value")
    if value is not None and tag not in ("filepicker", "select", "radio"):
        component["defaultValue"] = value
    if kind in NAMED:
        problem = N_("People and groups are not picked here: their login or role is written.")
        losses.add(key, "form-picker", problem, N_("Give the task candidates instead if it only decides who is next."))
    return component


def _by_type(kind: str, tag: str, field: Json) -> Component:
    if tag in ("select", "radio"):
        return {"values": _options(field)}
    if kind == "integer":
        return {"decimalDigits": 0}
    if kind == "date":
        return {"subtype": "date"}
    if kind == "password":
        return {"properties": {"sensitive": "true"}}
    if tag == "filepicker":
        return {"multiple": _object(field.get("params")).get("multiple") is True}
    return {}


def _limits(tag: str, field: Json, key: str, losses: Losses) -> Component:
    params = _object(field.get("params"))
    names = {"minLength": "minLength", "maxLength": "maxLength"} if tag.startswith("text") else {}
    names = {"minValue": "min", "maxValue": "max"} if tag == "number" else names
    found: Component = {
        ours: limit for theirs, ours in names.items() if (limit := _number(params.get(theirs))) is not None
    }
    if tag == "textfield" and (pattern := losses.pattern(key, params.get("regexPattern"))):
        found["pattern"] = pattern
    return found


def _options(field: Json) -> Sequence[Component]:
    """The options by their ids, else by their names; an empty first one only says that something is to be chosen."""
    given = field.get("options")
    options = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    if field.get("hasEmptyValue") is True:
        options = options[1:]
    found = (option(each.get("id") or each.get("name"), each.get("name")) for each in options)
    return [each for each in found if each is not None]


def _container(field: Json, losses: Losses, depth: int) -> list[Component]:
    """A grid of rows: those side by side share a row."""
    if depth >= MAX_DEPTH:
        problem = N_("This is nested too deep and is left out.")
        losses.add(_text(field, "id"), "too-deep", problem, N_("Nest groups and lists at most 10 deep."))
        return []
    rows = field.get("fields")
    inner: list[Component] = []
    for number_, row in enumerate(rows if isinstance(rows, list) else ()):
        placed = _fields(row if isinstance(row, list) else [row], losses, depth + 1)
        if len(placed) > 1:
            placed = [{**each, "layout": {"row": f"{_text(field, 'id')}_{number_}"}} for each in placed]
        inner += placed
    label = losses.words(_text(field, "id"), _text(field, "name"))
    return [{"type": "group", "label": label, "components": inner}] if label else inner


def _outcome(model: Json, key: str) -> Component | None:
    """The buttons that end the form there, each of which sets a variable that gateways ask for."""
    given = model.get("outcomes")
    outcomes = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    values = [each for one in outcomes if (each := option(one.get("id") or one.get("name"), one.get("name")))]
    named = _text(model, "outcomeVariableName") or f"form_{key}_outcome"
    if not values or not Losses().key(named):
        return None
    return {"type": "radio", "key": named, "label": "Outcome", "values": values, "validate": {"required": True}}


def _headline(field: Json, losses: Losses) -> Component:
    return {"type": "text", "text": losses.markdown(_text(field, "id"), f"### {_text(field, 'name')}")}


def _shown(field: Json, losses: Losses) -> Component:
    """A text with `${…}` in it there, which has another language than texts have here."""
    text = field.get("expression") or field.get("value") or _text(field, "name")
    if "${" in str(text):
        losses.lost(_text(field, "id"), str(text))
        text = _text(field, "name")
    return {"type": "text", "text": losses.markdown(_text(field, "id"), str(text))}


def _link(field: Json, losses: Losses) -> Component:
    address = _object(field.get("params")).get("hyperlinkUrl") or field.get("value") or ""
    text = f"[{_text(field, 'name') or address}]({address})" if isinstance(address, str) and address else ""
    return {"type": "text", "text": losses.markdown(_text(field, "id"), text)}


def _gap(_field: Json, _losses: Losses) -> Component:
    return {"type": "spacer"}


def _line(_field: Json, _losses: Losses) -> Component:
    return {"type": "separator"}


SHOWN: Final[Mapping[str, Callable[[Json, Losses], Component]]] = {
    "headline": _headline,
    "headline-with-line": _headline,
    "expression": _shown,
    "readonly": _shown,
    "hyperlink": _link,
    "spacer": _gap,
    "horizontal-line": _line,
}
"""Types that only show something."""


def _number(value: object) -> int | float | None:
    """A number, or the text of one."""
    if isinstance(value, str) and value.strip().lstrip("-").isdigit() and len(value) < 15:
        return int(value)
    return number(value)


def _text(field: Json, name: str) -> str:
    found = field.get(name)
    return found if isinstance(found, str) else ""


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}
