"""Owns what an API sends that a form has no place for: unknown keys, and JSON of the wrong shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.expressions import N_, Message
from forms.fields import Field, ListField
from forms.form import walk

MAX_REPORTED: Final = 50
NOT_AN_OBJECT: Final = Message(N_("Give an object: field keys with their values"))
NOT_ROWS: Final = Message(N_("Give a list of rows, each an object"))

Known = dict[str, Any]


def surplus(fields: Iterable[Field], values: object) -> dict[str, Message]:
    """What is wrong with the shape of `values`, by path; at most 50 things."""
    errors: dict[str, Message] = {}
    _compare(_known(fields), values, "", errors)
    return errors


def _known(fields: Iterable[Field]) -> Known:
    """The keys of one row or form as a tree: a field at each end."""
    tree: Known = {}
    for field in walk(fields):
        if (field.path and not hasattr(field, "fields")) or isinstance(field, ListField):
            *way, last = field.path
            below = tree
            for segment in way:
                below = below.setdefault(segment, {})
            below[last] = field
    return tree


def _compare(known: Known, values: object, path: str, errors: dict[str, Message]) -> None:
    if not isinstance(values, Mapping):
        errors[path] = NOT_AN_OBJECT
        return
    for key, value in values.items():
        if len(errors) >= MAX_REPORTED:
            return
        here = f"{path}.{key}" if path else str(key)
        expected = known.get(key) if isinstance(key, str) else None
        if expected is None:
            errors[_printable(here)] = _unknown(known)
        elif isinstance(expected, dict):
            if value is not None:
                _compare(expected, value, here, errors)
        elif isinstance(expected, ListField):
            _compare_rows(expected, value, here, errors)


def _compare_rows(field: ListField, value: object, path: str, errors: dict[str, Message]) -> None:
    if value is None:
        return
    if not isinstance(value, list | tuple):
        errors[path] = NOT_ROWS
        return
    known = _known(field.fields)
    for position, row in enumerate(value[:500]):
        if len(errors) < MAX_REPORTED:
            _compare(known, row, f"{path}[{position}]", errors)


def _unknown(known: Known) -> Message:
    if not known:
        return Message(N_("There is no field with this key; this form has no fields"))
    names = sorted(known)
    listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return Message(N_("There is no field with this key. Known keys: %(known)s"), {"known": listed})


def _printable(path: str) -> str:
    return path[:200].encode("utf-8", "replace").decode()
