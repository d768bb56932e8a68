"""Owns whose matrix it is: the places that a reader's roles hold, as a tree, and the standards that reach there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.actor import Actor
from tickets.errors import Forbidden, NotFound
from tickets.organising.reach import places_within
from tickets.permissions import Permission
from tickets.places import Place, PlaceKind, ancestors
from tickets.standards.scope import visible_standards
from tickets.standards.tables import Standard, StandardStep
from tickets.types import TicketType

WIDE = frozenset({PlaceKind.GROUP.value, PlaceKind.BRAND.value})
"""The kinds of places whose rows are places; those of all others are subjects."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the reader's."""

    id: int
    public_id: UUID
    parent_id: int | None
    path: str
    kind: str
    name: str
    names: Mapping[str, str]

    @property
    def is_wide(self) -> bool:
        return self.kind in WIDE


@dataclass(frozen=True)
class Land:
    """Every place that the reader's roles hold, by id, and those of them that lie below no other."""

    spots: Mapping[int, Spot]
    tops: tuple[Spot, ...]
    by_public_id: Mapping[UUID, Spot] = field(default_factory=dict)

    def find(self, public_id: UUID) -> Spot:
        """One of the places. Raises NotFound for any other."""
        if public_id not in self.by_public_id:
            raise NotFound(N_("This place"))
        return self.by_public_id[public_id]

    def below(self, spot: Spot | None, *, only_here: bool = False) -> list[Spot]:
        """A place and (unless `only_here`) all below it; every place without one."""
        if only_here and spot is not None:
            return [spot]
        return [each for each in self.spots.values() if spot is None or each.path.startswith(spot.path)]

    def children(self, spot: Spot | None) -> list[Spot]:
        """The places right below a place; the tops without one."""
        if spot is None:
            return list(self.tops)
        return [each for each in self.spots.values() if each.parent_id == spot.id]

    def way(self, spot: Spot | None) -> list[Spot]:
        """The places from the top down to this one."""
        return [self.spots[each] for each in ancestors(spot.path) if each in self.spots] if spot else []


def land_of(session: Session, actor: Actor) -> Land:
    """The places whose standards they see. Raises Forbidden for whoever sees none."""
    if not actor.may(Permission.SEE_STANDARDS):
        raise Forbidden(Message(N_("Your roles don't show you standards; ask headquarters or your administrator.")))
    columns = (Place.id, Place.public_id, Place.parent_id, Place.path, Place.kind, Place.name, Place.names)
    query = sa.select(*columns).where(places_within(actor, Permission.SEE_STANDARDS)).order_by(Place.id)
    spots = {row[0]: Spot(*row) for row in session.execute(query)}
    tops = tuple(spot for spot in spots.values() if not any(each in spots for each in ancestors(spot.path)[:-1]))
    return Land(spots, tops, {spot.public_id: spot for spot in spots.values()})


@dataclass(frozen=True, slots=True)
class Named:
    """A standard as pages show it: named by its ticket type."""

    id: int
    public_id: UUID
    type_key: str
    name: str
    names: Mapping[str, str]
    icon: str
    subject_kind: str
    place_id: int
    active: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A step of a standard; one that is not `active` is no longer in its definition."""

    id: int
    standard_id: int
    key: str
    name: str
    names: Mapping[str, str]
    mandatory: bool
    active: bool


def standards_of(session: Session, actor: Actor, *, public_id: UUID | None = None) -> Sequence[Named]:
    """The standards that concern the reader's places: kept there, below, or above; by name. `public_id`: only that."""
    query = sa.select(Standard).where(visible_standards(actor))
    if public_id is not None:
        query = query.where(Standard.public_id == public_id)
    if actor.only_types is not None:
        query = query.where(Standard.type_key.in_(sorted(actor.only_types)))
    ordered = query.order_by(Standard.active.desc(), Standard.type_key, Standard.id)
    standards = session.scalars(ordered).all()
    types = _types(session, {each.type_key for each in standards})
    root = actor.root_id
    return [
        _named(each, types.get((each.brand_id, each.type_key)) or types.get((root, each.type_key)))
        for each in standards
    ]


def find_standard(session: Session, actor: Actor, public_id: UUID) -> Named:
    """One of them. Raises NotFound, also when it is another brand's."""
    found = standards_of(session, actor, public_id=public_id)
    if not found:
        raise NotFound(N_("This standard"))
    return found[0]


def columns_of(session: Session, standards: Sequence[Named]) -> list[Column]:
    """The steps of these standards, in the order of their diagrams, also those that are no more."""
    names = ("id", "standard_id", "key", "name", "names", "mandatory", "active")
    query = (
        sa.select(*(StandardStep.__table__.c[name] for name in names))
        .where(StandardStep.standard_id.in_([each.id for each in standards]))
        .order_by(StandardStep.standard_id, StandardStep.active.desc(), StandardStep.position, StandardStep.id)
    )
    return [Column(*row) for row in session.execute(query)] if standards else []


def _types(session: Session, keys: Collection[str]) -> Mapping[tuple[int, str], TicketType]:
    """The types of these keys by brand and key."""
    query = sa.select(TicketType).where(TicketType.key.in_(sorted(keys)))
    return {(each.brand_id, each.key): each for each in session.scalars(query)} if keys else {}


def _named(standard: Standard, kind: TicketType | None) -> Named:
    """A standard's name and icon are those of the type that it goes by: its own brand's, else the group's."""
    return Named(
        id=standard.id,
        public_id=standard.public_id,
        type_key=standard.type_key,
        name=kind.name if kind else standard.type_key,
        names=kind.names if kind else {},
        icon=kind.icon if kind else "checklist",
        subject_kind=standard.subject_kind,
        place_id=standard.place_id,
        active=standard.active,
    )
