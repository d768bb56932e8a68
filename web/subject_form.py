"""Owns the form of a subject: what it shows, what was typed into it, and the values it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from werkzeug.datastructures import MultiDict

from tickets.errors import Invalid
from tickets.subject_asked import (
    ASKED,
    STAGES,
    STUDENTS,
    is_names,
    is_stages,
    names_read,
    stages_read,
    stages_shown,
    students_read,
)
from tickets.subject_facts import SubjectInvalid
from tickets.subject_list import SubjectRow
from tickets.subject_page import Choices

SPARE_ROWS = 3
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form; `place` is a place's public id, `responsible` a login, a name or
    "name (login)", attributes are (name, text).
    """

    kind: str = "student"
    external_id: str = ""
    name: str = ""
    place: str = ""
    responsible: str = ""
    contract_end: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """The facts that its kind is asked for, by name."""
        said = dict(self.attributes)
        return tuple((name, said.get(name, "")) for name in ASKED.get(self.kind, ()))

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """The facts besides."""
        return tuple(line for line in self.attributes if line[0] not in ASKED.get(self.kind, ()))

    def values(self, choices: Choices, kept: Mapping[str, Any], *, new: bool = False) -> dict[str, object]:
        """What `put_subject` takes; a place that is not offered stays as it was, and a `new` one needs one.

        Raises SubjectInvalid for stages without their dates.
        """
        values: dict[str, object] = {
            "name": self.name,
            "responsible": self.responsible,
            "contract_end": self.contract_end,
            "attributes": self._attributes(kept),
        }
        if found := choices.find(self.place):
            brand, place = found
            values["place"] = place.external_id
            if brand.external_id:
                values["brand"] = brand.external_id
        elif new:
            values["place"] = ""
        return values

    def _attributes(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """By name; what is asked for and was left empty is none."""
        asked = ASKED.get(self.kind, ())
        given = [(name, text) for name, text in self.attributes if text or name not in asked]
        try:
            return {name: _value(name, text, kept.get(name)) for name, text in given}
        except Invalid as refused:
            raise SubjectInvalid({STAGES: refused.message}) from None


def draft_of(row: SubjectRow) -> Draft:
    """The form as the subject is."""
    subject = row.subject
    return Draft(
        kind=subject.kind,
        external_id=subject.external_id,
        name=subject.name,
        place=str(row.place.public_id),
        responsible=f"{row.responsible.name} ({row.responsible.login})" if row.responsible else "",
        contract_end=subject.contract_end.isoformat() if subject.contract_end else "",
        attributes=tuple((name, written(name, value)) for name, value in subject.attributes.items()),
    )


def draft_from(form: MultiDict[str, str], row: SubjectRow | None) -> Draft:
    """The form as it was sent; what a subject is called elsewhere does not change here."""
    names, texts = form.getlist("attribute_name")[:MOST_ROWS], form.getlist("attribute_value")
    return Draft(
        kind=row.subject.kind if row else form.get("kind", ""),
        external_id=row.subject.external_id if row else form.get("external_id", "").strip(),
        name=form.get("name", "").strip(),
        place=form.get("place", ""),
        responsible=form.get("responsible", "").strip(),
        contract_end=form.get("contract_end", "").strip(),
        attributes=tuple(
            (name.strip(), _lines(text)) for name, text in zip(names, texts, strict=False) if name.strip()
        ),
    )


def shown(value: Any) -> str:
    """An attribute as text: what is not text is JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def written(name: str, value: Any) -> str:
    """An attribute as it is typed: stages a line each, names in one line."""
    if is_stages(value):
        return stages_shown(value)
    if is_names(value):
        return ("\n" if name == STAGES else "、").join(value)
    return shown(value) if value != [] else ""


def _lines(text: str) -> str:
    """As a browser's text area sends it, with our line ends."""
    return text.replace("\r\n", "\n").strip()


def _value(name: str, text: str, kept: Any) -> Any:
    """What a text means: what was kept when it still reads the same, so that numbers and lists stay what they are."""
    if kept is not None and written(name, kept) == text:
        return kept
    if name == STAGES or is_stages(kept):
        return stages_read(text)
    if name == STUDENTS:
        return students_read(text)
    return names_read(text) if is_names(kept) else text
