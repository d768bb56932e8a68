"""Owns keeping assignment rules: listing, adding, moving and removing them, each audited; and trying them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission, Scope, visible_tickets, visible_types
from tickets.assigning.choosing import Chooser, Chosen
from tickets.assigning.models import AssignmentRule, RuleBook
from tickets.assigning.rule_checks import NewRule, checked
from tickets.assigning.rulebook import OWNER, rulebook
from tickets.case import case_of
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.inserts import insert_unless_there
from tickets.names import People
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.standing import numbered
from tickets.ticket import Ticket
from tickets.types import TicketType

MOST = 50
"""Rules for one owner or task."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rules would do with a ticket: for its owner ("") and each of the named elements."""

    element: str
    rules: int
    person: str
    role: bool


def rules_of(session: Session, actor: Actor, brand_id: int) -> list[AssignmentRule]:
    """The rules of one brand, or of the group, in order. Raises Forbidden, NotFound."""
    _must_manage(actor, brand_id)
    order = (AssignmentRule.type_key, AssignmentRule.element, AssignmentRule.position, AssignmentRule.id)
    return list(session.scalars(sa.select(AssignmentRule).where(AssignmentRule.brand_id == brand_id).order_by(*order)))


def add_rule(runtime: Runtime, actor: Actor, brand_id: int, new: NewRule) -> UUID:
    """Add a rule after the others for the same; gives its id. Raises Forbidden, NotFound, Invalid."""
    _must_manage(actor, brand_id)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        args = checked(session, actor, brand_id, new)
        same = _same(brand_id, new.type_key, new.element)
        last, count = session.execute(
            sa.select(sa.func.coalesce(sa.func.max(AssignmentRule.position), 0), sa.func.count()).where(*same)
        ).one()
        if count >= MOST:
            raise Invalid(Message(N_("There are %(most)s rules for this already; remove some."), {"most": MOST}))
        rule = AssignmentRule(
            brand_id=brand_id,
            type_key=new.type_key,
            element=new.element,
            position=last + 1,
            method=new.method,
            args=args,
            updated_at=now,
            updated_by_id=actor.person_id,
        )
        session.add(rule)
        session.flush()
        _changed(session, actor, rule, "rule.added", now, after=_plain(rule))
        return rule.public_id


def change_rule(runtime: Runtime, actor: Actor, rule_id: UUID, new: NewRule) -> None:
    """Another method or other people for the same type and task."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        rule = _rule(session, actor, rule_id)
        before = _plain(rule)
        wanted = NewRule(rule.type_key, rule.element, new.method, new.who, new.role, new.of, new.skills, new.field)
        rule.args = checked(session, actor, rule.brand_id, wanted)
        rule.method, rule.updated_at, rule.updated_by_id = new.method, now, actor.person_id
        _changed(session, actor, rule, "rule.changed", now, before=before, after=_plain(rule))


def move_rule(runtime: Runtime, actor: Actor, rule_id: UUID, *, up: bool) -> None:
    """Try it before, or after, the one beside it; the first and the last stay."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        rule = _rule(session, actor, rule_id)
        same = _same(rule.brand_id, rule.type_key, rule.element)
        order = (AssignmentRule.position, AssignmentRule.id)
        all_ = list(session.scalars(sa.select(AssignmentRule).where(*same).order_by(*order).with_for_update()))
        at = next(place for place, each in enumerate(all_) if each.id == rule.id)
        beside = at - 1 if up else at + 1
        if not 0 <= beside < len(all_):
            return
        all_[at], all_[beside] = all_[beside], all_[at]
        for place, each in enumerate(all_, start=1):
            each.position = place
        _changed(session, actor, rule, "rule.moved", now, after={"position": beside + 1})


