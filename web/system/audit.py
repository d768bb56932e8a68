"""Owns the page of the audit log, and its export."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from tickets.exporting.sheet import safe
from tickets.organising.audit_log import AuditRow, AuditWanted, audit_log, exported
from tickets.organising.audit_words import ACTIONS, FIELDS, FIELDS_OF, VIA
from tickets.settings import SETTINGS
from web.context import me, reading
from web.language import gettext as _
from web.language import time_zone, translate
from web.system.audit_queries import look_up
from web.system.audit_values import value_words
from web.system.audit_what import what_words

blueprint = Blueprint("audit", __name__, url_prefix="/system/audit")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "audit"))


@blueprint.get("")
def index() -> str:
    """Who changed what."""
    wanted = _wanted()
    found = audit_log(reading(), me(), wanted, cursor=request.args.get("cursor"))
    look_up(found.rows)
    return render_template("system/audit.html", found=found, wanted=wanted, actions=ACTIONS, asked=_asked())


@blueprint.get("/export.csv")
def export() -> Response:
    """The same as a file; no cell in it is run by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("When"), _("Who"), _("Login"), _("Via"), _("Action"), _("What"), _("Before"), _("After")])
    for row in exported(reading(), me(), _wanted()):
        writer.writerow([safe(cell) for cell in _cells(row)])
    answer = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=audit.csv"
    return answer


@blueprint.app_template_filter("audit_field")
def field_words(name: str, row: AuditRow) -> str:
    """What a field of an entry is called."""
    special = (words.get(name) for begin, words in FIELDS_OF.items() if row.entry.action.startswith(begin))
    if own := next(filter(None, special), None):
        return translate(own)
    if name in FIELDS:
        return translate(FIELDS[name])
    return translate(SETTINGS[name].label) if name in SETTINGS else name.replace("_", " ")


@blueprint.app_template_filter("audit_action")
def action_words(action: str) -> str:
    """What an action is called."""
    return translate(ACTIONS[action]) if action in ACTIONS else action


@blueprint.app_template_filter("audit_via")
def via_words(via: str) -> str:
    """How it came about."""
    return translate(VIA[via]) if via in VIA else via


blueprint.add_app_template_filter(value_words, "audit_value")
blueprint.add_app_template_filter(what_words, "audit_what")


def _cells(row: AuditRow) -> list[str]:
    entry = row.entry
    at = entry.at.astimezone(time_zone()).strftime("%Y-%m-%d %H:%M:%S")
    sides = (_side(row, entry.before), _side(row, entry.after))
    return [at, row.who, row.login, via_words(entry.via), action_words(entry.action), what_words(row), *sides]


def _side(row: AuditRow, values: dict[str, Any]) -> str:
    by_field = {each.field: each for each in row.differences}
    return "; ".join(
        f"{field_words(name, row)}: {value_words(value, by_field[name], row)}" for name, value in values.items()
    )


def _wanted() -> AuditWanted:
    args = request.args
    until = _day(args.get("until", ""))
    return AuditWanted(
        who=args.get("who", "")[:200].strip(),
        what=args.get("what", "")[:200].strip(),
        action=args.get("action", "") if args.get("action", "") in ACTIONS else "",
        after=_day(args.get("since", "")),
        before=until + timedelta(days=1) if until else None,
    )


def _asked() -> dict[str, str]:
    """The filters as they stand in the address."""
    return {name: request.args[name] for name in ("who", "what", "action", "since", "until") if request.args.get(name)}


def _day(text: str) -> datetime | None:
    """The beginning of a day where the reader is; None for what is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), time_zone()) if 2000 <= day.year < 2200 else None
