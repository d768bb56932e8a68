"""Owns what a rule may say: its type and task, its method, and that whoever it names is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, visible_types
from tickets.assigning.models import Method
from tickets.assigning.rulebook import ANY_TASK, OWNER
from tickets.errors import Invalid
from tickets.people import Person
from tickets.roles import Role
from tickets.texts import line_problem
from tickets.types import TicketType

SUPERIORS_OF = ("requester", "owner", "assignee")
"""Whose superior may be meant."""


@dataclass(frozen=True, slots=True)
class NewRule:
    """What is asked for: for whom (a type's key or "", an element, "" or "*"), and how they are found."""

    type_key: str
    element: str
    method: str
    who: str = ""
    role: str = ""
    of: str = ""
    skills: Sequence[str] = ()
    field: str = ""


def checked(session: Session, actor: Actor, brand_id: int, new: NewRule) -> dict[str, Any]:
    """What the method needs, each of it known. Raises Invalid."""
    if new.method not in set(Method):
        raise Invalid(Message(N_("Choose how somebody is found.")))
    _check_target(session, actor, new)
    method = Method(new.method)
    given: dict[str, Any] = {}
    if method is Method.PERSON:
        given["who"] = _login(session, actor, brand_id, new.who)
    if method is Method.SUPERIOR:
        if new.of not in SUPERIORS_OF:
            raise Invalid(Message(N_("Choose whose superior.")))
        given["of"] = new.of
    if method in (Method.ROLE, Method.ROUND_ROBIN, Method.LEAST_LOADED, Method.SKILLS):
        given["role"] = _role_key(session, actor, brand_id, new.role)
    if method is Method.SKILLS:
        given |= _skills(new)
    return given


def _check_target(session: Session, actor: Actor, new: NewRule) -> None:
    """Raises Invalid where there is no such type, or a task is named without its type."""
    if new.type_key:
        known = sa.select(TicketType.id).where(TicketType.key == new.type_key, visible_types(actor)).limit(1)
        if not new.type_key.isprintable() or session.scalar(known) is None:
            raise Invalid(Message(N_("There is no ticket type “%(key)s” here."), {"key": new.type_key[:80]}))
    if not new.type_key and new.element not in (OWNER, ANY_TASK):
        raise Invalid(Message(N_("A rule for one task is for one type; choose the type.")))
    if new.element and (problem := line_problem(new.element, 255)):
        raise Invalid(Message(N_("The task can't be used. %(problem)s"), {"problem": problem}))


def _login(session: Session, actor: Actor, brand_id: int, who: str) -> str:
    brands = (brand_id, actor.root_id)
    here = sa.select(Person.login).where(Person.login == who, Person.departed_at.is_(None), _of(brands))
    found = session.scalar(here) if who.isprintable() else None
    if found is None:
        raise Invalid(Message(N_("Choose somebody first: type a part of their name.")))
    return found


def _of(brands: tuple[int, int]) -> sa.ColumnElement[bool]:
    """A person of the group's rules may be of any brand: they are found only for tickets of that one."""
    return sa.true() if brands[0] == brands[1] else Person.brand_id.in_(brands)


def _role_key(session: Session, actor: Actor, brand_id: int, role: str) -> str:
    if role not in {each.key for each in roles_here(session, actor, brand_id)}:
        raise Invalid(Message(N_("Choose a role.")))
    return role


def _skills(new: NewRule) -> dict[str, Any]:
    skills = list(dict.fromkeys(each.strip().lower() for each in new.skills if each.strip()))
    if len(skills) > 20 or any(line_problem(each, 64) for each in skills):
        raise Invalid(Message(N_("At most 20 skills of 64 characters each, with commas between them.")))
    if new.field and line_problem(new.field, 64):
        raise Invalid(Message(N_("The field can't be used: give the key that the form has for it.")))
    if not skills and not new.field:
        raise Invalid(Message(N_("Say which skills, or the form's field that says it.")))
    return {"skills": skills, "field": new.field}


def roles_here(session: Session, actor: Actor, brand_id: int) -> list[Role]:
    """The brand's and the group's roles."""
    return list(session.scalars(sa.select(Role).where(Role.brand_id.in_((brand_id, actor.root_id))).order_by(Role.id)))
