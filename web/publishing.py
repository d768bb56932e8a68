"""Owns publishing an older version of a ticket type again: what that means is said before it is done."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tickets.catalogue import type_page, version_file
from tickets.errors import Conflict
from tickets.publishing_again import look, publish_again
from web.context import me, reading, runtime
from web.diagrams import called, has_drawing
from web.language import gettext as _
from web.language import named, worded
from web.reports import findings
from web.types import VERSION

blueprint = Blueprint("publishing", __name__, url_prefix="/types")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "types"))


@blueprint.get(f"/<uuid:type_id>/versions/{VERSION}/publication")
def show(type_id: UUID, version: int) -> str | Response:
    """What would change; nothing does yet."""
    try:
        again = look(runtime(), me(), type_id, version)
    except Conflict as refused:
        return _to(type_id, worded(refused.message))
    shown = type_page(reading(), me(), type_id)
    path, content = version_file(reading(), me(), type_id, version)
    report = findings(called({path: content}, again.problems))
    known = {"shown": shown, "report": report, "drawn": has_drawing(content)}
    return render_template("types/again.html", again=again, type=again.kind, **known)


@blueprint.post(f"/<uuid:type_id>/versions/{VERSION}/publication")
def create(type_id: UUID, version: int) -> Response:
    """New tickets run on it from now on."""
    try:
        made = publish_again(runtime(), me(), type_id, version, live=request.form.get("live", 0, int))
    except Conflict as refused:
        return _to(type_id, worded(refused.message))
    text = _("“%(name)s” is live as v%(version)s, with the files of v%(older)s.")
    return _to(type_id, text % {"name": named(made.names, made.name), "version": made.version, "older": version})


def _to(type_id: UUID, told: str) -> Response:
    flash(told)
    return redirect(url_for("types.page", type_id=type_id), 303)
