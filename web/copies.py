"""Owns what urging and copies send from the ticket's page, and the list of what one is in copy of."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.assigning.picking import Purpose
from tickets.copying import add_copies, copied_to, remove_copy
from tickets.errors import Invalid
from tickets.lookup import brand_of_visible
from tickets.policy import Verb
from tickets.urging import answer_urge, urge
from web import picking
from web.context import me, reading, runtime
from web.language import gettext as _
from web.moves import Answer, done, moment

blueprint = Blueprint("copies", __name__)

NO_TIME = Message(N_("Choose when it is expected; the requester waits for that."))


@blueprint.get("/cc")
def index() -> str:
    """What the reader is in copy of, newest first, with a mark at what they have not seen."""
    g.area = "cc"
    page = copied_to(reading(), me(), cursor=request.args.get("cursor"))
    return render_template("copies/index.html", page=page)


@blueprint.post("/tickets/<number>/urges")
def press(number: str) -> Answer:
    """The owner and who works on it are told that somebody waits."""

    def do() -> None:
        urge(runtime(), me(), number, request.form.get("why", ""))

    return done(number, Verb.URGE, do, _("Who can help is told. You see the answer here."))


@blueprint.post("/tickets/<number>/urge-answers")
def answer(number: str) -> Answer:
    """The owner says why it takes long and when it is expected."""

    def do() -> None:
        expected = _expected()
        answer_urge(runtime(), me(), number, request.form.get("body", ""), expected)

    return done(number, Verb.ANSWER_URGE, do, _("The answer is sent."))


@blueprint.post("/tickets/<number>/copies")
def add(number: str) -> Answer:
    """Put people in copy."""

    def do() -> None:
        brand = brand_of_visible(reading(), me(), number)
        people = picking.people("people", purpose=Purpose.ANYONE, brand_id=brand)
        add_copies(runtime(), me(), number, [person.public_id for person in people])

    return done(number, Verb.CC, do, _("They are in copy now."))


@blueprint.post("/tickets/<number>/copies/<uuid:person>/removal")
def remove(number: str, person: UUID) -> Response:
    """Take somebody out of the copy."""
    remove_copy(runtime(), me(), number, person)
    flash(_("Taken out of the copy."))
    return redirect(url_for("ticket.show", number=number), 303)


def _expected() -> datetime:
    found = moment(request.form.get("expected", ""))
    if found is None:
        raise Invalid(NO_TIME)
    return found
