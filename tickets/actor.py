"""Owns who acts: a person with the grants that their roles at places give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.organising.sessions import Lifetime, PersonSession
from tickets.people import Person
from tickets.permissions import Permission, Scope, permissions_in, scope_of
from tickets.places import Place
from tickets.roles import Membership, Queue, Role


@dataclass(frozen=True, slots=True)
class Grant:
    """What one membership gives: a role's permissions, as far as its scope reaches from the membership's place."""

    permissions: frozenset[Permission]
    scope: Scope
    place_id: int
    place_path: str
    brand_id: int
    role_key: str
    role_names: tuple[str, str]
    """Chinese, English."""

    def reaches(self, *, brand_id: int, place_path: str) -> bool:
        """Whether its scope holds this place of this brand; the scope `own` holds none."""
        match self.scope:
            case Scope.GROUP:
                return True
            case Scope.BRAND:
                return self.brand_id == brand_id
            case Scope.CAMPUS:
                return place_path.startswith(self.place_path)
            case Scope.OWN:
                return False


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, as the verbs and queries need them; `via` says how: page, api, cli."""

    person_id: int
    public_id: UUID
    name: str
    login: str
    language: str
    theme: str
    brand_id: int
    place_id: int
    place_path: str
    place_name: str
    time_zone: str
    root_id: int
    grants: tuple[Grant, ...]
    queue_keys: frozenset[int]
    """Their own queue and those of their roles: where the tasks offered to them wait."""
    session_epoch: int = 0
    only_types: frozenset[str] | None = None
    """Of a client of the API: the keys of the ticket types it may have to do with; None: all."""
    via: str = "page"
    token: str = ""
    """The name of their own API token, if they come by one."""
    place_names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def may(self, permission: Permission) -> bool:
        """Whether any of their roles has this permission, wherever it reaches."""
        return any(permission in grant.permissions for grant in self.grants)

    def covers(self, permission: Permission, *, brand_id: int, place_path: str) -> bool:
        """Whether a role with this permission reaches this place of this brand."""
        return any(grant.reaches(brand_id=brand_id, place_path=place_path) for grant in self.having(permission))

    def having(self, permission: Permission) -> tuple[Grant, ...]:
        """The grants with this permission."""
        return tuple(grant for grant in self.grants if permission in grant.permissions)


def load_actor(session: Session, person_id: int, *, via: str = "page") -> Actor | None:
    """Who this is and what they may, in two statements; None when nobody is known by this id or they have departed."""
    found = session.connection().execute(_WHO, {"person_id": person_id}).one_or_none()
    return _acting(session, tuple(found), via=via) if found else None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and the session by which they are."""

    actor: Actor
    session_id: int
    seen_at: datetime
    must_change_password: bool


def load_signed_in(session: Session, digest: str, lifetime: Lifetime, now: datetime) -> SignedIn | None:
    """Who is signed in by the session with this digest, in as many statements; None when it counts no more."""
    limits = {"started_after": now - lifetime.absolute, "seen_after": now - lifetime.idle}
    found = session.connection().execute(_SIGNED_IN, {"digest": digest, **limits}).one_or_none()
    if found is None:
        return None
    *person, session_id, seen_at, must_change = found
    return SignedIn(_acting(session, tuple(person), via="page"), session_id, seen_at, must_change)


def grants_of(session: Session, person_id: int, root_id: int) -> tuple[Grant, ...]:
    """What a person's roles give them, departed or not."""
    return _memberships(session, person_id, root_id)[0]


def _acting(session: Session, found: tuple[Any, ...], *, via: str) -> Actor:
    """The actor of a row of `_WHO`."""
    *person, path, place_name, place_names, time_zone, own_queue = found
    facts = dict(zip(_FACTS, person, strict=True))
    person_id, root_id = facts.pop("id"), int(path.split("/")[1])
    grants, role_queues = _memberships(session, person_id, root_id)
    return Actor(
        **facts,
        person_id=person_id,
        place_path=path,
        place_name=place_name,
        place_names=place_names,
        time_zone=time_zone,
        root_id=root_id,
        grants=grants,
        queue_keys=role_queues | ({own_queue} if own_queue else frozenset()),
        via=via,
    )


_FACTS = ("id", "public_id", "name", "login", "language", "theme", "brand_id", "place_id", "session_epoch")
_PEOPLE = (
    sa.select(
        *(Person.__table__.c[name] for name in _FACTS), Place.path, Place.name, Place.names, Place.time_zone, Queue.id
    )
    .join_from(Person, Place, Place.id == Person.place_id)
    .outerjoin(Queue, Queue.person_id == Person.id)
    .where(Person.departed_at.is_(None))
)
_WHO = _PEOPLE.where(Person.id == sa.bindparam("person_id"))
"""Built once, as every request runs it: building a statement costs more than running it."""
_SIGNED_IN = (
    _PEOPLE.add_columns(PersonSession.id, PersonSession.seen_at, Person.must_change_password)
    .join(PersonSession, PersonSession.person_id == Person.id)
    .where(
        PersonSession.digest == sa.bindparam("digest"),
        PersonSession.ended_at.is_(None),
        PersonSession.epoch == Person.session_epoch,
        PersonSession.started_at > sa.bindparam("started_after"),
        PersonSession.seen_at > sa.bindparam("seen_after"),
    )
)
"""The same for a session's secret: whether it counts is asked together with who it is."""
_HELD = ("permissions", "scope", "key", "name_zh", "name_en")
_GRANTS = (
    sa.select(
        *(Role.__table__.c[name] for name in _HELD), Place.id, Place.path, Place.brand_id, Queue.id.label("queue_id")
    )
    .select_from(Membership)
    .join(Role, Role.id == Membership.role_id)
    .join(Place, Place.id == Membership.place_id)
    .outerjoin(Queue, sa.and_(Queue.role_id == Role.id, Queue.place_id == Place.id))
    .where(
        Membership.person_id == sa.bindparam("person_id"),
        sa.or_(Role.brand_id == Place.brand_id, Role.brand_id == sa.bindparam("root_id")),
    )
    .order_by(Membership.id)
)


def _memberships(session: Session, person_id: int, root_id: int) -> tuple[tuple[Grant, ...], frozenset[int]]:
    """Their grants, and the queues of their roles. A brand's role gives nothing outside that brand."""
    given = {"person_id": person_id, "root_id": root_id}
    rows = session.connection().execute(_GRANTS, given).all()
    grants = tuple(
        Grant(
            permissions=permissions_in(permissions),
            scope=_within(scope_of(scope), brand_id=brand_id, root_id=root_id),
            place_id=place_id,
            place_path=path,
            brand_id=brand_id,
            role_key=key,
            role_names=(name_zh, name_en),
        )
        for permissions, scope, key, name_zh, name_en, place_id, path, brand_id, _ in map(tuple, rows)
    )
    return grants, frozenset(row.queue_id for row in rows if row.queue_id is not None)


def _within(scope: Scope, *, brand_id: int, root_id: int) -> Scope:
    """A role of the whole group, held inside a brand, ends at that brand, or brands could let their people out."""
    return Scope.BRAND if scope is Scope.GROUP and brand_id != root_id else scope