def remove_rule(runtime: Runtime, actor: Actor, rule_id: UUID) -> None:
    """From now on it finds nobody; tasks that it gave stay where they are."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        rule = _rule(session, actor, rule_id)
        _changed(session, actor, rule, "rule.removed", now, before=_plain(rule))
        session.delete(rule)


def try_rules(runtime: Runtime, actor: Actor, number: str, elements: Sequence[str]) -> list[Tried]:
    """Who would get a ticket that is there, and each of its tasks, were they to open now; nothing is kept of it."""
    now = runtime.clock.now()
    with runtime.writing() as session:  # a turn is taken and given back
        found = session.execute(
            sa.select(Ticket.id, Ticket.data, TicketType.key)
            .join(TicketType, TicketType.id == Ticket.type_id)
            .where(numbered(number), visible_tickets(actor))
        ).one_or_none()
        case = case_of(session, Ticket.id == found.id) if found is not None else None
        if found is None or case is None:
            raise NotFound(N_("This ticket"))
        book = rulebook(session, case.rules_version)
        brands = (case.site.brand_id, case.site.root_id)
        tried = []
        for element in (OWNER, *elements):
            rules = book.of_task(found.key, element, brands) if element else book.of_owner(found.key, brands)
            chooser = Chooser(session, People(session, case, now), now, found.data, f"{found.key}:{element}")
            tried.append(_tried(session, element, len(rules), chooser.choose(rules)))
        session.rollback()
        return tried


def brands_managed(actor: Actor) -> list[int]:
    """The brands, and the group, whose rules they keep: the group's is the first."""
    grants = actor.having(Permission.MANAGE_TYPES)
    found = {actor.root_id} if any(grant.scope is Scope.GROUP for grant in grants) else set()
    return [*found, *sorted({grant.brand_id for grant in grants if grant.scope is Scope.BRAND} - found)]


def types_here(session: Session, actor: Actor) -> list[TicketType]:
    """The types that rules may be for, by name."""
    query = sa.select(TicketType).where(visible_types(actor), TicketType.active).order_by(TicketType.name)
    return list(session.scalars(query))


def _tried(session: Session, element: str, rules: int, chosen: Chosen | None) -> Tried:
    name = ""
    if chosen is not None and chosen.person_id is not None:
        name = session.scalar(sa.select(Person.name).where(Person.id == chosen.person_id)) or ""
    elif chosen is not None:
        name = str(chosen.rule.args.get("role", "")) if chosen.rule else ""
    return Tried(element, rules, name, role=chosen is not None and chosen.person_id is None)


def _must_manage(actor: Actor, brand_id: int) -> None:
    grants = actor.having(Permission.MANAGE_TYPES)
    if not grants:
        raise Forbidden(Message(N_("Your roles don't let you keep assignment rules; ask an administrator.")))
    if any(grant.scope is Scope.GROUP for grant in grants):
        return
    if not any(grant.scope is Scope.BRAND and grant.brand_id == brand_id for grant in grants):
        raise NotFound(N_("This rule"))


def _rule(session: Session, actor: Actor, rule_id: UUID) -> AssignmentRule:
    rule = session.scalar(sa.select(AssignmentRule).where(AssignmentRule.public_id == rule_id).with_for_update())
    _must_manage(actor, rule.brand_id if rule is not None else actor.brand_id)
    if rule is None:
        raise NotFound(N_("This rule"))
    return rule


def _same(brand_id: int, type_key: str, element: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        AssignmentRule.brand_id == brand_id,
        AssignmentRule.type_key == type_key,
        AssignmentRule.element == element,
    )


def _changed(
    session: Session,
    actor: Actor,
    rule: AssignmentRule,
    action: str,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Audited; and every process reads the rules anew."""
    what = f"{rule.type_key or '*'} {rule.element or 'owner'}"
    audit.record(session, actor, action, what, brand_id=rule.brand_id, at=now, before=before, after=after)
    insert_unless_there(session, RuleBook, id=1, version=0)
    session.connection().execute(sa.update(RuleBook).where(RuleBook.id == 1).values(version=RuleBook.version + 1))


def _plain(rule: AssignmentRule) -> dict[str, Any]:
    return {"method": rule.method, "args": dict(rule.args), "position": rule.position}
