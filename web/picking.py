"""Owns the people picker: the suggestions it shows while one types, and reading what was picked from a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request

from engine.expressions import N_
from tickets.access import Permission
from tickets.assigning import picking
from tickets.assigning.picking import Purpose
from tickets.assigning.suited import NOBODY, Reason, suited
from tickets.errors import NotFound
from tickets.lookup import seen
from tickets.people import Person
from web import times
from web.context import is_staff, me, now, reading
from web.language import time_zone

blueprint = Blueprint("picking", __name__)


@blueprint.get("/people/suggestions")
def suggestions() -> str:
    """People whose name, login or phone has `q` in it, for a purpose (`for`), of the brand of a ticket (`ticket`).

    Whom `besides` means is left out, oneself where it is empty.
    """
    if not (is_staff(me()) or me().may(Permission.FILE)):
        raise NotFound(N_("This page"))
    purpose, loads, (brand_id, suits) = _purpose(request.args.get("for", "")), picking.sees_loads(me()), _about()
    shown = suits if loads and purpose is Purpose.WORK else NOBODY
    found = picking.suggest(
        reading(), me(), request.args.get("q", ""), purpose, now=now(), brand_id=brand_id, suits=shown
    )
    offered = [one for one in found if not _left_out(one)]
    return render_template(
        "ui/people_found.html", found=offered, loads=loads, suits=shown, works=purpose is Purpose.WORK
    )


def person(name: str, *, purpose: Purpose = Purpose.WORK, brand_id: int | None = None) -> Person:
    """Who was picked in the field of this name. Raises Invalid, which says how to mend it."""
    return picking.picked(reading(), me(), request.form.get(name, ""), purpose, brand_id=brand_id)


def people(name: str, *, purpose: Purpose = Purpose.WORK, brand_id: int | None = None) -> list[Person]:
    """Everybody who was picked in a field for several."""
    return picking.picked_all(reading(), me(), request.form.getlist(name), purpose, brand_id=brand_id)


def _left_out(one: picking.Candidate) -> bool:
    """Whether it is whom `besides` means: oneself where it is empty, nobody where it is not given."""
    text = request.args.get("besides")
    if text is None:
        return False
    return one.is_meant(text) if text.strip() else one.id == me().person_id


def _purpose(text: str) -> Purpose:
    return Purpose(text) if text in set(Purpose) else Purpose.WORK


def _about() -> tuple[int | None, Mapping[int, Sequence[Reason]]]:
    """The brand of the ticket that somebody is picked for, and who suits it."""
    number = request.args.get("ticket", "")
    if not number:
        return None, NOBODY
    ticket_id, brand_id = seen(reading(), me(), number)
    return brand_id, suited(reading(), [ticket_id])


@blueprint.app_template_filter("load")
def load(weight: float) -> str:
    """How much is open with somebody: 3, 2.5."""
    return f"{weight:.1f}".removesuffix(".0")


@blueprint.app_template_filter("first_day")
def first_day(begin: datetime) -> str:
    """The first day of a period that begins then."""
    return times.calendar_day(begin.astimezone(time_zone()).date())


@blueprint.app_template_filter("last_day")
def last_day(until: datetime) -> str:
    """The last day of a period that ends then."""
    return times.calendar_day((until - timedelta(seconds=1)).astimezone(time_zone()).date())
