"""What the tests of people share: who is meant, what the audit log says, roles and places of the cast."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from tests.cast import Cast
from tickets.audit import AuditEntry
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Role


def person_id(cast: Cast, login: str) -> UUID:
    with cast.runtime.reading() as session:
        return session.scalars(sa.select(Person.public_id).where(Person.login == login)).one()


def place_id(cast: Cast, external_id: str) -> UUID:
    with cast.runtime.reading() as session:
        return session.scalars(sa.select(Place.public_id).where(Place.external_id == external_id)).one()


def person(cast: Cast, login: str) -> Person:
    with cast.runtime.reading() as session:
        return session.scalars(sa.select(Person).where(Person.login == login)).one()


def roles_of(cast: Cast, login: str) -> set[tuple[str, str]]:
    """Key and place of each role."""
    query = sa.select(Role.key, Place.external_id).select_from(Membership).join(Role, Role.id == Membership.role_id)
    joined = query.join(Place, Place.id == Membership.place_id).join(Person, Person.id == Membership.person_id)
    with cast.runtime.reading() as session:
        return {(row[0], row[1] or "") for row in session.execute(joined.where(Person.login == login))}


def audited(cast: Cast) -> list[tuple[str, str]]:
    with cast.runtime.reading() as session:
        rows = session.execute(sa.select(AuditEntry.action, AuditEntry.what).order_by(AuditEntry.id))
        return [(row[0], row[1]) for row in rows]


def last_audit(cast: Cast) -> AuditEntry:
    with cast.runtime.reading() as session:
        return session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
