"""Owns the demo's own addresses: signing in as one of its people by one click, and the tour as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.demo import PASSWORD
from tickets.errors import Conflict, Invalid
from tickets.organising.signing_in import sign_in as enter
from web import session
from web.context import now, reading, runtime, someone
from web.demo.onwards import ONWARDS, SEEN
from web.demo.roles import LOGINS, Shown, shown
from web.demo.tour import STEPS, Step, values_of
from web.language import time_zone, worded
from web.navigation import local
from web.security import limiter

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
LED = "led"
"""In the session's cookie: the path that signing in leads to, until it was asked for."""


@blueprint.post("/session")
@limiter.limit("60 per minute")
def sign_in() -> Response:
    """Go on as one of the demo's people, with the demo's password: whoever has changed theirs is not entered so."""
    login = request.form.get("login", "")
    if login not in LOGINS:
        abort(404)
    try:
        entrance = enter(runtime(), login, PASSWORD, session.device())
    except Invalid:
        raise Conflict(Message(N_("This person has another password by now; sign in with it."))) from None
    if someone() is not None:
        session.sign_out()
    session.begin(entrance.secret)
    address = local(request.form.get("next")) or url_for("home.index")
    cookie[LED] = unquote(urlsplit(address).path)
    return redirect(address, 303)


@blueprint.after_app_request
def start_elsewhere(response: Response) -> Response:
    """Whoever was led to a page that isn't theirs to see begins where they begin; once, so that it can't go round."""
    if cookie.get(LED) != request.path:
        return response
    del cookie[LED]
    return redirect(url_for("home.index"), 303) if response.status_code in (403, 404, 405) else response


@blueprint.get("/tour")
def tour() -> str:
    """The whole tour on one page: for those whose browser runs no scripts, and to look things up."""
    return render_template("demo/tour.html")


@blueprint.get("/tour/seen")
def seen() -> str:
    """The tour's end: what was seen, and where to go on."""
    here = {each.card.login: each for each in _cards()}
    onwards = [(each, here[each.login]) for each in ONWARDS if each.login in here]
    return render_template("demo/seen.html", seen=SEEN, onwards=onwards)


def known() -> dict[str, Any]:
    """What templates know in a demo: the cards, read at most once a request, and the tour's steps."""
    return {"demo_cards": _cards, "demo_steps": STEPS, "demo_values": _values}


def _values(step: Step) -> Mapping[str, str]:
    return values_of(step, now().astimezone(time_zone()), worded)


def _cards() -> list[Shown]:
    if "demo_cards" not in g:
        g.demo_cards = list(shown(reading()))
    return list(g.demo_cards)
