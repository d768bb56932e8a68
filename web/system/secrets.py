"""Owns the pages of secrets (密钥): what lets processes in elsewhere is kept, replaced, deleted, never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import Message
from tickets.connectors import secret
from tickets.connectors.reading import places_for, secret_list, secret_page
from tickets.connectors.secret import SecretInvalid, Wanted
from web.context import config, me, read_again, reading, runtime
from web.language import gettext as _

blueprint = Blueprint("secrets", __name__, url_prefix="/system/secrets")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "secrets"))


@blueprint.get("")
def index() -> str:
    """The secrets one manages, and those that are missing."""
    rows, missing = secret_list(reading(), me())
    return render_template("system/secrets/index.html", rows=rows, missing=missing)


@blueprint.get("/new")
def new() -> str:
    """An empty form; a link may say the name."""
    return _new(Wanted(brand="", name=request.args.get("name", "")[:64], value=""), {})


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """Keep a new one."""
    sent = request.form
    wanted = Wanted(*(sent.get(name, "") for name in ("brand", "name", "value", "about")))
    try:
        public_id = secret.create(runtime(), config().keyring, me(), wanted)
    except SecretInvalid as refused:
        return _new(wanted, refused.errors), 422
    flash(_("The secret is kept; it is not shown again."))
    return redirect(url_for("secrets.page", secret_id=public_id), 303)


@blueprint.get("/<uuid:secret_id>")
def page(secret_id: UUID) -> str:
    """One secret: what uses it, and a form for another value."""
    return _page(secret_id, {})


@blueprint.post("/<uuid:secret_id>")
def replace(secret_id: UUID) -> Response | tuple[str, int]:
    """Another value; the next call uses it."""
    sent = request.form
    try:
        value, about = sent.get("value", ""), sent.get("about", "")
        secret.replace(runtime(), config().keyring, me(), secret_id, value, about)
    except SecretInvalid as refused:
        return _page(secret_id, refused.errors), 422
    flash(_("Saved; it holds from the next call on."))
    return redirect(url_for("secrets.page", secret_id=secret_id), 303)


@blueprint.post("/<uuid:secret_id>/deletion")
def delete(secret_id: UUID) -> Response:
    """Forget it."""
    secret.delete(runtime(), me(), secret_id)
    flash(_("The secret is deleted."))
    return redirect(url_for("secrets.index"), 303)


def _new(wanted: Wanted, errors: Mapping[str, Message]) -> str:
    places = places_for(reading(), me())
    return render_template("system/secrets/new.html", wanted=wanted, errors=errors, places=places)


def _page(secret_id: UUID, errors: Mapping[str, Message]) -> str:
    row = secret_page(read_again(), me(), secret_id)
    return render_template("system/secrets/page.html", row=row, errors=errors)
