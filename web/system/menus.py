"""Owns the page of menus: a brand's entries in order, who sees each, and its own links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import Message
from tickets.errors import NotFound
from tickets.organising.fields import FieldsInvalid
from tickets.organising.menus import Item, menu_brands, menu_of, remove_menu, set_menu
from tickets.places import Place
from tickets.roles import Role
from web.context import me, reading, runtime
from web.icons import TYPE_ICONS
from web.language import gettext as _
from web.navigation import ENTRIES, Entry

blueprint = Blueprint("menus", __name__, url_prefix="/system/menus")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "menus"))

SPARE = 2
LINK_ICONS = TYPE_ICONS | {"link"}


@blueprint.get("")
def index() -> str:
    """The menu of one's brand, or of the one chosen."""
    return _page({}, None)


@blueprint.post("/<int:brand_id>")
def keep(brand_id: int) -> Response | tuple[str, int]:
    """Keep a brand's menu, or say what is wrong."""
    items = _items()
    try:
        set_menu(runtime(), me(), min(brand_id, 2**62), items, known=ENTRIES, icons=LINK_ICONS)
    except FieldsInvalid as error:
        return _page(error.errors, items, brand_id), 422
    flash(_("The menu is kept."))
    return redirect(url_for("menus.index", brand=brand_id), 303)


@blueprint.post("/<int:brand_id>/end")
def remove(brand_id: int) -> Response:
    """Back to the group's menu, or for the group to ours."""
    remove_menu(runtime(), me(), min(brand_id, 2**62))
    flash(_("The menu is the usual one again."))
    return redirect(url_for("menus.index", brand=brand_id), 303)


def _page(errors: Mapping[str, Message], items: Sequence[Item] | None, wanted: int | None = None) -> str:
    brands = menu_brands(reading(), me())
    chosen, own = _chosen(brands, wanted if wanted is not None else request.args.get("brand", ""))
    if items is None:
        items = menu_of(reading(), chosen.id, me().root_id) or ()
    entries, links = _arranged(items)
    roles = sa.select(Role).where(Role.brand_id.in_((chosen.id, me().root_id))).order_by(Role.id)
    return render_template(
        "system/menus.html",
        brands=brands,
        chosen=chosen,
        own=own,
        entries=entries,
        links=[*links, *([Item()] * SPARE)],
        roles=list(reading().scalars(roles)),
        icons_offered=sorted(LINK_ICONS),
        errors=errors,
    )


def _chosen(brands: Sequence[tuple[Place, bool]], wanted: object) -> tuple[Place, bool]:
    found = next(((place, own) for place, own in brands if str(place.id) == str(wanted)), None)
    if found is None and wanted not in ("", None):
        raise NotFound
    mine = next(((place, own) for place, own in brands if place.id == me().brand_id), None)
    if found or mine or brands:
        return found or mine or brands[0]
    raise NotFound


def _arranged(items: Sequence[Item]) -> tuple[list[tuple[Entry, Item]], list[Item]]:
    """Our entries in the menu's order, those it does not name yet last; and the links."""
    by_key = {item.key: item for item in items if item.key in ENTRIES}
    keys = [*by_key, *(key for key in ENTRIES if key not in by_key)]
    return [(ENTRIES[key], by_key.get(key, Item(key=key))) for key in keys], [item for item in items if item.url]


def _items() -> list[Item]:
    """What the form says: for each entry its place, whether it is shown, for which roles; then the links."""
    form = request.form
    keys = [key for key in form.getlist("key")[:200] if key in ENTRIES]
    order = {key: _number(form.get(f"order-{key}", "")) for key in keys}
    entries = [
        Item(key=key, hidden=f"show-{key}" not in form, roles=tuple(form.getlist(f"roles-{key}"))[:50])
        for key in sorted(dict.fromkeys(keys), key=lambda key: order[key])
    ]
    rows = zip(*(form.getlist(f"link_{name}")[:40] for name in ("url", "zh", "en", "icon", "role")), strict=False)
    links = [
        Item(url=url.strip(), zh=zh.strip(), en=en.strip(), icon=icon, roles=(role,) if role else ())
        for url, zh, en, icon, role in rows
        if url.strip()
    ]
    return [*entries, *links]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 9999
