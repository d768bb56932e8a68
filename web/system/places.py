"""Owns the pages of places: the tree branch by branch, one place, and its forms."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.errors import NotFound
from tickets.organising.fields import FieldsInvalid
from tickets.organising.place_changes import (
    BELOW,
    PlaceFacts,
    change_place,
    close_place,
    create_place,
    move_place,
    open_place,
)
from tickets.organising.place_choices import place_choices
from tickets.organising.place_tree import branch, found_places, tree
from tickets.permissions import Permission
from tickets.places import Place, PlaceKind
from web.context import me, reading, runtime
from web.ids import uuid_or_none
from web.language import gettext as _

blueprint = Blueprint("places", __name__, url_prefix="/system/places")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "places"))

KINDS: Mapping[str, tuple[str, str]] = {
    PlaceKind.GROUP: ("buildings", N_("Group")),
    PlaceKind.BRAND: ("award", N_("Brand")),
    PlaceKind.CAMPUS: ("school", N_("Campus")),
    PlaceKind.DEPARTMENT: ("users-group", N_("Department")),
}
"""How each kind is shown."""


@blueprint.get("")
def index() -> str:
    """The places one manages, as far down as fits, or those found."""
    search = request.args.get("q", "")
    rows = found_places(reading(), me(), search) if search.strip() else tree(reading(), me())
    return render_template("system/places/index.html", rows=rows, search=search, kinds=KINDS)


@blueprint.get("/<uuid:place_id>")
def page(place_id: UUID) -> str:
    """One place and what is right below it; htmx asks for the branch alone."""
    found = branch(reading(), me(), place_id)
    if request.headers.get("HX-Request"):
        return render_template("system/places/_rows.html", rows=found.rows, kinds=KINDS)
    return _page(place_id)


def _page(place_id: UUID, errors: Mapping[str, Message] | None = None, draft: PlaceFacts | None = None) -> str:
    found = branch(reading(), me(), place_id)
    place = found.place
    return render_template(
        "system/places/page.html",
        found=found,
        place=place,
        kinds=KINDS,
        below=sorted(BELOW[place.kind]),
        draft=draft or _facts_of(place),
        errors=errors or {},
        places=place_choices(reading(), me(), Permission.MANAGE_PLACES),
    )


@blueprint.get("/<uuid:place_id>/new")
def new(place_id: UUID) -> str:
    """The form of a place below this one."""
    return _new(place_id, PlaceFacts("", time_zone=""), {})


@blueprint.post("/<uuid:place_id>/places")
def create(place_id: UUID) -> Response | tuple[str, int]:
    """Keep a new place, or say what is wrong."""
    facts = _facts()
    try:
        made = create_place(runtime(), me(), place_id, facts)
    except FieldsInvalid as error:
        return _new(place_id, facts, error.errors), 422
    flash(_("“%(name)s” is kept.", name=facts.name_zh))
    return redirect(url_for("places.page", place_id=made), 303)


@blueprint.post("/<uuid:place_id>")
def change(place_id: UUID) -> Response | tuple[str, int]:
    """Keep what was changed, or say what is wrong."""
    facts = _facts()
    try:
        change_place(runtime(), me(), place_id, facts)
    except FieldsInvalid as error:
        return _page(place_id, error.errors, facts), 422
    flash(_("“%(name)s” is kept.", name=facts.name_zh))
    return _back(place_id)


@blueprint.post("/<uuid:place_id>/move")
def move(place_id: UUID) -> Response | tuple[str, int]:
    """Put it below another place."""
    above = uuid_or_none(request.form.get("above", ""))
    if above is None:
        raise NotFound(N_("This place"))
    try:
        move_place(runtime(), me(), place_id, above)
    except FieldsInvalid as error:
        return _page(place_id, error.errors), 422
    flash(_("It is moved, with all below it."))
    return _back(place_id)


@blueprint.post("/<uuid:place_id>/closing")
def close(place_id: UUID) -> Response:
    """Close it for new tickets and people."""
    close_place(runtime(), me(), place_id)
    flash(_("It is closed: no new tickets, nobody new."))
    return _back(place_id)


@blueprint.post("/<uuid:place_id>/closing/end")
def reopen(place_id: UUID) -> Response:
    """Open it again."""
    open_place(runtime(), me(), place_id)
    flash(_("It is open again."))
    return _back(place_id)


def _new(place_id: UUID, draft: PlaceFacts, errors: Mapping[str, Message]) -> str:
    found = branch(reading(), me(), place_id)
    above = found.place
    kinds = [kind for kind in KINDS if kind in BELOW[above.kind]]
    return render_template(
        "system/places/form.html", above=above, draft=draft, errors=errors, offered=kinds, kinds=KINDS
    )


def _facts() -> PlaceFacts:
    form = request.form
    return PlaceFacts(
        name_zh=form.get("name_zh", "").strip(),
        name_en=form.get("name_en", "").strip(),
        external_id=form.get("external_id", "").strip(),
        time_zone=form.get("time_zone", "").strip() or "Asia/Shanghai",
        kind=form.get("kind", PlaceKind.CAMPUS),
    )


def _facts_of(place: Place) -> PlaceFacts:
    names = place.names or {"zh": place.name}
    return PlaceFacts(
        name_zh=names.get("zh", place.name),
        name_en=names.get("en", ""),
        external_id=place.external_id or "",
        time_zone=place.time_zone,
        kind=place.kind,
    )


def _back(place_id: UUID) -> Response:
    return redirect(url_for("places.page", place_id=place_id), 303)
