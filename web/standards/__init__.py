"""Owns the pages of standards: the list, setting one up with its preview, its own page, launches and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.permissions import Permission
from tickets.places import Place
from tickets.standards import launching, setting_up, starting
from tickets.standards.conditions import Is
from tickets.standards.facts import facts_known
from tickets.standards.listing import standard_list
from tickets.standards.overlapping import Doubled, Twin, meet, twins
from tickets.standards.preview import Preview, coming, preview
from tickets.standards.scope import check_may_manage
from tickets.standards.showing import (
    Offered,
    StandardPage,
    places_around,
    places_to_set_up,
    standard_page,
    types_to_set_up,
)
from web.context import me, now, read_again, reading, runtime
from web.errors import status_of
from web.ids import uuid_or_none
from web.language import gettext as _
from web.language import worded
from web.standards.asked import ANOTHER, Draft, draft_for, draft_of, draft_sent, id_in
from web.standards.cycles import EVERY, ON, cycle_sent
from web.standards.words import ATTRIBUTES, FILTERS, IS, STATES, TRIGGERS, attribute_words
from web.subjects import KINDS

blueprint = Blueprint("standards", __name__, url_prefix="/standards")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "standards"))
for shown in FILTERS:
    blueprint.add_app_template_filter(shown)


@blueprint.get("")
def index() -> str:
    """The standards one sees, with what runs and what is due."""
    rows = standard_list(reading(), me(), now())
    return render_template("standards/index.html", rows=rows, may_set_up=me().may(Permission.MANAGE_STANDARDS))


@blueprint.get("/new")
def new() -> str:
    """Which type becomes a standard; then its form, filled in as its file says."""
    _check_may()
    key = request.args.get("type", "")
    if not key:
        return _choose()
    offered = _offered(key)
    return _form(None, _turned(draft_for(offered.kind.key, offered.subject_kind, offered.settings)), offered)


@blueprint.post("")
def create() -> Response | str | tuple[str, int]:
    """Set one up; with the button “Preview” only show what it would be."""
    _check_may()
    draft = draft_sent()
    offered = _offered(draft.type)
    if request.form.get("preview"):
        return _previewed(None, draft, offered)
    try:
        made = setting_up.set_up(runtime(), me(), draft.wanted())
    except (Invalid, Conflict) as refused:
        doubled = isinstance(refused, Doubled)
        return _form(None, draft, offered, error=worded(refused.message), doubled=doubled), status_of(refused)
    flash(_("The standard is set up; what it plans is written down in a moment."))
    return _to(made.public_id)


@blueprint.get("/<uuid:standard_id>")
def page(standard_id: UUID) -> str:
    """One standard."""
    shown = standard_page(reading(), me(), standard_id)
    return render_template("standards/page.html", shown=shown, kinds=KINDS, states=STATES, now=now())


@blueprint.get("/<uuid:standard_id>/edit")
def edit(standard_id: UUID) -> str:
    """Its form."""
    shown = _managed(standard_id)
    return _form(standard_id, _turned(draft_of(shown.standard, shown.place)), None)


@blueprint.post("/<uuid:standard_id>")
def change(standard_id: UUID) -> Response | str | tuple[str, int]:
    """Keep another rule, or only show what it would be."""
    _managed(standard_id)
    draft = draft_sent()
    if request.form.get("preview"):
        return _previewed(standard_id, draft, None)
    try:
        setting_up.change(runtime(), me(), standard_id, draft.wanted())
    except Invalid as refused:
        return _form(standard_id, draft, None, error=worded(refused.message)), status_of(refused)
    flash(_("Saved; what is planned follows in a moment, what has begun goes on."))
    return _to(standard_id)


@blueprint.post("/<uuid:standard_id>/activity")
def switch(standard_id: UUID) -> Response:
    """On or off."""
    on = request.form.get("active") == "1"
    setting_up.switch(runtime(), me(), standard_id, on=on)
    flash(_("It is switched on and begins from today.") if on else _("It is switched off; nothing of it begins."))
    return _to(standard_id)


@blueprint.post("/<uuid:standard_id>/launches")
def launch(standard_id: UUID) -> Response:
    """Begin it for all subjects that exist."""
    try:
        launching.launch(runtime(), me(), standard_id, place_id=id_in("place"))
    except (Invalid, Conflict) as refused:
        flash(worded(refused.message))
    return _to(standard_id, "launches")


@blueprint.post("/<uuid:standard_id>/launches/<uuid:launch_id>/cancellation")
def cancel_launch(standard_id: UUID, launch_id: UUID) -> Response:
    """Stop a launch; what has begun goes on."""
    launching.cancel(runtime(), me(), launch_id)
    flash(_("The launch is stopped; what has begun goes on."))
    return _to(standard_id, "launches")


@blueprint.post("/<uuid:standard_id>/retries")
def retry(standard_id: UUID) -> Response:
    """Let what failed begin again: one, or all."""
    wanted = id_in("occurrence")
    number = starting.try_again(runtime(), me(), standard_id, [wanted] if wanted else [])
    flash(_("%(number)s begin again in a moment.", number=number))
    return _to(standard_id)


def _turned(draft: Draft) -> Draft:
    """With the place and the cycle that the form has now: it asks what is said of them while it is filled in."""
    place = uuid_or_none(request.args.get("place", "")) or draft.place
    return replace(draft, place=place, cycle=cycle_sent(request.args) if "every" in request.args else draft.cycle)


def _check_may() -> None:
    if not me().may(Permission.MANAGE_STANDARDS):
        text = N_("Your roles don't let you set standards up; ask headquarters or the administrator of your brand.")
        raise Forbidden(Message(text))


def _choose() -> str:
    """The types, each with where it is a standard already."""
    offered = types_to_set_up(reading(), me())
    there = twins(reading(), [each.kind.key for each in offered], [each.id for each in places_around(reading(), me())])
    return render_template("standards/choose.html", offered=offered, kinds=KINDS, there=there)


def _managed(standard_id: UUID) -> StandardPage:
    """The standard, if they may change it. Raises NotFound, Forbidden."""
    shown = standard_page(reading(), me(), standard_id)
    check_may_manage(reading(), me(), shown.place.id)
    return shown


def _offered(key: str) -> Offered:
    found = next((each for each in types_to_set_up(reading(), me()) if each.kind.key == key), None)
    if found is None:
        raise NotFound(N_("This ticket type"))
    return found


def _previewed(standard_id: UUID | None, draft: Draft, offered: Offered | None) -> str | tuple[str, int]:
    try:
        key, place_id = None, draft.place
        if standard_id is not None:
            shown = standard_page(reading(), me(), standard_id)
            key, place_id = shown.standard.type_key, shown.place.public_id
        found = preview(reading(), me(), draft.wanted(place=place_id), now(), type_key=key)
    except Invalid as refused:
        return _form(standard_id, draft, offered, error=worded(refused.message)), status_of(refused)
    return _form(standard_id, draft, offered, found=found)


def _form(
    standard_id: UUID | None,
    draft: Draft,
    offered: Offered | None,
    *,
    error: str = "",
    found: Preview | None = None,
    doubled: bool = False,
) -> str:
    session = read_again() if error else reading()
    shown = standard_page(session, me(), standard_id) if standard_id is not None else None
    places = places_to_set_up(session, me())
    here = shown.place if shown is not None else _chosen(draft, places)
    known = facts_known(session, draft.subject_kind, places if shown is None else [shown.place])
    facts = {*ATTRIBUTES, *known, *draft.facts}
    return render_template(
        "standards/form.html",
        shown=shown,
        offered=offered,
        draft=draft,
        error=error,
        found=found,
        there=_around(session, draft, here) if shown is None else (),
        doubled=doubled or draft.alongside,
        places=places,
        facts=sorted(facts, key=lambda name: (name not in ATTRIBUTES, attribute_words(name))),
        another=ANOTHER,
        kinds=KINDS,
        triggers=TRIGGERS,
        says=IS,
        unvalued=(Is.PRESENT, Is.ABSENT),
        every=EVERY,
        on=ON,
        turns=coming(draft.cycle.text, ZoneInfo(here.time_zone), now()) if here is not None else (),
    )


def _chosen(draft: Draft, places: Sequence[Place]) -> Place | None:
    return next((place for place in places if place.public_id == draft.place), places[0] if places else None)


def _around(session: Session, draft: Draft, here: Place | None) -> Sequence[Twin]:
    """Where the type is a standard already at places that the chosen one meets."""
    there = twins(session, [draft.type], [each.id for each in places_around(session, me())]).get(draft.type, ())
    return [twin for twin in there if here is not None and meet(twin[1], here)]


def _to(standard_id: UUID, part: str = "") -> Response:
    return redirect(url_for("standards.page", standard_id=standard_id, _anchor=part or None), 303)
