"""Owns filling in a form as a person might: for each field a valid value, the wished one where the field takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from forms import Form, Submission, parse_json
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
    Subtype,
    TextField,
)
from forms.files import KnownFiles
from forms.numbers import bound
from forms.options import options_of
from forms.paths import ABSENT, pick, put
from forms.plain import fingerprint
from forms.scope import Scope
from tickets.trial.texts import text_for

Upload = Callable[[str], Mapping[str, Any]]
"""Stores a file that an `accept` attribute takes, and gives what a form's value holds of it."""
TRIES = 4


@dataclass(frozen=True)
class Pen:
    """What a form is filled in with. `turn` counts the times, so that what nobody wishes for varies."""

    now: datetime
    turn: int
    upload: Upload
    known_files: KnownFiles
    wishes: Mapping[str, Any] = field(default_factory=dict)
    """Values by variable, as the data would hold them."""
    evidence: Mapping[str, int] = field(default_factory=dict)
    """How many of each kind the task asks for (`tickets.evidence.wanted`)."""

    def fill(self, form: Form, before: Mapping[str, Any]) -> Submission:
        """The form filled in; what is refused is tried otherwise, and left out where it may be."""
        submission = self._sent(form, before, frozenset())
        without: set[str] = set()
        for _ in range(TRIES):
            if submission.ok or submission.errors.keys() <= without:
                break
            without |= submission.errors.keys()
            submission = self._sent(form, before, frozenset(without))
        return submission

    def _sent(self, form: Form, before: Mapping[str, Any], refused: frozenset[str]) -> Submission:
        scope = Scope.of(before, self.now, {})
        values = self._values(form.fields, self.wishes, before, scope, refused)
        return parse_json(form, values, now=self.now, values_before=before, known_files=self.known_files)

    def _values(
        self,
        fields: Iterable[Field],
        wishes: Mapping[str, Any],
        before: Mapping[str, Any],
        scope: Scope,
        refused: frozenset[str],
        row: str = "",
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for each in fields:
            if isinstance(each, Group):
                for name, value in self._values(each.fields, wishes, before, scope, refused, row).items():
                    values[name] = _merged(values.get(name), value)
                continue
            wish = pick(wishes, each.path)
            if isinstance(each, ListField):
                wished = wish if isinstance(wish, list) else [None] * self._rows(each, before)
                rows = [*wished, *[None] * (self._least(each) - len(wished))]
                inside = [row if isinstance(row, Mapping) else _signed(each) for row in rows]
                made = [
                    self._values(each.fields, one, before, scope, refused, f"{row}{each.key}[{number}].")
                    for number, one in enumerate(inside)
                ]
                put(values, each.path, made)
            elif isinstance(each, InputField) and not _is_locked(each, scope):
                second = f"{row}{each.key}" in refused
                value = self._value(each, ABSENT if second else wish, scope, before, second=second)
                if value is not ABSENT:
                    put(values, each.path, value)
        return values

    def _rows(self, field: ListField, before: Mapping[str, Any]) -> int:
        stored = pick(before, field.path)
        usual = len(stored) if isinstance(stored, list) else field.default_rows
        return max(usual, 1, self._least(field)) if field.changeable else usual

    def _least(self, field: Field) -> int:
        """How much evidence a field needs, by itself or by its task."""
        evidence = field.evidence
        return max(evidence.least, self.evidence.get(evidence.kind, 0)) if evidence is not None else 0

    def _needed(self, field: InputField) -> bool:
        return field.required or self._least(field) > 0

    def _value(self, field: InputField, wish: Any, scope: Scope, before: Mapping[str, Any], *, second: bool) -> Any:
        if second and not self._needed(field):
            return ABSENT
        match field:
            case FileField():
                count = min(max(self._least(field), 1), field.most) if not second or self._needed(field) else 0
                return [self.upload(field.accept.render(scope))["id"] for _ in range(count)]
            case ChoiceField():
                return self._chosen(field, wish, options_of(field, scope, before))
            case LocationField():
                return {"lat": 22.5431, "lon": 114.0579, "accuracy": 10, "at": self.now.isoformat(timespec="seconds")}
            case TextField():
                return wish if isinstance(wish, str) else text_for(field, scope, self.turn)
            case NumberField():
                return self._number(field, wish, scope)
            case MomentField():
                return wish if isinstance(wish, str) and wish else self._moment(field)
        if isinstance(wish, bool):
            return wish or field.required
        return field.required or bool(self.turn % 2)

    def _chosen(self, field: ChoiceField, wish: Any, options: Sequence[Any]) -> Any:
        values = [option.value for option in options]
        known = {fingerprint(value) for value in values}
        if field.kind in MANY:
            wished = wish if isinstance(wish, list) else [] if wish is ABSENT else [wish]
            chosen = [value for value in wished if fingerprint(value) in known]
            least = max(self._least(field), 1)
            return chosen or (values[:least] if self._needed(field) or wish is ABSENT else [])
        if wish is not ABSENT and fingerprint(wish) in known:
            return wish
        if not values:
            return None
        return values[self.turn % len(values)]

    def _number(self, field: NumberField, wish: Any, scope: Scope) -> Any:
        low, high = bound(field.min, scope), bound(field.max, scope)
        if isinstance(wish, int | float | str) and not isinstance(wish, bool):
            number = _decimal(wish)
            if number is not None:
                return str(wish) if field.as_text else _plain(number)
        step = field.increment or Decimal(1)
        number = step * (self.turn + 1)
        if low is not None and number < low:
            number = (low / step).to_integral_value(ROUND_CEILING) * step
        if high is not None and number > high:
            number = (high / step).to_integral_value(ROUND_FLOOR) * step
        return str(number) if field.as_text else _plain(number)

    def _moment(self, field: MomentField) -> str:
        day = (self.now + timedelta(days=-1 if field.no_future else 1)).date().isoformat()
        return {Subtype.DATE: day, Subtype.TIME: "10:00", Subtype.DATETIME: f"{day}T10:00"}[field.subtype]


def _is_locked(field: InputField, scope: Scope) -> bool:
    on = [flag if isinstance(flag, bool) else scope.run(flag) is True for flag in (field.readonly, field.disabled)]
    return isinstance(field, ComputedField) or any(on)


def _signed(field: ListField) -> Mapping[str, Any]:
    """A row's wishes: in a sign-in list it is ticked."""
    ticks = [each for each in field.fields if each.kind is Kind.CHECKBOX] if field.evidence is not None else []
    row: dict[str, Any] = {}
    for each in ticks:
        put(row, each.path, True)
    return row


def _merged(first: Any, second: Any) -> Any:
    if isinstance(first, dict) and isinstance(second, dict):
        return {
            name: _merged(first.get(name), value) for name, value in {**first, **second}.items() if name in second
        } | {name: value for name, value in first.items() if name not in second}
    return second


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def domains(form: Form) -> Mapping[str, Sequence[object]]:
    """By path, what the form's fields limit their variables to."""
    limited: dict[str, Sequence[object]] = {}
    for each in form.inputs:
        if isinstance(each, ChoiceField) and each.options:
            values = [option.value for option in each.options]
            several = [*([value] for value in values), values, *([] if each.required else [[]])]
            limited[each.key] = several if each.kind in MANY else values
        elif each.kind is Kind.CHECKBOX:
            limited[each.key] = [True] if each.required else [True, False]
    return limited
