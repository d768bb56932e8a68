"""Owns what a form's evidence fields hold: each field in its place, and the files that it names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms import Form
from forms.fields import EvidenceKind, Field, Group, ListField
from forms.paths import ABSENT, pick
from forms.sending import stored_files
from tickets.files import StoredFile


@dataclass(frozen=True, slots=True)
class Given:
    """A field that holds evidence, in its place: its path (`rows[0].board`) and its value."""

    field: Field
    path: str
    value: Any

    @property
    def kind(self) -> EvidenceKind:
        assert self.field.evidence is not None
        return self.field.evidence.kind


def given_in(form: Form, values: Mapping[str, Any]) -> list[Given]:
    """What the form's evidence fields hold, those hidden left out."""
    return list(_given(form.fields, values, ""))


def file_ids(given: Given) -> list[uuid.UUID]:
    """The ids of its photos or files, as they stand in the form."""
    return [uuid.UUID(str(file["id"])) for file in stored_files(given.value)] if _has_files(given) else []


def files_of(session: Session, given: Sequence[Given]) -> Mapping[str, StoredFile]:
    """Their files by id, those that are there; one statement."""
    ids = {ident for each in given for ident in file_ids(each)}
    if not ids:
        return {}
    rows = session.scalars(sa.select(StoredFile).where(StoredFile.public_id.in_(ids)))
    return {str(row.public_id): row for row in rows}


def _given(fields: Sequence[Field], values: Mapping[str, Any], path: str) -> Iterator[Given]:
    for field in fields:
        value = pick(values, field.path) if field.path else ABSENT
        here = f"{path}{field.key}"
        if field.evidence is not None and value is not ABSENT:
            yield Given(field, here, value)
        if isinstance(field, Group):
            yield from _given(field.fields, values, path)
        elif isinstance(field, ListField) and isinstance(value, list):
            for position, row in enumerate(value):
                yield from _given(field.fields, row if isinstance(row, Mapping) else {}, f"{here}[{position}].")


def _has_files(given: Given) -> bool:
    return given.kind in (EvidenceKind.PHOTO, EvidenceKind.FILE)
