"""Owns who asks: people whom the seed made, by what they may do and how far they see, and tickets they open."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import sqlalchemy as sa

from bench.asking.browser import Bench, Visit
from tickets.people import Person
from tickets.permissions import Permission, Scope
from tickets.places import Place, PlaceKind
from tickets.roles import Membership, Role
from tickets.ticket import Ticket


@dataclass
class Cast:
    """Whom the seed made, by what they see and do; logins of several each."""

    bench: Bench
    chance: random.Random

    def having(self, permission: Permission, *scopes: Scope, most: int = 4) -> list[str]:
        """Some people of each of the scopes (all when none is said) who have the permission."""
        found: list[str] = []
        with self.bench.runtime.reading() as session:
            roles = session.scalars(sa.select(Role).order_by(Role.id)).all()
            for role in roles:
                if permission in role.permissions and (not scopes or role.scope in scopes):
                    held = sa.select(Person.login).join(Membership, Membership.person_id == Person.id)
                    people = session.scalars(held.where(Membership.role_id == role.id).order_by(Person.id)).all()
                    found += self.chance.sample(people, min(most, len(people)))
        return found

    def team(self) -> list[str]:
        """Those who look into the queues of thirty places."""
        many = (
            sa.select(Person.login)
            .join(Membership, Membership.person_id == Person.id)
            .group_by(Person.id, Person.login)
        )
        with self.bench.runtime.reading() as session:
            return list(session.scalars(many.having(sa.func.count() >= 30).order_by(Person.id)))

    def campuses(self, logins: Sequence[str]) -> list[tuple[str, str]]:
        """With each person a campus within their scope, by its public id."""
        query = sa.select(Person.login, Place.public_id, Place.kind, Place.brand_id).join(
            Place, Place.id == Person.place_id
        )
        campuses = sa.select(Place.public_id, Place.brand_id).where(Place.kind == PlaceKind.CAMPUS).order_by(Place.id)
        with self.bench.runtime.reading() as session:
            all_of_them = session.execute(campuses).all()
            found = []
            for login, own, kind, brand in session.execute(query.where(Person.login.in_(logins)).order_by(Person.id)):
                inside = [each.public_id for each in all_of_them if each.brand_id == brand] or [
                    each.public_id for each in all_of_them
                ]
                found += [
                    (login, str(own if kind == PlaceKind.CAMPUS else self.chance.choice(inside))) for _ in range(3)
                ]
        return found

    def tickets(self, most: int, *criteria: sa.ColumnElement[bool]) -> list[Visit]:
        """Tickets with their owners, and the same with a support lead."""
        leads = cycle(self.having(Permission.SEE, Scope.GROUP))
        query = sa.select(Ticket.number, Person.login).join(Person, Person.id == Ticket.owner_id)
        with self.bench.runtime.reading() as session:
            rows = session.execute(query.where(*criteria).order_by(Ticket.id.desc()).limit(most)).all()
        return [Visit(login, f"/tickets/{row.number}") for row in rows for login in (row.login, next(leads))]
