"""Owns what people say on a ticket: notes inside, the owner's reply, the requester's answer; and who takes it on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, visible_tickets
from tickets.errors import Conflict, Forbidden, Invalid, NotFound, NotOwner
from tickets.files import attach
from tickets.people import Person
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.standing import Standing, numbered, offered_to, sees_inside, standing, worked_by
from tickets.ticket import OPEN, Status, Ticket
from tickets.timeline import EventKind, TimelineEvent, record

BODY_LIMIT = 20_000
FILES_LIMIT = 20


def note(runtime: Runtime, actor: Actor, number: str, body: str, files: Sequence[UUID | str] = ()) -> int:
    """Write an internal note, on a closed ticket too; the requester never sees it. Gives the event's id."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket, held = _found(session, actor, number)
        if not held.may_note:
            raise Forbidden(Message(N_("Your roles don't let you write notes on this ticket.")))
        return _say(session, ticket, actor, EventKind.NOTED, text=text, files=files, at=runtime.clock.now())


def reply(runtime: Runtime, actor: Actor, number: str, body: str, files: Sequence[UUID | str] = ()) -> int:
    """The owner writes to the requester; nobody else can. The first one stops the clock of the first response."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket, held = _found(session, actor, number)
        if not held.owner:
            raise NotOwner(_name(session, ticket.owner_id))
        _must_be_open(ticket)
        if ticket.requester_id is None:
            raise Conflict(
                Message(N_("Nobody filed this ticket, so there is nobody to reply to; write a note instead."))
            )
        now = runtime.clock.now()
        ticket.first_reply_at = ticket.first_reply_at or now
        return _say(session, ticket, actor, EventKind.REPLIED, text=text, files=files, at=now)


def answer(runtime: Runtime, actor: Actor, number: str, body: str, files: Sequence[UUID | str] = ()) -> int:
    """The requester writes back to whoever answers for the ticket."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket, held = _found(session, actor, number)
        if not held.requester:
            raise Forbidden(Message(N_("Only the person who filed this ticket writes here; write a note instead.")))
        _must_be_open(ticket)
        return _say(session, ticket, actor, EventKind.ANSWERED, text=text, files=files, at=runtime.clock.now())


def accept(runtime: Runtime, actor: Actor, number: str) -> int:
    """Become the owner of a ticket that has none, when one of its open tasks waits for you."""
    with runtime.writing() as session, session.begin():
        ticket, held = _found(session, actor, number)
        _must_be_open(ticket)
        if ticket.owner_id is not None:
            owner = _name(session, ticket.owner_id)
            raise Conflict(Message(N_("%(owner)s already answers for this ticket."), {"owner": owner}))
        if not held.may_accept:
            raise Forbidden(Message(N_("Only staff who may claim one of its tasks accept this ticket.")))
        return _take_on(session, ticket, actor, at=runtime.clock.now())


def checked_body(body: str) -> str:
    """The text trimmed, with plain line ends; raises Invalid when it is empty, too long or not text."""
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Invalid(Message(N_("Write something first; the text is empty.")))
    if len(text) > BODY_LIMIT:
        params = {"length": len(text), "limit": BODY_LIMIT}
        raise Invalid(
            Message(N_("The text has %(length)s characters; shorten it to %(limit)s, or attach a file."), params)
        )
    for position, character in enumerate(text, start=1):
        if character not in "\n\t" and unicodedata.category(character) in {"Cc", "Cs"}:
            found = {"code": f"U+{ord(character):04X}", "position": position}
            raise Invalid(Message(N_("Character %(position)s (%(code)s) is not text; remove it."), found))
    return text


def _found(session: Session, actor: Actor, number: str) -> tuple[Ticket, Standing]:
    """The ticket, locked until the transaction ends, if they may see it."""
    found = session.execute(
        sa.select(Ticket, Place.path, sees_inside(actor), worked_by(actor), offered_to(actor))
        .join(Place, Place.id == Ticket.place_id)
        .where(numbered(number), visible_tickets(actor))
        .with_for_update(of=Ticket)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("This ticket"))
    ticket, path, inside, worked, offered = found
    return ticket, standing(actor, ticket, place_path=path, inside=inside, worked=worked, offered=offered)


def _must_be_open(ticket: Ticket) -> None:
    if ticket.status in OPEN:
        return
    if ticket.status == Status.WITHDRAWN:
        raise Conflict(Message(N_("This ticket was withdrawn; file a new one to go on.")))
    raise Conflict(Message(N_("This ticket is closed; reopen it first.")))


def _name(session: Session, person_id: int | None) -> str:
    return session.scalar(sa.select(Person.name).where(Person.id == person_id)) or ""


def _say(
    session: Session,
    ticket: Ticket,
    actor: Actor,
    kind: EventKind,
    *,
    text: str,
    files: Sequence[UUID | str],
    at: datetime,
) -> int:
    public = kind is not EventKind.NOTED
    params: dict[str, object] = {"to_id": ticket.requester_id} if kind is EventKind.REPLIED else {}
    if len(files) > FILES_LIMIT:
        raise Invalid(
            Message(
                N_("At most %(limit)s files go with one letter; send the rest with another."), {"limit": FILES_LIMIT}
            )
        )
    if files:
        params["files"] = attach(session, actor, ticket.id, files, public=public)
    event = record(session, ticket=ticket, kind=kind, actor=actor, at=at, public=public, params=params, body=text)
    return _touch(session, ticket, event)


def _take_on(session: Session, ticket: Ticket, actor: Actor, *, at: datetime) -> int:
    params = {"from": ticket.status, "to": Status.IN_PROGRESS.value}
    ticket.owner_id = actor.person_id
    ticket.accepted_at = ticket.accepted_at or at
    if ticket.status in {Status.UNASSIGNED, Status.OFFERED}:
        ticket.status = Status.IN_PROGRESS.value
    event = record(session, ticket=ticket, kind=EventKind.ACCEPTED, actor=actor, at=at, public=True, params=params)
    return _touch(session, ticket, event)


def _touch(session: Session, ticket: Ticket, event: TimelineEvent) -> int:
    ticket.updated_at = event.at
    ticket.version += 1
    session.flush()
    return event.id
