"""Owns places: the group, its brands, their campuses and departments."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, new_public_id
from engine.expressions import N_, Message
from tickets.errors import Invalid


class PlaceKind(StrEnum):
    GROUP = "group"
    BRAND = "brand"
    CAMPUS = "campus"
    DEPARTMENT = "department"


class Place(Base):
    """A node of the organisation; `path` is "/1/3/12/": its ancestors' ids and its own, so that "below" is a prefix.

    `brand_id` is the brand it belongs to (its own id on a brand); the group is the root row and its own brand.
    """

    __tablename__ = "place"
    __table_args__ = (sa.UniqueConstraint("brand_id", "external_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"))
    brand_id: Mapped[int] = mapped_column(index=True)
    path: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(default=dict)
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    external_id: Mapped[str | None]
    closed_at: Mapped[datetime | None]


def check_open(session: Session, place_id: int) -> None:
    """Raises Invalid for a place that is closed: nobody files tickets there any more."""
    place = session.get_one(Place, place_id)
    if place.closed_at is not None:
        text = N_("“%(place)s” is closed, so no tickets are filed there; ask an administrator to move you.")
        raise Invalid(Message(text, {"place": place.name}))


def ancestors(path: str) -> list[int]:
    """The ids on a path, from the group's down to the place's own."""
    return [int(part) for part in path.split("/") if part]


def add_place(
    session: Session,
    kind: PlaceKind,
    names: dict[str, str],
    *,
    above: Place | None,
    external_id: str | None = None,
    time_zone: str = "Asia/Shanghai",
) -> Place:
    """A new place below `above`, or the group without it; `names` are {"zh": …, "en": …}, the first is shown."""
    place = Place(
        kind=kind,
        parent_id=above.id if above else None,
        brand_id=above.brand_id if above else 0,
        path="",
        name=next(iter(names.values())),
        names=names,
        time_zone=time_zone,
        external_id=external_id,
    )
    session.add(place)
    session.flush()  # its path and, on a brand, its brand hold its own id
    place.path = f"{above.path if above else '/'}{place.id}/"
    if kind in {PlaceKind.GROUP, PlaceKind.BRAND}:
        place.brand_id = place.id
    session.flush()
    return place
