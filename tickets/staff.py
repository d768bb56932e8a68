"""Owns the coming and going of people: taking them on, whom they report to, the roles they hold, their departure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.passwords import hash_password
from tickets.people import Person, normal_login, superiors
from tickets.places import Place
from tickets.roles import Membership, queue_of_person
from tickets.runtime import Runtime
from tickets.texts import line_problem


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who is to be taken on; without a password they can be named and given tasks, but cannot log in."""

    login: str
    name: str
    password: str = ""
    superior_id: int | None = None
    language: str = ""
    title: str = ""


def create_person(runtime: Runtime, actor: Actor, new: NewPerson, *, place_id: int) -> UUID:
    """Take somebody on at a place; gives their public id. Raises Forbidden, NotFound (the place) or Invalid."""
    hashed = hash_password(new.password) if new.password else ""  # slow, so before the write lock
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        place = _place(session, actor, place_id)
        person = add_person(session, place, new, password_hash=hashed, at=now)
        after = {"login": person.login, "name": person.name, "place": place.name}
        audit.record(session, actor, "person.created", person.login, brand_id=place.brand_id, at=now, after=after)
        return person.public_id


def add_person(session: Session, place: Place, new: NewPerson, *, password_hash: str, at: datetime) -> Person:
    """The new person and their queue, in the caller's transaction. Raises Invalid for a login or name refused."""
    login = normal_login(new.login)
    if login is None:
        text = N_("A login has 1 to 64 letters, digits and . _ @ + -, and starts with a letter or digit.")
        raise Invalid(Message(text))
    if problem := line_problem(new.name, 100):
        raise Invalid(Message(N_("The name can't be used. %(problem)s"), {"problem": problem}))
    if session.scalar(sa.select(Person.id).where(Person.login == login)):
        raise Invalid(Message(N_("Somebody already has the login “%(login)s”; choose another."), {"login": login}))
    person = Person(
        brand_id=place.brand_id,
        place_id=place.id,
        superior_id=new.superior_id,
        login=login,
        name=new.name.strip(),
        title=new.title,
        password_hash=password_hash,
        language=new.language,
        created_at=at,
    )
    session.add(person)
    session.flush()
    queue_of_person(session, person.id)
    return person


def grant_role(session: Session, person: Person, *, role_id: int, place_id: int) -> Membership:
    """Let a person hold a role at a place, in the caller's transaction."""
    membership = Membership(person_id=person.id, role_id=role_id, place_id=place_id)
    session.add(membership)
    return membership


def set_superior(runtime: Runtime, actor: Actor, person: UUID, superior: UUID | None) -> None:
    """Change whom a person reports to. Raises Invalid when they would end up above themselves."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        below = _person(session, actor, person)
        above = _person(session, actor, superior) if superior else None
        if above and (above.id == below.id or below.id in superiors(session, above.id, departed=True)):
            names = {"above": above.name, "below": below.name}
            text = N_("%(above)s already reports to %(below)s, so can't be the superior; change that first.")
            raise Invalid(Message(text, names))
        before = {"superior_id": below.superior_id}
        below.superior_id = above.id if above else None
        audit.record(
            session,
            actor,
            "person.superior",
            below.login,
            brand_id=below.brand_id,
            at=now,
            before=before,
            after={"superior_id": below.superior_id},
        )


def mark_departed(runtime: Runtime, actor: Actor, person: UUID) -> None:
    """Mark a person as departed: they can't log in, their sessions and tokens end. Raises Conflict if they have."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        leaver = _person(session, actor, person)
        if leaver.departed_at is not None:
            raise Conflict(Message(N_("%(name)s was marked as departed before."), {"name": leaver.name}))
        if leaver.id == actor.person_id:
            raise Forbidden(Message(N_("Nobody marks themselves as departed; ask another administrator.")))
        leaver.departed_at = now
        leaver.session_epoch += 1
        audit.record(session, actor, "person.departed", leaver.login, brand_id=leaver.brand_id, at=now)


def _place(session: Session, actor: Actor, place_id: int) -> Place:
    place = session.get(Place, place_id)
    _must_manage(actor)
    if place is None or not actor.covers(Permission.MANAGE_PEOPLE, brand_id=place.brand_id, place_path=place.path):
        raise NotFound(N_("This place"))
    return place


def _person(session: Session, actor: Actor, public_id: UUID) -> Person:
    found = session.execute(
        sa.select(Person, Place.path)
        .join(Place, Place.id == Person.place_id)
        .where(Person.public_id == public_id)
        .with_for_update(of=Person)
    ).one_or_none()
    _must_manage(actor)
    if found is None or not actor.covers(Permission.MANAGE_PEOPLE, brand_id=found[0].brand_id, place_path=found[1]):
        raise NotFound(N_("This person"))
    person: Person = found[0]
    return person


def _must_manage(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_PEOPLE):
        raise Forbidden(Message(N_("Your roles don't let you manage people; ask an administrator.")))
