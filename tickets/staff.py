"""Owns the rows of somebody new: the person with their queue, and a role that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.people import Person, normal_login
from tickets.places import Place
from tickets.roles import Membership, queue_of_person
from tickets.texts import line_problem


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who is to be taken on."""

    login: str
    name: str
    superior_id: int | None = None
    language: str = ""
    title: str = ""


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
