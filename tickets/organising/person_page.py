"""Owns what a person's page shows: their facts, roles, skills, work at hand, and their way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask
from tickets.actor import Actor
from tickets.assigning.models import PersonSkill
from tickets.departing.model import Departure, State
from tickets.organising.lockout import Lock, lock_on
from tickets.organising.person_lookup import person_seen
from tickets.organising.reach import as_grant, manages, may_give
from tickets.organising.sessions import Lifetime, PersonSession, sessions_of
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place
from tickets.roles import Membership, Queue, Role
from tickets.ticket import OPEN, Ticket
from tickets.tokens import ApiToken

LIVE = (State.SCHEDULED, State.RUNNING, State.DONE)


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role at a place."""

    membership_id: int
    role: Role
    place: Place


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person as an administrator sees them. Without `managed` the way in (sessions, tokens, lock) is not shown."""

    person: Person
    place: Place
    brand: Place
    superior: Person | None
    managed: bool
    beyond: bool
    """Whether their roles go beyond the reader's, who then changes nothing."""
    roles: Sequence[HeldRole]
    skills: Sequence[str]
    owned: int
    tasks: int
    reports: int
    sessions: Sequence[PersonSession]
    tokens: Sequence[ApiToken]
    lock: Lock
    never_signed_in: bool
    departure: Departure | None


def person_page(session: Session, actor: Actor, public_id: UUID, *, lifetime: Lifetime, now: datetime) -> PersonPage:
    """One person. Raises NotFound, also when one may not see them."""
    person, place = person_seen(session, actor, public_id)
    managed = manages(actor, Permission.MANAGE_PEOPLE, place)
    roles = held_roles(session, person.id)
    beyond = person.id != actor.person_id and not all(
        may_give(actor, as_grant(held.role, held.place, actor.root_id)) for held in roles
    )
    departure = sa.select(Departure).where(Departure.person_id == person.id, Departure.state.in_(LIVE))
    return PersonPage(
        person=person,
        place=place,
        brand=session.get_one(Place, person.brand_id),
        superior=session.get(Person, person.superior_id) if person.superior_id else None,
        managed=managed,
        beyond=beyond,
        roles=roles,
        skills=skills_of(session, person.id),
        **_work(session, person.id),
        sessions=sessions_of(session, person.id, lifetime, now) if managed and not beyond else (),
        tokens=_tokens(session, person.id, now) if managed and not beyond else (),
        lock=lock_on(session, person.login) if managed else Lock(),
        never_signed_in=session.scalar(sa.select(Person.password_hash).where(Person.id == person.id)) == "",
        departure=session.scalar(departure.order_by(Departure.id.desc()).limit(1)),
    )


def held_roles(session: Session, person_id: int) -> list[HeldRole]:
    """The roles of a person and where they hold them."""
    query = sa.select(Membership.id, Role, Place).join(Role, Role.id == Membership.role_id)
    joined = query.join(Place, Place.id == Membership.place_id).where(Membership.person_id == person_id)
    return [HeldRole(*row) for row in session.execute(joined.order_by(Membership.id))]


def skills_of(session: Session, person_id: int) -> list[str]:
    """What a person knows, in order."""
    return list(
        session.scalars(
            sa.select(PersonSkill.skill).where(PersonSkill.person_id == person_id).order_by(PersonSkill.skill)
        )
    )


def _work(session: Session, person_id: int) -> dict[str, int]:
    open_now = Ticket.status.in_(sorted(status.value for status in OPEN))
    open_task = UserTask.status == sa.literal_column("'open'")
    queue = sa.select(Queue.id).where(Queue.person_id == person_id).scalar_subquery()
    counted = {
        "owned": sa.select(sa.func.count()).where(Ticket.owner_id == person_id, open_now),
        "tasks": sa.select(sa.func.count()).where(UserTask.queue_key == queue, open_task),
        "reports": sa.select(sa.func.count()).where(Person.superior_id == person_id, Person.departed_at.is_(None)),
    }
    row = session.execute(sa.select(*(query.scalar_subquery() for query in counted.values()))).one()
    return dict(zip(counted, (int(value) for value in row), strict=True))


def _tokens(session: Session, person_id: int, now: datetime) -> list[ApiToken]:
    good = sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)
    theirs = sa.and_(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None), good)
    return list(session.scalars(sa.select(ApiToken).where(theirs).order_by(ApiToken.id.desc()).limit(50)))
