"""Owns what ties tickets together on their pages: links, the parent, merging, tags and their suggestions."""

from __future__ import annotations

import re

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from tickets.family import linking, merging, parents, tagging
from tickets.lookup import ticket_for
from tickets.policy import Verb
from web.context import me, reading, runtime
from web.language import gettext as _
from web.moves import Answer, back, done

blueprint = Blueprint("family", __name__, url_prefix="/tickets")


@blueprint.post("/<number>/links")
def link(number: str) -> Answer:
    """Tie it to another ticket, as related, a duplicate, or a part of that one."""
    other, kind = request.form.get("ticket", ""), request.form.get("kind", "")

    def do() -> None:
        if kind == "parent":
            parents.set_parent(runtime(), me(), number, other)
        elif kind == "child":
            parents.set_parent(runtime(), me(), other.strip().upper(), number)
        else:
            linking.link(runtime(), me(), number, other, kind)

    return done(number, Verb.LINK, do, _("The tickets are linked."))


@blueprint.post("/<number>/links/<other>/end")
def unlink(number: str, other: str) -> Response:
    """They are not tied together any more."""
    linking.unlink(runtime(), me(), number, other)
    return back(number, _("The link is removed."))


@blueprint.post("/<number>/parent/end")
def unset_parent(number: str) -> Response:
    """It stands by itself again."""
    parents.unset_parent(runtime(), me(), number)
    return back(number, _("The ticket stands by itself again."))


@blueprint.post("/<number>/merge")
def merge(number: str) -> Answer:
    """It goes on in another ticket."""
    into = request.form.get("ticket", "")
    said = _("The ticket is merged; whoever followed it is in copy there.")
    return done(number, Verb.MERGE, lambda: merging.merge(runtime(), me(), number, into), said)


@blueprint.post("/<number>/tags")
def tag(number: str) -> Answer:
    """It has these tags and no others; there are commas between them."""
    names = re.split(r"[,，;；、\n]", request.form.get("tags", "")[:2000])
    return done(number, Verb.TAG, lambda: tagging.set_tags(runtime(), me(), number, names), _("The tags are set."))


@blueprint.get("/<number>/tags/suggestions")
def suggestions(number: str) -> Response:
    """The tags of the ticket's brand with `q` in them, for those who may tag it."""
    ticket = ticket_for(reading(), me(), number, Verb.TAG, lock=False)
    return jsonify(tagging.suggestions(reading(), ticket.brand_id, request.args.get("q", "")))
