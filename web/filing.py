"""Owns filing a ticket: choosing what it is about, the start form, and the form as it answers while one types."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_
from engine.models import ProcessDefinition
from forms import Form
from forms.views import Views
from tickets.access import Actor, Permission
from tickets.callers import Caller, Channel, caller_actor, caller_for, history
from tickets.errors import FormInvalid, NotFound
from tickets.filing import file_ticket
from tickets.offered_types import type_for, types_for
from tickets.subject_list import SubjectRow, find_subject, subject_list, under_way
from tickets.subjects import SubjectKind
from tickets.types import EMPTY_FORM, TicketType, form_of
from web import filled
from web.context import me, reading, runtime
from web.language import gettext as _
from web.language import own_lines
from web.navigation import stands_for

blueprint = Blueprint("filing", __name__, url_prefix="/tickets")

SUBJECTS_OFFERED = 8
ASKS: Mapping[SubjectKind, str] = {
    SubjectKind.STUDENT: N_("Which student is it about?"),
    SubjectKind.CLASS: N_("Which class is it about?"),
    SubjectKind.PRODUCT: N_("Which product is it about?"),
}
CHANNELS: Mapping[str, str] = {
    Channel.PHONE: N_("Phone"),
    Channel.MAIL: N_("Mail"),
    Channel.DESK: N_("At the desk"),
    Channel.CHAT: N_("Chat"),
}
"""How a caller has reached one."""


@blueprint.get("/new")
def choose() -> str:
    """Whom it is for, if one files for others, and what may be filed, by category."""
    caller = chosen_caller()
    types = sorted(types_for(reading(), me(), _asks(caller)), key=lambda kind: (kind.category, kind.name))
    categories = [(own_lines(name), list(group)) for name, group in groupby(types, key=lambda kind: kind.category)]
    return render_template("filing/choose.html", categories=categories, **about_caller(caller))


@blueprint.get("/new/<key>")
def form(key: str) -> str:
    """The start form of a type."""
    kind = _kind(key)
    return _page(kind, filled.shown(_form_of(kind), {}))


@blueprint.post("")
def submit() -> Response | tuple[str, int]:
    """File the ticket; what is refused is shown again with what was typed.

    The type and the caller are in the address: a form may have fields of any name.
    """
    kind, posted = _kind(request.args.get("type") or request.form.get("type", "")), filled.Posted()
    subject_id = _chosen_subject()
    if subject_id is None and _subject_kind(kind):
        views = filled.again(posted, posted(_form_of(kind), {}))
        return _page(kind, views, refused=True, subject_error=_("Choose what it is about.")), 422
    about: dict[str, Any] = {"subject_id": subject_id, "requester": _caller_id(), "channel": _channel()}
    try:
        number = file_ticket(runtime(), me(), type_key=kind.key, answer=posted, **about)
    except FormInvalid as refused:
        return _page(kind, filled.again(posted, refused.submission), refused=True), 422
    flash(_("Filed as %(number)s.", number=number))
    return redirect(url_for("ticket.show", number=number), 303)


@blueprint.post("/new/<key>/live")
def live(key: str) -> str:
    """The start form as it is with what is typed so far."""
    kind, posted = _kind(key), filled.Posted(keep_files=False)
    views = filled.again(posted, posted(_form_of(kind), {}), live=True)
    return render_template("parts/live_form.html", views=views, id="fields", live_url=_live_url(key), cards=True)


@blueprint.get("/new/<key>/subjects")
def subjects(key: str) -> str:
    """The subjects found by a part of their name or number, or the one that was chosen before."""
    kind, name, chosen = _kind(key), request.args.get(":subject_name", ""), _chosen_subject()
    found = _by_id(chosen) if chosen else _found(kind, name)
    return render_template(
        "filing/subjects_found.html",
        found=found,
        under_way=_under_way(kind, found),
        subject_name=name,
        chosen_subject=str(chosen or ""),
        most=SUBJECTS_OFFERED,
    )


def chosen_caller() -> Caller | None:
    """Whom the ticket is for, as the address says (`for`); None for oneself. Raises Forbidden, NotFound."""
    public_id = _caller_id()
    return caller_for(reading(), me(), public_id) if public_id is not None else None


def about_caller(caller: Caller | None) -> dict[str, Any]:
    """What a page shows of the caller: who they are, and their history."""
    files_for = me().may(Permission.FILE_FOR)
    known = history(reading(), me(), caller) if caller is not None else None
    return {"caller": caller, "known": known, "files_for": files_for, "channels": CHANNELS}


def _asks(caller: Caller | None) -> Actor:
    return caller_actor(reading(), caller) if caller is not None else me()


def _kind(key: str) -> TicketType:
    """The type, if it may be filed for whom the ticket is for. Raises NotFound, Forbidden."""
    return type_for(reading(), me(), _asks(chosen_caller()), key)


def _caller_id() -> UUID | None:
    text = request.args.get("for", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(N_("This person")) from None


def _channel() -> Channel | None:
    text = request.form.get(":channel", "")
    return Channel(text) if text in set(Channel) else None


def _live_url(key: str) -> str:
    return url_for("filing.live", key=key, **_whom())


def _whom() -> dict[str, Any]:
    """What an address says of the caller."""
    return {"for": request.args.get("for") or None}


def _form_of(kind: TicketType) -> Form:
    return form_of(reading(), kind.start_form_digest) if kind.start_form_digest else EMPTY_FORM


def _page(kind: TicketType, views: Views, *, refused: bool = False, subject_error: str = "") -> str:
    stands_for(url_for("filing.form", key=kind.key, **_whom()))
    name, chosen = request.values.get(":subject_name", ""), _chosen_subject()
    about, found = _subject_kind(kind), _found(kind, name)
    if chosen and all(row.subject.public_id != chosen for row in found):
        found = [*_by_id(chosen), *found]
    return render_template(
        "filing/form.html",
        type=kind,
        views=views,
        refused=refused,
        subject_kind=about or chosen,
        subject_asked=ASKS[about] if about else N_("What is it about?"),
        subject_name=name,
        subject_error=subject_error,
        found=found,
        under_way=_under_way(kind, found),
        chosen_subject=str(chosen or ""),
        most=SUBJECTS_OFFERED,
        live_url=_live_url(kind.key),
        channel=request.form.get(":channel", Channel.PHONE),
        **about_caller(chosen_caller()),
    )


def _subject_kind(kind: TicketType) -> SubjectKind | None:
    """The kind of subject that tickets of this type are about (its setting `standard`), if they are about one."""
    settings = reading().scalar(sa.select(ProcessDefinition.settings).where(ProcessDefinition.id == kind.definition_id))
    wanted = (settings or {}).get("standard", "")
    return SubjectKind(wanted) if wanted in set(SubjectKind) else None


def _chosen_subject() -> UUID | None:
    try:
        return UUID(request.values.get(":subject", ""))
    except ValueError:
        return None


def _found(kind: TicketType, name: str) -> list[SubjectRow]:
    """By name or number; before one has searched, the first there are of what the type is about."""
    about = _subject_kind(kind)
    if not name.strip() and about is None:
        return []
    return list(subject_list(reading(), me(), kind=about, search=name, limit=SUBJECTS_OFFERED).rows)


def _under_way(kind: TicketType, found: list[SubjectRow]) -> Mapping[int, str]:
    """What need not be filed a second time."""
    return under_way(reading(), me(), kind.id, [row.subject.id for row in found])


def _by_id(subject_id: UUID) -> list[SubjectRow]:
    try:
        return [find_subject(reading(), me(), subject_id)]
    except NotFound:
        return []
