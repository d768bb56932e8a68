"""Owns what a filled in sign-in list says: who was to come, who was there, and when they signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms.evidence import signed
from forms.fields import ChoiceField, Field, InputField, Kind, ListField, MomentField, TextField
from forms.paths import ABSENT, pick
from forms.plain import words


@dataclass(frozen=True, slots=True)
class Attendee:
    """A line of the list; `at` is when they signed, as it was written (2026-11-20 09:05, 09:05), `more` what else
    the line says, such as who came with them.
    """

    name: str
    present: bool
    at: str = ""
    more: str = ""


def attendees(field: Field, value: object) -> tuple[Attendee, ...]:
    """The lines of a sign-in list with a name; of a choice of many, those that were chosen."""
    if isinstance(field, ChoiceField):
        return tuple(Attendee(words(one), present=True) for one in (value if isinstance(value, list | tuple) else ()))
    if not isinstance(field, ListField) or not isinstance(value, list | tuple):
        return ()
    return tuple(_lines(field, value))


def _lines(field: ListField, rows: Iterable[object]) -> Iterator[Attendee]:
    names = next((each for each in field.fields if isinstance(each, TextField)), None)
    times = [each for each in field.fields if isinstance(each, MomentField)]
    others = [each for each in field.fields if _is_said(each) and each is not names]
    for row in rows:
        if not isinstance(row, Mapping) or names is None or not (name := _text(row, names)):
            continue
        at = next(filter(None, (_text(row, each) for each in times)), "")
        more = " · ".join(filter(None, (_text(row, each) for each in others)))
        yield Attendee(name, bool(signed(field, [row])), at.replace("T", " ")[:16], more)


def _is_said(field: Field) -> bool:
    """Whether a column says something besides that somebody was there, and when; what is sensitive is left out."""
    told = isinstance(field, InputField) and not isinstance(field, MomentField) and not field.sensitive
    return told and field.kind in (Kind.TEXTFIELD, Kind.TEXTAREA, Kind.NUMBER)


def _text(row: Mapping[str, Any], field: Field) -> str:
    found = pick(row, field.path) if field.path else ABSENT
    return "" if found is ABSENT or found is None else words(found).strip()
