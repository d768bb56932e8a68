"""Owns a form as a whole: what was read, its digest, and the way through its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms.fields import ChoiceField, ComputedField, Field, FileField, Group, InputField, ListField


@dataclass(frozen=True, slots=True)
class Form:
    """A form as read: `source` is its JSON, `digest` the SHA-256 (hex) of that JSON's canonical spelling."""

    id: str
    source: Mapping[str, Any]
    digest: str
    fields: tuple[Field, ...]

    @property
    def inputs(self) -> tuple[InputField, ...]:
        """The fields with a value outside every list, in order: what a ticket type may list, search and count."""
        return tuple(field for field in walk(self.fields) if isinstance(field, InputField))

    @property
    def names(self) -> frozenset[str]:
        """The top-level names of what the form writes."""
        return frozenset(field.path[0] for field in walk(self.fields) if field.path)

    @property
    def is_live(self) -> bool:
        """Whether it changes while it is filled in, so that the page should ask for it again on every change."""
        return any(_is_live(field) for field in walk(self.fields, lists=True))

    @property
    def has_files(self) -> bool:
        """Whether files can be attached, so that the page must send the form as multipart."""
        return any(isinstance(field, FileField) for field in walk(self.fields, lists=True))


def walk(fields: Iterable[Field], *, lists: bool = False) -> Iterator[Field]:
    """Every field, groups and lists before what is in them; inside lists only with `lists`."""
    for field in fields:
        yield field
        if isinstance(field, Group) or (lists and isinstance(field, ListField)):
            yield from walk(field.fields, lists=lists)


def _is_live(field: Field) -> bool:
    return (
        field.hide is not False
        or isinstance(field, ListField | ComputedField)
        or (isinstance(field, ChoiceField) and field.values_expression is not None)
        or any(True for words in (field.label, field.hint) for _ in words.expressions())
    )
