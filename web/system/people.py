"""Owns the list of people and the form of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.assigning.picking import login_meant
from tickets.errors import Invalid
from tickets.organising.fields import FieldsInvalid
from tickets.organising.granting import roles_to_give
from tickets.organising.people_list import Standing, Wanted, check_sees_people, people_list
from tickets.organising.person_directory import TAKEN
from tickets.organising.person_lookup import person_seen
from tickets.organising.person_register import Saved, check_may_manage, put_person
from tickets.organising.place_choices import place_choices
from tickets.organising.reach import SEES_PEOPLE
from tickets.people import person_by_login
from tickets.permissions import Permission
from web.context import me, now, reading, runtime
from web.ids import uuid_or_none
from web.language import gettext as _
from web.system.person_form import Draft, draft_from

blueprint = Blueprint("people", __name__, url_prefix="/system/people")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "people"))

TABS: Mapping[Standing, str] = {
    Standing.HERE: N_("Here"),
    Standing.COMING: N_("Without a password"),
    Standing.DEPARTED: N_("Departed"),
}

FIELDS = ("login", "name", "title", "language", "place", "superior", "email", "phone")
"""The form's, from its top."""


@blueprint.get("")
def index() -> str:
    """The people one sees."""
    actor, wanted = me(), _wanted()
    found = people_list(reading(), actor, wanted, now=now(), cursor=request.args.get("cursor"))
    return render_template(
        "system/people/index.html",
        found=found,
        wanted=wanted,
        tabs=TABS,
        places=place_choices(reading(), actor, *SEES_PEOPLE, closed=True),
        roles=roles_to_give(reading(), actor),
        superior=person_seen(reading(), actor, wanted.superior)[0] if wanted.superior else None,
    )


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    check_sees_people(me())
    check_may_manage(me())
    return form(Draft(), {})


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """Take somebody on, or say what is wrong."""
    check_sees_people(me())
    check_may_manage(me())
    draft = draft_from(request.form)
    try:
        saved = put(draft, draft.login, taken=person_by_login(reading(), draft.login) is not None)
    except FieldsInvalid as error:
        return form(draft, error.errors), 422
    flash(_("%(name)s is taken on. Set a first password, so that they can sign in.", name=draft.name))
    return redirect(url_for("person.page", person_id=saved.public_id), 303)


def form(draft: Draft, errors: Mapping[str, Message], person_id: UUID | None = None, name: str = "") -> str:
    """The form of somebody new, or of a person who is here; errors are told in the order of its fields."""
    errors = {field: errors[field] for field in FIELDS if field in errors}
    places = place_choices(reading(), me(), Permission.MANAGE_PEOPLE)
    return render_template(
        "system/people/form.html", draft=draft, errors=errors, places=places, person_id=person_id, name=name
    )


def put(draft: Draft, login: str, *, taken: bool = False) -> Saved:
    """Keep a person as the form says; `taken`: the login is not theirs. Raises FieldsInvalid with all that is wrong."""
    wrong = {"login": Message(TAKEN, {"login": login})} if taken else {}
    superior = ""
    try:
        superior = login_meant(reading(), me(), draft.superior, _brand_of(draft.place))
    except Invalid as refusal:
        wrong["superior"] = refusal.message
    reading().rollback()
    return put_person(runtime(), me(), login, draft.values(superior), renamed=draft.login or login, wrong=wrong)


def _brand_of(place: str) -> int | None:
    """The brand of a place that the form offers."""
    offered = [
        choice.place for _, below in place_choices(reading(), me(), Permission.MANAGE_PEOPLE) for choice in below
    ]
    return next((one.brand_id for one in offered if str(one.public_id) == place), None)


def _wanted() -> Wanted:
    args = request.args
    standing, role = args.get("state", ""), args.get("role", "")
    return Wanted(
        standing=Standing(standing) if standing in set(Standing) else Standing.HERE,
        search=args.get("q", ""),
        place=uuid_or_none(args.get("place", "")),
        role=int(role) if role.isascii() and role.isdigit() and len(role) < 18 else None,
        superior=uuid_or_none(args.get("superior", "")),
    )
