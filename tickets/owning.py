"""Owns who becomes a ticket's owner by taking it up first: staff, and where its type says who, only they."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor
from tickets.case import Case
from tickets.cause import becomes_owner
from tickets.roles import Role
from tickets.runtime import Runtime
from tickets.settings import setting
from tickets.steps import blueprint_of

_NAMED = re.compile(r"\$\{\s*role\(\s*(?:'([^']+)'|\"([^\"]+)\")\s*\)\s*\}")


def takes_on(session: Session, runtime: Runtime, actor: Actor, case: Case) -> bool:
    """Whether claiming or completing a task makes them answer for the ticket, which has no owner yet.

    A type's `owner` that names a role keeps that to those who hold it.
    """
    if not becomes_owner(actor, case):
        return False
    process = blueprint_of(session, runtime, case.definition_id).compiled.process
    brand, root = case.site.brand_id, case.site.root_id
    who = setting(session, "owner", type_key=process.id, brand_id=brand, root_id=root, file=process.settings)
    name = role_named(str(who or ""))
    return not name or _holds(actor, name) or not _is_role(session, name, (brand, root))


def role_named(owner: str) -> str:
    """The role that a type's `owner` names, by itself or as `${role('…')}`; empty where it is somebody else."""
    found = _NAMED.fullmatch(owner.strip())
    if found is not None:
        return found[1] or found[2]
    return "" if "${" in owner else owner.strip()


def _holds(actor: Actor, name: str) -> bool:
    return any(name in (grant.role_key, *grant.role_names) for grant in actor.grants)


def _is_role(session: Session, name: str, brands: tuple[int, int]) -> bool:
    named = sa.or_(Role.key == name, Role.name_zh == name, Role.name_en == name)
    return session.scalar(sa.select(Role.id).where(named, Role.brand_id.in_(brands)).limit(1)) is not None
