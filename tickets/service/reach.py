"""Owns who may look after calendars, policies and closures, and of which places."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, Permission, Scope
from tickets.errors import Forbidden, NotFound
from tickets.places import Place, PlaceKind

KEEPERS = N_("Only those who look after ticket types here change this; ask the brand's administrator.")
CLOSERS = N_("Only the head of the campus, or whoever looks after ticket types here, closes a place.")
CLOSING = frozenset({Permission.MANAGE_TYPES, Permission.DISPATCH})


def keeps(actor: Actor, place: Place) -> bool:
    """Whether they look after the service levels of a place, its brand or the group."""
    return actor.covers(Permission.MANAGE_TYPES, brand_id=place.brand_id, place_path=place.path)


def closes(actor: Actor, place: Place) -> bool:
    """Whether they may say that a place is closed: also whoever oversees its tickets."""
    return any(actor.covers(one, brand_id=place.brand_id, place_path=place.path) for one in CLOSING)


def check_sees(actor: Actor) -> None:
    """Raises Forbidden to those who look after nothing here."""
    if not any(actor.may(one) for one in CLOSING):
        raise Forbidden(Message(KEEPERS))


def check_keeps(actor: Actor, place: Place) -> None:
    if not keeps(actor, place):
        raise Forbidden(Message(KEEPERS))


def check_closes(actor: Actor, place: Place) -> None:
    if not closes(actor, place):
        raise Forbidden(Message(CLOSERS))


def visible_brands(actor: Actor) -> frozenset[int] | None:
    """The brands whose calendars and policies they see, the group among them; None for all."""
    grants = [grant for one in CLOSING for grant in actor.having(one)]
    if any(grant.scope is Scope.GROUP for grant in grants):
        return None
    return frozenset({actor.root_id, *(grant.brand_id for grant in grants)})


def of_brands(actor: Actor, column: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """On a query with a brand's id: those whose calendars and policies they see."""
    brands = visible_brands(actor)
    return sa.true() if brands is None else column.in_(sorted(brands))


def place_seen(session: Session, actor: Actor, place_id: UUID) -> Place:
    """The place, if its calendar is theirs to see; raises NotFound."""
    found = session.scalar(sa.select(Place).where(Place.public_id == place_id, of_brands(actor, Place.brand_id)))
    if found is None:
        raise NotFound(N_("This place"))
    return found


def owners(session: Session, actor: Actor) -> list[Place]:
    """The group and the brands that they see, the group first."""
    kinds = (PlaceKind.GROUP.value, PlaceKind.BRAND.value)
    query = sa.select(Place).where(Place.kind.in_(kinds), of_brands(actor, Place.brand_id)).order_by(Place.path)
    return list(session.scalars(query))


def kept(actor: Actor, places: Iterable[Place]) -> list[Place]:
    """Of these places those that they look after."""
    return [place for place in places if keeps(actor, place)]
