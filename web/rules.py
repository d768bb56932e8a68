"""Owns the pages of assignment rules: by type and task, in order; adding, changing, moving, removing, trying them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.definitions.kinds import PEOPLES
from engine.expressions import N_, Message
from engine.models import ProcessDefinition
from tickets.assigning import rules
from tickets.assigning.models import AssignmentRule, Method
from tickets.assigning.picking import Purpose
from tickets.assigning.rule_checks import NewRule, roles_here
from tickets.assigning.rulebook import ANY_TASK, OWNER
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.people import Person
from tickets.places import Place
from tickets.reading.elements import elements_of
from tickets.types import TicketType
from web import picking
from web.context import me, read_again, reading, runtime
from web.errors import status_of
from web.language import gettext as _
from web.language import listed, named, translate, worded

blueprint = Blueprint("rules", __name__, url_prefix="/rules")

METHODS: Mapping[Method, str] = {
    Method.PERSON: N_("A named person"),
    Method.ROLE: N_("Everybody of a role, who claim it"),
    Method.RESPONSIBLE: N_("Who is responsible for the subject"),
    Method.SUPERIOR: N_("The superior of somebody"),
    Method.ROUND_ROBIN: N_("In turn among those of a role"),
    Method.LEAST_LOADED: N_("The least loaded of a role"),
    Method.SKILLS: N_("Of a role, who has the skills"),
}
SUPERIORS: Mapping[str, str] = {
    "requester": N_("of whoever asked"),
    "owner": N_("of the owner"),
    "assignee": N_("of whoever did the task before"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What rules are for: an element ("" the owner, "*" every task) with its name; and the rules that hold for it."""

    element: str
    name: str
    rules: Sequence[AssignmentRule]
    inherited: Sequence[AssignmentRule]


@blueprint.get("")
def index() -> str:
    """The rules of one brand for one type, or for every type; with one of them in the form, to be changed."""
    return _page(edited=request.args.get("edit", ""))


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """Add a rule."""
    try:
        rules.add_rule(runtime(), me(), _brand().id, _asked())
    except Invalid as refused:
        return _page(typed=request.form, error=worded(refused.message)), status_of(refused)
    flash(_("The rule holds from now on."))
    return _back()


@blueprint.post("/<uuid:rule_id>")
def change(rule_id: UUID) -> Response | tuple[str, int]:
    """Another method or other people; the rule keeps its task and its place in the order."""
    try:
        rules.change_rule(runtime(), me(), rule_id, _asked())
    except Invalid as refused:
        return _page(typed=request.form, error=worded(refused.message), edited=str(rule_id)), status_of(refused)
    flash(_("The rule is changed; what it gave stays where it is."))
    return _back()


@blueprint.post("/<uuid:rule_id>/move")
def move(rule_id: UUID) -> Response:
    """Try it before, or after, the one beside it."""
    rules.move_rule(runtime(), me(), rule_id, up=request.form.get("to") == "up")
    return _back()


@blueprint.post("/<uuid:rule_id>/removal")
def remove(rule_id: UUID) -> Response:
    """Take a rule away."""
    rules.remove_rule(runtime(), me(), rule_id)
    flash(_("The rule is removed; what it gave stays where it is."))
    return _back()


@blueprint.get("/trial")
def trial() -> str | tuple[str, int]:
    """Who would get a ticket that is there, were it filed now."""
    number = request.args.get("number", "").strip()
    try:
        tried = rules.try_rules(runtime(), me(), number, [element for element, _name in _elements(_type())])
    except NotFound as missing:
        return _page(error=worded(missing.message)), 404
    return _page(tried=tried)


def _page(
    typed: Mapping[str, str] | None = None,
    error: str = "",
    tried: Sequence[rules.Tried] | None = None,
    edited: str = "",
) -> str:
    g.area = "rules"
    session = read_again() if error else reading()
    brand, kind = _brand(), _type()
    own = rules.rules_of(session, me(), brand.id)
    group = _group_rules(brand)
    g.rule_people = _names_of([*own, *group])
    rule = next((each for each in own if str(each.public_id) == edited), None)
    return render_template(
        "assigning/rules.html",
        brand=brand,
        brands=_brands(),
        kind=kind,
        types=rules.types_here(session, me()),
        targets=[_target(element, name, kind, own, group) for element, name in _targets(kind)],
        roles=roles_here(session, me(), brand.id),
        methods=METHODS,
        superiors=SUPERIORS,
        said=_said,
        rule=rule,
        typed=typed or (_typed(rule) if rule is not None else {}),
        error=error,
        tried=tried,
        names=dict(_targets(kind)),
    )


