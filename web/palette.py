"""Owns the palette: one field that leads to tickets, pages, ticket types, saved views and people one may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, g, render_template, request, url_for

from engine.expressions import N_
from tickets.access import Permission
from tickets.assigning.picking import Purpose, suggest
from tickets.event_words import STATUS_WORDS
from tickets.offered_types import fileable_types
from tickets.palette import find
from tickets.saved_views import views_of
from web.context import is_staff, me, now, reading
from web.language import named, translate
from web.lists.area import with_pairs
from web.navigation import navigation

blueprint = Blueprint("palette", __name__)

LONGEST = 100
MOST = 6


@dataclass(frozen=True, slots=True)
class Way:
    """Somewhere to go."""

    icon: str
    text: str
    note: str
    address: str


@blueprint.get("/palette")
def page() -> str:
    """What fits the text: for the dialog its list alone, else a page of its own."""
    typed = "".join(filter(str.isprintable, request.args.get("q", "")))[:LONGEST].strip()
    g.area = "palette"
    template = "palette/found.html" if request.headers.get("HX-Request") else "palette/page.html"
    return render_template(template, groups=list(groups(typed)), typed=typed)


def groups(typed: str) -> Iterator[tuple[str, Sequence[Way]]]:
    """Headings with what is below them; empty ones are left out."""
    found = (
        (N_("Tickets") if typed else N_("You answer for"), _tickets(typed)),
        (N_("Go to"), _pages(typed)),
        (N_("Saved views"), _views(typed)),
        (N_("New ticket"), _types(typed)),
        (N_("People"), _people(typed)),
    )
    return ((heading, ways) for heading, ways in found if ways)


def _tickets(typed: str) -> list[Way]:
    return [
        Way(
            "ticket",
            each.title,
            f"{each.number} · {translate(STATUS_WORDS[each.status])}",
            url_for("ticket.show", number=each.number),
        )
        for each in find(reading(), me(), typed, now())
    ]


def _pages(typed: str) -> list[Way]:
    entries = (entry for _heading, shown in navigation() for entry in shown)
    ways = (Way(entry.icon, translate(entry.text), "", entry.address) for entry in entries)
    return [way for way in ways if _fits(typed, way.text)][: 2 * MOST]


def _views(typed: str) -> list[Way]:
    if not me().may(Permission.SEE):
        return []
    views = (view for view in views_of(reading(), me()) if _fits(typed, view.name))
    return [Way("bookmark", view.name, "", url_for("lists.open_view", view_id=view.public_id)) for view in views][:MOST]


def _types(typed: str) -> list[Way]:
    if not typed or not me().may(Permission.FILE):
        return []
    names = [(kind.key, named(kind.names, kind.name)) for kind in fileable_types(reading(), me())]
    return [
        Way("plus", name, "", url_for("filing.form", key=key)) for key, name in names if _fits(typed, f"{name} {key}")
    ][:MOST]


def _people(typed: str) -> list[Way]:
    """Whoever sees people's pages finds them; their name leads to the tickets they answer for."""
    if not typed or not (is_staff(me()) and me().may(Permission.SEE_PEOPLE) and me().may(Permission.SEE)):
        return []
    found = suggest(reading(), me(), typed, Purpose.ANYONE, now=now(), limit=MOST)
    return [
        Way("user", one.name, one.title or one.login, with_pairs("lists.tickets", [("owner", str(one.public_id))]))
        for one in found
    ]


def _fits(typed: str, text: str) -> bool:
    return typed.casefold() in text.casefold()
