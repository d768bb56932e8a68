"""Owns the page that moves the tickets under way on an older version to the live one: which go, which stay, and why."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tickets.errors import Invalid
from tickets.version_moves import Outlook, Stays, move, outlook
from web.context import me, reading, runtime
from web.language import gettext as _
from web.language import named, worded
from web.types import VERSION

blueprint = Blueprint("version_moves", __name__, url_prefix="/types")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "types"))


@blueprint.get(f"/<uuid:type_id>/versions/{VERSION}/tickets")
def show(type_id: UUID, version: int) -> str | Response:
    """What would become of each; nothing is moved yet."""
    try:
        seen = outlook(reading(), runtime(), me(), type_id, version)
    except Invalid as refused:
        return _to(type_id, worded(refused.message))
    return render_template("types/moving.html", seen=seen, type=seen.type, reasons=_reasons(seen))


@blueprint.post(f"/<uuid:type_id>/versions/{VERSION}/tickets")
def create(type_id: UUID, version: int) -> Response:
    """They are moved one after another."""
    try:
        total = move(runtime(), me(), type_id, version).total
    except Invalid as refused:
        return _to(type_id, worded(refused.message))
    return _to(type_id, _("The tickets of v%(old)s that can go are being moved: %(count)s.", old=version, count=total))


def _reasons(seen: Outlook) -> list[tuple[str, str, Sequence[str]]]:
    """Where tickets stay and why, with their numbers; what keeps most of them first."""

    def reason(one: Stays) -> tuple[str, str]:
        return named(one.names, one.element), worded(one.why)

    found = [(*key, [one.number for one in same]) for key, same in groupby(sorted(seen.stay, key=reason), key=reason)]
    return sorted(found, key=lambda row: -len(row[2]))


def _to(type_id: UUID, told: str) -> Response:
    flash(told)
    return redirect(url_for("types.page", type_id=type_id), 303)
