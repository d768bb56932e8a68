"""Owns which fields of forms lists may show, filter and sort by, and keeping their values after each change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms import Form
from forms.fields import InputField, Kind, LocationField
from tickets.field_value import TEXT_MOST, FieldValue
from tickets.forms_asked import FormsAsked, forms_asked
from tickets.timeline import TimelineEvent

LISTED_KINDS = frozenset(
    {
        Kind.TEXTFIELD,
        Kind.NUMBER,
        Kind.DATETIME,
        Kind.CHECKBOX,
        Kind.CHECKLIST,
        Kind.RADIO,
        Kind.SELECT,
        Kind.TAGLIST,
        Kind.EXPRESSION,
    }
)
MOST_LISTED = 20
"""Fields of one form; those with the property `listed` come first."""
MOST_VALUES = 20
LONGEST_NAME = 64
_YES, _NO = {"true", "1", "yes"}, {"false", "0", "no"}


def listed_fields(form: Form, *, start: bool = True) -> tuple[InputField, ...]:
    """The fields that lists know: of a start form all short ones unless `listed` says no, of a task's those that it
    names. Never a sensitive one.
    """
    able = [field for field in form.inputs if _able(field)]
    named = [field for field in able if _listed(field) in _YES]
    others = [field for field in able if start and _listed(field) not in _YES | _NO]
    return tuple([*named, *others][:MOST_LISTED])


def keep_field_values(session: Session, events: Sequence[TimelineEvent], _at: datetime) -> None:
    """The aftermath of events: the values of their tickets' listed fields are as the tickets' data now are."""
    refresh(session, {event.ticket_id for event in events})


def refresh(session: Session, ticket_ids: Collection[int]) -> None:
    """Writes what differs from the rows there are."""
    wanted = {row[:3]: row[3:] for asked in forms_asked(session, ticket_ids) for row in _rows(asked)}
    there = sa.select(
        FieldValue.ticket_id, FieldValue.name, FieldValue.position, FieldValue.text, FieldValue.number
    ).where(FieldValue.ticket_id.in_(sorted(ticket_ids)))
    found = {(row[0], row[1], row[2]): (row[3], row[4]) for row in session.execute(there)}
    connection = session.connection()
    if gone := [dict(zip(_KEY, key, strict=True)) for key, old in found.items() if wanted.get(key) != old]:
        connection.execute(_DELETE, gone)
    new = [(*key, *value) for key, value in wanted.items() if found.get(key) != value]
    if new:
        connection.execute(sa.insert(FieldValue), [dict(zip(_COLUMNS, row, strict=True)) for row in new])


_COLUMNS = ("ticket_id", "name", "position", "text", "number")
_KEY = ("of_ticket", "of_name", "of_position")
_DELETE = sa.delete(FieldValue).where(
    FieldValue.ticket_id == sa.bindparam("of_ticket"),
    FieldValue.name == sa.bindparam("of_name"),
    FieldValue.position == sa.bindparam("of_position"),
)

_Row = tuple[int, str, int, str, float | None]


def _rows(asked: FormsAsked) -> Iterator[_Row]:
    given: dict[str, InputField] = {}
    for form, start in asked.forms:
        for field in listed_fields(form, start=start):
            given.setdefault(field.key, field)
    for name, field in given.items():
        for position, value in enumerate(_values(value_at(asked.data, field.path))[:MOST_VALUES]):
            text, number = written(value)
            if text:
                yield asked.ticket_id, name, position, text, number


def written(value: Any) -> tuple[str, float | None]:
    """A value as its row holds it: its text, and its number if it is one."""
    if isinstance(value, bool):
        return ("true" if value else "false"), None
    if isinstance(value, int | float):
        return (f"{value:g}" if isinstance(value, float) else str(value))[:TEXT_MOST], float(value)
    if isinstance(value, str):
        return value.strip()[:TEXT_MOST], None
    return orjson.dumps(value).decode()[:TEXT_MOST], None


def value_at(data: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The value under a field's path, None where there is none."""
    found: Any = data
    for part in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _values(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _able(field: InputField) -> bool:
    fits = field.kind in LISTED_KINDS and not isinstance(field, LocationField)
    return fits and not field.sensitive and 0 < len(field.key) <= LONGEST_NAME


def _listed(field: InputField) -> str:
    return field.properties.get("listed", "").strip().lower()
