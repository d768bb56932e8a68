"""Owns how each form-js type is read: which of its properties mean what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from engine.expressions import N_, ExpressionError, compile_template
from forms.component import Component
from forms.evidence import PHOTO_ACCEPT, most_of, read_evidence, several
from forms.fields import (
    ChoiceField,
    ComputedField,
    EvidenceKind,
    Field,
    FileField,
    Gap,
    InputField,
    Kind,
    Limit,
    LocationField,
    MomentField,
    NumberField,
    Subtype,
    TextField,
    TextView,
    TimeFormat,
    Words,
)
from forms.markdown import has_image
from forms.options import read_options
from forms.plain import words
from forms.texts import STANDARD, Pattern, PatternRefused

Common = dict[str, Any]


def read_properties(component: Component) -> dict[str, str]:
    """The custom properties, as text."""
    return {str(key): words(value) for key, value in component.of_type("properties", dict, {}).items()}


def read_common(component: Component, kind: Kind, path: tuple[str, ...]) -> Common:
    """What every field has."""
    properties = read_properties(component)
    layout = component.within("layout")
    hint = component.words("description", properties)
    if not hint.own and properties.get("hint"):
        hint = Words(component.template(properties["hint"]), _others(component, "hint", properties))
    return {
        "kind": kind,
        "id": component.string("id"),
        "path": path,
        "label": component.words("label", properties),
        "hint": hint,
        "hide": component.within("conditional").switch("hide"),
        "row": layout.string("row"),
        "columns": layout.count("columns", 0, 1, 16),
        "properties": properties,
        "evidence": read_evidence(component, kind, properties),
    }


def _others(component: Component, name: str, properties: Mapping[str, str]) -> dict[str, Any]:
    start = f"{name}."
    return {
        key.removeprefix(start): component.template(text) for key, text in properties.items() if key.startswith(start)
    }


def _input(component: Component, common: Common) -> Common:
    return {
        **common,
        "readonly": component.switch("readonly"),
        "disabled": component.switch("disabled"),
        "required": component.within("validate").flag("required"),
        **_default(component),
    }


def _default(component: Component) -> Common:
    value = component.raw.get("defaultValue")
    if not isinstance(value, str) or "${" not in value:
        return {"default": value}
    try:
        return {"computed_default": compile_template(value)}
    except ExpressionError as fault:
        component.refuse(fault)
        return {}


def _adorners(component: Component) -> Common:
    appearance = component.within("appearance")
    return {
        "prefix": component.template(appearance.string("prefixAdorner")),
        "suffix": component.template(appearance.string("suffixAdorner")),
    }


def _text(component: Component, common: Common) -> Field:
    if common["evidence"] is not None:
        return LocationField(**{**_input(component, common), "default": None, "computed_default": None})
    validate = component.within("validate")
    low, high = validate.limit("minLength"), validate.limit("maxLength")
    _in_order(component, low, high, "minLength", "maxLength")
    standard = validate.string("validationType")
    return TextField(
        **_input(component, common),
        min_length=low,
        max_length=high,
        pattern=_pattern(component, validate.string("pattern")),
        pattern_message=_said(validate.string("patternErrorMessage"), common["properties"]),
        standard=standard if standard in STANDARD else "",
        **_adorners(component),
    )


def _said(message: str, properties: Mapping[str, str]) -> Mapping[str, str]:
    """A message by language; its other languages are properties such as `patternErrorMessage.en`."""
    start = "patternErrorMessage."
    others = {key.removeprefix(start): text for key, text in properties.items() if key.startswith(start)}
    return {"": message, **others} if message else {}


def _pattern(component: Component, source: str) -> Pattern | None:
    if not source:
        return None
    try:
        return Pattern.of(source)
    except PatternRefused as refusal:
        component.error(
            "pattern",
            N_("The pattern %(pattern)s is not understood: %(reason)s."),
            N_("Write it in RE2's syntax: no look-ahead, look-behind or back-references, at most 1000 repetitions."),
            pattern=source[:200],
            reason=refusal.reason[:200],
        )
        return None


def _in_order(component: Component, low: Limit, high: Limit, low_name: str, high_name: str) -> None:
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
        component.error(
            "impossible-limits",
            N_("No value is possible: %(low_name)s is %(low)s and %(high_name)s is %(high)s."),
            N_("Make %(low_name)s at most %(high_name)s."),
            low=low,
            high=high,
            low_name=low_name,
            high_name=high_name,
        )


def _number(component: Component, common: Common) -> Field:
    validate = component.within("validate")
    low, high = validate.limit("min"), validate.limit("max")
    _in_order(component, low, high, "min", "max")
    increment = component.decimal("increment")
    if increment is not None and increment <= 0:
        component.error(
            "out-of-range", N_("The increment is %(value)s."), N_("Set it to a number above 0."), value=increment
        )
        increment = None
    return NumberField(
        **_input(component, common),
        min=low,
        max=high,
        digits=None if component.raw.get("decimalDigits") is None else component.count("decimalDigits", 0, 0, 15),
        increment=increment,
        as_text=component.flag("serializeToString"),
        **_adorners(component),
    )


def _moment(component: Component, common: Common) -> Field:
    subtype = Subtype(_one_of(component, "subtype", Subtype, Subtype.DATE))
    properties = common["properties"]
    date_label, time_label = component.words("dateLabel", properties), component.words("timeLabel", properties)
    if subtype is Subtype.TIME or not date_label.own:
        date_label, time_label = (time_label, Words()) if time_label.own else (date_label, time_label)
    if date_label.own:
        common = {**common, "label": replace(date_label, others={**common["label"].others, **date_label.others})}
    return MomentField(
        **_input(component, common),
        subtype=subtype,
        time_label=time_label if subtype is Subtype.DATETIME else Words(),
        time_format=TimeFormat(_one_of(component, "timeSerializingFormat", TimeFormat, TimeFormat.NO_TIMEZONE)),
        interval=component.count("timeInterval", 0, 1, 60),
        no_past=component.flag("disallowPassedDates"),
        no_future=_says_yes(properties, "disallowFutureDates"),
    )


def _says_yes(properties: Mapping[str, str], name: str) -> bool:
    return properties.get(name, "").strip().lower() == "true"


def _one_of(component: Component, name: str, known: Iterable[str], default: str) -> str:
    value = component.string(name) or default
    if value not in set(known):
        component.error(
            "unknown-choice",
            N_("“%(property)s” is “%(value)s”."),
            N_("Set it to one of: %(known)s."),
            property=name,
            value=value[:200],
            known=", ".join(known),
        )
        return default
    return value


def _choice(component: Component, common: Common) -> Field:
    source = component.string("valuesExpression")
    expression = component.feel(source) if source else None
    field = ChoiceField(
        **_input(component, common),
        options=read_options(component, common["properties"]),
        values_key=component.string("valuesKey"),
        values_expression=expression,
        searchable=component.flag("searchable"),
    )
    if not field.options and not field.values_key and not source:
        component.error(
            "no-options",
            N_("This field has no options to choose from."),
            N_("Add values, or name the data they come from in valuesKey or valuesExpression."),
        )
    return field


def _file(component: Component, common: Common) -> Field:
    text = common["properties"].get("maxFiles", "")
    most = min(int(text), 50) if text.isascii() and text.isdigit() and len(text) < 5 and int(text) else 20
    evidence = common["evidence"]
    photo = evidence is not None and evidence.kind is EvidenceKind.PHOTO
    return FileField(
        **{**_input(component, common), "default": None},
        accept=component.template(component.string("accept") or (PHOTO_ACCEPT if photo else "")),
        multiple=component.switch("multiple") or several(evidence),
        most=most_of(evidence, most),
    )


def _checkbox(component: Component, common: Common) -> Field:
    return InputField(**_input(component, common))


def _computed(component: Component, common: Common) -> Field:
    source = component.string("expression")
    expression = component.feel(source) if source.startswith("=") else None
    if not source.startswith("="):
        component.error(
            "not-feel",
            N_("This field has no FEEL expression."),
            N_("Write the expression after =, such as = price * count."),
        )
    compute_on = _one_of(component, "computeOn", ("change", "presubmit"), "change")
    return ComputedField(**common, expression=expression, on_send=compute_on == "presubmit")


def _text_view(component: Component, common: Common) -> Field:
    view = TextView(**common, text=component.words("text", common["properties"]))
    if any(has_image(template.source) for template in (view.text.own, *view.text.others.values())):
        component.warning(
            "image",
            N_("This text shows an image, which is left out."),
            N_("Remove the image: forms load nothing from elsewhere. Describe it, or link to it."),
        )
    return view


def _gap(component: Component, common: Common) -> Field:
    return Gap(**common, height=component.count("height", 0, 0, 1000))


READERS: Final[Mapping[Kind, Callable[[Component, Common], Field]]] = {
    Kind.TEXTFIELD: _text,
    Kind.TEXTAREA: _text,
    Kind.NUMBER: _number,
    Kind.DATETIME: _moment,
    Kind.CHECKBOX: _checkbox,
    Kind.CHECKLIST: _choice,
    Kind.RADIO: _choice,
    Kind.SELECT: _choice,
    Kind.TAGLIST: _choice,
    Kind.FILEPICKER: _file,
    Kind.EXPRESSION: _computed,
    Kind.TEXT: _text_view,
    Kind.SEPARATOR: _gap,
    Kind.SPACER: _gap,
}
