"""Owns the pages of subjects: the list, one with its tickets, the form, and the import from Excel or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_, Message
from tickets.assigning.picking import login_meant
from tickets.errors import Invalid
from tickets.subject_asked import STAGES, is_date
from tickets.subject_facts import SubjectInvalid
from tickets.subject_import import import_subjects
from tickets.subject_list import SubjectRow, find_subject, subject_list
from tickets.subject_page import Choices, choices, may_change, tickets_about
from tickets.subject_register import check_may_keep, put_subject
from tickets.subject_sheet import LARGEST
from tickets.subjects import SubjectKind
from web.context import me, now, reading, runtime
from web.language import gettext as _
from web.language import language
from web.subject_form import SPARE_ROWS, Draft, draft_from, draft_of

blueprint = Blueprint("subjects", __name__, url_prefix="/subjects")
blueprint.add_app_template_filter(is_date)
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "subjects"))


SOON = timedelta(seconds=30)
"""How long after a change a subject's page looks for what standards begin by it."""


@dataclass(frozen=True, slots=True)
class KindLook:
    """How a kind of subject is shown."""

    icon: str
    text: str
    plural: str


KINDS: Mapping[str, KindLook] = {
    SubjectKind.STUDENT: KindLook("school", N_("Student"), N_("Students")),
    SubjectKind.CLASS: KindLook("users-group", N_("Class"), N_("Classes")),
    SubjectKind.PRODUCT: KindLook("package", N_("Product"), N_("Products")),
}


@blueprint.get("")
def index() -> str:
    """The subjects one sees; `of` narrows them to what one person looks after."""
    kind, search = request.args.get("kind", ""), request.args.get("q", "")
    wanted, of = SubjectKind(kind) if kind in KINDS else None, request.args.get("of", type=UUID)
    found = subject_list(reading(), me(), kind=wanted, search=search, of=of, cursor=request.args.get("cursor"))
    known = {"found": found, "kind": wanted, "search": search, "of": of, "kinds": KINDS}
    return render_template("subjects/index.html", **known)


@blueprint.get("/<uuid:subject_id>")
def page(subject_id: UUID) -> str:
    """One subject and the tickets about it."""
    row = find_subject(reading(), me(), subject_id)
    about = tickets_about(reading(), me(), row.subject.id)
    fresh = now() - row.subject.updated_at < SOON
    known = {"row": row, "about": about, "may_change": may_change(me(), row), "kinds": KINDS, "fresh": fresh}
    return render_template("subjects/page.html", **known)


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    check_may_keep(me())
    kind = request.args.get("kind", "")
    return _form(None, Draft(kind=kind) if kind in KINDS else Draft(), {})


@blueprint.post("")
def create() -> AnyResponse | tuple[str, int]:
    """Keep a new subject, or say what is wrong with it."""
    return _save(None)


@blueprint.get("/<uuid:subject_id>/edit")
def edit(subject_id: UUID) -> str:
    """The form of one subject."""
    check_may_keep(me())
    row = find_subject(reading(), me(), subject_id)
    return _form(row, draft_of(row), {})


@blueprint.post("/<uuid:subject_id>")
def change(subject_id: UUID) -> AnyResponse | tuple[str, int]:
    """Keep what was changed, or say what is wrong with it."""
    return _save(find_subject(reading(), me(), subject_id))


@blueprint.get("/import")
def sheet() -> str:
    """Where a file is dropped."""
    check_may_keep(me())
    return render_template("subjects/import.html")


@blueprint.post("/import")
def take_sheet() -> AnyResponse | tuple[str, int]:
    """Import a file, all of it or nothing, and report row by row."""
    check_may_keep(me())
    file = request.files.get("file")
    try:
        report = import_subjects(runtime(), me(), file.stream.read(LARGEST + 1) if file else b"")
    except Invalid as refusal:
        return render_template("subjects/import.html", refusal=refusal.message), 422
    if not report.accepted:
        return render_template("subjects/import.html", report=report, name=file.filename if file else ""), 422
    counts = {"rows": report.rows, "created": report.created, "changed": report.changed}
    flash(_("%(rows)s rows read: %(created)s new, %(changed)s changed.", **counts))
    return redirect(url_for("subjects.index"), 303)


@blueprint.get("/import/template.csv")
def template() -> Response:
    """A file to start from, its columns in the reader's language; the mark at its head lets Excel read it as UTF-8."""
    answer = Response("\ufeff" + TEMPLATES[language()], content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=subjects.csv"
    return answer


@blueprint.app_template_filter("days_left")
def days_left(row: SubjectRow) -> int | None:
    """Days until the contract ends, at the subject's place; negative afterwards, None without an end."""
    end = row.subject.contract_end
    return (end - now().astimezone(ZoneInfo(row.place.time_zone)).date()).days if end else None


def _save(row: SubjectRow | None) -> AnyResponse | tuple[str, int]:
    draft = draft_from(request.form, row)
    offered = choices(reading(), me(), row)
    try:
        meant = replace(draft, responsible=_responsible(draft, offered))
        values = meant.values(offered, row.subject.attributes if row else {}, new=row is None)
        reading().rollback()
        saved = put_subject(runtime(), me(), draft.kind, draft.external_id, values)
    except SubjectInvalid as error:
        return _form(row, draft, error.errors), 422
    flash(_("“%(name)s” is kept.", name=draft.name))
    return redirect(url_for("subjects.page", subject_id=saved.public_id), 303)


def _responsible(draft: Draft, offered: Choices) -> str:
    """The login of who is meant: by it, a name, or both. Raises SubjectInvalid."""
    found = offered.find(draft.place)
    try:
        return login_meant(reading(), me(), draft.responsible, found[0].id if found else None)
    except Invalid as refusal:
        raise SubjectInvalid({"responsible": refusal.message}) from None


def _form(row: SubjectRow | None, draft: Draft, errors: Mapping[str, Message]) -> str:
    offered = choices(reading(), me(), row)
    known = {"row": row, "draft": draft, "errors": errors, "offered": offered, "kinds": KINDS, "spare": SPARE_ROWS}
    return render_template("subjects/form.html", **known, stages=STAGES)


TEMPLATES: Mapping[str, str] = {
    "zh": "种类,编号,名称,地点,负责人,合同到期,开课日期,结束日期,阶段日期,学生,属性.年级\r\n"
    "学生,S-10001,林小满,深圳南山校区,liutao,2027-08-31,,,,,三年级\r\n"
    '班级,C-10001,周六上午 拼读,深圳南山校区,zhoulan,,2026-12-05,2027-03-27,"第一阶段 2027-01-09\n第二阶段 2027-03-20",'
    "林小满、安然,\r\n",
    "en": "Kind,Number,Name,Place,Responsible,Contract end,Start date,End date,Stage dates,Students,"
    "attributes.grade\r\n"
    "Student,S-10001,Lin Xiaoman,Shenzhen Nanshan,liutao,2027-08-31,,,,,Grade 3\r\n"
    "Class,C-10001,Phonics on Saturdays,Shenzhen Nanshan,zhoulan,,2026-12-05,2027-03-27,"
    '"Stage 1 2027-01-09\nStage 2 2027-03-20","Lin Xiaoman, An Ran",\r\n',
}
"""The columns as the pages name them, and a row to overwrite of a student and of a class."""
