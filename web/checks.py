"""Owns the pages of spot checks: drawing a sample, judging it campus by campus, its results and their file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.audit import record
from tickets.errors import Conflict, Forbidden, Invalid
from tickets.exporting.exports import check_may_export
from tickets.exporting.sheet import Format, Row, opened
from tickets.organising.place_choices import place_choices
from tickets.permissions import Permission
from tickets.standards.checking.drawing import LARGEST, Wanted, draw, new_seed, proves
from tickets.standards.checking.judging import judge
from tickets.standards.checking.reading import CheckPage, campuses_of, check_page, check_row, checks
from tickets.standards.checking.sampled import StepRow, every_step, step_row
from tickets.standards.naming import Named, offered
from tickets.standards.triggers import ONCE
from tickets.standards.waiving.asking import SEES
from tickets.types import form_of
from web.context import me, now, read_again, reading, runtime
from web.errors import status_of
from web.filled import Told, told
from web.ids import uuid_or_none
from web.language import gettext as _
from web.language import listed, named, time_zone, translate, worded
from web.sheets import sent, spooled

blueprint = Blueprint("checks", __name__, url_prefix="/standards/checks")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "checks"))
Answer = Response | tuple[str, int] | str
VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "passed": ("t-green", "circle-check", N_("Passed")),
    "failed": ("t-red", "circle-x", N_("Failed")),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A step of the sample with what was filled in; `error` and `typed` of a verdict that was refused."""

    row: StepRow
    told: Sequence[Told]
    may_judge: bool
    error: str = ""
    typed: str = ""


@blueprint.get("")
def index() -> str:
    """The checks, the newest first."""
    _must_see()
    page = checks(reading(), me(), cursor=request.args.get("cursor"))
    return render_template("checks/index.html", page=page, may_draw=me().may(Permission.CHECK_STANDARDS))


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    return _form(request.args, "")


@blueprint.post("")
def create() -> Answer:
    """Draw a sample."""
    try:
        made = draw(runtime(), me(), _wanted(request.form))
    except (Invalid, Conflict) as refused:
        read_again()
        return _form(request.form, worded(refused.message)), status_of(refused)
    return redirect(url_for("checks.page", check_id=made), 303)


@blueprint.get("/<uuid:check_id>")
def page(check_id: UUID) -> str:
    """The sample of one campus, with its evidence beside, and the results of all."""
    return _page(check_id, campus=uuid_or_none(request.args.get("campus", "")), cursor=request.args.get("cursor"))


@blueprint.post("/steps/<uuid:checked_id>/verdict")
def give(checked_id: UUID) -> Answer:
    """Passed, or failed and why."""
    why = request.form.get("why", "")
    try:
        judge(runtime(), me(), checked_id, request.form.get("verdict", ""), why)
    except (Invalid, Conflict, Forbidden) as refused:
        read_again()
        return _step(checked_id, error=worded(refused.message), typed=why), status_of(refused)
    read_again()
    if request.headers.get("HX-Request"):
        return _step(checked_id)
    check_id = step_row(reading(), me(), checked_id)[1]
    flash(_("The verdict is kept."))
    return redirect(url_for("checks.page", check_id=check_id) + f"#step-{checked_id}", 303)


@blueprint.post("/<uuid:check_id>/proof")
def prove(check_id: UUID) -> Response:
    """Draw once more by the seed, and say whether it gives the same."""
    row = check_row(reading(), me(), check_id)
    same = proves(reading(), row.check)
    flash(
        _("Drawn again by the seed: the very same steps.")
        if same
        else _("Drawn again by the seed, the sample is another one: tell whoever runs this installation.")
    )
    return redirect(url_for("checks.page", check_id=check_id), 303)


@blueprint.post("/<uuid:check_id>/exports")
def export(check_id: UUID) -> Response:
    """Every step of the sample and what was found, as a file."""
    check_may_export(me())
    kind = request.form.get("format", "")
    if kind not in set(Format):
        raise Invalid(Message(N_("Choose CSV or XLSX.")))
    row = check_row(reading(), me(), check_id)
    rows = every_step(reading(), me(), row.check)
    return _sent(named(row.standard.names, row.standard.name), rows, Format(kind), row.check.brand_id)


def _page(check_id: UUID, *, campus: UUID | None, cursor: str | None = None) -> str:
    found = check_page(reading(), me(), check_id, campus=campus, cursor=cursor)
    steps = [_shown(row, found.may_judge) for row in found.steps]
    return render_template("checks/page.html", found=found, steps=steps, verdicts=VERDICTS, fresh=False)


