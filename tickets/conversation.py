"""Owns what people say on a ticket: notes inside, the owner's reply, the requester's answer; and who takes it on."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.assigning.first_task import hold_offered, take_first
from tickets.change import Change, Was, status_values, told
from tickets.errors import Invalid
from tickets.files import attach
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.runtime import Runtime
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind

BODY_LIMIT = 20_000
FILES_LIMIT = 20
Files = Sequence[UUID | str]


def note(runtime: Runtime, actor: Actor, number: str, body: str, files: Files = ()) -> int:
    """Write an internal note, on a closed ticket too; the requester never sees it. Gives the event's id."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket = ticket_for(session, actor, number, Verb.NOTE)
        return say(session, ticket, actor, EventKind.NOTED, text, files=files, at=runtime.clock.now())


def reply(runtime: Runtime, actor: Actor, number: str, body: str, files: Files = ()) -> int:
    """The owner writes to the requester; nobody else can. The first one stops the clock of the first response."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.REPLY), runtime.clock.now()
        values = {"first_reply_at": ticket.first_reply_at or now}
        return say(session, ticket, actor, EventKind.REPLIED, text, files=files, at=now, values=values)


def ask(runtime: Runtime, actor: Actor, number: str, body: str, files: Files = ()) -> int:
    """The owner asks the requester for more: the ticket waits, its clock paused, until they answer."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.ASK), runtime.clock.now()
        values = status_values(Was.of(ticket), Status.AWAITING_REQUESTER, now)
        values["first_reply_at"] = ticket.first_reply_at or now
        return say(session, ticket, actor, EventKind.ASKED, text, files=files, at=now, values=values)


def answer(runtime: Runtime, actor: Actor, number: str, body: str, files: Files = ()) -> int:
    """The requester writes back; a ticket that waited for that goes on."""
    text = checked_body(body)
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.ANSWER), runtime.clock.now()
        waited = ticket.status == Status.AWAITING_REQUESTER
        values = status_values(Was.of(ticket), Status.IN_PROGRESS, now) if waited else {}
        return say(session, ticket, actor, EventKind.ANSWERED, text, files=files, at=now, values=values)


def accept(runtime: Runtime, actor: Actor, number: str) -> bool:
    """Become the owner of a ticket that has none: it was offered to you, or one of its tasks waits for you.

    Where its type says that the owner works on it, the first task that waits for you is yours, too; whether it is.
    """
    with runtime.writing() as session, session.begin():
        hold_offered(session, actor, number)
        ticket, now = ticket_for(session, actor, number, Verb.ACCEPT), runtime.clock.now()
        was = Was.of(ticket)
        taken = take_first(session, runtime, actor, was, now)
        events = [told(was, EventKind.ACCEPTED, actor, now, public=True), *([taken] if taken is not None else [])]
        changing.write(session, Change(was, now, actor, accepted(was, actor.person_id, now), events))
        return taken is not None


def accepted(was: Was, person_id: int, at: datetime) -> dict[str, Any]:
    """The columns of a ticket that this person answers for from now on."""
    waited = was.status in (Status.UNASSIGNED, Status.OFFERED)
    status = status_values(was, Status.IN_PROGRESS, at) if waited else {}
    return {**status, "owner_id": person_id, "offered_to_id": None, "accepted_at": was.accepted_at or at}


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


def say(
    session: Session,
    ticket: Ticket,
    actor: Actor,
    kind: EventKind,
    text: str,
    *,
    files: Files,
    at: datetime,
    values: Mapping[str, Any] | None = None,
    **params: Any,
) -> int:
    """A letter on the ticket with its files, and the columns it changes; the event's id."""
    public = kind not in _INSIDE
    if kind in _TO_REQUESTER:
        params["to_id"] = ticket.requester_id
    if len(files) > FILES_LIMIT:
        text = N_("At most %(limit)s files go with one letter; send the rest with another.")
        raise Invalid(Message(text, {"limit": FILES_LIMIT}))
    if files:
        params["files"] = attach(session, actor, ticket.id, files, public=public)
    was = Was.of(ticket)
    event = told(was, kind, actor, at, public=public, body=text, **params)
    return changing.write_told(session, Change(was, at, actor, values or {}, [event]))


_INSIDE = frozenset({EventKind.NOTED, EventKind.CONSULTED, EventKind.ADVISED})
_TO_REQUESTER = frozenset({EventKind.REPLIED, EventKind.ASKED, EventKind.URGE_ANSWERED})
