"""Owns the page of closures: what is closed when and why, and saying so of a place."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.service import editing
from tickets.service.drafts import read_closure
from tickets.service.viewing import closure_list
from web.context import me, reading, runtime
from web.language import gettext as _
from web.service import blueprint
from web.service.asked import id_in, today


@blueprint.get("/closures")
def closure_index() -> str:
    """What is closed, soonest first."""
    return _index()


@blueprint.post("/closures")
def close() -> Response | tuple[str, int]:
    """A place is closed for a time."""
    form = request.form
    try:
        place = id_in(form.get("place"))
        if place is None:
            raise Invalid(Message(N_("Choose a place.")))
        starts, ends, reason = read_closure(form.get("starts", ""), form.get("ends", ""), form.get("reason", ""))
        editing.add_closure(runtime(), me(), place, starts=starts, ends=ends, reason=reason)
    except Invalid as refused:
        return _index(refused.message), 422
    flash(_("The closure is kept; open tickets are being counted anew."))
    return redirect(url_for("service.closure_index"), 303)


@blueprint.post("/closures/<uuid:closure_id>/removal")
def reopen(closure_id: UUID) -> Response:
    """A closure that does not hold after all."""
    editing.remove_closure(runtime(), me(), closure_id)
    flash(_("The closure is removed; open tickets are being counted anew."))
    return redirect(url_for("service.closure_index"), 303)


def _index(error: Message | None = None) -> str:
    lines, places = closure_list(reading(), me(), today())
    return render_template("service/closures.html", lines=lines, places=places, error=error, form=request.form)
