"""Owns the forms inside BPMN files: `camunda:formData` and `formProperty` become form-js JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from engine.expressions import N_, Level, Message, Problem

_TYPES: Final = {
    "string": "textfield",
    "long": "number",
    "integer": "number",
    "int": "number",
    "double": "number",
    "float": "number",
} | {
    "boolean": "checkbox",
    "date": "datetime",
    "enum": "select",
    "checklist": "checklist",
}
_WHOLE: Final = frozenset({"long", "integer", "int"})
_LIMITS: Final = {"min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}
_LETTERS: Final = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CamundaField:
    """A `camunda:formField` or `formProperty`; the latter says `required`, `readable` and `writable` itself.

    `values`: (id, name) of each `camunda:value`; `constraints`: (name, config) of each `camunda:constraint`;
    `pattern` is the date pattern in Java's letters.
    """

    id: str
    label: str = ""
    type: str = "string"
    default: str = ""
    pattern: str = ""
    values: Sequence[tuple[str, str]] = ()
    constraints: Sequence[tuple[str, str]] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    readable: bool = True
    writable: bool = True
    line: int = 1


def form_from_camunda(fields: Sequence[CamundaField]) -> dict[str, Any]:
    """The form as form-js JSON, to be read by `read_form`; `camunda_problems` says what is lost."""
    return {"type": "default", "id": "form", "components": [_component(each) for each in fields if each.readable]}


def camunda_problems(fields: Sequence[CamundaField], *, file: str = "") -> list[Problem]:
    """Warnings about what form-js has no counterpart for; errors about the rest are `read_form`'s."""
    return [problem for each in fields for problem in _problems(each, file)]


def _component(each: CamundaField) -> dict[str, Any]:
    kind = _TYPES.get(each.type, "textfield")
    component: dict[str, Any] = {"type": kind, "id": each.id, "key": each.id, "label": each.label or each.id}
    component |= {"validate": _validate(each, kind), "properties": dict(each.properties)}
    if _has(each, "readonly") or not each.writable:
        component["readonly"] = True
    if kind == "datetime":
        component |= _moment(each)
    if kind in ("select", "checklist"):
        component["values"] = [{"value": value, "label": name or value} for value, name in each.values]
    if each.type in _WHOLE:
        component["decimalDigits"] = 0
    if each.default:
        component["defaultValue"] = _default(each, kind)
    return component


def _has(each: CamundaField, name: str) -> bool:
    """Whether a constraint is set; one without a config is on."""
    return any(constraint == name and config.strip().lower() != "false" for constraint, config in each.constraints)


def _validate(each: CamundaField, kind: str) -> dict[str, Any]:
    validate: dict[str, Any] = {"required": each.required or _has(each, "required")}
    for name, config in each.constraints:
        applies = kind == ("textfield" if name.endswith("length") else "number")
        if name in _LIMITS and applies and _number(config) is not None:
            validate[_LIMITS[name]] = _number(config)
    return validate


def _number(text: str) -> int | float | None:
    """A plain number, else None."""
    text = text.strip()
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", text, re.ASCII):
        return None
    return float(text) if "." in text else int(text)


def _moment(each: CamundaField) -> dict[str, Any]:
    has_time = bool(re.search("[Hhms]", each.pattern))
    return {"subtype": "datetime" if has_time else "date", "dateLabel": each.label or each.id}


def _default(each: CamundaField, kind: str) -> Any:
    if "${" in each.default:
        return each.default
    match kind:
        case "number":
            number = _number(each.default)
            return each.default if number is None else number
        case "checkbox":
            return each.default.strip().lower() == "true"
        case "datetime":
            return _iso(each.default, each.pattern)
    return each.default


def _iso(text: str, pattern: str) -> str:
    """A date written in a Java pattern, in ISO 8601; as it is if it does not fit."""
    letters = re.sub("|".join(_LETTERS), lambda found: _LETTERS[found[0]], (pattern or "dd/MM/yyyy").replace("%", "%%"))
    try:
        moment = datetime.strptime(text.strip(), letters)  # noqa: DTZ007 - a date as written, local to whoever reads it
    except ValueError:
        return text
    return moment.isoformat(timespec="minutes") if "%H" in letters else moment.date().isoformat()


def _problems(each: CamundaField, file: str) -> Iterator[Problem]:
    def warning(code: str, problem: str, remedy: str, **params: object) -> Problem:
        return Problem(
            Level.WARNING, code, Message(problem, params), Message(remedy, params), each.id, each.label, each.line, file
        )

    if each.type not in _TYPES:
        yield warning(
            "custom-type",
            N_("The field type “%(type)s” is not known; a text field is shown."),
            N_("Use string, long, double, boolean, date or enum."),
            type=each.type,
        )
    for name, config in each.constraints:
        if name in _LIMITS and _number(config) is None:
            yield warning(
                "bad-constraint",
                N_("The limit %(name)s is “%(config)s”, which is no number; it is left out."),
                N_("Write a number."),
                name=name,
                config=config,
            )
        elif name not in {*_LIMITS, "required", "readonly"}:
            yield warning(
                "custom-constraint",
                N_("The validation “%(name)s” can't run here and is left out."),
                N_("Use required, readonly, min, max, minlength or maxlength, or a .form with a pattern."),
                name=name,
            )
    if not each.readable:
        yield warning(
            "not-readable",
            N_("This property is not readable, so no field is shown for it."),
            N_("Nothing to do if that is meant; else set readable to true."),
        )
