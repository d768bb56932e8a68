"""Owns callers: whom staff file a ticket for: found by phone, name, login or what they once asked about; or new."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, visible_subjects, visible_tickets
from tickets.actor import load_actor
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.organising.fields import FieldsInvalid, wrong
from tickets.organising.person_facts import READERS
from tickets.organising.reach import places_within
from tickets.people import Person, normal_login
from tickets.permissions import Permission
from tickets.places import Place, ancestors
from tickets.roles import Role
from tickets.rows import TicketRow, ticket_row, ticket_rows
from tickets.runtime import Runtime
from tickets.staff import NewPerson, add_person, grant_role
from tickets.subjects import Subject
from tickets.ticket import OPEN, Ticket

FOUND = 8
HISTORY = 6
FEWEST_DIGITS = 3


class Channel(StrEnum):
    """How somebody reached us."""

    PHONE = "phone"
    MAIL = "mail"
    DESK = "desk"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody a ticket may be filed for; `about` is the subject by whose name they were found, if so."""

    person: Person
    place: Place
    about: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What a caller asked before, what is open first, and what it was about."""

    tickets: Sequence[TicketRow]
    subjects: Sequence[Subject]


@dataclass(frozen=True, slots=True)
class NewCaller:
    """Who calls for the first time; the place is one that the actor files for."""

    name: str
    phone: str
    email: str
    place: UUID | None


def find_callers(session: Session, actor: Actor, search: str) -> list[Caller]:
    """Those with the text in their phone, name or login, then those who asked about a subject of that name."""
    must_file_for(actor)
    text = "".join(filter(str.isprintable, search))[:100].strip()
    if not text:
        return []
    digits = re.sub(r"\D", "", text)
    wanted = [column.icontains(text, autoescape=True) for column in (Person.name, Person.login, Person.phone)]
    if len(digits) >= FEWEST_DIGITS:
        wanted.append(Person.phone.contains(digits, autoescape=True))
    people = sa.select(Person, Place).join(Place, Place.id == Person.place_id)
    here = people.where(reached(actor), Person.departed_at.is_(None), Person.is_client.is_(False))
    rows = session.execute(here.where(sa.or_(*wanted)).order_by(Person.name, Person.id).limit(FOUND))
    found = {person.id: Caller(person, place) for person, place in rows}
    for caller in _by_subject(session, actor, text) if len(found) < FOUND else ():
        found.setdefault(caller.person.id, caller)
    return list(found.values())[:FOUND]


def caller_for(session: Session, actor: Actor, who: UUID | str) -> Caller:
    """Whom a ticket is filed for: by id, login or phone. Raises Forbidden, NotFound, Conflict (several have it)."""
    must_file_for(actor)
    query = sa.select(Person, Place).join(Place, Place.id == Person.place_id).where(Person.departed_at.is_(None))
    query = query.where(Person.is_client.is_(False))
    rows = session.execute(query.where(reached(actor), _named(who)).order_by(Person.id).limit(2)).all()
    if not rows:
        raise NotFound(N_("This person"))
    if len(rows) > 1:
        raise Conflict(Message(N_("Several people have this phone number; name the caller by their login.")))
    return Caller(*rows[0])


def caller_actor(session: Session, caller: Caller) -> Actor:
    """Their own roles: what they may file themselves may be filed for them. Raises NotFound when they have left."""
    actor = load_actor(session, caller.person.id)
    if actor is None:
        raise NotFound(N_("This person"))
    return actor


def history(session: Session, actor: Actor, caller: Caller) -> History:
    """What the actor may see of what they asked before. Two statements."""
    open_first = sa.case((Ticket.status.in_(sorted(OPEN)), 0), else_=1)
    asked = ticket_rows().where(Ticket.requester_id == caller.person.id, visible_tickets(actor))
    rows = session.execute(asked.order_by(open_first, Ticket.id.desc()).limit(HISTORY))
    about = sa.select(Ticket.subject_id).where(Ticket.requester_id == caller.person.id, Ticket.subject_id.is_not(None))
    theirs = sa.or_(Subject.responsible_id == caller.person.id, Subject.id.in_(about))
    subjects = sa.select(Subject).where(theirs, visible_subjects(actor)).order_by(Subject.name, Subject.id)
    return History([ticket_row(row) for row in rows], session.scalars(subjects.limit(HISTORY)).all())


def register(runtime: Runtime, actor: Actor, new: NewCaller) -> UUID:
    """Take a caller on as a requester who can't sign in (yet); their id. Raises Forbidden, FieldsInvalid."""
    must_file_for(actor)
    facts = _facts(new)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        place = _place(session, actor, new.place)
        _check_new(session, actor, facts["phone"])
        login = f"caller-{secrets.token_hex(6)}"
        person = add_person(session, place, NewPerson(login=login, name=facts["name"]), password_hash="", at=now)
        person.phone, person.email = facts["phone"], facts["email"]
        grant_role(session, person, role_id=_requester_role(session, place), place_id=place.id)
        after = {**facts, "place": place.name}
        audit.record(session, actor, "person.created", login, brand_id=place.brand_id, at=now, after=after)
        return person.public_id


