"""Owns the form of a subject: what it shows, what was typed into it, and the values it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from werkzeug.datastructures import MultiDict

from tickets.subject_list import SubjectRow
from tickets.subject_page import Choices

SPARE_ROWS = 3
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form; `place` is a place's public id, `responsible` a login, attributes are (name, text)."""

    kind: str = "student"
    external_id: str = ""
    name: str = ""
    place: str = ""
    responsible: str = ""
    contract_end: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    def values(self, choices: Choices, kept: Mapping[str, Any], *, new: bool = False) -> dict[str, object]:
        """What `put_subject` takes; a place that is not offered stays as it was, and a `new` one needs one."""
        values: dict[str, object] = {
            "name": self.name,
            "responsible": self.responsible,
            "contract_end": self.contract_end,
            "attributes": {name: _value(text, kept.get(name)) for name, text in self.attributes},
        }
        if found := choices.find(self.place):
            brand, place = found
            values["place"] = place.external_id
            if brand.external_id:
                values["brand"] = brand.external_id
        elif new:
            values["place"] = ""
        return values


def draft_of(row: SubjectRow) -> Draft:
    """The form as the subject is."""
    subject = row.subject
    return Draft(
        kind=subject.kind,
        external_id=subject.external_id,
        name=subject.name,
        place=str(row.place.public_id),
        responsible=row.responsible.login if row.responsible else "",
        contract_end=subject.contract_end.isoformat() if subject.contract_end else "",
        attributes=tuple((name, shown(value)) for name, value in subject.attributes.items()),
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
            (name.strip(), text.strip()) for name, text in zip(names, texts, strict=False) if name.strip()
        ),
    )


def shown(value: Any) -> str:
    """An attribute as text: what is not text is JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _value(text: str, kept: Any) -> Any:
    """What a text means: what was kept when it still reads the same, so that numbers and lists stay what they are."""
    return kept if kept is not None and shown(kept) == text else text
