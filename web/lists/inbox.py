"""Owns the lists: the inbox with its views, all tickets with their filters, and a requester's own."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_
from tickets.inbox import View, badges, inbox_version, my_tickets
from tickets.inbox import inbox as inbox_page
from web.context import me, reading
from web.lists.area import blueprint, versioned

VIEWS: Mapping[View, str] = {View.MINE: N_("My tasks"), View.ROLES: N_("For my roles"), View.OWNED: N_("I own")}
"""The inbox's views, in order; the first is what one sees first."""


@blueprint.get("/inbox")
def inbox() -> str:
    """What waits for the reader, soonest due first."""
    view, actor = _view(), me()
    g.area = "inbox"
    g.badges = badges(reading(), actor)
    page = inbox_page(reading(), actor, view=view, cursor=request.args.get("cursor"))
    return render_template(
        "lists/inbox.html", page=page, view=view, views=VIEWS, badges=g.badges, version=inbox_version(page)
    )


@blueprint.get("/inbox/version")
def version() -> AnyResponse:
    """What a live inbox asks for: an ETag that changes with anything it shows."""
    page = inbox_page(reading(), me(), view=_view(), cursor=request.args.get("cursor"))
    return versioned(inbox_version(page))


@blueprint.get("/my-tickets")
def mine() -> str:
    """The tickets that the reader filed or that were filed for them."""
    g.area = "mine"
    page = my_tickets(reading(), me(), cursor=request.args.get("cursor"))
    return render_template("lists/mine.html", page=page)


def _view() -> View:
    wanted = request.args.get("view", "")
    return View(wanted) if wanted in set(View) else View.MINE
