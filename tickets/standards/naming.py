"""Owns what standards are called: the names of their ticket types, in every language there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor
from tickets.places import Place
from tickets.standards.tables import Standard, StandardStep
from tickets.types import TicketType


@dataclass(frozen=True, slots=True)
class Named:
    """A name, and what other languages call it."""

    name: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offered:
    """A standard that a form offers, with its place and its steps by key."""

    id: UUID
    name: Named
    place: Named
    steps: Mapping[str, Named]


def names_of(session: Session, keys: Collection[str]) -> Mapping[str, Named]:
    """By the key of the ticket type; the group's name, if it has one of that key."""
    query = sa.select(TicketType.key, TicketType.name, TicketType.names).where(TicketType.key.in_(sorted(keys)))
    found = {key: Named(name, names) for key, name, names in session.execute(query.order_by(TicketType.id.desc()))}
    return {key: found.get(key, Named(key)) for key in keys}


def offered(session: Session, actor: Actor, *, only: UUID | None = None, most: int = 200) -> Sequence[Offered]:
    """The active standards that hold at a place of theirs, or of a brand or group around it; or `only` this one."""
    around = sa.or_(Standard.brand_id.in_((actor.brand_id, actor.root_id)), _reached(actor))
    if only is not None:
        around = Standard.public_id == only
    query = (
        sa.select(Standard.id, Standard.public_id, Standard.type_key, Place.name, Place.names)
        .join(Place, Place.id == Standard.place_id)
        .where(Standard.active, around)
        .order_by(Standard.type_key, Standard.id)
        .limit(most)
    )
    rows = session.execute(query).all()
    names = names_of(session, {row.type_key for row in rows})
    steps = _steps(session, [row.id for row in rows])
    return [
        Offered(row.public_id, names[row.type_key], Named(row.name, row.names), steps.get(row.id, {})) for row in rows
    ]


def _reached(actor: Actor) -> sa.ColumnElement[bool]:
    brands = sorted({grant.brand_id for grant in actor.grants})
    wide = any(grant.place_path == f"/{actor.root_id}/" for grant in actor.grants)
    return sa.true() if wide else Standard.brand_id.in_(brands)


def _steps(session: Session, standards: Collection[int]) -> Mapping[int, dict[str, Named]]:
    query = (
        sa.select(StandardStep.standard_id, StandardStep.key, StandardStep.name, StandardStep.names)
        .where(StandardStep.standard_id.in_(sorted(standards)), StandardStep.active)
        .order_by(StandardStep.standard_id, StandardStep.position)
    )
    found: dict[int, dict[str, Named]] = {}
    for standard_id, key, name, names in session.execute(query):
        found.setdefault(standard_id, {})[key] = Named(name, names)
    return found
