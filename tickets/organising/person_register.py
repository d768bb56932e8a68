"""Owns keeping people: taken on and changed by page, API or import, with their roles and audit entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Conflict, Forbidden
from tickets.organising.person_directory import NOTHING, Directory, Resolved
from tickets.organising.person_facts import read_facts
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place, ancestors
from tickets.roles import Membership, Queue, Role
from tickets.runtime import Runtime

PLAIN = ("name", "email", "phone", "title", "language")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one person; neither `created` nor `changed` when they were so already."""

    public_id: UUID
    login: str
    created: bool
    changed: bool


def put_person(
    runtime: Runtime,
    actor: Actor,
    login: str,
    values: Mapping[str, object],
    *,
    renamed: str = "",
    wrong: Mapping[str, Message] = NOTHING,
) -> Saved:
    """Take somebody on, or change who has this login; `values` are those of `person_facts`.

    What is not among the values stays as it was; roles are added, never taken away. `wrong`: what the caller found,
    to be told with the rest. Raises Forbidden, FieldsInvalid.
    """
    check_may_manage(actor)
    facts, unread = read_facts(login, values, renamed=renamed)
    now = runtime.clock.now()
    try:
        with runtime.writing() as session, session.begin():
            resolved = Directory(session, actor, [facts]).resolve(facts, {**unread, **wrong})
            return save(session, actor, [resolved], now)[0]
    except IntegrityError:
        raise Conflict(Message(N_("Somebody else is saving the same person; try again in a moment."))) from None


def check_may_manage(actor: Actor) -> None:
    """Raises Forbidden for those who manage people nowhere."""
    if not actor.may(Permission.MANAGE_PEOPLE):
        raise Forbidden(Message(N_("Your roles don't let you manage people; ask an administrator.")))


def save(
    session: Session, actor: Actor, batch: Sequence[Resolved], now: datetime, *, password_hash: str = ""
) -> list[Saved]:
    """Write what is new or different into the caller's transaction; `password_hash` is for those who are new.

    Superiors who come later in the batch have to be saved again once they are there.
    """
    people = [_person(session, resolved, now, password_hash) for resolved in batch]
    session.flush()
    session.add_all(Queue(person_id=person.id) for person, new in people if new)
    superiors = _superiors(session, batch)
    held = _held(session, [person.id for person, new in people if not new])
    return [
        _settle(session, actor, resolved, person, new, superiors, held, now)
        for resolved, (person, new) in zip(batch, people, strict=True)
    ]


def _person(session: Session, resolved: Resolved, now: datetime, password_hash: str) -> tuple[Person, bool]:
    if resolved.existing is not None:
        return resolved.existing, False
    facts, place = resolved.facts, resolved.place
    person = Person(
        brand_id=place.brand_id,
        place_id=place.id,
        login=facts.renamed,
        password_hash=password_hash,
        must_change_password=bool(password_hash),
        created_at=now,
        **{name: getattr(facts, name) for name in PLAIN},
    )
    session.add(person)
    return person, True


def _settle(
    session: Session,
    actor: Actor,
    resolved: Resolved,
    person: Person,
    new: bool,
    superiors: Mapping[str, int],
    held: set[tuple[int, int, int]],
    now: datetime,
) -> Saved:
    """What needs ids: the superior and the roles; and the audit entries of all of it."""
    before, after = ({}, _facts_of(person, resolved)) if new else _change(session, person, resolved)
    superior_id = superiors.get(resolved.superior) if resolved.superior else None
    if "superior" in resolved.facts.given and person.superior_id != superior_id:
        before |= {} if new else {"superior_id": person.superior_id}
        after |= {"superior_id": superior_id}
        person.superior_id = superior_id
    if "roles" in before:  # they left a brand, and with it what they held there
        session.flush()
        held = _held(session, [person.id])
    missing = [pair for pair in resolved.roles if (person.id, pair[0].id, pair[1].id) not in held]
    for role, place in missing:
        _grant(session, actor, person, role, place, now)
    if after:
        action = "person.created" if new else "person.changed"
        what = before.get("login", person.login)
        audit.record(session, actor, action, what, brand_id=person.brand_id, at=now, before=before, after=after)
    return Saved(person.public_id, person.login, new, bool(not new and (after or missing)))


def _facts_of(person: Person, resolved: Resolved) -> dict[str, Any]:
    plain = {name: getattr(person, name) for name in ("login", *PLAIN)}
    return {name: value for name, value in plain.items() if value} | {"place": resolved.place.name}


def _change(session: Session, person: Person, resolved: Resolved) -> tuple[dict[str, Any], dict[str, Any]]:
    facts, place = resolved.facts, resolved.place
    wanted: dict[str, Any] = {name: getattr(facts, name) for name in PLAIN if name in facts.given}
    wanted |= {"login": facts.renamed}
    different = {name: value for name, value in wanted.items() if getattr(person, name) != value}
    before = {name: getattr(person, name) for name in different}
    for name, value in different.items():
        setattr(person, name, value)
    if place.id != person.place_id:
        before["place"], different["place"] = session.get_one(Place, person.place_id).name, place.name
        if place.brand_id != person.brand_id:
            before["roles"] = _leave_brand(session, person, place)
        person.place_id, person.brand_id = place.id, place.brand_id
    return before, different


def _leave_brand(session: Session, person: Person, to: Place) -> list[str]:
    """A role at a place of the brand they leave, or of a third one, would still open it to them, so it ends.

    Which those were. Roles at the group stay theirs unless it is the group that they leave.
    """
    kept = {to.brand_id, ancestors(to.path)[0]} - {person.brand_id}
    query = sa.select(Membership, Role.key, Place.name).join(Role, Role.id == Membership.role_id)
    rows = session.execute(query.join(Place, Place.id == Membership.place_id).where(
        Membership.person_id == person.id, Place.brand_id.not_in(sorted(kept)))).all()  # fmt: skip
    for membership, _role, _place in rows:
        session.delete(membership)
    return [f"{role}@{place}" for _, role, place in rows]


def _grant(session: Session, actor: Actor, person: Person, role: Role, place: Place, now: datetime) -> None:
    session.add(Membership(person_id=person.id, role_id=role.id, place_id=place.id))
    after = {"role": role.key, "place": place.name}
    audit.record(session, actor, "person.role_given", person.login, brand_id=place.brand_id, at=now, after=after)


def _superiors(session: Session, batch: Sequence[Resolved]) -> dict[str, int]:
    logins = sorted({resolved.superior for resolved in batch if resolved.superior})
    parts = (logins[start : start + 400] for start in range(0, len(logins), 400))
    queries = (sa.select(Person.login, Person.id).where(Person.login.in_(part)) for part in parts)
    return {login: person_id for query in queries for login, person_id in session.execute(query)}


def _held(session: Session, person_ids: Sequence[int]) -> set[tuple[int, int, int]]:
    columns = (Membership.person_id, Membership.role_id, Membership.place_id)
    parts = (person_ids[start : start + 400] for start in range(0, len(person_ids), 400))
    return {
        (row[0], row[1], row[2])
        for part in parts
        for row in session.execute(sa.select(*columns).where(Membership.person_id.in_(part)))
    }
