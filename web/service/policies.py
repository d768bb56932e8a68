"""Owns the pages of policies: the table by type and priority, and the form of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.assigning.picking import login_meant
from tickets.errors import Invalid, NotFound
from tickets.people import person_by_login
from tickets.places import Place
from tickets.service import editing
from tickets.service.drafts import SHORT_UNITS, read_priority, read_span, read_warning, shown_span
from tickets.service.editing import PolicyFacts
from tickets.service.policy_table import find_policy, policy_table, roles_of, types_of
from tickets.service.reach import check_keeps, place_seen
from tickets.service.tables import ServicePolicy
from tickets.steps import blueprint_of
from web.context import me, reading, runtime
from web.language import gettext as _
from web.service import blueprint
from web.service.asked import id_in

UNITS: Mapping[str, str] = {"m": N_("minutes"), "h": N_("hours"), "d": N_("days")}
WARN_UNITS: Mapping[str, str] = {"%": N_("percent of the time"), "m": UNITS["m"], "h": UNITS["h"]}
SPANS: Mapping[str, str] = {"m": N_("%(number)s min"), "h": N_("%(number)s h"), "d": N_("%(number)s d")}
SOURCES: Mapping[str, str] = {
    "group": N_("from the group"),
    "less": N_("from a wider policy"),
    "file": N_("from the BPMN file"),
}
UNPROMISED = N_("Neither time is given. Fill one in, or tick “Nothing is promised” if that is meant.")
FIELDS = ("response", "resolution", "warn", "escalate")


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form: numbers with their units, who is told, and whether `nothing` is meant to be promised."""

    numbers: Mapping[str, str]
    units: Mapping[str, str]
    working: bool = True
    escalate_to: str = "superior"
    login: str = ""
    nothing: bool = False

    @classmethod
    def sent(cls) -> Draft:
        form = request.form
        numbers = {name: form.get(name, "")[:20] for name in FIELDS}
        units = {name: form.get(f"{name}_unit", "") for name in FIELDS}
        to, login = form.get("to", "")[:300], form.get("login", "").strip()[:300]
        return cls(numbers, units, form.get("working") == "1", to, login, form.get("nothing") == "1")

    @classmethod
    def of(cls, policy: ServicePolicy | None) -> Draft:
        if policy is None:
            units = {"response": "h", "resolution": "h", "warn": "%", "escalate": "h"}
            return cls({"warn": "20"}, units)
        spans = {"response": policy.response, "resolution": policy.resolution, "escalate": policy.escalate_after}
        shown = {name: shown_span(span) for name, span in spans.items()}
        warn = policy.warn_before
        shown["warn"] = (warn[:-1], "%") if warn.endswith("%") else shown_span(warn)
        kind, _colon, key = policy.escalate_to.partition(":")
        to = "person" if kind == "person" else policy.escalate_to or "superior"
        numbers, units = ({name: pair[part] for name, pair in shown.items()} for part in (0, 1))
        nothing = not (policy.response or policy.resolution)
        return cls(numbers, units, policy.working, to, key if kind == "person" else "", nothing)

    def facts(self, type_key: str, priority: str) -> PolicyFacts:
        """Raises Invalid, also for an empty promise that isn't meant: it would silence what wider policies promise."""
        if not (self.nothing or self.numbers["response"].strip() or self.numbers["resolution"].strip()):
            raise Invalid(Message(UNPROMISED))
        after = read_span(self.numbers["escalate"], self.units["escalate"], units=SHORT_UNITS)
        person = f"person:{self.login}" if self.login else ""
        to = person if self.escalate_to == "person" else self.escalate_to
        return PolicyFacts(
            type_key=type_key,
            priority=read_priority(priority),
            response=read_span(self.numbers["response"], self.units["response"]),
            resolution=read_span(self.numbers["resolution"], self.units["resolution"]),
            working=self.working,
            warn_before=read_warning(self.numbers["warn"], self.units["warn"]),
            escalate_after=after,
            escalate_to=to if after else "",
        )


@blueprint.get("/policies")
def policy_index() -> str:
    """What is promised, by type and priority."""
    table = policy_table(reading(), me(), id_in(request.args.get("brand")), _file_settings)
    return render_template("service/policies.html", table=table, sources=SOURCES, shown=shown)


@blueprint.get("/policies/form")
def policy_form() -> str:
    """The form of what a brand promises for a type and a priority."""
    owner, type_key, priority = _asked(request.args)
    return _form(owner, type_key, priority, _named(Draft.of(find_policy(reading(), owner, type_key, priority))))


@blueprint.post("/policies")
def put_policy() -> Response | tuple[str, int]:
    """Keep it, or say what is wrong with it."""
    draft = Draft.sent()
    owner, type_key, priority = _asked(request.form)
    try:
        editing.put_policy(runtime(), me(), owner.public_id, _meant(draft, owner).facts(type_key, priority))
    except Invalid as refused:
        return _form(owner, type_key, priority, draft, refused.message), 422
    flash(_("The policy is kept; open tickets are being counted anew."))
    return redirect(url_for("service.policy_index", brand=owner.public_id), 303)


@blueprint.post("/policies/<uuid:policy_id>/removal")
def remove_policy(policy_id: UUID) -> Response:
    """The wider one holds from now on."""
    editing.remove_policy(runtime(), me(), policy_id)
    flash(_("The policy is removed; open tickets are being counted anew."))
    return redirect(url_for("service.policy_index", brand=request.form.get("brand") or None), 303)


def shown(span: str) -> str:
    """A span as people say it: 4 h; as it is where it is no simple one."""
    number, unit = shown_span(span)
    return _(SPANS[unit], number=number) if number else span


def _file_settings(definition_id: int) -> Mapping[str, str]:
    return blueprint_of(reading(), runtime(), definition_id).compiled.process.settings


def _asked(given: Mapping[str, str]) -> tuple[Place, str, str]:
    """The brand, type and priority of a form. Raises NotFound, and Forbidden to those who don't look after it."""
    brand = id_in(given.get("brand"))
    if brand is None:
        raise NotFound(N_("This brand"))
    owner = place_seen(reading(), me(), brand)
    check_keeps(me(), owner)
    type_key = given.get("type", "")
    known = {kind.key for kind in types_of(reading(), (owner.id, me().root_id))}
    if owner.id != owner.brand_id or (type_key and type_key not in known):
        raise NotFound(N_("This ticket type"))
    try:
        return owner, type_key, read_priority(given.get("priority", ""))
    except Invalid:
        raise NotFound from None


def _meant(draft: Draft, owner: Place) -> Draft:
    """With the login of who is told. Raises Invalid for a name that nobody or several have."""
    if draft.escalate_to != "person" or not draft.numbers["escalate"].strip():
        return draft
    return replace(draft, login=login_meant(reading(), me(), draft.login, owner.id))


def _named(draft: Draft) -> Draft:
    """With who is told as the people picker writes it."""
    person = person_by_login(reading(), draft.login) if draft.login else None
    return replace(draft, login=f"{person.name} ({person.login})") if person else draft


def _form(owner: Place, type_key: str, priority: str, draft: Draft, error: Message | None = None) -> str:
    brands = (owner.id, me().root_id)
    kind = next((each for each in types_of(reading(), brands) if each.key == type_key), None)
    policy = find_policy(reading(), owner, type_key, priority)
    known = {"units": UNITS, "warn_units": WARN_UNITS, "roles": roles_of(reading(), brands), "error": error}
    asked = {"owner": owner, "kind": kind, "priority": priority, "policy": policy}
    return render_template("service/policy_form.html", draft=draft, **asked, **known)
