"""Owns the pages of waivers: the list, asking for one, deciding on one, and ending it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.organising.place_choices import place_choices
from tickets.permissions import Permission
from tickets.places import Place
from tickets.standards.waiving import deciding
from tickets.standards.waiving.asking import SEES, Aim, Wanted, aim_of, works_at
from tickets.standards.waiving.deciding import Days
from tickets.standards.waiving.reading import (
    Filters,
    OfTicket,
    Stage,
    WaiverRow,
    count_to_decide,
    of_subject,
    of_ticket,
    waiver_row,
    waivers,
)
from web.context import me, now, read_again, reading, runtime
from web.errors import status_of
from web.ids import uuid_or_none
from web.language import gettext as _
from web.language import time_zone, worded

blueprint = Blueprint("waivers", __name__, url_prefix="/standards/waivers")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "waivers"))
Answer = Response | tuple[str, int]

TABS: Mapping[str, str] = {
    "": N_("All"),
    Stage.ASKED: N_("To be decided"),
    Stage.RUNNING: N_("Running"),
    Stage.OVER: N_("Over"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "asked": ("t-orange", N_("Asked for")),
    "approved": ("t-violet", N_("Waived")),
    "refused": ("t-grey", N_("Refused")),
    "ended": ("t-grey", N_("Over")),
}
WHOLE = "all"
"""In place of a step's key: all of them."""


@blueprint.get("")
def index() -> str:
    """Asked for, running, and over; of the places and standards one sees."""
    _must_work()
    filters = Filters(
        _stage(), uuid_or_none(request.args.get("place", "")), uuid_or_none(request.args.get("standard", ""))
    )
    page = waivers(reading(), me(), filters, cursor=request.args.get("cursor"))
    waiting = count_to_decide(reading(), me()) if me().may(Permission.WAIVE) else 0
    given = {"tabs": TABS, "states": STATES, "filters": filters, "waiting": waiting}
    aim = aim_of(reading(), me(), Wanted())
    return render_template(
        "waivers/index.html", page=page, places=_places(), standards=aim.standards, address=_address, **given
    )


@blueprint.get("/new")
def new() -> str:
    """Asking for one: of a ticket, of a subject, or of a place."""
    return _form(request.args, "")


@blueprint.post("")
def create() -> Answer:
    """Ask."""
    try:
        wanted = _wanted(request.form)
        made = deciding.ask(runtime(), me(), wanted, _days(request.form), request.form.get("why", ""))
    except (Invalid, Conflict, Forbidden) as refused:
        read_again()
        return _form(request.form, worded(refused.message)), status_of(refused)
    flash(_("The waiver is asked for; those who decide are told."))
    return redirect(url_for("waivers.page", waiver_id=made), 303)


@blueprint.get("/<uuid:waiver_id>")
def page(waiver_id: UUID) -> str:
    """One waiver: what it is for, and deciding on it."""
    return _page(waiver_id, "")


@blueprint.post("/<uuid:waiver_id>/approval")
def approve(waiver_id: UUID) -> Answer:
    """These steps need not be done."""
    answer = request.form.get("answer", "")
    return _done(waiver_id, lambda: deciding.approve(runtime(), me(), waiver_id, answer), _("The steps are waived."))


@blueprint.post("/<uuid:waiver_id>/refusal")
def refuse(waiver_id: UUID) -> Answer:
    """They are to be done as ever."""
    why = request.form.get("answer", "")
    return _done(waiver_id, lambda: deciding.refuse(runtime(), me(), waiver_id, why), _("The waiver is refused."))


@blueprint.post("/<uuid:waiver_id>/end")
def end(waiver_id: UUID) -> Answer:
    """What is due from now on has to be done again."""
    why = request.form.get("why", "")
    return _done(waiver_id, lambda: deciding.end(runtime(), me(), waiver_id, why), _("The waiver is over."))


@blueprint.app_template_global("may_ask_waiver")
def may_ask_waiver(place: Place) -> bool:
    """Whether they work where a subject is, so that they may ask for a waiver of its steps."""
    return works_at(me(), place)


@blueprint.app_template_global("waivers_of")
def waivers_of(number: str) -> OfTicket | None:
    """Which stage a ticket is for, and what is waived of its steps; None where no standard began it."""
    return of_ticket(reading(), me(), number)


@blueprint.app_template_global("waivers_about")
def waivers_about(subject_id: int) -> Sequence[WaiverRow]:
    """What is waived of a subject's steps, or asked to be."""
    return of_subject(reading(), me(), subject_id)


def _done(waiver_id: UUID, do: Callable[[], object], said: str) -> Answer:
    try:
        do()
    except (Invalid, Conflict) as refused:
        read_again()
        return _page(waiver_id, worded(refused.message)), status_of(refused)
    flash(said)
    return redirect(url_for("waivers.page", waiver_id=waiver_id), 303)


def _page(waiver_id: UUID, error: str) -> str:
    row = waiver_row(reading(), me(), waiver_id)
    return render_template("waivers/page.html", row=row, states=STATES, error=error, typed=request.form)


def _form(typed: Mapping[str, str], error: str) -> str:
    """The form, nothing typed lost."""
    _must_work()
    aim: Aim = aim_of(reading(), me(), _aimed(typed))
    today = now().astimezone(time_zone()).date()
    dates = {"today": today.isoformat(), "last": (today + deciding.LONGEST).isoformat()}
    return render_template(
        "waivers/new.html",
        aim=aim,
        places=_places() if aim.open else (),
        typed=typed,
        error=error,
        whole=WHOLE,
        **dates,
    )


def _aimed(typed: Mapping[str, str]) -> Wanted:
    """What the address or the form says that it is for; a ticket or a subject stays."""
    ticket = typed.get("ticket", "").strip()[:64]
    subject = uuid_or_none(typed.get("subject", "")) if not ticket else None
    place = uuid_or_none(typed.get("place", "")) if not ticket and subject is None else None
    standard, _colon, step = typed.get("what", "").partition(":")
    given = uuid_or_none(standard) or uuid_or_none(typed.get("standard", ""))
    key = "" if step == WHOLE else step or typed.get("step", "")
    return Wanted(standard=given, step=key, ticket=ticket, subject=subject, place=place)


def _wanted(typed: Mapping[str, str]) -> Wanted:
    wanted = _aimed(typed)
    if not wanted.ticket and wanted.standard is None:
        raise Invalid(Message(N_("Choose the standard, or one of its steps.")))
    return wanted


def _days(typed: Mapping[str, str]) -> Days:
    return Days(_day(typed.get("from", "")), _day(typed.get("until", "")))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 2000 <= day.year <= 2200:
        raise Invalid(Message(N_("Say the first and the last day, like 2026-12-01.")))
    return day


def _stage() -> Stage | None:
    text = request.args.get("stage", "")
    return Stage(text) if text in set(Stage) else None


def _places() -> Sequence[object]:
    return place_choices(reading(), me(), Permission.WORK, *SEES)


def _address(**changes: str | None) -> str:
    """This list's address with some of its parameters changed."""
    kept = {name: request.args.get(name) for name in ("stage", "place", "standard")} | changes
    values: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return url_for("waivers.index", **values)


def _must_work() -> None:
    if not any(me().may(permission) for permission in (Permission.WORK, *SEES)):
        raise NotFound
