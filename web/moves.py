"""Owns what the verbs of a ticket's life send from its page: pauses, resolution, its end, reopening, ownership."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.access import visible_tickets
from tickets.assigning import dispatching
from tickets.assigning.dispatching import Manner
from tickets.errors import DomainError, Forbidden, Invalid, NotFound
from tickets.life import ending, facts, handing_over, pausing, rating, reopening, resolving
from tickets.lookup import brand_of_visible
from tickets.policy import Verb
from tickets.ticket import Ticket
from web import picking, verbs
from web.context import me, read_again, reading, runtime
from web.language import gettext as _
from web.language import time_zone

blueprint = Blueprint("moves", __name__, url_prefix="/tickets")
Answer = Response | tuple[str, int]


@blueprint.post("/<number>/suspension")
def suspend(number: str) -> Answer:
    """Nothing is expected of anybody until it is resumed."""

    def do() -> None:
        pausing.suspend(runtime(), me(), number, why(), moment(request.form.get("until", "")))

    return done(number, Verb.SUSPEND, do, _("The ticket is suspended; its clock stands still."))


@blueprint.post("/<number>/resumption")
def resume(number: str) -> Answer:
    """It goes on."""
    pausing.resume(runtime(), me(), number)
    return back(number, _("The ticket goes on."))


@blueprint.post("/<number>/resolution")
def resolve(number: str) -> Answer:
    """The owner says that it is resolved, and how."""
    try:
        closed = resolving.resolve(runtime(), me(), number, why())
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return verbs.refused(number, Verb.RESOLVE, error)
    if closed:
        return back(number, _("The ticket is closed; nobody filed it, so nobody has to confirm it."))
    return back(number, _("The ticket is resolved; the requester confirms it, or it closes by itself."))


@blueprint.post("/<number>/confirmation")
def confirm(number: str) -> Answer:
    """Whoever asked agrees."""
    ending.confirm(runtime(), me(), number)
    return back(number, _("Thank you. The ticket is closed."))


@blueprint.post("/<number>/closure")
def close(number: str) -> Answer:
    """Over, whatever its process had still to do."""
    return done(number, Verb.CLOSE, lambda: ending.close(runtime(), me(), number, why()), _("The ticket is closed."))


@blueprint.post("/<number>/withdrawal")
def withdraw(number: str) -> Answer:
    """Whoever asked needs it no more."""
    said = _("The ticket is withdrawn.")
    return done(number, Verb.WITHDRAW, lambda: ending.withdraw(runtime(), me(), number, why()), said)


@blueprint.post("/<number>/reopening")
def reopen(number: str) -> Answer:
    """It is not done after all."""
    said = _("The ticket is open again.")
    return done(number, Verb.REOPEN, lambda: reopening.reopen(runtime(), me(), number, why()), said)


@blueprint.post("/<number>/owner")
def hand_over(number: str) -> Answer:
    """Somebody else answers for it."""

    def do() -> None:
        person = picking.person("to", brand_id=brand_of_visible(reading(), me(), number))
        handing_over.hand_over(runtime(), me(), number, person.id, why())

    return done(number, Verb.HAND_OVER, do, _("The ticket is handed over; the requester sees who answers now."))


@blueprint.post("/<number>/assignment")
def assign(number: str) -> Answer:
    """A dispatcher gives it to somebody, or asks them to accept it."""
    wanted = request.form.get("manner", "")

    def do() -> None:
        person = picking.person("to", brand_id=brand_of_visible(reading(), me(), number))
        if wanted not in set(Manner):
            raise Invalid(Message(N_("Choose how it is given.")))
        dispatching.give(runtime(), me(), number, person.id, Manner(wanted), note=why())

    said = _("The ticket is offered; it goes on when it is not accepted.")
    return done(number, Verb.ASSIGN, do, said if wanted == Manner.OFFER else _("The ticket is assigned."))


@blueprint.post("/<number>/refusal")
def decline(number: str) -> Answer:
    """Not theirs to take."""
    said = _("You declined the ticket; it waits for a dispatcher.")
    return done(number, Verb.DECLINE, lambda: handing_over.decline(runtime(), me(), number, why()), said)


@blueprint.post("/<number>/priority")
def priority(number: str) -> Answer:
    """How soon it must be done."""
    wanted = request.form.get("priority", "")
    return done(
        number,
        Verb.PRIORITY,
        lambda: facts.set_priority(runtime(), me(), number, wanted),
        _("The priority is changed."),
    )


@blueprint.post("/<number>/title")
def retitle(number: str) -> Answer:
    """What it is called."""
    wanted = request.form.get("title", "")
    return done(
        number, Verb.RETITLE, lambda: facts.retitle(runtime(), me(), number, wanted), _("The title is changed.")
    )


@blueprint.post("/<number>/rating")
def rate(number: str) -> Answer:
    """How the requester found it."""

    def do() -> None:
        rating.rate(runtime(), me(), number, _stars(request.form.get("stars", "")), request.form.get("body", ""))

    return done(number, Verb.RATE, do, _("Thank you for telling us."))


def done(number: str, verb: Verb, do: Callable[[], object], said: str) -> Answer:
    """Do it; what is refused is shown again with what was typed."""
    try:
        do()
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return verbs.refused(number, verb, error)
    return back(number, said)


def back(number: str, said: str) -> Response:
    """To the ticket's page; to the inbox for one who does not see it any more."""
    flash(said)
    read_again()
    seen = sa.select(Ticket.id).where(Ticket.number == number, visible_tickets(me()))
    if reading().scalar(seen) is None:
        return redirect(url_for("lists.inbox"), 303)
    return redirect(url_for("ticket.show", number=number), 303)


def why() -> str:
    return request.form.get("why", "")


def moment(text: str) -> datetime | None:
    """What a field for date and time holds, in the reader's zone; raises Invalid."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=time_zone())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            Message(N_("“%(text)s” is no date and time; choose one in the field."), {"text": text[:40]})
        ) from None


def _stars(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 else 0
