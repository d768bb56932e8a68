"""Owns how far an administrator reaches: over which people and places, and which roles they may give away."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.actor import Actor, Grant, grants_of
from tickets.errors import Forbidden
from tickets.people import Person
from tickets.permissions import Permission, Scope, permissions_in, scope_of
from tickets.places import Place
from tickets.roles import Role

SEES_PEOPLE = (Permission.SEE_PEOPLE, Permission.MANAGE_PEOPLE)


def people_within(actor: Actor, *permissions: Permission) -> sa.ColumnElement[bool]:
    """On a query of Person joined with their Place: one of the permissions reaches there. Accounts of systems never."""
    return sa.and_(Person.is_client.is_(False), _within(actor, permissions, Person.brand_id))


def places_within(actor: Actor, *permissions: Permission) -> sa.ColumnElement[bool]:
    """On a query of Place: one of the permissions reaches there."""
    return _within(actor, permissions, Place.brand_id)


def brands_within(actor: Actor, permission: Permission, brand: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """On a query with a brand's id: the permission reaches all of that brand."""
    grants = actor.having(permission)
    if any(grant.scope is Scope.GROUP for grant in grants):
        return sa.true()
    return brand.in_(sorted({grant.brand_id for grant in grants if grant.scope is Scope.BRAND}))


def manages(actor: Actor, permission: Permission, place: Place) -> bool:
    """Whether the permission reaches this place."""
    return actor.covers(permission, brand_id=place.brand_id, place_path=place.path)


def as_grant(role: Role, place: Place, root_id: int) -> Grant:
    """What holding the role at the place gives."""
    scope = scope_of(role.scope)
    if scope is Scope.GROUP and place.brand_id != root_id:
        scope = Scope.BRAND
    return Grant(
        permissions=permissions_in(role.permissions),
        scope=scope,
        place_id=place.id,
        place_path=place.path,
        brand_id=place.brand_id,
        role_key=role.key,
        role_names=(role.name_zh, role.name_en),
    )


def may_give(actor: Actor, wanted: Grant) -> bool:
    """Whether the actor has every permission of the grant, each as far as the grant would reach."""
    root = f"/{actor.root_id}/"
    return all(
        any(_holds(mine, wanted, root) for mine in actor.having(permission)) for permission in wanted.permissions
    )


def check_not_above(session: Session, actor: Actor, person: Person) -> None:
    """Raises Forbidden when the person's roles go beyond the actor's: who changes them could become them."""
    if person.id == actor.person_id:
        return
    if not all(may_give(actor, grant) for grant in grants_of(session, person.id, actor.root_id)):
        raise Forbidden(Message(BEYOND, {"name": person.name}))


def is_system(session: Session, actor: Actor) -> bool:
    """Whether another system acts, which tells what is so, whoever it is about; a person with a token is none."""
    return session.scalar(sa.select(Person.is_client).where(Person.id == actor.person_id)) is True


BEYOND = N_("%(name)s holds roles that go beyond yours; somebody who has them must do this.")


def _holds(mine: Grant, wanted: Grant, root: str) -> bool:
    """Whether my grant reaches all that the wanted one would."""
    match wanted.scope:
        case Scope.GROUP:
            return mine.scope is Scope.GROUP
        case Scope.BRAND:
            return mine.scope is Scope.GROUP or (mine.scope is Scope.BRAND and mine.brand_id == wanted.brand_id)
        case Scope.CAMPUS if wanted.place_path == root:
            return mine.scope is Scope.GROUP or (mine.scope is Scope.CAMPUS and mine.place_path == root)
        case Scope.CAMPUS:
            return mine.reaches(brand_id=wanted.brand_id, place_path=wanted.place_path)
        case Scope.OWN:
            own = mine.scope is Scope.OWN and wanted.place_path.startswith(mine.place_path)
            return own or mine.reaches(brand_id=wanted.brand_id, place_path=wanted.place_path)


def _within(
    actor: Actor, permissions: tuple[Permission, ...], brand: sa.SQLColumnExpression[int]
) -> sa.ColumnElement[bool]:
    grants = [grant for permission in permissions for grant in actor.having(permission)]
    if any(grant.scope is Scope.GROUP for grant in grants):
        return sa.true()
    brands = sorted({grant.brand_id for grant in grants if grant.scope is Scope.BRAND})
    paths = sorted({grant.place_path for grant in grants if grant.scope is Scope.CAMPUS})
    return sa.or_(sa.false(), *(brand == each for each in brands), *(Place.path.startswith(path) for path in paths))
