"""Owns the page of a ticket type's settings, inherited or local per brand."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tickets import type_settings
from tickets.errors import Invalid, NotFound
from tickets.service.drafts import read_span, shown_span
from web.context import me, read_again, reading, runtime
from web.language import gettext as _
from web.language import worded
from web.service.policies import UNITS

blueprint = Blueprint("type_settings", __name__, url_prefix="/types/<uuid:type_id>/settings")
blueprint.add_app_template_filter(shown_span, "span_parts")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "types"))


@blueprint.get("")
def show(type_id: UUID) -> str:
    """What holds, and where it comes from."""
    return _page(type_id, _brand(request.args.get("brand", "")))


@blueprint.post("/<name>")
def keep(type_id: UUID, name: str) -> Response | tuple[str, int]:
    """Set it for the brand, or give it up (`inherit`)."""
    brand = _brand(request.form.get("brand", ""))
    if brand is None:
        raise NotFound
    try:
        if "inherit" in request.form:
            type_settings.inherit(runtime(), me(), type_id, brand, name)
        else:
            type_settings.keep(runtime(), me(), type_id, brand, name, _given())
    except Invalid as refused:
        return _page(type_id, brand, wrong=name, error=worded(refused.message)), 422
    flash(_("Saved; it holds for running tickets too, from now on."))
    return redirect(url_for("type_settings.show", type_id=type_id, brand=brand, _anchor=f"s-{name}"), 303)


def _given() -> list[str]:
    """What was typed; a span has its number and its unit apart."""
    values, unit = request.form.getlist("value"), request.form.get("unit")
    return [read_span(value, unit) for value in values] if unit is not None else values


def _page(type_id: UUID, brand: UUID | None, *, wrong: str = "", error: str = "") -> str:
    page = type_settings.settings_page(read_again() if wrong else reading(), me(), type_id, brand)
    typed = request.form.get("value", "") if wrong else ""
    return render_template("types/settings.html", page=page, wrong=wrong, error=error, typed=typed, units=UNITS)


def _brand(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
