"""Owns reading roles: the group's and the brands' one manages or looks at, and who holds each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.organising.reach import people_within, places_within
from tickets.organising.role_changes import within_ones_own
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place
from tickets.roles import Membership, Role

HOLDERS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role, the brand (or group) it belongs to, how many of those one sees hold it, whether one may change it."""

    role: Role
    brand: Place
    holders: int
    mine: bool


@dataclass(frozen=True, slots=True)
class Holder:
    person: Person
    place: Place


def role_list(session: Session, actor: Actor) -> list[RoleRow]:
    """The roles one sees: those of the group and of the brands one manages. Raises NotFound; two statements."""
    query = _seen(actor).order_by(Place.path, Role.id)
    rows = [(role, brand) for role, brand in session.execute(query)]
    counts = _holders(actor, sa.select(Membership.role_id, sa.func.count()).group_by(Membership.role_id))
    held = {row[0]: row[1] for row in session.execute(counts)}
    return [RoleRow(role, brand, held.get(role.id, 0), may_change(actor, role, brand)) for role, brand in rows]


def role_page(session: Session, actor: Actor, role_id: int) -> tuple[RoleRow, Sequence[Holder]]:
    """One role and the first of those who hold it. Raises NotFound."""
    found = session.execute(_seen(actor).where(Role.id == role_id)).one_or_none()
    if found is None:
        raise NotFound(N_("This role"))
    role, brand = found
    where = sa.select(Membership.person_id, Membership.place_id).where(Membership.role_id == role.id)
    rows = session.execute(_holders(actor, where).limit(HOLDERS_SHOWN)).all()
    total = session.scalar(
        _holders(actor, sa.select(sa.func.count()).select_from(Membership).where(Membership.role_id == role.id))
    )
    people = {one.id: one for one in session.scalars(sa.select(Person).where(Person.id.in_({row[0] for row in rows})))}
    places = {one.id: one for one in session.scalars(sa.select(Place).where(Place.id.in_({row[1] for row in rows})))}
    holders = [Holder(people[person_id], places[place_id]) for person_id, place_id in rows]
    return RoleRow(role, brand, total or 0, may_change(actor, role, brand)), holders


def may_change(actor: Actor, role: Role, brand: Place) -> bool:
    """Whether one manages the role's brand, and has all that the role gives."""
    manages = actor.covers(Permission.MANAGE_ROLES, brand_id=brand.id, place_path=brand.path)
    return manages and within_ones_own(actor, role, brand)


def _seen(actor: Actor) -> sa.Select[Role, Place]:
    if not actor.may(Permission.MANAGE_ROLES):
        raise NotFound
    reached = sa.or_(Role.brand_id == actor.root_id, places_within(actor, Permission.MANAGE_ROLES))
    return sa.select(Role, Place).join(Place, Place.id == Role.brand_id).where(reached)


def _holders(actor: Actor, query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """Of a query of Membership: those of people one sees, who are here."""
    return (
        query.join(Person, Person.id == Membership.person_id)
        .join(Place, Place.id == Person.place_id)
        .where(Person.departed_at.is_(None), people_within(actor, Permission.MANAGE_ROLES))
    )
