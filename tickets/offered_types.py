"""Owns which ticket types a person may file: their brand's before the group's, as the brand's settings offer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, Permission, visible_types
from tickets.errors import Forbidden, NotFound
from tickets.settings import TypeSetting
from tickets.types import TicketType

NAMES = ("offered", "start.roles")


def fileable_type(session: Session, actor: Actor, type_key: str) -> TicketType:
    """The type as their brand has it, else as the group has it. Raises NotFound; Forbidden for other roles' types."""
    found = _types(session, actor, TicketType.key == type_key) if type_key.isprintable() else []
    kind = next(iter(found), None)
    offers = _offers(session, actor, type_key)
    if kind is None or not offers.offered(kind):
        raise NotFound(N_("This ticket type"))
    if not offers.lets(actor, kind):
        raise Forbidden(Message(N_("Your roles don't file this type of ticket.")))
    return kind


def type_for(session: Session, actor: Actor, asks: Actor, type_key: str) -> TicketType:
    """The type that `actor` files for `asks`: what either may file, as the brand of `asks` has it."""
    try:
        return fileable_type(session, asks, type_key)
    except (NotFound, Forbidden):
        if asks.person_id == actor.person_id:
            raise
        return fileable_type(session, replace(actor, brand_id=asks.brand_id), type_key)


def types_for(session: Session, actor: Actor, asks: Actor) -> list[TicketType]:
    """All the types that `actor` may file for `asks`."""
    theirs = fileable_types(session, asks)
    if asks.person_id == actor.person_id:
        return theirs
    mine = fileable_types(session, replace(actor, brand_id=asks.brand_id))
    return list({kind.key: kind for kind in (*mine, *theirs)}.values())


def fileable_types(session: Session, actor: Actor) -> list[TicketType]:
    """The types one may file; of two with one key the brand's hides the group's. Two statements."""
    found: dict[str, TicketType] = {}
    for kind in _types(session, actor):
        found.setdefault(kind.key, kind)
    offers = _offers(session, actor)
    return [kind for kind in found.values() if offers.offered(kind) and offers.lets(actor, kind)]


@dataclass(frozen=True)
class _Offers:
    """What the brand and the group set of each type: by (brand, type key, name)."""

    order: Sequence[int]
    rows: Mapping[tuple[int, str, str], Any] = field(default_factory=dict)

    def offered(self, kind: TicketType) -> bool:
        """Whether the type is offered to the brand's people at all."""
        return bool(self._held(kind.key, "offered", True))

    def lets(self, actor: Actor, kind: TicketType) -> bool:
        """Whether their roles let them file tickets, and this type names none or one of theirs."""
        named = set(self._held(kind.key, "start.roles", kind.start_roles))
        return actor.may(Permission.FILE) and (not named or any(grant.role_key in named for grant in actor.grants))

    def _held(self, key: str, name: str, default: Any) -> Any:
        ways = ((brand, of) for brand in self.order for of in (key, ""))
        return next((self.rows[way] for brand, of in ways if (way := (brand, of, name)) in self.rows), default)


_BRAND: sa.BindParameter[int] = sa.bindparam("brand")
_ROOT: sa.BindParameter[int] = sa.bindparam("root")
_TYPES = (
    sa.select(TicketType)
    .where(TicketType.active, TicketType.fileable)
    .order_by(sa.case((TicketType.brand_id == _BRAND, 0), (TicketType.brand_id == _ROOT, 1), else_=2), TicketType.id)
)
_OFFERS = sa.select(TypeSetting).where(TypeSetting.brand_id.in_([_BRAND, _ROOT]), TypeSetting.name.in_(NAMES))
"""What every filing asks is built once: building costs more than running it."""
_OFFERS_OF_ONE = _OFFERS.where(TypeSetting.type_key.in_(["", sa.bindparam("key")]))


def _types(session: Session, actor: Actor, *criteria: sa.ColumnElement[bool]) -> Sequence[TicketType]:
    """The brand's own first, then the group's."""
    whose = {"brand": actor.brand_id, "root": actor.root_id}
    return session.scalars(_TYPES.where(visible_types(actor), *criteria), whose).all()


def _offers(session: Session, actor: Actor, key: str | None = None) -> _Offers:
    order = list(dict.fromkeys((actor.brand_id, actor.root_id)))
    whose = {"brand": actor.brand_id, "root": actor.root_id}
    if key is None:
        rows = session.scalars(_OFFERS, whose)
    else:
        rows = session.scalars(_OFFERS_OF_ONE, {**whose, "key": key if key.isprintable() else ""})
    return _Offers(order, {(row.brand_id, row.type_key, row.name): row.value for row in rows})
