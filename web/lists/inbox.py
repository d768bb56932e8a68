"""Owns the lists: the inbox with its views, all tickets with their filters, and a requester's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_
from tickets.access import Permission, visible_types
from tickets.errors import NotFound
from tickets.event_words import STATUS_WORDS
from tickets.inbox import View, badges, inbox_version, my_tickets, ticket_list
from tickets.inbox import inbox as inbox_page
from tickets.ticket import OPEN, Status
from tickets.types import TicketType
from web.context import me, reading
from web.language import gettext as _
from web.language import named, translate
from web.lists.area import blueprint, versioned

VIEWS: Mapping[View, str] = {View.MINE: N_("My tasks"), View.ROLES: N_("For my roles"), View.OWNED: N_("I own")}
"""The inbox's views, in order; the first is what one sees first."""
STATUS_GROUPS: Mapping[str, tuple[str, Collection[Status]]] = {
    "open": (N_("Not closed"), OPEN),
    **{status.value: (STATUS_WORDS[status], (status,)) for status in Status},
}


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


@blueprint.get("/tickets")
def tickets() -> str:
    """Every ticket the reader may see, newest first."""
    if not me().may(Permission.SEE):
        raise NotFound
    g.area = "tickets"
    query, wanted = request.args.get("q", ""), request.args.get("status", "")
    statuses = STATUS_GROUPS[wanted][1] if wanted in STATUS_GROUPS else ()
    type_key, mine = request.args.get("type", ""), request.args.get("owner") == "me"
    page = ticket_list(
        reading(),
        me(),
        statuses=statuses,
        type_key=type_key,
        text=query,
        owned_by_me=mine,
        cursor=request.args.get("cursor"),
    )
    return render_template("lists/tickets.html", page=page, filters=list(_filters()), query=query)


@blueprint.get("/my-tickets")
def mine() -> str:
    """The tickets that the reader filed or that were filed for them."""
    g.area = "mine"
    page = my_tickets(reading(), me(), cursor=request.args.get("cursor"))
    return render_template("lists/mine.html", page=page)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list: its name in the address, its value there ("": not set), and what may be chosen."""

    name: str
    text: str
    value: str
    options: Sequence[tuple[str, str]]

    @property
    def chosen(self) -> str:
        """The words of the value."""
        return dict(self.options).get(self.value, "")


def _view() -> View:
    wanted = request.args.get("view", "")
    return View(wanted) if wanted in set(View) else View.MINE


def _filters() -> Sequence[Filter]:
    types = sa.select(TicketType).where(visible_types(me()), TicketType.active).order_by(TicketType.name)
    keys = {kind.key: named(kind.names, kind.name) for kind in reading().scalars(types)}
    statuses = [(value, translate(text)) for value, (text, _statuses) in STATUS_GROUPS.items()]
    return [
        _filter("status", N_("Status"), statuses),
        _filter("type", N_("Type"), list(keys.items())),
        _filter("owner", N_("Owner"), [("me", _("me"))]),
    ]


def _filter(name: str, text: str, options: Sequence[tuple[str, str]]) -> Filter:
    value = request.args.get(name, "")
    return Filter(name, text, value if value in dict(options) else "", options)
