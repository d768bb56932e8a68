"""Owns how a person is named on a ticket's page; all of them are read at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.people import Person
from tickets.places import Place


@dataclass(frozen=True, slots=True)
class Who:
    """A person with their place, as others see them."""

    id: int
    public_id: uuid.UUID
    name: str
    title: str
    place: str
    place_names: Mapping[str, str]
    departed: bool


def everyone(session: Session, ids: Collection[int]) -> dict[int, Who]:
    """These people by id."""
    rows = session.execute(
        sa.select(Person, Place.name, Place.names)
        .join(Place, Place.id == Person.place_id)
        .where(Person.id.in_(sorted(ids)))
    )
    return {
        person.id: Who(
            id=person.id,
            public_id=person.public_id,
            name=person.name,
            title=person.title,
            place=place,
            place_names=names,
            departed=person.departed_at is not None,
        )
        for person, place, names in rows
    }