def _step(step_id: UUID, *, error: str = "", typed: str = "") -> str:
    """One step anew; with htmx its card and the counts, else a page of its own."""
    row, check_id = step_row(reading(), me(), step_id)
    step = _shown(row, me().may(Permission.CHECK_STANDARDS), error=error, typed=typed)
    if not request.headers.get("HX-Request"):
        check = check_row(reading(), me(), check_id)
        found = CheckPage(check, campuses_of(reading(), me(), check.check), None, (row,), None, may_judge=True)
        return render_template("checks/page.html", found=found, steps=[step], verdicts=VERDICTS, fresh=False)
    check = check_row(reading(), me(), check_id)
    campuses = campuses_of(reading(), me(), check.check)
    at = uuid_or_none(request.form.get("campus", ""))
    campus = next((each for each in campuses if each.id == at), None)
    found = CheckPage(check, campuses, campus, (row,), None, may_judge=me().may(Permission.CHECK_STANDARDS))
    return render_template("checks/step_fresh.html", found=found, step=step, verdicts=VERDICTS, fresh=True)


def _shown(row: StepRow, may_judge: bool, *, error: str = "", typed: str = "") -> Shown:
    filled = told(form_of(reading(), row.form_digest), row.submitted, mask=True) if row.form_digest else ()
    return Shown(row, filled, may_judge and row.may_judge(now()), error, typed)


def _form(typed: Mapping[str, str], error: str) -> str:
    """The form, nothing typed lost; its seed makes a form that is sent twice draw once."""
    _must_see()
    if not me().may(Permission.CHECK_STANDARDS):
        raise Forbidden(Message(N_("Your roles don't let you draw spot checks; ask headquarters.")))
    today = now().astimezone(time_zone()).date()
    begins = (today - timedelta(days=7)).replace(day=1)  # this month; in its first days, the one before
    usual = {"from": begins.isoformat(), "until": today.isoformat(), "size": "5", "seed": new_seed()}
    places = place_choices(reading(), me(), Permission.CHECK_STANDARDS)
    standards = offered(reading(), me())
    given = {"places": places, "standards": standards, "largest": LARGEST, "today": today.isoformat()}
    return render_template("checks/new.html", typed={**usual, **dict(typed)}, error=error, **given)


def _wanted(typed: Mapping[str, str]) -> Wanted:
    standard, place = uuid_or_none(typed.get("standard", "")), uuid_or_none(typed.get("place", ""))
    if standard is None or place is None:
        raise Invalid(Message(N_("Choose the standard and the place.")))
    size = typed.get("size", "")
    return Wanted(
        standard=standard,
        place=place,
        starts_on=_day(typed.get("from", "")),
        ends_on=_day(typed.get("until", "")),
        size=int(size) if size.isascii() and size.isdecimal() and len(size) < 6 else 0,
        seed=typed.get("seed", "").strip()[:64],
    )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 2000 <= day.year <= 2200:
        raise Invalid(Message(N_("Say the first and the last day, like 2026-12-01.")))
    return day


def _sent(title: str, rows: Sequence[tuple[Named, StepRow]], kind: Format, brand_id: int) -> Response:
    file = spooled()
    with opened(kind, file, title) as write:
        write(_heads())
        for campus, row in rows:
            write(_cells(campus, row))
    with runtime().writing() as session, session.begin():
        after = {"rows": len(rows), "format": kind.value}
        record(session, me(), "spot_check.exported", title, brand_id=brand_id, at=now(), after=after)
    return sent(file, kind, f"{title} {now().astimezone(time_zone()):%Y-%m-%d}")


def _heads() -> Row:
    first = [_("Campus"), _("Step"), _("Subject"), _("Occurrence"), _("Due"), _("Done"), _("Done by")]
    return [
        *first,
        _("Confirmed by"),
        _("Ticket"),
        _("Verdict"),
        _("Reason"),
        _("Judged by"),
        _("Judged"),
        _("Done again"),
    ]


def _cells(campus: Named, row: StepRow) -> Row:
    verdict = translate(VERDICTS[row.verdict][2]) if row.verdict else ""
    period = _("Once") if row.period == ONCE else row.period
    places = [named(campus.names, campus.name), named(row.step.names, row.step.name), row.subject, period]
    done = [_local(row.due_at), _local(row.done_at), row.done_by]
    seen = [listed([word.name for word in row.words]), row.ticket]
    found = [verdict, row.reason, row.judged_by, _local(row.judged_at), _local(row.redone_at)]
    return [*places, *done, *seen, *found]


def _local(moment: datetime | None) -> datetime | None:
    """As the reader's clock shows it."""
    return moment.astimezone(time_zone()).replace(tzinfo=None) if moment else None


def _must_see() -> None:
    if not any(me().may(permission) for permission in SEES):
        raise Forbidden(Message(N_("Your roles don't show you standards; ask headquarters or your administrator.")))
