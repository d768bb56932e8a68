"""Owns the check of default values: one that the field could not hold is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from engine.expressions import N_, Message
from forms.component import Component
from forms.fields import ChoiceField, InputField, NumberField
from forms.numbers import as_decimal, number_value
from forms.values import chosen, from_json

_SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def with_default(component: Component, field: InputField) -> InputField:
    """The field with a default that it can hold, or without."""
    if field.default is None:
        return field
    if isinstance(field, NumberField) and isinstance(field.default, str) and not field.as_text:
        number = as_decimal(field.default)
        field = replace(field, default=field.default if number is None else number_value(number, field)[0])
    error = _error(field)
    if error is None:
        return field
    component.warning(
        "bad-default",
        N_("The default value does not fit and is left out: %(reason)s."),
        N_("Correct the default value, or remove it."),
        reason=error,
    )
    return replace(field, default=None)


def _error(field: InputField) -> Message | None:
    reading = from_json(field, field.default, _SOME_TIME)
    if isinstance(field, ChoiceField) and field.options:
        reading = chosen(field, reading, field.options)
    return reading.error
