"""Owns lists of students before anybody writes: those of who signed in, and others that ask for it, open with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from forms import Form
from forms.fields import ChoiceField, EvidenceKind, Field, ListField, TextField
from forms.form import walk
from forms.paths import ABSENT, pick, put
from tickets.case import Case

STUDENTS: Final = "students"
"""The attribute of a subject: its students' names, or only how many there are."""
OPENS_WITH: Final = "opensWith"
"""The property of a list that is to open with them, though nobody signs in on it."""
MOST: Final = 200
LONGEST: Final = 100


def opened_with(case: Case, form: Form, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data that a form opens with: its lists hold the students of the ticket's subject, where nothing is yet.

    A choice of many takes its options from them under its `valuesKey`.
    """
    lists = [field for field in walk(form.fields) if _waits(field, data)]
    if not lists or case.about is None:
        return data
    listed = case.about.attributes.get(STUDENTS)
    names = list(_names(listed if isinstance(listed, list) else ()))[:MOST]
    opened = dict(data)
    for field in lists if names else ():
        if isinstance(field, ListField):
            inner = next(each for each in field.fields if isinstance(each, TextField))
            put(opened, field.path, [_row(inner, name) for name in names])
        elif isinstance(field, ChoiceField):
            opened[field.values_key] = list(names)
    return opened


def _waits(field: Field, data: Mapping[str, Any]) -> bool:
    signs_in = field.evidence is not None and field.evidence.kind is EvidenceKind.SIGNIN
    if not signs_in and field.properties.get(OPENS_WITH) != STUDENTS:
        return False
    if isinstance(field, ListField):
        return pick(data, field.path) is ABSENT and any(isinstance(each, TextField) for each in field.fields)
    return isinstance(field, ChoiceField) and bool(field.values_key) and field.values_key not in data


def _row(field: Field, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    put(row, field.path, name)
    return row


def _names(listed: Iterable[object]) -> Iterable[str]:
    for each in listed:
        name = each.get("name") if isinstance(each, Mapping) else each
        if isinstance(name, str) and name.strip():
            yield name.strip()[:LONGEST]
