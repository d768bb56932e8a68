"""Owns options: what a choice may be, read from the form, the data or an expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.expressions import N_
from forms.component import Component
from forms.fields import ChoiceField, Option
from forms.paths import ABSENT, pick
from forms.plain import fingerprint, plain, words
from forms.scope import Scope

MAX_OPTIONS: Final = 500


def read_options(component: Component, properties: Mapping[str, str]) -> tuple[Option, ...]:
    """The options written in the form; those that are no options, or there twice, are reported and left out."""
    options: dict[bytes, Option] = {}
    given = component.of_type("values", list, [])
    if len(given) > MAX_OPTIONS:
        component.error(
            "too-many",
            N_("This field has %(count)d options."),
            N_("Give at most %(most)d."),
            count=len(given),
            most=MAX_OPTIONS,
        )
    for raw in given[:MAX_OPTIONS]:
        option = as_option(raw, properties)
        if option is None:
            component.warning(
                "bad-option",
                N_("An option has no value; it is left out."),
                N_("Give every option a label and a value."),
            )
            continue
        mark = fingerprint(option.value) or b""
        if mark in options:
            component.warning(
                "duplicate-option",
                N_("The option “%(value)s” is there twice; the second is left out."),
                N_("Give every option a value of its own."),
                value=words(option.value)[:100],
            )
        options.setdefault(mark, option)
    return tuple(options.values())


def as_option(raw: object, properties: Mapping[str, str]) -> Option | None:
    """An option from a bare value or `{label, value}`, or None if it is neither; empty values are not options."""
    if not isinstance(raw, Mapping):
        return Option(raw, words(raw)) if _is_bare(raw) else None
    value, label = raw.get("value"), raw.get("label")
    if not (_is_bare(value) or (isinstance(value, Mapping) and value and fingerprint(value))):
        return None
    if not isinstance(label, str) or not label:
        label = words(value)
    spelt = words(value)
    others = {key.removeprefix("label."): str(text) for key, text in raw.items() if str(key).startswith("label.")}
    start = f"value.{spelt}."
    others |= {key.removeprefix(start): text for key, text in properties.items() if key.startswith(start)}
    return Option(value, label, others)


def _is_bare(value: object) -> bool:
    return isinstance(value, str | int | float) and value != "" and fingerprint(value) is not None


def options_of(field: ChoiceField, scope: Scope, data: Mapping[str, Any]) -> tuple[Option, ...]:
    """The options as they are now: written in the form, or from the data, or worked out. At most 500."""
    if field.values_expression is not None:
        found = plain(scope.run(field.values_expression))
    elif field.values_key:
        found = data.get(field.values_key, ABSENT)
        found = pick(data, field.values_key.split(".")) if found is ABSENT else found
    else:
        return field.options
    read = (as_option(raw, field.properties) for raw in found[:MAX_OPTIONS]) if isinstance(found, list | tuple) else ()
    return tuple({fingerprint(option.value): option for option in read if option}.values())


def token(option: Option) -> str:
    """The option's value as an HTML control sends it."""
    if isinstance(option.value, str):
        return option.value
    return (fingerprint(option.value) or b"").decode()
