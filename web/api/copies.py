"""Owns /tickets/<number>/urges, their answers, and /copies: urging, and who is in copy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from tickets import urging
from tickets.copying import add_copies, copied_people, remove_copy
from tickets.lookup import brand_of_visible
from web.api.entrance import BODIES, api
from web.api.idempotent import idempotent
from web.api.schemas import Given, Loose, Taken, TicketState
from web.api.states import ticket_state
from web.context import me, read_again, reading, runtime

BODIES["api.remove_copied"] = None


class NewUrge(Taken):
    """Why it is urgent; it may stay empty."""

    reason: str = Field(default="", max_length=500)


class UrgeAnswer(Taken):
    """Why it takes long, and when it is expected: until then nobody urges again."""

    body: str = Field(min_length=1, max_length=20_000)
    expected_at: Annotated[AwareDatetime, Loose]


class NewCopies(Taken):
    """Whom to put in copy, by their ids."""

    people: list[Annotated[UUID, Loose]] = Field(min_length=1, max_length=50)


class CopyState(Given):
    """Somebody in copy; `by_type`: the ticket's type put them there."""

    id: UUID
    name: str
    by_type: bool


class CopyList(Given):
    """Who is in copy of a ticket."""

    copies: list[CopyState]


@api.post("/tickets/<number>/urges")
@idempotent
@api.input(NewUrge, arg_name="body")
@api.output(TicketState, status_code=201)
@api.doc(operation_id="urge")
def press(number: str, body: NewUrge) -> TicketState:
    """Urge a ticket

    The requester and those in copy do. 409 with `retry_at` says when one may again; without it, an answer is due first.
    """
    urging.urge(runtime(), me(), number, body.reason)
    return ticket_state(me(), number)


@api.post("/tickets/<number>/urge-answers")
@idempotent
@api.input(UrgeAnswer, arg_name="body")
@api.output(TicketState, status_code=201)
@api.doc(operation_id="answerUrge")
def answer_press(number: str, body: UrgeAnswer) -> TicketState:
    """Answer an urge"""
    expected: datetime = body.expected_at
    urging.answer_urge(runtime(), me(), number, body.body, expected)
    return ticket_state(me(), number)


@api.get("/tickets/<number>/copies")
@api.output(CopyList)
@api.doc(operation_id="listCopies")
def list_copied(number: str) -> CopyList:
    """List who is in copy"""
    return _copies(number)


@api.post("/tickets/<number>/copies")
@idempotent
@api.input(NewCopies, arg_name="body")
@api.output(CopyList, status_code=201)
@api.doc(operation_id="addCopies")
def add_copied(number: str, body: NewCopies) -> CopyList:
    """Put people in copy"""
    add_copies(runtime(), me(), number, body.people)
    read_again()
    return _copies(number)


@api.delete("/tickets/<number>/copies/<uuid:person>")
@api.output(CopyList)
@api.doc(operation_id="removeCopy")
def remove_copied(number: str, person: UUID) -> CopyList:
    """Take somebody out of the copy"""
    remove_copy(runtime(), me(), number, person)
    read_again()
    return _copies(number)


def _copies(number: str) -> CopyList:
    brand_of_visible(reading(), me(), number)
    found = copied_people(reading(), number)
    return CopyList(copies=[CopyState(id=each.public_id, name=each.name, by_type=each.by_type) for each in found])
