"""Owns the way from what is sent to a field's value: from the texts of an HTML post, or from JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.expressions import N_, Message
from forms.fields import (
    MANY,
    ChoiceField,
    FileField,
    InputField,
    Kind,
    LocationField,
    MomentField,
    NumberField,
    Option,
    TextField,
)
from forms.locations import from_controls, from_value
from forms.moments import NOT_A_MOMENT, read_moment
from forms.numbers import NOT_A_NUMBER, as_decimal, number_value, read_number
from forms.options import token
from forms.plain import fingerprint, is_storable, words
from forms.texts import MAX_LENGTH, cleaned

MAX_CHOSEN: Final = 500

NOT_TEXT: Final = Message(N_("Give a text"))
NOT_A_FLAG: Final = Message(N_("Give true or false"))
NOT_A_LIST: Final = Message(N_("Give a list"))
NOT_STORABLE: Final = Message(N_("This holds characters that can't be stored. Write it again without them"))
TOO_LONG: Final = Message(N_("Shorten this to %(limit)d characters"), {"limit": MAX_LENGTH})


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the value, or why there is none; then `entered` is what to show again.

    A choice's value is still to be looked up among its options, by `chosen`; `typed` says that it came as text.
    """

    value: Any
    error: Message | None = None
    entered: Any = None
    typed: bool = False


def empty(field: InputField) -> Any:
    """The value of a field that nobody filled in, as form-js has it."""
    match field:
        case TextField():
            return ""
        case LocationField():
            return None
        case FileField():
            return []
        case ChoiceField() if field.kind in MANY:
            return []
        case InputField() if field.kind is Kind.CHECKBOX:
            return False
    return None


def _failed(field: InputField, error: Message, entered: object) -> Reading:
    return Reading(empty(field), error, entered)


def from_texts(field: InputField, texts: Sequence[str], now: datetime) -> Reading:
    """Read what an HTML control sent: a text, or one for each chosen option; a date and its time may come apart."""
    if not all(is_storable(text.replace("\0", "")) for text in texts):
        return _failed(field, NOT_STORABLE, "")
    text = texts[0] if texts else ""
    match field:
        case TextField():
            lines = field.kind is Kind.TEXTAREA
            return _text(field, text if lines else cleaned(text, lines=False).strip())
        case LocationField():
            return Reading(*from_controls(texts, now))
        case NumberField():
            return _number_text(field, cleaned(text[:200], lines=False).strip())
        case MomentField():
            return _moment_text(field, [cleaned(part[:100], lines=False).strip() for part in texts], now)
        case ChoiceField():
            given = [cleaned(part[:1000], lines=True) for part in texts if part]
            return Reading(given if field.kind in MANY else (given[-1] if given else None), typed=True)
    return Reading(any(part.strip().lower() in {"on", "true", "1", "yes"} for part in texts))


def _text(field: TextField, text: str) -> Reading:
    text = cleaned(text, lines=field.kind is Kind.TEXTAREA)
    return Reading(text) if len(text) <= MAX_LENGTH else _failed(field, TOO_LONG, text[: 2 * MAX_LENGTH])


def _number_text(field: NumberField, text: str) -> Reading:
    if not text:
        return Reading(None)
    number = read_number(text)
    if number is None:
        return _failed(field, NOT_A_NUMBER, text)
    value, error = number_value(number, field)
    return Reading(value) if error is None else _failed(field, error, text)


def _moment_text(field: MomentField, texts: Sequence[str], now: datetime) -> Reading:
    given = [text for text in texts if text]
    if not given:
        return Reading(None)
    if len(given) < len(texts):
        return _failed(field, Message(N_("Give both the date and the time")), "T".join(texts))
    value = read_moment(field, " ".join(given), now)
    return Reading(value) if value is not None else _failed(field, NOT_A_MOMENT[field.subtype], "T".join(texts))


def from_json(field: InputField, value: object, now: datetime) -> Reading:
    """Read a JSON value; null means that nothing was filled in."""
    if value is None:
        return Reading(empty(field))
    match field:
        case TextField():
            if not isinstance(value, str):
                return _failed(field, NOT_TEXT, "")
            return _text(field, value) if is_storable(value.replace("\0", "")) else _failed(field, NOT_STORABLE, "")
        case LocationField():
            return Reading(*from_value(value, now))
        case NumberField():
            return _number_json(field, value)
        case MomentField():
            read = read_moment(field, value, now) if isinstance(value, str) else None
            if isinstance(value, str) and not value:
                return Reading(None)
            return (
                Reading(read)
                if read is not None
                else _failed(field, NOT_A_MOMENT[field.subtype], value if isinstance(value, str) else "")
            )
        case ChoiceField() if field.kind in MANY:
            return Reading(list(value)) if isinstance(value, list | tuple) else _failed(field, NOT_A_LIST, [])
        case ChoiceField():
            return Reading(None if value == "" else value)
    return Reading(value) if isinstance(value, bool) else _failed(field, NOT_A_FLAG, False)


def _number_json(field: NumberField, value: object) -> Reading:
    number = as_decimal(value) if not isinstance(value, str) or field.as_text else None
    if number is None:
        return _failed(field, NOT_A_NUMBER, value[:200] if isinstance(value, str) and is_storable(value) else "")
    read, error = number_value(number, field)
    return Reading(read) if error is None else _failed(field, error, str(value)[:200])


def chosen(field: ChoiceField, reading: Reading, options: Sequence[Option]) -> Reading:
    """Look a choice up among its options; what is none of them is refused."""
    if reading.error is not None:
        return reading
    many = field.kind in MANY
    given = reading.value if many else [] if reading.value is None else [reading.value]
    if len(given) > MAX_CHOSEN:
        return _failed(field, Message(N_("Choose at most %(limit)d"), {"limit": MAX_CHOSEN}), empty(field))
    known = _by_token(options) if reading.typed else {fingerprint(option.value): option for option in options}
    found = [known.get(part if reading.typed else fingerprint(part)) for part in given]
    values = list({fingerprint(option.value): option.value for option in found if option}.values())
    value: Any = values if many else (values[0] if values else None)
    if None not in found:
        return Reading(value)
    stranger = given[found.index(None)]
    shown = words(stranger)[:60] if fingerprint(stranger) is not None else "?"
    return _failed(field, Message(N_("“%(value)s” is not one of the options. Choose again"), {"value": shown}), value)


def _by_token(options: Sequence[Option]) -> Mapping[Any, Option]:
    spelt = {words(option.value): option for option in reversed(options)}
    return {**spelt, **{token(option): option for option in reversed(options)}}
