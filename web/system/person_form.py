"""Owns the form of a person: what it shows, what was typed into it, and the values it means."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from tickets.people import Person
from tickets.places import Place


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form; `place` is a place's public id, `superior` a login, a name or "name (login)"."""

    login: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    title: str = ""
    place: str = ""
    superior: str = ""
    language: str = ""

    def values(self, superior: str) -> dict[str, object]:
        """What `put_person` takes; `superior` is the login that is meant."""
        return {
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "title": self.title,
            "place": self.place,
            "superior": superior,
            "language": self.language,
        }


def draft_from(form: MultiDict[str, str]) -> Draft:
    """The form as it was sent."""
    return Draft(**{name: form.get(name, "").strip() for name in Draft.__dataclass_fields__})


def draft_of(person: Person, place: Place, superior: Person | None) -> Draft:
    """The form as the person is."""
    return Draft(
        login=person.login,
        name=person.name,
        email=person.email,
        phone=person.phone,
        title=person.title,
        place=str(place.public_id),
        superior=f"{superior.name} ({superior.login})" if superior else "",
        language=person.language,
    )
