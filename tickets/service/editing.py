"""Owns changing calendars, closures and policies; each change is audited, and open tickets are counted anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor
from tickets.errors import Invalid, NotFound
from tickets.people import Person, normal_login
from tickets.places import Place
from tickets.roles import Role
from tickets.runtime import Runtime
from tickets.service.drafts import CalendarFacts, OwnDay
from tickets.service.reach import check_closes, check_keeps, of_brands, place_seen
from tickets.service.recounting import look_again, recount_later
from tickets.service.tables import BusinessCalendar, CalendarDay, Closure, PlaceCalendar, ServicePolicy, ServiceVersion
from tickets.types import TicketType

MOST_CALENDARS = 200
MOST_CLOSURES = 500


def put_calendar(
    runtime: Runtime,
    actor: Actor,
    facts: CalendarFacts,
    *,
    calendar_id: UUID | None = None,
    owner_id: UUID | None = None,
) -> UUID:
    """A new calendar of a brand or the group, or new facts of one; its id. Raises NotFound, Forbidden, Invalid."""
    with runtime.writing() as session, session.begin():
        _alone(session)
        calendar = find_calendar(session, actor, calendar_id) if calendar_id else None
        owner = session.get_one(Place, calendar.brand_id) if calendar else _owner(session, actor, owner_id)
        check_keeps(actor, owner)
        before = calendar_facts(session, calendar) if calendar else {}
        if calendar is None:
            _check_count(session, owner)
            calendar = BusinessCalendar(brand_id=owner.id, names={}, hours={})
            session.add(calendar)
        calendar.names, calendar.hours, calendar.holidays = dict(facts.names), dict(facts.hours), facts.holidays
        session.flush()
        _put_days(session, calendar, facts)
        after = calendar_facts(session, calendar)
        if before != after:
            what = next(iter(facts.names.values()))
            _changed(session, runtime, actor, "service.calendar", what, place=owner, before=before, after=after)
    look_again(runtime)
    return calendar.public_id


def remove_calendar(runtime: Runtime, actor: Actor, calendar_id: UUID) -> None:
    """Its places go by the calendar of the place above."""
    with runtime.writing() as session, session.begin():
        _alone(session)
        calendar = find_calendar(session, actor, calendar_id)
        owner = session.get_one(Place, calendar.brand_id)
        check_keeps(actor, owner)
        before = calendar_facts(session, calendar)
        for table in (PlaceCalendar, CalendarDay):
            session.execute(sa.delete(table).where(table.calendar_id == calendar.id))
        session.delete(calendar)
        what = next(iter(calendar.names.values()), "")
        _changed(session, runtime, actor, "service.calendar.removed", what, place=owner, before=before, after={})
    look_again(runtime)


def choose_calendar(runtime: Runtime, actor: Actor, place_id: UUID, calendar_id: UUID | None) -> None:
    """The calendar of a place; None: that of the place above. Raises Invalid for one of another brand."""
    with runtime.writing() as session, session.begin():
        _alone(session)
        place = place_seen(session, actor, place_id)
        check_keeps(actor, place)
        calendar = find_calendar(session, actor, calendar_id) if calendar_id else None
        if calendar is not None and calendar.brand_id not in (place.brand_id, actor.root_id):
            raise Invalid(Message(N_("A place keeps a calendar of its own brand, or of the group.")))
        before = session.get(PlaceCalendar, place.id)
        was = before.calendar_id if before else None
        if before is not None:
            session.delete(before)
            session.flush()
        if calendar is not None:
            session.add(PlaceCalendar(place_id=place.id, calendar_id=calendar.id))
        now = calendar.id if calendar else None
        if was != now:
            change = {"before": {"calendar": was}, "after": {"calendar": now}}
            _changed(session, runtime, actor, "service.calendar.chosen", place.name, place=place, **change)
    look_again(runtime)


def add_closure(runtime: Runtime, actor: Actor, place_id: UUID, *, starts: str, ends: str, reason: str) -> None:
    """The place is closed; the same closure twice is one. The texts are as `drafts.read_closure` gives them."""
    with runtime.writing() as session, session.begin():
        _alone(session)
        place = place_seen(session, actor, place_id)
        check_closes(actor, place)
        there = list(session.scalars(sa.select(Closure).where(Closure.place_id == place.id)))
        if any((each.starts, each.ends) == (starts, ends) for each in there):
            return
        if len(there) >= MOST_CLOSURES:
            text = N_("A place keeps at most %(limit)s closures; remove old ones first.")
            raise Invalid(Message(text, {"limit": MOST_CLOSURES}))
        facts = {"starts": starts, "ends": ends, "reason": reason}
        whose = {"brand_id": place.brand_id, "place_id": place.id, "created_by_id": actor.person_id}
        session.add(Closure(created_at=runtime.clock.now(), **whose, **facts))
        what = place.name
        _changed(session, runtime, actor, "service.closure", what, place=place, before={}, after=facts)
    look_again(runtime)


def remove_closure(runtime: Runtime, actor: Actor, closure_id: UUID) -> None:
    with runtime.writing() as session, session.begin():
        _alone(session)
        wanted = sa.select(Closure).where(Closure.public_id == closure_id, of_brands(actor, Closure.brand_id))
        closure = session.scalar(wanted)
        if closure is None:
            raise NotFound(N_("This closure"))
        place = session.get_one(Place, closure.place_id)
        check_closes(actor, place)
        session.delete(closure)
        facts = {"starts": closure.starts, "ends": closure.ends, "reason": closure.reason}
        what = place.name
        _changed(session, runtime, actor, "service.closure.removed", what, place=place, before=facts, after={})
    look_again(runtime)


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """A policy as people set it (`ServicePolicy`)."""

    type_key: str = ""
    priority: str = ""
    response: str = ""
    resolution: str = ""
    working: bool = True
    warn_before: str = ""
    escalate_after: str = ""
    escalate_to: str = ""


def put_policy(runtime: Runtime, actor: Actor, owner_id: UUID, facts: PolicyFacts) -> None:
    """What a brand (or the group) promises for a type and a priority; what it promised before is replaced."""
    with runtime.writing() as session, session.begin():
        _alone(session)
        owner = _owner(session, actor, owner_id)
        check_keeps(actor, owner)
        _check_policy(session, actor, facts, (owner.id, actor.root_id))
        policy = session.scalar(sa.select(ServicePolicy).where(*_same(owner, facts.type_key, facts.priority)))
        before = policy_facts(policy) if policy else {}
        if policy is None:
            policy = ServicePolicy(brand_id=owner.id)
            session.add(policy)
        for name in PolicyFacts.__slots__:
            setattr(policy, name, getattr(facts, name))
        after = policy_facts(policy)
        if before != after:
            what = _policy_name(facts.type_key, facts.priority)
            _changed(session, runtime, actor, "service.policy", what, place=owner, before=before, after=after)


def remove_policy(runtime: Runtime, actor: Actor, policy_id: UUID) -> None:
    """From then on the less specific one holds."""
    with runtime.writing() as session, session.begin():
        _alone(session)
        wanted = (ServicePolicy.public_id == policy_id, of_brands(actor, ServicePolicy.brand_id))
        policy = session.scalar(sa.select(ServicePolicy).where(*wanted))
        if policy is None:
            raise NotFound(N_("This policy"))
        owner = session.get_one(Place, policy.brand_id)
        check_keeps(actor, owner)
        session.delete(policy)
        before, what = policy_facts(policy), _policy_name(policy.type_key, policy.priority)
        _changed(session, runtime, actor, "service.policy.removed", what, place=owner, before=before, after={})


def find_calendar(session: Session, actor: Actor, calendar_id: UUID) -> BusinessCalendar:
    """The calendar, if it is theirs to see; raises NotFound."""
    wanted = (BusinessCalendar.public_id == calendar_id, of_brands(actor, BusinessCalendar.brand_id))
    found = session.scalar(sa.select(BusinessCalendar).where(*wanted))
    if found is None:
        raise NotFound(N_("This calendar"))
    return found


def days_of(session: Session, calendar: BusinessCalendar) -> list[OwnDay]:
    query = sa.select(CalendarDay).where(CalendarDay.calendar_id == calendar.id).order_by(CalendarDay.day)
    return [OwnDay(each.day, each.hours, each.name) for each in session.scalars(query)]


def calendar_facts(session: Session, calendar: BusinessCalendar) -> dict[str, Any]:
    """A calendar as plain JSON."""
    days = [str(each) for each in days_of(session, calendar)]
    named = {"names": dict(calendar.names), "hours": dict(calendar.hours), "holidays": calendar.holidays}
    return {**named, "days": days}


def policy_facts(policy: ServicePolicy) -> dict[str, Any]:
    """A policy as plain JSON."""
    return {name: getattr(policy, name) for name in PolicyFacts.__slots__}


def _put_days(session: Session, calendar: BusinessCalendar, facts: CalendarFacts) -> None:
    session.execute(sa.delete(CalendarDay).where(CalendarDay.calendar_id == calendar.id))
    session.add_all(
        CalendarDay(calendar_id=calendar.id, day=each.day, hours=each.hours, name=each.name) for each in facts.days
    )
    session.flush()


def _alone(session: Session) -> None:
    """One change at a time: on PostgreSQL two could make the same row."""
    session.execute(sa.select(ServiceVersion.id).where(ServiceVersion.id == 1).with_for_update())


def _owner(session: Session, actor: Actor, place_id: UUID | None) -> Place:
    place = place_seen(session, actor, place_id) if place_id else None
    if place is None or place.id != place.brand_id:
        raise Invalid(Message(N_("Choose the group or a brand.")))
    return place


def _check_count(session: Session, owner: Place) -> None:
    counted = sa.select(sa.func.count()).where(BusinessCalendar.brand_id == owner.id)
    if session.scalars(counted).one() >= MOST_CALENDARS:
        text = N_("There are %(limit)s calendars already; change one of them, or remove one first.")
        raise Invalid(Message(text, {"limit": MOST_CALENDARS}))


def _check_policy(session: Session, actor: Actor, facts: PolicyFacts, brands: Sequence[int]) -> None:
    if facts.type_key:
        known = sa.select(TicketType.id).where(TicketType.key == facts.type_key, of_brands(actor, TicketType.brand_id))
        if not facts.type_key.isprintable() or session.scalar(known.limit(1)) is None:
            raise NotFound(N_("This ticket type"))
    if facts.escalate_after and not facts.escalate_to:
        raise Invalid(Message(N_("Say who is told when it is overdue.")))
    kind, _, key = facts.escalate_to.partition(":")
    if kind == "role" and not _is_role(session, brands, key):
        raise Invalid(Message(N_("There is no such role; choose another.")))
    if kind == "person" and not _somebody(session, brands, key):
        raise Invalid(Message(N_("Nobody with the login “%(login)s” works here; check it."), {"login": key[:60]}))
    if facts.escalate_to and kind not in {"superior", "role", "person"}:
        raise Invalid(Message(N_("Say who is told when it is overdue.")))


def _is_role(session: Session, brands: Sequence[int], key: str) -> bool:
    wanted = (Role.key == key, Role.brand_id.in_(brands))
    return key.isprintable() and session.scalar(sa.select(Role.id).where(*wanted).limit(1)) is not None


def _somebody(session: Session, brands: Sequence[int], login: str) -> bool:
    wanted = (Person.login == (normal_login(login) or ""), Person.brand_id.in_(brands))
    return session.scalar(sa.select(Person.id).where(*wanted, Person.departed_at.is_(None))) is not None


def _same(owner: Place, type_key: str, priority: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ServicePolicy.brand_id == owner.id,
        ServicePolicy.type_key == type_key,
        ServicePolicy.priority == priority,
    )


def _policy_name(type_key: str, priority: str) -> str:
    return f"{type_key or '*'} {priority or '*'}"


def _changed(
    session: Session,
    runtime: Runtime,
    actor: Actor,
    action: str,
    what: str,
    *,
    place: Place,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Audited; the tickets there are counted anew by a job."""
    now = runtime.clock.now()
    audit.record(session, actor, action, what, brand_id=place.brand_id, at=now, before=before, after=after)
    recount_later(session, runtime, place_id=place.id)
