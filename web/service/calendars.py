"""Owns the pages of calendars: the list with the places that keep them, a month, the form, and trying a span out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.errors import DomainError, Invalid
from tickets.service import editing
from tickets.service.drafts import read_calendar, read_span, read_wall
from tickets.service.holidays import CHINA
from tickets.service.reach import check_keeps, check_sees, kept, owners, place_seen
from tickets.service.viewing import DayKind, MonthView, Tried, calendar_list, month_view, places_seen, try_out
from web.context import me, reading, runtime
from web.language import gettext as _
from web.service import blueprint
from web.service.asked import id_in, month_in, today
from web.states import Look

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
SHORT = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
HOLIDAYS: Mapping[str, str] = {"": N_("None"), CHINA: N_("Mainland China, with make-up days")}
DAYS: Mapping[str, Look] = {
    DayKind.WORK: Look("clock", "", N_("Work")),
    DayKind.OFF: Look("minus", "t-grey", N_("Day off")),
    DayKind.HOLIDAY: Look("calendar-off", "t-green", N_("Public holiday")),
    DayKind.MADE_UP: Look("calendar-plus", "t-orange", N_("Make-up day")),
    DayKind.OWN: Look("calendar-cog", "t-violet", N_("Hours of its own")),
    DayKind.CLOSED: Look("lock", "t-red", N_("Place closed")),
}
DEFAULT_HOURS = "09:00-12:00, 13:30-18:00"


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form of a calendar."""

    zh: str = ""
    en: str = ""
    hours: tuple[str, ...] = (DEFAULT_HOURS,) * 5 + ("", "")
    holidays: str = CHINA
    days: str = ""
    owner: str = ""

    @classmethod
    def sent(cls) -> Draft:
        form = request.form
        hours = tuple(form.get(f"hours_{number}", "")[:500] for number in range(7))
        texts = {name: form.get(name, "")[:20_000] for name in ("zh", "en", "holidays", "days", "owner")}
        return cls(hours=hours, **texts)

    @classmethod
    def of(cls, shown: MonthView) -> Draft:
        calendar = shown.calendar
        hours = tuple(calendar.hours.get(str(number), "") for number in range(7))
        names = {"zh": calendar.names.get("zh", ""), "en": calendar.names.get("en", "")}
        return cls(**names, hours=hours, holidays=calendar.holidays, days=shown.days)


@blueprint.get("/calendars")
def calendar_index() -> str:
    """All calendars and who keeps which."""
    return _index()


@blueprint.get("/calendars/new")
def new_calendar() -> str:
    """An empty form."""
    check_sees(me())
    return _form(None, Draft(owner=request.args.get("owner", "")[:40]))


@blueprint.post("/calendars")
def create_calendar() -> Response | tuple[str, int]:
    """Keep a new calendar, or say what is wrong with it."""
    return _save(None)


@blueprint.get("/calendars/<uuid:calendar_id>")
def calendar(calendar_id: UUID) -> str:
    """A calendar, month by month, perhaps at a place."""
    shown = _shown(calendar_id)
    before, after = shown.first - timedelta(days=1), shown.first + timedelta(days=31)
    known = {"short": SHORT, "looks": DAYS, "before": before, "after": after, "today": today()}
    places = places_seen(reading(), me())
    return render_template("service/calendar.html", shown=shown, places=places, holidays=HOLIDAYS, **known)


@blueprint.get("/calendars/<uuid:calendar_id>/edit")
def edit_calendar(calendar_id: UUID) -> str:
    """The form of a calendar."""
    shown = _shown(calendar_id)
    check_keeps(me(), shown.owner)
    return _form(shown, Draft.of(shown))


@blueprint.post("/calendars/<uuid:calendar_id>")
def change_calendar(calendar_id: UUID) -> Response | tuple[str, int]:
    """Keep what was changed, or say what is wrong with it."""
    return _save(_shown(calendar_id))


@blueprint.post("/calendars/<uuid:calendar_id>/removal")
def remove_calendar(calendar_id: UUID) -> Response:
    """Its places go by the calendar above."""
    editing.remove_calendar(runtime(), me(), calendar_id)
    flash(_("The calendar is removed; open tickets are being counted anew."))
    return redirect(url_for("service.calendar_index"), 303)


@blueprint.post("/places/<uuid:place_id>/calendar")
def choose_calendar(place_id: UUID) -> Response:
    """Which calendar a place keeps."""
    editing.choose_calendar(runtime(), me(), place_id, id_in(request.form.get("calendar")))
    flash(_("Kept; open tickets are being counted anew."))
    return redirect(url_for("service.calendar_index"), 303)


@blueprint.get("/due")
def try_span() -> str | tuple[str, int]:
    """When something filed then would be due."""
    given = request.args
    try:
        wall = read_wall(given.get("moment", ""))
        span = read_span(given.get("number", ""), given.get("unit", "")) or _no_span()
        place = id_in(given.get("place")) or _no_place()
        tried = try_out(reading(), me(), place, wall, span, working="clock" not in given)
    except Invalid as refused:
        return _index(error=refused.message), 422
    return _index(tried)


def _no_span() -> str:
    raise Invalid(Message(N_("Say how long.")))


def _no_place() -> UUID:
    raise Invalid(Message(N_("Choose a place.")))


def _index(tried: Tried | None = None, error: Message | None = None) -> str:
    lines, places = calendar_list(reading(), me(), today())
    known = {"tried": tried, "error": error, "holidays": HOLIDAYS, "given": request.args}
    makes = bool(kept(me(), owners(reading(), me())))
    return render_template("service/calendars.html", lines=lines, places=places, makes=makes, **known)


def _shown(calendar_id: UUID) -> MonthView:
    place = id_in(request.args.get("place"))
    return month_view(reading(), me(), calendar_id, month_in(request.args.get("month")), place)


def _save(shown: MonthView | None) -> Response | tuple[str, int]:
    draft = Draft.sent()
    try:
        facts = read_calendar(zh=draft.zh, en=draft.en, hours=draft.hours, holidays=draft.holidays, days=draft.days)
        calendar_id = shown.calendar.public_id if shown else None
        owner = None if shown else id_in(draft.owner)
        saved = editing.put_calendar(runtime(), me(), facts, calendar_id=calendar_id, owner_id=owner)
    except Invalid as refused:
        return _form(shown, draft, refused), 422
    flash(_("The calendar is kept; open tickets are being counted anew."))
    return redirect(url_for("service.calendar", calendar_id=saved), 303)


def _form(shown: MonthView | None, draft: Draft, refused: DomainError | None = None) -> str:
    mine = kept(me(), owners(reading(), me()))
    if shown is None and not mine:
        check_keeps(me(), place_seen(reading(), me(), owners(reading(), me())[0].public_id))
    error = refused.message if refused else None
    known = {"owners": mine, "weekdays": WEEKDAYS, "holidays": HOLIDAYS, "error": error}
    return render_template("service/calendar_form.html", shown=shown, draft=draft, **known)
