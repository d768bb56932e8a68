"""Owns the pages of roles: the list, one with its permissions and who holds it, making and deleting."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import Message
from tickets.errors import Forbidden, NotFound
from tickets.organising.fields import FieldsInvalid
from tickets.organising.permission_words import GROUPS, SCOPES, WORDS
from tickets.organising.role_changes import RoleFacts, change_role, create_role, delete_role, role_brands
from tickets.organising.role_list import role_list, role_page
from tickets.permissions import Permission
from web.context import me, reading, runtime
from web.language import gettext as _

blueprint = Blueprint("roles", __name__, url_prefix="/system/roles")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "roles"))


@blueprint.get("")
def index() -> str:
    """The roles one sees."""
    rows = role_list(reading(), me())
    return render_template("system/roles/index.html", rows=rows, scopes=SCOPES, brands=role_brands(reading(), me()))


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    if not me().may(Permission.MANAGE_ROLES):
        raise NotFound
    return _form(RoleFacts("", "", (), "own"), {}, brand=request.args.get("brand", ""))


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """Keep a new role, or say what is wrong."""
    facts, brand = _facts(), request.form.get("brand", "")
    try:
        role_id = create_role(runtime(), me(), facts, brand_id=_number(brand))
    except (FieldsInvalid, Forbidden) as error:
        return _form(facts, _errors(error), brand=brand), 422 if isinstance(error, FieldsInvalid) else 403
    flash(_("The role is made; give it on people's pages."))
    return redirect(url_for("roles.page", role_id=role_id), 303)


@blueprint.get("/<int:role_id>")
def page(role_id: int) -> str:
    """One role, with who holds it."""
    return _page(role_id)


@blueprint.post("/<int:role_id>")
def change(role_id: int) -> Response | tuple[str, int]:
    """Keep what was changed, or say what is wrong."""
    facts = _facts()
    try:
        change_role(runtime(), me(), min(role_id, 2**62), facts)
    except FieldsInvalid as error:
        return _page(role_id, facts, error.errors), 422
    flash(_("The role is kept; it counts for all who hold it."))
    return redirect(url_for("roles.page", role_id=role_id), 303)


@blueprint.post("/<int:role_id>/end")
def delete(role_id: int) -> Response:
    """Delete a role that nobody holds."""
    delete_role(runtime(), me(), min(role_id, 2**62))
    flash(_("The role is deleted."))
    return redirect(url_for("roles.index"), 303)


def _page(role_id: int, draft: RoleFacts | None = None, errors: Mapping[str, Message] | None = None) -> str:
    row, holders = role_page(reading(), me(), min(role_id, 2**62))
    role = row.role
    draft = draft or RoleFacts(role.name_zh, role.name_en, tuple(role.permissions), role.scope, role.key)
    known = {"row": row, "holders": holders, "draft": draft, "errors": errors or {}}
    return render_template("system/roles/page.html", **known, **_words())


def _form(draft: RoleFacts, errors: Mapping[str, Message], *, brand: str) -> str:
    row = SimpleNamespace(mine=True)
    brands = role_brands(reading(), me())
    known = {"draft": draft, "errors": errors, "brands": brands, "brand": brand, "row": row}
    return render_template("system/roles/form.html", **known, **_words())


def _words() -> dict[str, object]:
    mine = frozenset(permission for permission in Permission if me().may(permission))
    return {"groups": GROUPS, "words": WORDS, "scopes": SCOPES, "mine": mine}


def _errors(error: FieldsInvalid | Forbidden) -> Mapping[str, Message]:
    return error.errors if isinstance(error, FieldsInvalid) else {"permissions": error.message}


def _facts() -> RoleFacts:
    form = request.form
    return RoleFacts(
        name_zh=form.get("name_zh", ""),
        name_en=form.get("name_en", ""),
        permissions=tuple(dict.fromkeys(form.getlist("permission")))[:100],
        scope=form.get("scope", ""),
        key=form.get("key", ""),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
