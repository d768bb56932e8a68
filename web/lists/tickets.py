"""Owns the list of all tickets: its page, and the form of its filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from uuid import uuid4

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tickets import bulk
from tickets.access import Permission
from tickets.assigning.picking import Purpose, picked
from tickets.errors import Invalid, NotFound
from tickets.event_words import PRIORITY_WORDS, STATUS_WORDS
from tickets.lists import Count, count_tickets, list_tickets
from tickets.lists.beside import Beside, beside
from tickets.lists.columns import COLUMNS, FIELD, Column, chosen
from tickets.lists.naming import places_to_choose
from tickets.lists.own_fields import OwnField, own_fields
from tickets.lists.query import Sort
from tickets.saved_views import ViewRow, may_share, roles_to_share_with, views_of
from web.context import me, now, reading
from web.language import language, worded
from web.lists import filters
from web.lists.area import blueprint, with_pairs
from web.lists.asked import TYPED, Asked, asked
from web.lists.bulk import BULK_ICONS


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; `address` sorts by it, `down` or up, None if that can't be."""

    key: str
    text: str
    address: str | None = None
    direction: str = ""


@blueprint.get("/tickets")
def tickets() -> str | AnyResponse:
    """Every ticket the reader may see, as their address says."""
    if not me().may(Permission.SEE):
        raise NotFound
    if not request.args and (usual := _default_view()):
        return redirect(_address_of(usual), 303)
    if TYPED & request.args.keys():
        return _with_people()
    g.area = "tickets"
    return _page(asked())


@blueprint.get("/tickets/filters")
def ticket_filters() -> str:
    """All filters as a form: a dialog by htmx, else a page. It is sent to the list."""
    if not me().may(Permission.SEE):
        raise NotFound
    return _filters(asked())


def _page(wanted: Asked) -> str:
    types, fields = filters.types_to_choose(), fields_of(wanted)
    columns = chosen(wanted.columns, fields)
    names = [key.removeprefix(FIELD) for key in columns if key.startswith(FIELD)]
    page = list_tickets(reading(), me(), wanted.query, now=now(), fields=names, cursor=wanted.cursor)
    ids = [row.ticket.id for row in page.rows]
    views = views_of(reading(), me())
    return render_template(
        "lists/tickets.html",
        page=page,
        asked=wanted,
        count=_count(wanted, len(page.rows), more=page.next_cursor is not None),
        chips=filters.chips(wanted, types, fields),
        menus=filters.menus(wanted, types),
        complaints=filters.complaints(wanted.read.misread),
        heads=[_head(wanted, key, fields) for key in columns],
        columns=columns,
        beside=beside(reading(), me(), ids, columns),
        nothing=Beside(),
        fields=fields,
        said=filters.said,
        offered=_offered_columns(columns, fields),
        tabs=[(view, _address_of(view)) for view in views],
        view=next((view for view in views if str(view.public_id) == wanted.view), None),
        share_with=roles_to_share_with(reading(), me()) if may_share(me()) else None,
        verbs=bulk.offered(me()),
        BULK_ICONS=BULK_ICONS,
        key=uuid4(),
    )


def fields_of(wanted: Asked) -> Mapping[str, OwnField]:
    """The fields that may be columns and filters: those of the types asked for."""
    return own_fields(reading(), me(), wanted.query.types, language())


def _count(wanted: Asked, shown: int, *, more: bool) -> Count:
    """How many fit; a first page that shows all of them needs no counting."""
    if wanted.cursor is None and not more:
        return Count(shown, more=False)
    return count_tickets(reading(), me(), wanted.query, now=now())


def _head(wanted: Asked, key: str, fields: Mapping[str, OwnField]) -> Head:
    if key.startswith(FIELD):
        return _field_head(wanted, key.removeprefix(FIELD), fields)
    column = COLUMNS[key]
    if not column.sorts:
        return Head(key, column.text)
    here = wanted.query.sort
    following = _following(column, here)
    direction = ("descending" if here in (Sort.NEWEST, Sort.UPDATED) else "ascending") if here in column.sorts else ""
    return Head(key, column.text, wanted.setting("sort", following), direction)


def _following(column: Column, here: Sort) -> Sort:
    """The order that pressing the head leads to: its first, then its others in turn."""
    at = column.sorts.index(here) + 1 if here in column.sorts else 0
    return column.sorts[at % len(column.sorts)]


def _field_head(wanted: Asked, name: str, fields: Mapping[str, OwnField]) -> Head:
    here = wanted.query.sort if wanted.query.sort_field == name else None
    following = Sort.FIELD_DOWN if here is Sort.FIELD else Sort.FIELD
    direction = {Sort.FIELD: "ascending", Sort.FIELD_DOWN: "descending"}.get(here, "") if here else ""
    return Head(FIELD + name, fields[name].label, wanted.setting("sort", f"{following}.{name}"), direction)


def _offered_columns(columns: tuple[str, ...], fields: Mapping[str, OwnField]) -> list[tuple[str, str, bool]]:
    """Every column there may be: its key, its words, whether it is shown."""
    own = [(FIELD + name, each.label) for name, each in fields.items()]
    return [(key, text, key in columns) for key, text in [*((key, one.text) for key, one in COLUMNS.items()), *own]]


def _default_view() -> ViewRow | None:
    return next((view for view in views_of(reading(), me()) if view.default), None)


def _address_of(view: ViewRow) -> str:
    return with_pairs("lists.tickets", [*parse_qsl(view.query), ("view", str(view.public_id))])


def _with_people() -> AnyResponse | str:
    """The names that a form sent become ids; whoever is not found is said in the form, which keeps all the rest."""
    given = [pair for pair in request.args.items(multi=True) if pair[0] not in TYPED]
    try:
        for name in sorted(TYPED & request.args.keys()):
            if text := request.args[name].strip():
                person = picked(reading(), me(), text, Purpose.ANYONE)
                given.append((name.removesuffix("_is"), str(person.public_id)))
    except Invalid as refused:
        return _filters(asked(), error=worded(refused.message))
    return redirect(with_pairs("lists.tickets", given), 303)


def _filters(wanted: Asked, error: str = "") -> str:
    g.area = "tickets"
    frame = "lists/filters_dialog.html" if request.headers.get("HX-Request") else "lists/filters_page.html"
    types, fields = filters.types_to_choose(), fields_of(wanted)
    return render_template(
        frame,
        asked=wanted,
        have=dict(wanted.filters),
        has=set(wanted.filters),
        statuses=STATUS_WORDS,
        priorities=PRIORITY_WORDS,
        types=types,
        places=places_to_choose(reading(), me()),
        flags=[(name, filters.LABELS[name]) for name in filters.FLAGS],
        moments=[(name, filters.LABELS[name]) for name in ("created", "due", "resolved", "closed")],
        fields=fields,
        field_filters={each.name: each for each in wanted.query.fields},
        said=filters.said,
        error=error,
        action=url_for("lists.tickets"),
    )