def _brands() -> list[Place]:
    managed = rules.brands_managed(me())
    if not managed:
        raise Forbidden(Message(N_("Your roles don't let you keep assignment rules; ask an administrator.")))
    found = {place.id: place for place in reading().scalars(sa.select(Place).where(Place.id.in_(managed)))}
    group = managed[0] == me().root_id
    brands = sa.select(Place).where(Place.kind == "brand").order_by(Place.id)
    others = list(reading().scalars(brands)) if group else []
    return [found[each] for each in managed if each in found] + [place for place in others if place.id not in found]


def _brand() -> Place:
    """Whose rules are shown: as the address says, else the first that the reader keeps."""
    wanted = request.values.get("brand", "")
    places = _brands()
    if not wanted:
        return places[0]
    found = next((place for place in places if str(place.public_id) == wanted), None)
    if found is None:
        raise NotFound(N_("This rule"))
    return found


def _type() -> TicketType | None:
    key = request.values.get("type", "")
    return next((kind for kind in rules.types_here(reading(), me()) if kind.key == key), None) if key else None


def _targets(kind: TicketType | None) -> list[tuple[str, str]]:
    every = (ANY_TASK, _("Every task without a rule of its own"))
    return [(OWNER, _("The owner")), *_elements(kind), every]


def _elements(kind: TicketType | None) -> list[tuple[str, str]]:
    """The people's tasks of a type, in the order of its file."""
    definition = reading().get(ProcessDefinition, kind.definition_id) if kind is not None else None
    if definition is None:
        return []
    nodes = elements_of(reading(), definition).values()
    return [(node.id, named(node.names, node.name or node.id)) for node in nodes if node.kind in PEOPLES]


def _target(
    element: str,
    name: str,
    kind: TicketType | None,
    own: Sequence[AssignmentRule],
    group: Sequence[AssignmentRule],
) -> Target:
    key = kind.key if kind is not None else ""
    mine = [rule for rule in own if (rule.type_key, rule.element) == (key, element)]
    above = [rule for rule in group if (rule.type_key, rule.element) == (key, element)]
    return Target(element, name, mine, () if mine else above)


def _group_rules(brand: Place) -> Sequence[AssignmentRule]:
    """The group's rules, which hold where the brand has none."""
    if brand.id == me().root_id:
        return ()
    return list(
        reading().scalars(
            sa.select(AssignmentRule)
            .where(AssignmentRule.brand_id == me().root_id)
            .order_by(AssignmentRule.position, AssignmentRule.id)
        )
    )


def _said(rule: AssignmentRule) -> str:
    """What the rule's method needs, in words."""
    args = rule.args
    if rule.method == Method.PERSON:
        name = _people().get(args.get("who", ""))
        return f"{name} ({args['who']})" if name else str(args.get("who", ""))
    if rule.method == Method.SUPERIOR:
        return translate(SUPERIORS[args.get("of", "requester")])
    names = {role.key: named({"zh": role.name_zh, "en": role.name_en}, role.key) for role in _roles()}
    said = [names.get(args.get("role", ""), args.get("role", "")), *args.get("skills", ())]
    return listed([*filter(None, said), *([_("field %(field)s", field=args["field"])] if args.get("field") else [])])


def _people() -> Mapping[str, str]:
    """The names of those whom the rules shown name, by login."""
    return cast(Mapping[str, str], g.rule_people)


def _names_of(shown: Sequence[AssignmentRule]) -> Mapping[str, str]:
    logins = {rule.args["who"] for rule in shown if rule.args.get("who")}
    if not logins:
        return {}
    rows = reading().execute(sa.select(Person.login, Person.name).where(Person.login.in_(logins)))
    return {row.login: row.name for row in rows}


def _roles() -> Sequence[Any]:
    if "rule_roles" not in g:
        g.rule_roles = roles_here(reading(), me(), _brand().id)
    return list(g.rule_roles)


def _asked() -> NewRule:
    form = request.form
    who = form.get("who", "").strip()
    method = form.get("method", "")
    login = picking.person("who", purpose=Purpose.ANYONE).login if who and method == Method.PERSON else ""
    return NewRule(
        type_key=form.get("type", ""),
        element=form.get("element", ""),
        method=method,
        who=login,
        role=form.get("role", ""),
        of=form.get("of", ""),
        skills=form.get("skills", "").replace("，", ",").replace("、", ",").split(","),
        field=form.get("field", "").strip(),
    )


def _typed(rule: AssignmentRule) -> Mapping[str, str]:
    """What the form would have been sent with to make this rule."""
    args = rule.args
    who = _people().get(args.get("who", ""))
    return {
        "element": rule.element,
        "method": rule.method,
        "who": f"{who} ({args['who']})" if who else args.get("who", ""),
        "role": args.get("role", ""),
        "of": args.get("of", ""),
        "skills": ", ".join(args.get("skills", ())),
        "field": args.get("field", ""),
    }


def _back() -> Response:
    brand, kind = request.form.get("brand") or None, request.form.get("type") or None
    return redirect(url_for("rules.index", brand=brand, type=kind), 303)
