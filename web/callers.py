"""Owns finding whom a ticket is filed for, and taking on who calls for the first time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import Message
from tickets.callers import NewCaller, find_callers, must_file_for, places_reached, register
from tickets.errors import Invalid
from tickets.organising.fields import FieldsInvalid
from web.context import me, reading, runtime
from web.ids import uuid_or_none
from web.language import worded

blueprint = Blueprint("callers", __name__, url_prefix="/tickets/callers")


@blueprint.get("")
def index() -> str:
    """Those found by phone, name, login, or the name of what they asked about."""
    search = request.args.get("q", "")
    return render_template("filing/callers.html", found=find_callers(reading(), me(), search), search=search)


@blueprint.get("/new")
def new() -> str:
    """An empty form, with what was searched for where it belongs."""
    must_file_for(me())
    search = request.args.get("q", "").strip()[:100]
    field = "phone" if re.fullmatch(r"[\d\s+().-]+", search) else "email" if "@" in search else "name"
    home = str(places[0].public_id) if len(places := places_reached(reading(), me(), limit=2)) == 1 else ""
    return _form({field: search, "place": home}, {})


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """Take them on and go on to what they want."""
    form = request.form
    facts = {name: form.get(name, "") for name in ("name", "phone", "email")}
    try:
        made = register(runtime(), me(), NewCaller(**facts, place=uuid_or_none(form.get("place", ""))))
    except FieldsInvalid as refused:
        return _form(form, refused.errors), 422
    except Invalid as refused:
        return _form(form, {}, problem=worded(refused.message)), 422
    whom: dict[str, Any] = {"for": made}
    return redirect(url_for("filing.choose", **whom), 303)


def _form(typed: Mapping[str, str], errors: Mapping[str, Message], *, problem: str = "") -> str:
    offered = places_reached(reading(), me())
    return render_template("filing/caller_form.html", typed=typed, errors=errors, problem=problem, places=offered)
