"""Owns the pages of importing people: the file, the report of its dry run, how far the import is."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from openpyxl import Workbook
from werkzeug.wrappers import Response as AnyResponse

from tickets.errors import Invalid
from tickets.organising.people_import import confirm, import_of, imports_of, problems_of, upload
from tickets.organising.people_list import check_sees_people
from tickets.organising.person_register import check_may_manage
from tickets.organising.person_sheet import COLUMNS, LARGEST, MOST_ROWS
from web.context import me, reading, runtime
from web.language import language

blueprint = Blueprint("people_import", __name__, url_prefix="/system/people/imports")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "people"))

EXAMPLE = {
    "zh": ("10211", "周岚", "zhoulan@example.com", "13800138000", "英语老师", "sz-nanshan", "10087", "requester"),
    "en": ("10211", "Zhou Lan", "zhoulan@example.com", "13800138000", "Teacher", "sz-nanshan", "10087", "requester"),
}
"""A row to overwrite, in the order of the columns."""


@blueprint.get("")
def index() -> str:
    """The imports one has begun."""
    _check()
    return render_template("system/people/imports.html", imports=imports_of(reading(), me()))


@blueprint.get("/new")
def new() -> str:
    """Where a file is dropped."""
    _check()
    return render_template("system/people/import_new.html", most=MOST_ROWS)


@blueprint.post("")
def take() -> AnyResponse | tuple[str, int]:
    """Check a file; nobody is kept yet."""
    _check()
    file = request.files.get("file")
    content = file.stream.read(LARGEST + 1) if file else b""
    name, password = (file.filename or "") if file else "", request.form.get("password", "")
    try:
        made = upload(runtime(), me(), content, file_name=name, password=password)
    except Invalid as refusal:
        return render_template("system/people/import_new.html", refusal=refusal.message, most=MOST_ROWS), 422
    return redirect(url_for("people_import.page", import_id=made), 303)


@blueprint.get("/<uuid:import_id>")
def page(import_id: UUID) -> str:
    """The report, and how far it is."""
    found = import_of(reading(), me(), import_id)
    template = "system/people/_progress.html" if request.headers.get("HX-Request") else "system/people/import.html"
    return render_template(template, found=found, problems=problems_of(found), running=found.status == "running")


@blueprint.post("/<uuid:import_id>/run")
def run(import_id: UUID) -> AnyResponse:
    """Import the file, or of a file with errors the good rows."""
    confirm(runtime(), me(), import_id, good_only=request.form.get("rows") == "good")
    return redirect(url_for("people_import.page", import_id=import_id), 303)


@blueprint.get("/template.xlsx")
def template() -> Response:
    """A workbook to start from, its columns in the reader's language."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    chosen = [name for name in COLUMNS if name != "language"]
    sheet.append([COLUMNS[name][1 if language() == "zh" else 0] for name in chosen])
    sheet.append(list(EXAMPLE[language()]))
    content = io.BytesIO()
    book.save(content)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = Response(content.getvalue(), content_type=kind)
    answer.headers["Content-Disposition"] = "attachment; filename=people.xlsx"
    return answer


def _check() -> None:
    check_sees_people(me())
    check_may_manage(me())
