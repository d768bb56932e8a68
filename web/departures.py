"""Owns the pages of departures: what somebody leaves behind, the plan, how far it is, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.departing import depart, press_on, undo
from tickets.departing.begin import STALLED
from tickets.departing.lookup import DepartureRow, departure_row, departures, people_managed
from tickets.departing.model import BUSY, State
from tickets.departing.plan import Way, Wish
from tickets.departing.preview import preview
from tickets.departing.results import results
from tickets.errors import Conflict, Invalid, NotFound
from web.context import me, now, read_again, reading, runtime
from web.errors import status_of
from web.language import gettext as _
from web.language import time_zone, worded

blueprint = Blueprint("departures", __name__, url_prefix="/departures")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "departures"))
PAGE = 50
FOUND = 20
"""How many people a search for who leaves shows."""


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state of a departure is shown."""

    icon: str
    tone: str
    text: str


STATES: Mapping[str, StateLook] = {
    State.SCHEDULED: StateLook("calendar-event", "t-violet", N_("Planned")),
    State.RUNNING: StateLook("loader-2", "t-blue", N_("Handing over")),
    State.DONE: StateLook("door-exit", "t-green", N_("Handed over")),
    State.UNDOING: StateLook("arrow-back-up", "t-blue", N_("Being undone")),
    State.UNDONE: StateLook("door-enter", "t-grey", N_("Undone")),
    State.CANCELLED: StateLook("circle-x", "t-grey", N_("Cancelled")),
}
WAYS: Mapping[str, str] = {
    Way.SUPERIOR: N_("To the superior"),
    Way.DISPATCH: N_("To the dispatch queue"),
    Way.SPLIT: N_("Split by load"),
}


@blueprint.get("")
def index() -> str:
    """The departures one may see, the newest first."""
    before = request.args.get("before", "")
    rows = departures(reading(), me(), before=int(before) if _is_id(before) else None, limit=PAGE)
    following = rows[PAGE - 1].departure.id if len(rows) > PAGE else None
    return render_template("departures/index.html", rows=rows[:PAGE], following=following, states=STATES)


@blueprint.get("/new")
def new() -> str:
    """Who leaves; once that is said, all that is theirs and the plan."""
    person = request.args.get("person", "")
    if not person:
        search = request.args.get("q", "")
        found = people_managed(reading(), me(), search, limit=FOUND)
        return render_template("departures/choose.html", found=found, search=search, most=FOUND)
    return _form(_uuid(person), {})


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """They leave: now, or when it is said."""
    person = _uuid(request.form.get("person", ""))
    try:
        made = depart(runtime(), me(), person, _wish(), at=_moment(request.form.get("at", "")))
    except (Invalid, Conflict) as refused:
        read_again()
        return _form(person, {"error": worded(refused.message)}), status_of(refused)
    return redirect(url_for("departures.page", departure_id=made), 303)


@blueprint.get("/<uuid:departure_id>")
def page(departure_id: UUID) -> str:
    """How far it is, what came of it, and until when it can be undone."""
    row = departure_row(reading(), me(), departure_id)
    return render_template("departures/page.html", row=row, **_facts(row))


@blueprint.post("/<uuid:departure_id>/undoing")
def take_back(departure_id: UUID) -> Response:
    """Undo it, or cancel what is only planned."""
    undo(runtime(), me(), departure_id)
    flash(_("The departure is taken back."))
    return redirect(url_for("departures.page", departure_id=departure_id), 303)


@blueprint.post("/<uuid:departure_id>/runs")
def run_again(departure_id: UUID) -> Response:
    """Set it going again when it has stopped on the way."""
    press_on(runtime(), me(), departure_id)
    return redirect(url_for("departures.page", departure_id=departure_id), 303)


def _facts(row: DepartureRow) -> Mapping[str, Any]:
    departure = row.departure
    return {
        "results": results(reading(), departure),
        "busy": departure.state in BUSY,
        "stalled": departure.state in BUSY and departure.updated_at < now() - STALLED,
        "undoable": departure.undoable(now()),
        "look": STATES[departure.state],
    }


def _form(person: UUID, more: Mapping[str, Any]) -> str:
    shown = preview(reading(), me(), person, now=now())
    typed = request.form if request.method == "POST" else {}
    return render_template("departures/new.html", it=shown, ways=WAYS, typed=typed, **more)


def _wish() -> Wish:
    """What the form says."""
    role, _sign, place = request.form.get("group", "").partition("|")
    types = {name.removeprefix("type:"): way for name, way in request.form.items() if name.startswith("type:") and way}
    return Wish(
        default=request.form.get("default", ""),
        types=types,
        alone=request.form.get("alone", ""),
        role=role,
        role_place=place,
        people=request.form.getlist("people"),
    )


def _moment(text: str) -> datetime | None:
    """A moment on the reader's clock; None for at once. Raises Invalid."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=time_zone())
    except ValueError:
        raise Invalid(Message(N_("The moment can't be read; write it like 2026-11-30 18:00."))) from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(N_("This person")) from None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
