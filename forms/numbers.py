"""Owns numbers: how they are read, and which ones a number field takes."""

from __future__ import annotations

import re
import unicodedata
from decimal import Context, Decimal
from typing import Final

from engine.expressions import N_, Message
from forms.fields import Limit, NumberField
from forms.plain import LARGEST
from forms.scope import Scope

_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,60}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_EXACT: Final = Context(prec=240)
_PLACES: Final = 40
"""Digits after the point that are kept at all."""

NOT_A_NUMBER: Final = Message(N_("Write a number in digits, such as 12.5"))
TOO_LARGE: Final = Message(N_("Write a number of at most 15 digits"))


def read_number(text: str) -> Decimal | None:
    """A number as people type it, full-width digits included; no separators, for those mean different things."""
    written = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    return Decimal(written) if _NUMBER.fullmatch(written) else None


def number_value(number: Decimal, field: NumberField) -> tuple[int | float | str | None, Message | None]:
    """The JSON value of a number, or why the field can't hold it."""
    if field.as_text:
        text = format(number, "f")
        return (text, None) if len(text) <= 60 + _PLACES else (None, TOO_LARGE)
    if abs(number) > LARGEST or (number and number.adjusted() < -_PLACES):
        return None, TOO_LARGE
    return int(number) if number == number.to_integral_value() else float(number), None


def as_decimal(value: object) -> Decimal | None:
    """A finite number from what data or an expression gives: a number or its text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = Decimal(str(value)) if abs(value) < 1e60 else None
    elif isinstance(value, Decimal):
        number = value
    else:
        number = read_number(value) if isinstance(value, str) else None
    return number if number is not None and number.is_finite() else None


def bound(limit: Limit, scope: Scope) -> Decimal | None:
    """A limit as it is now."""
    if limit is None or isinstance(limit, Decimal):
        return limit
    return as_decimal(scope.run(limit))


def check_number(value: object, field: NumberField, scope: Scope) -> Message | None:
    """Why a number is not accepted, or None."""
    number = as_decimal(value)
    if number is None:
        return NOT_A_NUMBER
    if field.digits is not None and number != round(number, field.digits):
        if not field.digits:
            return Message(N_("Write a whole number"))
        return Message(N_("Write at most %(digits)d digits after the point"), {"digits": field.digits})
    return _out_of_bounds(number, field, scope) or _off_step(number, field.increment)


def _out_of_bounds(number: Decimal, field: NumberField, scope: Scope) -> Message | None:
    low, high = bound(field.min, scope), bound(field.max, scope)
    if low is not None and number < low:
        return Message(N_("Write %(limit)s or more"), {"limit": shown(low)})
    if high is not None and number > high:
        return Message(N_("Write %(limit)s or less"), {"limit": shown(high)})
    return None


def _off_step(number: Decimal, step: Decimal | None) -> Message | None:
    rest = _EXACT.remainder(number, step) if step else Decimal(0)
    if not step or not rest:
        return None
    low = number - rest if rest > 0 else number - rest - step
    return Message(
        N_("The nearest values that are possible: %(low)s and %(high)s"), {"low": shown(low), "high": shown(low + step)}
    )


def shown(number: Decimal) -> str:
    """A number as it is shown and typed: `1200`, `0.5`."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
