"""Owns what ties tickets together on their pages: links, the parent, merging, tags and their suggestions."""

from __future__ import annotations

import re

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from tickets.family import linking, merging, parents, tagging
from tickets.family.candidates import candidates
from tickets.lookup import ticket_for
from tickets.policy import Verb
from web.context import me, now, reading, runtime
from web.language import gettext as _
from web.moves import Answer, back, done

blueprint = Blueprint("family", __name__, url_prefix="/tickets")

LONGEST = 400


@blueprint.get("/<number>/others")
def others(number: str) -> str:
    """Tickets with `q` in number or text that it can be linked with, or merged into (`for`): a picker's options."""
    verb = Verb.MERGE if request.args.get("for") == Verb.MERGE else Verb.LINK
    found = candidates(reading(), me(), number, _meant(request.args.get("q", "")), verb, now())
    return render_template("ui/tickets_found.html", found=found, only_open=verb is Verb.MERGE)


@blueprint.post("/<number>/links")
def link(number: str) -> Answer:
    """Tie it to another ticket, as related, a duplicate, or a part of that one."""
    other, kind = _meant(request.form.get("ticket", "")), request.form.get("kind", "")

    def do() -> None:
        if kind == "parent":
            parents.set_parent(runtime(), me(), number, other)
        elif kind == "child":
            parents.set_parent(runtime(), me(), other.upper(), number)
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
    into = _meant(request.form.get("ticket", ""))
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


def _meant(typed: str) -> str:
    """The number of the ticket that was picked, without its title, which the picker writes beside it for the eye."""
    text = "".join(filter(str.isprintable, typed))[:LONGEST].strip()
    numbered = _NUMBERED.match(text)
    return numbered[1] if numbered else text


_NUMBERED = re.compile(r"([A-Za-z0-9]{1,12}-[0-9]{1,12})(?:\s|$)")