def places_reached(session: Session, actor: Actor, limit: int = 500) -> Sequence[Place]:
    """Where the actor may take on callers."""
    here = (reached(actor), Place.closed_at.is_(None))
    return session.scalars(sa.select(Place).where(*here).order_by(Place.path).limit(limit)).all()


def must_file_for(actor: Actor) -> None:
    """Raises Forbidden for those who file only for themselves."""
    if not actor.may(Permission.FILE_FOR):
        raise Forbidden(Message(N_("Your roles let you file tickets for yourself only.")))


def reached(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Place: they file for the people there; with the scope `own` for those of their own place."""
    own = sa.and_(Place.id == actor.place_id, sa.true() if actor.may(Permission.FILE_FOR) else sa.false())
    return sa.or_(places_within(actor, Permission.FILE_FOR), own)


def _by_subject(session: Session, actor: Actor, text: str) -> list[Caller]:
    """Those who asked about a subject whose name or number has the text in it, and who answers for it."""
    holds = (column.icontains(text, autoescape=True) for column in (Subject.name, Subject.external_id))
    asked = sa.exists().where(Ticket.subject_id == Subject.id, Ticket.requester_id == Person.id)
    query = (
        sa.select(Person, Place, Subject.name)
        .select_from(Subject)
        .join(Person, sa.or_(Person.id == Subject.responsible_id, asked))
        .join(Place, Place.id == Person.place_id)
        .where(visible_subjects(actor), sa.or_(*holds), reached(actor), Person.departed_at.is_(None))
        .order_by(Subject.name, Person.name, Person.id)
        .limit(FOUND)
    )
    return [Caller(person, place, name) for person, place, name in session.execute(query)]


def _named(who: UUID | str) -> sa.ColumnElement[bool]:
    if isinstance(who, UUID):
        return Person.public_id == who
    try:
        return Person.public_id == UUID(who)
    except ValueError:
        pass
    try:
        phone = str(READERS["phone"](who))
    except ValueError:
        phone = ""
    login = normal_login(who)
    by_phone = Person.phone.in_({who.strip(), phone} - {""}) if who.isprintable() else sa.false()
    return sa.or_(by_phone, Person.login == login) if login else by_phone


def _facts(new: NewCaller) -> dict[str, str]:
    """What was said of a new caller, checked. Raises FieldsInvalid, which names each field."""
    errors: dict[str, Message] = {}
    facts: dict[str, str] = {}
    for name in ("name", "phone", "email"):
        try:
            facts[name] = str(READERS[name](getattr(new, name)))
        except ValueError as problem:
            errors[name] = problem.args[0]
    if not errors and not facts["phone"] and not facts["email"]:
        errors["phone"] = Message(N_("A phone number or an e-mail address is needed, to reach them again."))
    if new.place is None:
        errors["place"] = Message(N_("Choose where they belong."))
    if errors:
        raise FieldsInvalid(errors)
    return facts


def _place(session: Session, actor: Actor, public_id: UUID | None) -> Place:
    place = session.scalar(sa.select(Place).where(Place.public_id == public_id, reached(actor)))
    if place is None:
        raise wrong("place", N_("Choose where they belong."))
    if place.closed_at is not None:
        raise wrong("place", N_("This place is closed; choose another."))
    return place


def _check_new(session: Session, actor: Actor, phone: str) -> None:
    """Somebody known by this phone number is chosen, not taken on twice."""
    if not phone:
        return
    known = sa.select(Person.name).join(Place, Place.id == Person.place_id).where(Person.phone == phone, reached(actor))
    if name := session.scalars(known.where(Person.departed_at.is_(None)).limit(1)).first():
        raise wrong("phone", N_("%(name)s has this phone number; search for it and choose them."), name=name)


def _requester_role(session: Session, place: Place) -> int:
    """The role `requester` of the brand, else of the group."""
    own = sa.case((Role.brand_id == place.brand_id, 0), else_=1)
    of = (Role.key == "requester", Role.brand_id.in_((place.brand_id, ancestors(place.path)[0])))
    role_id = session.scalars(sa.select(Role.id).where(*of).order_by(own).limit(1)).first()
    if role_id is None:
        raise Invalid(Message(N_("There is no role “requester” to give them; ask an administrator to make one.")))
    return role_id
