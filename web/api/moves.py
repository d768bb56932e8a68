"""Owns the verbs of a ticket under /tickets/<number>/…: each answers with the ticket as it is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from tickets import conversation
from tickets.assigning import dispatching
from tickets.assigning.picking import picked
from tickets.errors import NotFound
from tickets.life import ending, facts, handing_over, pausing, rating, reopening, resolving, returning
from tickets.lookup import brand_of_visible
from web.api.entrance import BODIES, api
from web.api.idempotent import idempotent
from web.api.move_schemas import (
    Assignment,
    Letter,
    NewOwner,
    NewPriority,
    NewTitle,
    Rating,
    Reason,
    Return,
    Suspension,
    TaskDetail,
)
from web.api.schemas import TicketState
from web.api.states import ticket_state
from web.api.task_detail import task_detail
from web.context import me, reading, runtime

View = TypeVar("View", bound=Callable[..., Any])


def verb(path: str, operation: str, body: type[Any] | None) -> Callable[[View], View]:
    """POST /tickets/<number>/<path> with that body (None: there is none); the ticket is the answer."""

    def add(view: View) -> View:
        if body is None:
            BODIES[f"api.{view.__name__}"] = None
        else:
            view = api.input(body, arg_name="body")(view)
        described = api.doc(operation_id=operation)(api.output(TicketState)(view))
        api.post(f"/tickets/<number>/{path}")(idempotent(described))
        return view

    return add


@verb("notes", "writeNote", Letter)
def note(number: str, body: Letter) -> TicketState:
    """Write an internal note"""
    conversation.note(runtime(), me(), number, body.body)
    return ticket_state(me(), number)


@verb("replies", "replyToRequester", Letter)
def reply(number: str, body: Letter) -> TicketState:
    """Reply to the requester

    Only the owner does.
    """
    conversation.reply(runtime(), me(), number, body.body)
    return ticket_state(me(), number)


@verb("questions", "askRequester", Letter)
def ask(number: str, body: Letter) -> TicketState:
    """Ask the requester for more

    The ticket waits, its clock stands still, until they answer.
    """
    conversation.ask(runtime(), me(), number, body.body)
    return ticket_state(me(), number)


@verb("answers", "answerAsRequester", Letter)
def answer(number: str, body: Letter) -> TicketState:
    """Write back as the requester"""
    conversation.answer(runtime(), me(), number, body.body)
    return ticket_state(me(), number)


@verb("acceptance", "acceptTicket", None)
def accept(number: str) -> TicketState:
    """Answer for the ticket from now on"""
    conversation.accept(runtime(), me(), number)
    return ticket_state(me(), number)


@verb("refusal", "declineTicket", Reason)
def decline(number: str, body: Reason) -> TicketState:
    """Decline an offered ticket"""
    state = ticket_state(me(), number)
    handing_over.decline(runtime(), me(), number, body.why)
    return _after(number, state)


@verb("owner", "handTicketOver", NewOwner)
def hand_over(number: str, body: NewOwner) -> TicketState:
    """Hand the ticket over"""
    state = ticket_state(me(), number)
    brand = brand_of_visible(reading(), me(), number)
    person = picked(reading(), me(), body.to, brand_id=brand)
    handing_over.hand_over(runtime(), me(), number, person.id, body.why)
    return _after(number, state)


@verb("assignment", "assignTicket", Assignment)
def assign(number: str, body: Assignment) -> TicketState:
    """Assign the ticket, or offer it

    Dispatchers do, while nobody has it.
    """
    brand = brand_of_visible(reading(), me(), number)
    person = picked(reading(), me(), body.to, brand_id=brand)
    dispatching.give(runtime(), me(), number, person.id, body.manner, note=body.note)
    return ticket_state(me(), number)


@verb("suspension", "suspendTicket", Suspension)
def suspend(number: str, body: Suspension) -> TicketState:
    """Suspend the ticket"""
    pausing.suspend(runtime(), me(), number, body.why, body.until)
    return ticket_state(me(), number)


@verb("resumption", "resumeTicket", None)
def resume(number: str) -> TicketState:
    """Resume a suspended ticket"""
    pausing.resume(runtime(), me(), number)
    return ticket_state(me(), number)


@verb("resolution", "resolveTicket", Reason)
def resolve(number: str, body: Reason) -> TicketState:
    """Say that it is resolved, and how"""
    resolving.resolve(runtime(), me(), number, body.why)
    return ticket_state(me(), number)


@verb("confirmation", "confirmTicket", None)
def confirm(number: str) -> TicketState:
    """Confirm that it is resolved"""
    ending.confirm(runtime(), me(), number)
    return ticket_state(me(), number)


@verb("closure", "closeTicket", Reason)
def close(number: str, body: Reason) -> TicketState:
    """Close the ticket

    What is still to be done in its process is cancelled.
    """
    ending.close(runtime(), me(), number, body.why)
    return ticket_state(me(), number)


@verb("withdrawal", "withdrawTicket", Reason)
def withdraw(number: str, body: Reason) -> TicketState:
    """Withdraw the ticket"""
    ending.withdraw(runtime(), me(), number, body.why)
    return ticket_state(me(), number)


@verb("reopening", "reopenTicket", Reason)
def reopen(number: str, body: Reason) -> TicketState:
    """Reopen a resolved or closed ticket"""
    reopening.reopen(runtime(), me(), number, body.why)
    return ticket_state(me(), number)


@verb("priority", "setPriority", NewPriority)
def set_priority(number: str, body: NewPriority) -> TicketState:
    """Change the priority"""
    facts.set_priority(runtime(), me(), number, body.priority)
    return ticket_state(me(), number)


@verb("title", "setTitle", NewTitle)
def set_title(number: str, body: NewTitle) -> TicketState:
    """Change the title"""
    facts.retitle(runtime(), me(), number, body.title)
    return ticket_state(me(), number)


@verb("rating", "rateTicket", Rating)
def rate(number: str, body: Rating) -> TicketState:
    """Rate how it was handled

    Once, by its requester.
    """
    rating.rate(runtime(), me(), number, body.stars, body.text)
    return ticket_state(me(), number)


@api.get("/tasks/<uuid:task_id>")
@api.output(TaskDetail)
@api.doc(operation_id="readTask")
def read_task(task_id: UUID) -> TaskDetail:
    """Read a task

    With its form, whose keys name the values that complete it, as long as it is the caller's to do.
    """
    return task_detail(me(), task_id)


@api.post("/tasks/<uuid:task_id>/return")
@idempotent
@api.input(Return, arg_name="body")
@api.output(TicketState)
@api.doc(operation_id="returnTask")
def return_task(task_id: UUID, body: Return) -> TicketState:
    """Return to an earlier step

    The task is taken back, and the earlier one waits for whoever did it.
    """
    number = returning.step_back(runtime(), me(), task_id, body.why, body.element or "")
    return ticket_state(me(), number)


def _after(number: str, before: TicketState) -> TicketState:
    """The ticket; as it was before for one who does not see it any more, since it is somebody else's now."""
    try:
        return ticket_state(me(), number)
    except NotFound:
        return before
