"""Owns giving roles at places and taking them away: nobody gives more than they have themselves."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.inserts import insert_unless_there
from tickets.organising.person_lookup import person_managed
from tickets.organising.reach import as_grant, manages, may_give, places_within
from tickets.permissions import Permission, permissions_in
from tickets.places import Place
from tickets.roles import Membership, Role, queue_of_role
from tickets.runtime import Runtime


def give_role(runtime: Runtime, actor: Actor, person_id: UUID, *, role_id: int, place_id: UUID) -> None:
    """Let somebody hold a role at a place; twice is fine.

    Raises NotFound, Forbidden (the role gives more than the actor has there), Conflict (departed).
    """
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person, _home = person_managed(session, actor, person_id)
        if person.departed_at is not None:
            raise Conflict(Message(N_("%(name)s has departed and is given no roles."), {"name": person.name}))
        place = _place(session, actor, place_id)
        role = _role(session, actor, role_id, place)
        if not may_give(actor, as_grant(role, place, actor.root_id)):
            text = N_("The role “%(zh)s” (%(en)s) gives more than you may here; somebody who has it must give it.")
            raise Forbidden(Message(text, {"zh": role.name_zh, "en": role.name_en}))
        if place.brand_id not in (person.brand_id, actor.root_id) and person.brand_id != actor.root_id:
            raise Invalid(Message(N_("The place belongs to another brand than the person; choose one of theirs.")))
        if insert_unless_there(session, Membership, person_id=person.id, role_id=role.id, place_id=place.id):
            queue_of_role(session, role.id, place.id)
            after = {"role": role.key, "place": place.name}
            audit.record(
                session, actor, "person.role_given", person.login, brand_id=place.brand_id, at=now, after=after
            )


def take_role(runtime: Runtime, actor: Actor, person_id: UUID, *, membership_id: int) -> None:
    """Take a role away from somebody. Raises NotFound, and Forbidden for what keeps oneself an administrator."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person, _home = person_managed(session, actor, person_id)
        held = sa.and_(Membership.id == membership_id, Membership.person_id == person.id)
        query = sa.select(Membership, Role, Place).join(Role, Role.id == Membership.role_id)
        found = session.execute(query.join(Place, Place.id == Membership.place_id).where(held)).one_or_none()
        if found is None:
            raise NotFound(N_("This role"))
        membership, role, place = found
        if person.id == actor.person_id and Permission.MANAGE_PEOPLE in permissions_in(role.permissions):
            text = N_("Nobody takes their own administrator's role away; ask another administrator.")
            raise Forbidden(Message(text))
        if not manages(actor, Permission.MANAGE_PEOPLE, place):
            raise NotFound(N_("This role"))
        session.delete(membership)
        before = {"role": role.key, "place": place.name}
        audit.record(session, actor, "person.role_taken", person.login, brand_id=place.brand_id, at=now, before=before)


def roles_to_give(session: Session, actor: Actor) -> list[tuple[Role, Place | None]]:
    """The roles of the group and of the brands one manages, with the brand of those that have one."""
    query = sa.select(Role, Place).join(Place, Place.id == Role.brand_id).order_by(Place.id, Role.id)
    seen = sa.or_(Role.brand_id == actor.root_id, places_within(actor, Permission.MANAGE_PEOPLE))
    return [
        (role, place if role.brand_id != actor.root_id else None) for role, place in session.execute(query.where(seen))
    ]


def _place(session: Session, actor: Actor, public_id: UUID) -> Place:
    reached = places_within(actor, Permission.MANAGE_PEOPLE)
    place = session.scalar(sa.select(Place).where(Place.public_id == public_id, reached))
    if place is None:
        raise NotFound(N_("This place"))
    return place


def _role(session: Session, actor: Actor, role_id: int, place: Place) -> Role:
    """A role of the group or of the place's brand, locked: it must not gain permissions meanwhile."""
    brands = (place.brand_id, actor.root_id)
    query = sa.select(Role).where(Role.id == role_id, Role.brand_id.in_(brands)).with_for_update()
    role = session.scalar(query)
    if role is None:
        raise NotFound(N_("This role"))
    return role
