"""Owns exporting a list: a small one at once, a large one by a job with its page of progress and its download."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.exporting import exports
from tickets.exporting.sheet import Format, opened
from tickets.exporting.table import Reader, batches, texts
from tickets.lists import count_tickets
from tickets.lists.columns import chosen
from tickets.lists.own_fields import OwnField
from web.context import me, now, reading, runtime
from web.language import gettext as _
from web.language import language, time_zone, translate
from web.lists.area import blueprint, with_pairs
from web.lists.asked import Asked, asked_by
from web.lists.filters import said
from web.lists.tickets import fields_of
from web.sheets import sent, spooled

AT_ONCE = 5_000
"""So many rows are sent at once; more are a job's."""


@blueprint.post("/tickets/exports")
def export() -> AnyResponse:
    """The list as a file."""
    exports.check_may_export(me())
    kind = _kind(request.form.get("format", ""))
    wanted = asked_by(parse_qsl(request.form.get("query", "")[:4000]))
    count = count_tickets(reading(), me(), wanted.query, now=now(), most=AT_ONCE)
    if not count.more:
        return _at_once(wanted, kind)
    reader = asdict(_reader(wanted))
    made = exports.order(runtime(), me(), query=_query(wanted), kind=kind, reader=reader, total=0)
    return redirect(url_for("lists.export_progress", export_id=made), 303)


@blueprint.get("/tickets/exports/<uuid:export_id>")
def export_progress(export_id: UUID) -> str | Response:
    """How far a large one is; the page asks by itself, and says when it is ready."""
    g.area = "tickets"
    progress = exports.progress_of(reading(), me(), export_id, now())
    return render_template("lists/export.html", progress=progress)


@blueprint.post("/tickets/exports/<uuid:export_id>/stop")
def stop_export(export_id: UUID) -> AnyResponse:
    """Give it up."""
    exports.stop(runtime(), me(), export_id)
    return redirect(url_for("lists.export_progress", export_id=export_id), 303)


@blueprint.get("/tickets/exports/<uuid:export_id>/file")
def export_file(export_id: UUID) -> Response:
    """The file, for whoever ordered it."""
    progress = exports.progress_of(reading(), me(), export_id, now())
    return _sent(exports.file_of(runtime(), me(), export_id).open("rb"), progress.format)


def _at_once(wanted: Asked, kind: Format) -> Response:
    reader, done = _reader(wanted), 0
    file = spooled()
    with opened(kind, file, _("Tickets")) as write:
        write(reader.heads())
        for rows in batches(reading(), me(), wanted.query, reader, now(), most=AT_ONCE):
            for row in rows:
                write(row)
            done += len(rows)
    with runtime().writing() as session, session.begin():
        exports.noted(session, me(), _query(wanted), kind, rows=done, at=now())
    return _sent(file, kind)


def _sent(file: IO[bytes], kind: Format) -> Response:
    day = now().astimezone(time_zone()).strftime("%Y-%m-%d")
    return sent(file, kind, f"{_('Tickets')} {day}")


def _reader(wanted: Asked) -> Reader:
    fields = fields_of(wanted)
    words = {text: translate(text) for text in texts()}
    labels = {name: own.label for name, own in fields.items()}
    choices = {name: _choices(own) for name, own in fields.items()}
    return Reader(language(), str(time_zone()), chosen(wanted.columns, fields), words, labels, choices)


def _choices(own: OwnField) -> dict[str, str]:
    """The words of a field's stored values, where they have other words than themselves."""
    values = ("true", "false") if own.yes_or_no else own.choices
    return {value: said(own, value) for value in values}


def _query(wanted: Asked) -> str:
    return with_pairs("lists.tickets", wanted.kept).partition("?")[2]


def _kind(text: str) -> Format:
    if text not in set(Format):
        raise Invalid(Message(N_("Choose CSV or XLSX.")))
    return Format(text)
