"""Owns one's own page: who one is here, how one likes the pages, one's password, and where one is signed in."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.organising.own_password import change_own_password
from tickets.organising.own_sessions import end_others, end_own
from tickets.organising.sessions import sessions_of
from tickets.passwords import SHORTEST
from tickets.people import Person
from tickets.places import Place
from web.context import config, me, now, reading, runtime, signed_in
from web.language import gettext as _
from web.language import worded
from web.security import limiter
from web.session import device_words

blueprint = Blueprint("me", __name__, url_prefix="/me")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "me"))
blueprint.add_app_template_filter(device_words)

TWICE = Message(N_("The new password is not the same twice; type it again."))


@blueprint.get("")
def page() -> str:
    """One's own facts and settings."""
    person = reading().get_one(Person, me().person_id)
    superior = reading().get(Person, person.superior_id) if person.superior_id else None
    places = {grant.place_id for grant in me().grants} | {person.place_id}
    named = {place.id: place for place in reading().query(Place).where(Place.id.in_(places))}
    return render_template("me/page.html", person=person, superior=superior, places=named, **_sessions())


@blueprint.get("/password")
def password() -> str:
    """Where one chooses another password."""
    me()
    return render_template("me/password.html", error="", forced=_forced(), shortest=SHORTEST)


@blueprint.post("/password")
@limiter.limit("20 per hour", deduct_when=lambda response: response.status_code == 422)
def change_password() -> Response | tuple[str, int]:
    """Keep another password."""
    form, actor = request.form, me()
    try:
        if form.get("new", "") != form.get("again", ""):
            raise Invalid(TWICE)
        change_own_password(runtime(), actor, session_id=_here(), old=form.get("old", "")[:1025], new=form["new"])
    except Invalid as error:
        words = worded(error.message)
        return render_template("me/password.html", error=words, forced=_forced(), shortest=SHORTEST), 422
    flash(_("Your password is changed; other browsers are signed out."))
    return redirect(url_for("home.index"), 303)


@blueprint.post("/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> Response:
    """Sign out in another browser."""
    end_own(runtime(), me(), session_id)
    flash(_("Signed out there."))
    return redirect(url_for("me.page"), 303)


@blueprint.post("/sessions/end")
def end_sessions() -> Response:
    """Sign out everywhere else."""
    flash(_("Signed out in %(count)s other browsers.") % {"count": end_others(runtime(), me(), session_id=_here())})
    return redirect(url_for("me.page"), 303)


def _sessions() -> dict[str, object]:
    return {"sessions": sessions_of(reading(), me().person_id, config().session_lifetime, now()), "here_id": _here()}


def _here() -> int | None:
    entered = signed_in()
    return entered.session_id if entered else None


def _forced() -> bool:
    entered = signed_in()
    return entered is not None and entered.must_change_password
