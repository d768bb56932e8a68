"""Owns how far the tickets that one sees reach, apart by how they are found: all, a brand, places below one, own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tickets.access import KEPT, Permission, Scope, own_sources
from tickets.places import Place
from tickets.ticket import Ticket
from tickets.types import TicketType

if TYPE_CHECKING:
    from tickets.actor import Actor

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Reach:
    """What one scope holds: a brand, the places on or below a path, or with neither everything."""

    brand_id: int | None = None
    path: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether it may hold many thousand tickets."""
        return not self.path

    @property
    def is_everything(self) -> bool:
        return not self.path and self.brand_id is None

    def holds(self, brand: Any, place: Any) -> Condition:
        """On columns that hold a brand's and a place's id."""
        if self.path:
            below = sa.select(Place.id).where(Place.path.startswith(self.path)).correlate(None)
            return sa.type_coerce(place.in_(below), sa.Boolean)
        return sa.true() if self.brand_id is None else sa.type_coerce(brand == self.brand_id, sa.Boolean)


@lru_cache(KEPT)
def reaches(actor: Actor) -> tuple[Reach, ...]:
    """What their scopes hold, none twice; for the whole group only that."""
    grants = actor.having(Permission.SEE)
    if any(grant.scope is Scope.GROUP for grant in grants):
        return (Reach(),)
    brands = {grant.brand_id for grant in grants if grant.scope is Scope.BRAND}
    paths = {grant.place_path for grant in grants if grant.scope is Scope.CAMPUS and grant.brand_id not in brands}
    outer = {path for path in paths if not any(path != other and path.startswith(other) for other in paths)}
    whole = {path for path in outer if path.count("/") == 3}  # /group/brand/
    brands |= {int(path.split("/")[2]) for path in whole}
    below = outer - whole
    if any(path.count("/") == 2 for path in below):
        return (Reach(),)
    return (*(Reach(brand) for brand in sorted(brands)), *(Reach(path=path) for path in sorted(below)))


@lru_cache(KEPT)
def own_tickets(actor: Actor) -> sa.Select[int]:
    """The ids of the tickets that are theirs, whatever their scopes are."""
    own = sa.union(*(sa.select(Ticket.id).where(source) for source in own_sources(actor))).subquery("own")
    return sa.select(own.c.id)


def of_types(actor: Actor, type_id: Any) -> tuple[Condition, ...]:
    """On a column that holds a type's id: those that a client of the API is let to; nothing for people."""
    if actor.only_types is None:
        return ()
    return (type_id.in_(sa.select(TicketType.id).where(TicketType.key.in_(sorted(actor.only_types))).correlate(None)),)


def sights(actor: Actor, *, brand: Any, place: Any, type_id: Any, ticket_id: Any) -> list[Condition]:
    """Conditions on any table with these columns that hold no row twice and together all that they see."""
    held = [reach.holds(brand, place) for reach in reaches(actor)]
    types = of_types(actor, type_id)
    if reaches(actor) == (Reach(),):
        return [sa.and_(sa.true(), *types)]
    mine = ticket_id.in_(own_tickets(actor))
    if not held:
        return [mine]
    return [sa.and_(sa.or_(*held), *types), sa.and_(mine, sa.not_(sa.or_(*held)))]
