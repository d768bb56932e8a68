"""Owns that a subject is not given the same type twice: standards of one type at places one above the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.errors import Conflict
from tickets.places import Place
from tickets.standards.tables import Standard

Twin = tuple[UUID, Place]
"""Another standard of the type, and its place."""


class Doubled(Conflict):
    """A standard that would give subjects the same type once more; `places` are where it is a standard already."""

    def __init__(self, places: Sequence[Place]) -> None:
        text = N_(
            "This type is a standard of %(places)s already, so its subjects would be given it twice. Change that one, "
            "narrow both by conditions, or set this one up alongside it."
        )
        super().__init__(Message(text, {"places": tuple(place.name for place in places)}))
        self.places = places


def around(session: Session, standard: Standard) -> list[tuple[Standard, Place]]:
    """The standards of the same type that go on at places above and below, for the same kind of subject."""
    here = session.get_one(Place, standard.place_id)
    same = (Standard.type_key == standard.type_key, Standard.active, Standard.place_id != standard.place_id)
    kind = Standard.subject_kind == standard.subject_kind
    query = sa.select(Standard, Place).join(Place, Place.id == Standard.place_id).where(*same, kind)
    rows = [(other, place) for other, place in session.execute(query.order_by(Place.path))]
    return [(other, place) for other, place in rows if meet(place, here)]


def meet(one: Place, other: Place) -> bool:
    """Whether they have places in common: they are the same, or one is above the other."""
    return one.path.startswith(other.path) or other.path.startswith(one.path)


def check_alone(session: Session, standard: Standard) -> None:
    """Raises Doubled where another one takes all subjects there, or this one would: conditions may tell two apart."""
    doubled = [place for other, place in around(session, standard) if not (other.conditions and standard.conditions)]
    if doubled:
        raise Doubled(doubled)


def twins(session: Session, keys: Collection[str], places: Collection[int]) -> Mapping[str, Sequence[Twin]]:
    """Of these types, the standards that there are at these places, by the type's key."""
    query = (
        sa.select(Standard.type_key, Standard.public_id, Place)
        .join(Place, Place.id == Standard.place_id)
        .where(Standard.type_key.in_(sorted(keys)), Standard.place_id.in_(sorted(places)))
        .order_by(Place.path)
    )
    found: dict[str, list[Twin]] = {}
    for key, public_id, place in session.execute(query):
        found.setdefault(key, []).append((public_id, place))
    return found
