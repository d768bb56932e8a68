"""Owns the answers of a form as people read them: labels with texts, for a ticket's facts and its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from engine.expressions import N_, Message
from forms.fields import (
    MANY,
    ChoiceField,
    ComputedField,
    Field,
    FileField,
    Group,
    InputField,
    Kind,
    ListField,
    LocationField,
    MomentField,
    NumberField,
)
from forms.form import Form
from forms.locations import shown as place_shown
from forms.moments import local_parts
from forms.numbers import as_decimal, shown
from forms.options import options_of
from forms.paths import ABSENT, pick
from forms.plain import fingerprint, words
from forms.scope import Scope
from forms.sending import stored_files

YES: Final = Message(N_("Yes"))
NO: Final = Message(N_("No"))
MASKED: Final = Message(N_("Hidden: this is sensitive"))
ROW: Final = N_("%(list)s %(row)d: %(field)s")


class Answer(NamedTuple):
    """One answer: its label, and its text, which is a Message where the words are the product's and not a person's."""

    label: str | Message
    text: str | Message


def answers(
    form: Form,
    values: Mapping[str, Any],
    *,
    now: datetime,
    values_before: Mapping[str, Any] | None = None,
    lang: str = "zh",
    mask: bool = False,
) -> list[Answer]:
    """What was filled in, in the order of the form, without what is empty; a list's rows one after the other.

    With `mask`, sensitive answers are not told. Times are shown in the zone of `now`.
    """
    data = {**(values_before or {}), **values}
    reading = _Answers(Scope.of(data, now, {}), data, now, lang, mask)
    return list(reading.fields(form.fields, values))


@dataclass(frozen=True, slots=True)
class _Answers:
    scope: Scope
    data: Mapping[str, Any]
    now: datetime
    lang: str
    mask: bool

    def fields(self, fields: Sequence[Field], values: Mapping[str, Any]) -> Iterator[Answer]:
        for field in fields:
            match field:
                case Group():
                    yield from self.fields(field.fields, values)
                case ListField():
                    yield from self.rows(field, pick(values, field.path))
                case InputField() if field.label.own or not isinstance(field, ComputedField):
                    text = self.text(field, pick(values, field.path))
                    if text:
                        yield Answer(self.label(field), MASKED if self.mask and field.sensitive else text)

    def rows(self, field: ListField, rows: object) -> Iterator[Answer]:
        for number, row in enumerate(rows if isinstance(rows, list | tuple) else (), start=1):
            for label, text in self.fields(field.fields, row if isinstance(row, Mapping) else {}):
                yield Answer(Message(ROW, {"list": self.label(field), "row": number, "field": label}), text)

    def label(self, field: Field) -> str:
        return field.label.pick(self.lang).render(self.scope) or field.key

    def text(self, field: InputField, value: Any) -> str | Message:
        """The text of a value; "" if there is none."""
        if value is ABSENT or value is None:
            return ""
        match field:
            case ChoiceField():
                return self.chosen(field, value)
            case FileField():
                return ", ".join(str(file.get("name")) for file in stored_files(value))
            case LocationField():
                return place_shown(value)
            case MomentField() if isinstance(value, str):
                return " ".join(part for part in local_parts(value, self.now) if part) or value
            case NumberField():
                number = as_decimal(value)
                text = words(value) if number is None else shown(number)
                return f"{field.prefix.render(self.scope)}{text}{field.suffix.render(self.scope)}"
        if isinstance(value, bool):
            return YES if value else NO if field.kind is Kind.CHECKBOX else ""
        return words(value)

    def chosen(self, field: ChoiceField, value: object) -> str:
        labels = {
            fingerprint(option.value): option.others.get(self.lang, option.label)
            for option in options_of(field, self.scope, self.data)
        }
        given = value if field.kind in MANY and isinstance(value, list | tuple) else [value]
        return ", ".join(labels.get(fingerprint(part), words(part)) for part in given)
