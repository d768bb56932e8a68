"""Owns making, changing and deleting roles: nobody makes a role with more than they have themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Conflict, Forbidden, NotFound
from tickets.organising.fields import FieldsInvalid
from tickets.organising.reach import as_grant, may_give, places_within
from tickets.permissions import Permission, Scope, permissions_in
from tickets.places import Place, PlaceKind
from tickets.roles import Membership, Queue, Role
from tickets.runtime import Runtime
from tickets.texts import line_problem


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role as it is to be; `permissions` and `scope` are keys of `tickets.permissions`."""

    name_zh: str
    name_en: str
    permissions: tuple[str, ...]
    scope: str
    key: str = ""


def create_role(runtime: Runtime, actor: Actor, facts: RoleFacts, *, brand_id: int) -> int:
    """A new role of a brand, or of the group; its id. Raises NotFound (the brand), Forbidden, FieldsInvalid."""
    now = runtime.clock.now()
    _check(facts, new=True)
    try:
        with runtime.writing() as session, session.begin():
            brand = _brand(session, actor, brand_id)
            role = Role(brand_id=brand.id, key=facts.key.strip(), **_columns(facts))
            _check_within(actor, role, brand)
            session.add(role)
            session.flush()
            after = {"key": role.key, **_columns(facts)}
            audit.record(session, actor, "role.created", role.key, brand_id=brand.id, at=now, after=after)
            return role.id
    except IntegrityError:
        raise FieldsInvalid({"key": Message(N_("A role has this key already; choose another."))}) from None


def change_role(runtime: Runtime, actor: Actor, role_id: int, facts: RoleFacts) -> None:
    """Change a role; it counts for all who hold it at once. Raises NotFound, Forbidden, FieldsInvalid."""
    now = runtime.clock.now()
    _check(facts, new=False)
    with runtime.writing() as session, session.begin():
        role, brand = role_managed(session, actor, role_id)
        _check_within(actor, role, brand)
        wanted = _columns(facts)
        different = {name: value for name, value in wanted.items() if getattr(role, name) != value}
        before = {name: getattr(role, name) for name in different}
        for name, value in different.items():
            setattr(role, name, value)
        _check_within(actor, role, brand)
        if different:
            audit.record(
                session, actor, "role.changed", role.key, brand_id=brand.id, at=now, before=before, after=different
            )


def delete_role(runtime: Runtime, actor: Actor, role_id: int) -> None:
    """Delete a role that nobody holds and nothing waits for. Raises NotFound, Forbidden, Conflict."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        role, brand = role_managed(session, actor, role_id)
        _check_within(actor, role, brand)
        holders = session.scalar(sa.select(sa.func.count()).where(Membership.role_id == role.id)) or 0
        if holders:
            text = N_("%(count)s people hold this role; take it away from them first.")
            raise Conflict(Message(text, {"count": holders}))
        before = {"name_zh": role.name_zh, "permissions": list(role.permissions), "scope": role.scope}
        try:
            session.execute(sa.delete(Queue).where(Queue.role_id == role.id))
            session.delete(role)
            session.flush()
        except IntegrityError:
            raise Conflict(
                Message(N_("Tasks wait or waited for this role, so it stays; take its permissions away."))
            ) from None
        audit.record(session, actor, "role.deleted", role.key, brand_id=brand.id, at=now, before=before)


def role_managed(session: Session, actor: Actor, role_id: int) -> tuple[Role, Place]:
    """A role that one manages, locked, with its brand. Raises Forbidden, NotFound."""
    if not actor.may(Permission.MANAGE_ROLES):
        raise Forbidden(Message(N_("Your roles don't let you manage roles; ask an administrator.")))
    query = sa.select(Role, Place).join(Place, Place.id == Role.brand_id).where(Role.id == role_id, _managed(actor))
    found = session.execute(query.with_for_update(of=Role)).one_or_none()
    if found is None:
        raise NotFound(N_("This role"))
    return found[0], found[1]


def role_brands(session: Session, actor: Actor) -> list[Place]:
    """The brands (and the group) whose roles one manages."""
    heads = Place.kind.in_((PlaceKind.GROUP, PlaceKind.BRAND))
    return list(session.scalars(sa.select(Place).where(heads, _managed(actor)).order_by(Place.id)))


def within_ones_own(actor: Actor, role: Role, brand: Place) -> bool:
    """Whether everything that the role could give is the actor's too."""
    return may_give(actor, as_grant(role, brand, actor.root_id))


def _managed(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Place: a brand (or the group) whose roles one manages; a campus has none of its own."""
    return sa.and_(Place.id == Place.brand_id, places_within(actor, Permission.MANAGE_ROLES))


def _brand(session: Session, actor: Actor, brand_id: int) -> Place:
    if not actor.may(Permission.MANAGE_ROLES):
        raise Forbidden(Message(N_("Your roles don't let you manage roles; ask an administrator.")))
    brand = session.scalar(sa.select(Place).where(Place.id == brand_id, _managed(actor)))
    if brand is None:
        raise NotFound(N_("This brand"))
    return brand


def _check_within(actor: Actor, role: Role, brand: Place) -> None:
    if not within_ones_own(actor, role, brand):
        text = N_("The role “%(zh)s” (%(en)s) holds more than you have yourself; somebody who has it must do this.")
        raise Forbidden(Message(text, {"zh": role.name_zh, "en": role.name_en}))


def _columns(facts: RoleFacts) -> dict[str, Any]:
    order = {permission.value: place for place, permission in enumerate(Permission)}
    return {
        "name_zh": facts.name_zh.strip(),
        "name_en": facts.name_en.strip(),
        "permissions": sorted(permissions_in(facts.permissions), key=lambda each: order[each]),
        "scope": facts.scope,
    }


def _check(facts: RoleFacts, *, new: bool) -> None:
    errors: dict[str, Message] = {}
    names: Mapping[str, str] = {"name_zh": facts.name_zh, "name_en": facts.name_en}
    errors |= {name: problem for name, text in names.items() if (problem := line_problem(text, 60))}
    if facts.scope not in set(Scope):
        errors["scope"] = Message(N_("Choose how far the role reaches."))
    if new and not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", facts.key.strip()):
        errors["key"] = Message(N_("A key has small letters, digits and _, and begins with a letter: campus_teacher."))
    if len(permissions_in(facts.permissions)) != len(set(facts.permissions)):
        errors["permissions"] = Message(N_("One of the permissions is not known; reload the page."))
    if errors:
        raise FieldsInvalid(errors)
