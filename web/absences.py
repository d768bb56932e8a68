"""Owns the page of absences: one's own, those of the people one is head of, and saying that somebody is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.assigning.absences import NewAbsence, absences, end_absence, set_absence, sets_for_others
from tickets.assigning.picking import Purpose
from tickets.errors import Conflict, Forbidden, Invalid
from web import picking
from web.context import is_staff, me, now, read_again, reading, runtime
from web.errors import status_of
from web.language import gettext as _
from web.language import time_zone, worded

blueprint = Blueprint("absences", __name__, url_prefix="/absences")


@blueprint.get("")
def index() -> str:
    """Who is or will be away, and the form."""
    return _page()


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """Say that oneself or somebody else is away."""
    _must_be_staff()
    try:
        who = (
            picking.person("who", purpose=Purpose.ANYONE).id if request.form.get("who", "").strip() else me().person_id
        )
        set_absence(runtime(), me(), who, _asked())
    except (Invalid, Conflict) as refused:
        return _page(typed=request.form, error=worded(refused.message)), status_of(refused)
    flash(_("The absence is kept."))
    return redirect(url_for("absences.index"), 303)


@blueprint.post("/<uuid:absence_id>/end")
def end(absence_id: UUID) -> Response:
    """Take a coming one back, or end a running one now."""
    end_absence(runtime(), me(), absence_id)
    flash(_("The absence is over."))
    return redirect(url_for("absences.index"), 303)


def _must_be_staff() -> None:
    if not is_staff(me()):
        raise Forbidden(Message(N_("Only staff say when they are away.")))


def _page(typed: Mapping[str, str] | None = None, error: str = "") -> str:
    _must_be_staff()
    g.area = "absences"
    rows = absences(read_again() if error else reading(), me(), now())
    today = now().astimezone(time_zone()).date().isoformat()
    others = sets_for_others(me())
    return render_template(
        "assigning/absences.html", rows=rows, typed=typed or {}, error=error, today=today, others=others
    )


def _asked() -> NewAbsence:
    """From the first day's beginning to the last day's end, where the reader is."""
    first, last = _day("from"), _day("until")
    substitute = request.form.get("substitute", "").strip()
    return NewAbsence(
        from_at=_midnight(first),
        until_at=_midnight(last + timedelta(days=1)),
        substitute_id=picking.person("substitute").id if substitute else None,
        reason=request.form.get("reason", ""),
        pass_on="pass_on" in request.form,
    )


def _day(name: str) -> date:
    text = request.form.get(name, "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(Message(N_("Say the first and the last day, like 2026-12-01."))) from None
    if not 2000 <= day.year <= 2200:
        raise Invalid(Message(N_("Say the first and the last day, like 2026-12-01.")))
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), time_zone())
