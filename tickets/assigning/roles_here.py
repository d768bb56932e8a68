"""Reads the roles that somebody holds at a ticket's place or above it: those that a task can be given to."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Permission
from tickets.people import Person
from tickets.permissions import permissions_in
from tickets.places import Place, ancestors
from tickets.roles import Membership, Role
from tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class RoleHere:
    """A role by key, with its names by language."""

    key: str
    names: dict[str, str]


def roles_at(session: Session, number: str) -> list[RoleHere]:
    """The roles that may do a ticket's tasks there, by name; two statements."""
    found = session.execute(
        sa.select(Place.path, Place.brand_id).join(Ticket, Ticket.place_id == Place.id).where(Ticket.number == number)
    ).one_or_none()
    if found is None:
        return []
    return roles_near(session, found.path, found.brand_id)


def roles_near(session: Session, place_path: str, brand_id: int) -> list[RoleHere]:
    """The working roles held by somebody present at a place or above it; one statement."""
    places = ancestors(place_path)
    query = (
        sa.select(Role.key, Role.name_zh, Role.name_en, Role.permissions)
        .where(
            Role.brand_id.in_((brand_id, places[0])),
            sa.exists()
            .where(Membership.role_id == Role.id, Membership.place_id.in_(places))
            .where(Person.id == Membership.person_id, Person.departed_at.is_(None)),
        )
        .order_by(Role.id)
    )
    rows = session.execute(query)
    working = (row for row in rows if Permission.WORK in permissions_in(row.permissions))
    return [RoleHere(row.key, {"zh": row.name_zh, "en": row.name_en}) for row in working]
