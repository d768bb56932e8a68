"""Owns the addresses of saved views: keeping one, renaming, sharing, opening the list with it, deleting it."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tickets import saved_views
from tickets.access import Permission
from tickets.errors import Invalid, NotFound
from tickets.saved_views import NewView, may_share, roles_to_share_with, view_of, views_of
from web.context import me, read_again, reading, runtime
from web.language import gettext as _
from web.language import worded
from web.lists import filters
from web.lists.area import blueprint, with_pairs
from web.lists.asked import asked_by


@blueprint.get("/views")
def views() -> str:
    """One's views and those shared with one."""
    return _page()


@blueprint.post("/views")
def keep_view() -> AnyResponse | tuple[str, int]:
    """Keep the list just shown under a name."""
    try:
        kept = saved_views.keep(runtime(), me(), _new())
    except Invalid as refused:
        return _page(error=worded(refused.message)), 422
    flash(_("The view “%(name)s” is kept.", name=request.form["name"].strip()))
    return redirect(url_for("lists.open_view", view_id=kept), 303)


@blueprint.get("/views/<uuid:view_id>")
def open_view(view_id: UUID) -> AnyResponse:
    """The list as a view has it: an address that stays the same when its filters change."""
    view = view_of(reading(), me(), view_id)
    return redirect(with_pairs("lists.tickets", [*parse_qsl(view.query), ("view", str(view_id))]), 303)


@blueprint.post("/views/<uuid:view_id>")
def change_view(view_id: UUID) -> AnyResponse | tuple[str, int]:
    """Another name, other readers; its filters are changed by saving the list under the same name."""
    query = view_of(reading(), me(), view_id).query
    try:
        saved_views.change(runtime(), me(), view_id, _new(query))
    except Invalid as refused:
        return _page(error=worded(refused.message)), 422
    flash(_("The view “%(name)s” is kept.", name=request.form["name"].strip()))
    return redirect(url_for("lists.views"), 303)


@blueprint.post("/views/<uuid:view_id>/removal")
def remove_view(view_id: UUID) -> AnyResponse:
    """Delete a view."""
    name = saved_views.remove(runtime(), me(), view_id)
    flash(_("The view “%(name)s” is deleted.", name=name))
    return redirect(url_for("lists.views"), 303)


@blueprint.post("/views/default")
def choose_default_view() -> AnyResponse:
    """Let the list open with a view; with none, with all tickets."""
    wanted = request.form.get("view", "")
    try:
        saved_views.open_with(runtime(), me(), UUID(wanted) if wanted else None)
    except ValueError:
        raise NotFound from None
    flash(_("The list opens with it from now on."))
    return redirect(url_for("lists.views"), 303)


def _new(query: str | None = None) -> NewView:
    """What a form says of a view; whatever of its filters nobody understands is left out."""
    readers = request.form.get("for", "")
    if query is None:
        query = request.form.get("query", "")[:4000]
        query = with_pairs("lists.tickets", asked_by(dict_of(query)).kept).partition("?")[2]
    return NewView(request.form.get("name", ""), query, bool(readers), "" if readers == "all" else readers)


def dict_of(query: str) -> list[tuple[str, str]]:
    """The parts of an address after its question mark."""
    try:
        return parse_qsl(query, max_num_fields=200)
    except ValueError:
        return []


def _page(error: str = "") -> str:
    if not me().may(Permission.SEE):
        raise NotFound
    g.area = "tickets"
    session = read_again() if error else reading()
    types, rows = filters.types_to_choose(), []
    for view in views_of(session, me()):
        wanted = asked_by(dict_of(view.query))
        rows.append((view, [chip.text for chip in filters.chips(wanted, types, {})]))
    share_with = roles_to_share_with(session, me()) if may_share(me()) else None
    return render_template(
        "lists/views.html", rows=rows, share_with=share_with, error=error, typed=request.form.get("name", "")
    )
