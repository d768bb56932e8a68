"""Owns the page of a person and what an administrator does there: facts, roles, skills, and the way in."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_
from tickets.errors import Invalid, NotFound
from tickets.organising import securing, skills
from tickets.organising.fields import FieldsInvalid
from tickets.organising.granting import give_role, roles_to_give, take_role
from tickets.organising.person_lookup import person_managed
from tickets.organising.person_page import person_page
from tickets.organising.place_choices import place_choices
from tickets.people import Person
from tickets.permissions import Permission
from tickets.tokens import revoke_token
from web.context import config, me, now, reading, runtime
from web.ids import uuid_or_none
from web.language import gettext as _
from web.language import worded
from web.system.people import form, put
from web.system.person_form import draft_from, draft_of

blueprint = Blueprint("person", __name__, url_prefix="/system/people/<uuid:person_id>")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "people"))


@blueprint.get("")
def page(person_id: UUID) -> str:
    """One person."""
    return _page(person_id)


def _page(person_id: UUID, **told: str) -> str:
    shown = person_page(reading(), me(), person_id, lifetime=config().session_lifetime, now=now())
    may_change = shown.managed and not shown.beyond
    return render_template(
        "system/people/page.html",
        shown=shown,
        may_change=may_change,
        places=place_choices(reading(), me(), Permission.MANAGE_PEOPLE) if may_change else (),
        roles=roles_to_give(reading(), me()) if may_change else (),
        told=told,
    )


@blueprint.get("/edit")
def edit(person_id: UUID) -> str:
    """The form of a person."""
    person, place = person_managed(reading(), me(), person_id)
    superior = reading().get(Person, person.superior_id) if person.superior_id else None
    return form(draft_of(person, place, superior), {}, person_id, person.name)


@blueprint.post("")
def change(person_id: UUID) -> Response | tuple[str, int]:
    """Keep what was changed, or say what is wrong."""
    person, _place = person_managed(reading(), me(), person_id)
    draft, login, name = draft_from(request.form), person.login, person.name
    try:
        put(draft, login)
    except FieldsInvalid as error:
        return form(draft, error.errors, person_id, name), 422
    flash(_("“%(name)s” is kept.", name=draft.name))
    return _back(person_id)


@blueprint.post("/roles")
def give(person_id: UUID) -> Response:
    """Let them hold a role at a place."""
    role, place_id = request.form.get("role", ""), uuid_or_none(request.form.get("place", ""))
    if place_id is None or not (role.isascii() and role.isdigit() and len(role) < 18):
        raise NotFound(N_("This role"))
    give_role(runtime(), me(), person_id, role_id=int(role), place_id=place_id)
    flash(_("The role is given; it counts from now on."))
    return _back(person_id)


@blueprint.post("/roles/<int:membership_id>/end")
def take(person_id: UUID, membership_id: int) -> Response:
    """Take a role away."""
    take_role(runtime(), me(), person_id, membership_id=min(membership_id, 2**62))
    flash(_("The role is taken away."))
    return _back(person_id)


@blueprint.post("/skills")
def know(person_id: UUID) -> Response | tuple[str, int]:
    """Keep what they know."""
    try:
        skills.set_skills(runtime(), me(), person_id, request.form.get("skills", ""))
    except Invalid as error:
        typed = request.form.get("skills", "")[:10_000]
        return _page(person_id, skills_error=worded(error.message), skills=typed), 422
    return _back(person_id)


@blueprint.post("/password")
def reset(person_id: UUID) -> str:
    """A temporary password, shown on this page only."""
    password = securing.reset_password(runtime(), me(), person_id)
    reading().rollback()
    return _page(person_id, password=password)


@blueprint.post("/lock/end")
def unlock(person_id: UUID) -> Response:
    """Let them try their password again at once."""
    securing.unlock(runtime(), me(), person_id)
    flash(_("They may sign in again."))
    return _back(person_id)


@blueprint.post("/sessions/<uuid:session_id>/end")
def end_session(person_id: UUID, session_id: UUID) -> Response:
    """Sign them out in one browser."""
    securing.end_session(runtime(), me(), person_id, session_id)
    flash(_("Signed out there."))
    return _back(person_id)


@blueprint.post("/sessions/end")
def end_sessions(person_id: UUID) -> Response:
    """Sign them out everywhere."""
    securing.end_sessions(runtime(), me(), person_id)
    flash(_("Signed out everywhere."))
    return _back(person_id)


@blueprint.post("/tokens/<uuid:token_id>/end")
def end_token(person_id: UUID, token_id: UUID) -> Response:
    """End an API token of theirs."""
    person_managed(reading(), me(), person_id)
    reading().rollback()
    with runtime().writing() as session, session.begin():
        revoke_token(session, me(), token_id, now=now())
    flash(_("The token opens nothing any more."))
    return _back(person_id)


def _back(person_id: UUID) -> Response:
    return redirect(url_for("person.page", person_id=person_id), 303)
