"""Owns the way in: signing in and out, where one lands, and how one likes the pages."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from tickets import preferences as liked
from tickets.errors import Invalid
from tickets.organising.signing_in import sign_in as enter
from tickets.people import normal_login
from web import session
from web.context import me, runtime, someone
from web.language import gettext as _
from web.language import worded
from web.navigation import landing, local
from web.security import limiter

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> Response:
    """Where one starts."""
    me()
    return redirect(landing(), 303)


@blueprint.get("/login")
def login() -> str | Response:
    """The sign-in page; whoever is signed in already goes on."""
    if someone():
        return redirect(url_for("home.index"), 303)
    if request.args.get("language") in liked.CHOICES["language"]:
        cookie["language"] = request.args["language"]
        return redirect(url_for("home.login", next=request.args.get("next")), 303)
    return render_template("login.html", name="", error="")


def _who_tries() -> str:
    return f"{get_remote_address()} {normal_login(request.form.get('login', '')) or ''}"


def _failed(response: Response) -> bool:
    return response.status_code == 422


@blueprint.post("/login")
@limiter.limit("10 per 5 minutes", key_func=_who_tries, deduct_when=_failed)
@limiter.limit("100 per hour", deduct_when=_failed)
def sign_in() -> tuple[str, int] | Response:
    """Check login and password; the answer doesn't tell which of them is wrong."""
    name = request.form.get("login", "")[:255]
    try:
        entrance = enter(runtime(), name, request.form.get("password", "")[:1025], session.device())
    except Invalid as error:
        return render_template("login.html", name=name, error=worded(error.message)), 422
    session.begin(entrance.secret)
    if entrance.failures:
        words = _(
            "Before this, a wrong password was typed %(count)s times for your login. If that wasn't you, change it."
        )
        flash(words % {"count": entrance.failures})
    return redirect(local(request.form.get("next")) or url_for("home.index"), 303)


@blueprint.post("/logout")
def logout() -> Response:
    """Leave; the next one at this computer has to sign in."""
    session.sign_out()
    return redirect(url_for("home.login"), 303)


@blueprint.post("/preferences")
def preferences() -> Response:
    """Keep the language or theme just chosen, and stay where one was."""
    chosen = {name: request.form[name] for name in liked.CHOICES if name in request.form}
    liked.choose(runtime(), me(), chosen)
    return redirect(local(request.form.get("next")) or url_for("home.index"), 303)


@blueprint.get("/welcome")
def nothing() -> str | Response:
    """For those who hold no role yet; everybody else goes where they start."""
    me()
    if (start := landing()) != url_for("home.nothing"):
        return redirect(start, 303)
    return render_template("nothing.html")
