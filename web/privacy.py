"""Owns the page of an erasure: what would go, and the name typed once more before it does."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tickets.errors import Invalid
from tickets.privacy import erasing
from tickets.privacy.erasing import Whose
from web.context import me, reading, runtime
from web.language import gettext as _
from web.language import worded

blueprint = Blueprint("privacy", __name__, url_prefix="/erasures")


@blueprint.get("/<any(person, subject):whose>/<uuid:public_id>")
def ask(whose: str, public_id: UUID) -> str:
    """What an erasure would take."""
    return _form(whose, public_id, "")


@blueprint.post("/<any(person, subject):whose>/<uuid:public_id>")
def erase(whose: str, public_id: UUID) -> Response | tuple[str, int]:
    """Erase for good."""
    try:
        count = erasing.erase(runtime(), me(), Whose(whose), public_id, name=request.form.get("name", ""))
    except Invalid as refused:
        return _form(whose, public_id, worded(refused.message)), 422
    flash(_("Erased, with %(count)s tickets. What can be counted stays.", count=count))
    return redirect(url_for("home.index"), 303)


def _form(whose: str, public_id: UUID, error: str) -> str:
    shown = erasing.preview(reading(), me(), Whose(whose), public_id)
    return render_template("privacy/erase.html", shown=shown, error=error, back=_page_of(Whose(whose), public_id))


def _page_of(whose: Whose, public_id: UUID) -> str:
    if whose is Whose.PERSON:
        return url_for("person.page", person_id=public_id)
    return url_for("subjects.page", subject_id=public_id)
