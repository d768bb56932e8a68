"""Owns how an installation begins without the demo: the group, its brands, the usual roles, an administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.errors import Conflict, Invalid
from tickets.organising.own_password import check_password
from tickets.passwords import hash_password
from tickets.people import Person
from tickets.permissions import SHIPPED_ROLES
from tickets.places import Place, PlaceKind, add_place
from tickets.roles import Role
from tickets.runtime import Runtime
from tickets.staff import NewPerson, add_person, grant_role
from tickets.texts import line_problem


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new installation begins with; `brands` are names, the first administrator belongs to the group.

    Where they are here already, no `password` is needed.
    """

    group: str
    brands: Sequence[str]
    login: str
    name: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Founded:
    """What of it was missing and is there now."""

    group: bool
    brands: tuple[str, ...]
    administrator: bool


def knows(runtime: Runtime, login: str) -> bool:
    """Whether there is a person with that login."""
    with runtime.reading() as session:
        return _has(session, login)


def _has(session: Session, login: str) -> bool:
    return session.scalar(sa.select(Person).where(Person.login == login.strip().lower())) is not None


def found(runtime: Runtime, founding: Founding) -> Founded:
    """Make what is missing of the organisation; said again, nothing changes.

    Raises Invalid (a name, the login, the password), Conflict (the group here has another name).
    """
    _check(founding)
    if founding.password is not None:
        check_password(founding.password, login=founding.login, name=founding.name)
    hashed, now = hash_password(founding.password) if founding.password else None, runtime.clock.now()
    with runtime.writing() as session, session.begin():
        group = session.scalar(sa.select(Place).where(Place.kind == PlaceKind.GROUP))
        new = group is None
        if group is None:
            group = add_place(session, PlaceKind.GROUP, {"zh": founding.group.strip()}, above=None)
            audit.record(session, None, "organisation.founded", group.name, brand_id=group.id, at=now, via="cli")
        elif group.name != founding.group.strip():
            text = N_("A group called “%(name)s” is here already; one installation serves one group.")
            raise Conflict(Message(text, {"name": group.name}))
        roles = add_shipped_roles(session, group)
        brands = _brands(session, group, founding.brands)
        administrator = not _has(session, founding.login)
        if administrator:
            one = NewPerson(login=founding.login, name=founding.name)
            secret = hashed or hash_password("")  # refuses: nobody is without a password
            person = add_person(session, group, one, password_hash=secret, at=now)
            grant_role(session, person, role_id=roles["administrator"].id, place_id=group.id)
            after = {"login": person.login, "role": "administrator"}
            who = person.login
            audit.record(session, None, "person.created", who, brand_id=group.id, at=now, after=after, via="cli")
        return Founded(new, brands, administrator)


def add_shipped_roles(session: Session, group: Place) -> dict[str, Role]:
    """The roles of a fresh installation, as the group's, by key; those that are here stay as they are."""
    here = {role.key: role for role in session.scalars(sa.select(Role).where(Role.brand_id == group.id))}
    for shipped in SHIPPED_ROLES:
        if shipped.key not in here:
            here[shipped.key] = Role(
                brand_id=group.id,
                key=shipped.key,
                name_zh=shipped.zh,
                name_en=shipped.en,
                permissions=sorted(shipped.permissions),
                scope=shipped.scope,
            )
            session.add(here[shipped.key])
    session.flush()
    return here


def _brands(session: Session, group: Place, names: Sequence[str]) -> tuple[str, ...]:
    known = set(session.scalars(sa.select(Place.name).where(Place.kind == PlaceKind.BRAND)))
    missing = tuple(dict.fromkeys(name.strip() for name in names if name.strip() not in known))
    for name in missing:
        add_place(session, PlaceKind.BRAND, {"zh": name}, above=group)
    return missing


def _check(founding: Founding) -> None:
    for text in (founding.group, *founding.brands, founding.name):
        if problem := line_problem(text, 100):
            raise Invalid(
                Message(N_("The name “%(name)s” can't be used. %(problem)s"), {"name": text[:40], "problem": problem})
            )
