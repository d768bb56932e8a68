"""Owns the pages of canned replies, and offering them in the composer with their placeholders filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tickets.access import Permission, visible_types
from tickets.canned import keeping
from tickets.canned.filling import PLACEHOLDERS, body_in, filled
from tickets.canned.keeping import Wanted
from tickets.canned.models import CannedReply
from tickets.errors import Conflict, Invalid, NotFound
from tickets.reading import TicketPage
from tickets.types import TicketType
from web.context import me, read_again, reading, runtime
from web.errors import status_of
from web.language import gettext as _
from web.language import language, named, worded

blueprint = Blueprint("canned", __name__, url_prefix="/replies")
Answer = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Offered:
    """One that the composer offers: its title and its text for this ticket."""

    id: str
    title: str
    text: str


def offered(page: TicketPage) -> Sequence[Offered]:
    """What the writer has for this ticket; nothing for one who writes neither letters nor notes here."""
    if not (page.may_reply or (page.may_note and page.inside)):
        return ()
    ticket = page.ticket
    facts: Mapping[str, str] = {
        "requester": ticket.requester.name if ticket.requester else "",
        "number": ticket.number,
        "title": ticket.title,
        "owner": ticket.owner.name if ticket.owner else "",
        "place": named(ticket.place_names, ticket.place),
        "me": me().name,
    }
    found = keeping.replies(reading(), me(), type_key=ticket.type_key)
    return [Offered(str(one.public_id), one.title, filled(body_in(one, language()), facts)) for one in found]


@blueprint.get("")
def index() -> str:
    """What one has: one's own, and those that everybody has."""
    _must_write()
    rows = keeping.replies(reading(), me())
    texts = {one.public_id: body_in(one, language()) for one in rows}
    may_share = keeping.may_share(reading(), me())
    return render_template("canned/index.html", rows=rows, texts=texts, types=_types(), may_share=may_share)


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    _must_write()
    return _form(None, Wanted("", shared=False), "")


@blueprint.post("")
def create() -> Answer:
    """Keep a new one."""
    return _kept(None, lambda wanted: keeping.create(runtime(), me(), wanted))


@blueprint.get("/<uuid:reply_id>")
def page(reply_id: UUID) -> str:
    """One of them, to be changed."""
    reply = keeping.kept(reading(), me(), reply_id)
    wanted = Wanted(reply.title, reply.body_zh, reply.body_en, reply.type_key, shared=reply.person_id is None)
    return _form(reply, wanted, "")


@blueprint.post("/<uuid:reply_id>")
def change(reply_id: UUID) -> Answer:
    """Keep what was changed."""
    reply = keeping.kept(reading(), me(), reply_id)
    return _kept(reply, lambda wanted: keeping.change(runtime(), me(), reply_id, wanted))


@blueprint.post("/<uuid:reply_id>/removal")
def remove(reply_id: UUID) -> Response:
    """Forget it."""
    keeping.remove(runtime(), me(), reply_id)
    flash(_("The reply is removed."))
    return redirect(url_for("canned.index"), 303)


def _kept(reply: CannedReply | None, keep: Callable[[Wanted], object]) -> Answer:
    wanted = _wanted()
    try:
        keep(wanted)
    except (Invalid, Conflict) as refused:
        read_again()
        return _form(reply, wanted, worded(refused.message)), status_of(refused)
    flash(_("The reply is kept."))
    return redirect(url_for("canned.index"), 303)


def _wanted() -> Wanted:
    texts = {name: request.form.get(name, "") for name in ("title", "body_zh", "body_en", "type_key")}
    return Wanted(**texts, shared=request.form.get("shared") == "yes")


def _form(reply: CannedReply | None, wanted: Wanted, error: str) -> str:
    shared = keeping.may_share(reading(), me())
    given = {"types": _types(), "may_share": shared, "placeholders": PLACEHOLDERS}
    return render_template("canned/form.html", reply=reply, wanted=wanted, error=error, **given)


def _types() -> Mapping[str, str]:
    """The names of the ticket types by their keys."""
    query = sa.select(TicketType.key, TicketType.name, TicketType.names).where(visible_types(me())).limit(300)
    rows = reading().execute(query.order_by(TicketType.key))
    return {key: named(names, name) for key, name, names in rows}


def _must_write() -> None:
    if not me().may(Permission.NOTE):
        raise NotFound
