"""Reads what the entries of the audit log name by key or id: types, roles, steps, calendars, people, places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition
from tickets.actor import Actor
from tickets.audit import AuditEntry
from tickets.people import Person
from tickets.permissions import Permission, Scope
from tickets.places import Place
from tickets.reading.elements import elements_of, name_of
from tickets.roles import Role
from tickets.service.tables import BusinessCalendar
from tickets.standards.tables import Standard, StandardStep
from tickets.types import TicketType

Name = tuple[str, Mapping[str, str]]
"""What something is called, and in which languages."""
Names = Mapping[str, Name]
"""By key."""
Parts = Mapping[int, Mapping[tuple[str, str], Name]]
"""Steps or elements by brand, then by the type's key and their own."""
OF_TYPES = ("rule.", "service.policy", "type.", "standard.", "spot_check.", "variant.", "waiver.")
"""Actions whose `what` begins with the key of a ticket type."""
MOST_DEFINITIONS = 200
OF_STEPS = ("spot_check.", "waiver.")
"""Those that may name one of its steps after a stroke: class_kickoff/visit · 一班."""
OF_PLACES = ("place.", "service.calendar.chosen", "service.closure")
"""Those whose `what` is the name of a place."""
AT_PLACES = ("standard.", "spot_check.drawn", "waiver.")
"""Those whose `what` ends with the name of a place: class_kickoff @ 启明, class_kickoff/visit · 启明."""
OF_PEOPLE = ("person.", "absence.", "token.")
"""Those whose `what` is a login."""
PEOPLE_FIELDS = ("superior_id", "responsible_id", "owner_id", "person_id", "substitute_id")
PLACE_FIELDS = ("place_id", "brand_id")
PARTS = re.compile(r" (?:@|·) ")
_KEY = re.compile(r"[A-Za-z_][\w.-]{0,254}")
_WORD = re.compile(r"[^\s/]+")


@dataclass(frozen=True, slots=True)
class Known:
    """The names that entries of one brand need; people, places, calendars and roles by id are of any brand."""

    people: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[int, Name] = field(default_factory=dict)
    calendars: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    types: Names = field(default_factory=dict)
    roles: Names = field(default_factory=dict)
    role_ids: Mapping[int, Name] = field(default_factory=dict)
    steps: Mapping[tuple[str, str], Name] = field(default_factory=dict)
    elements: Mapping[tuple[str, str], Name] = field(default_factory=dict)
    """Steps of standards and elements of drawings, by the type's key and their own."""
    logins: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    """Of who has a login now: their name, and since when they are here."""
    places_named: Names = field(default_factory=dict)
    """Places by the one name that an entry kept of them."""


def names_for(session: Session, actor: Actor, entries: Sequence[AuditEntry]) -> dict[int, Known]:
    """By the brand of the entries: another brand's type or role may have the same key; at most nine statements.

    What is of the whole group, which only those see who read it all, may name the types of any brand.
    """
    brands = {entry.brand_id for entry in entries}
    plans = [plan for entry in entries for side in (entry.before, entry.after) if (plan := _plan(side))]
    people = _people(session, _ids(entries, PEOPLE_FIELDS, (p for plan in plans for p in plan["people"])))
    place_ids = _ids(entries, PLACE_FIELDS, (plan.get("role_place_id") for plan in plans))
    places, places_named = _places(session, brands | {actor.root_id}, entries, place_ids)
    role_ids = _ids(entries, ("role_id",), (plan.get("role_id") for plan in plans))
    keys, by_id = _roles(session, brands | {actor.root_id}, entries, role_ids)
    calendars, types = _calendars(session, _ids(entries, ("calendar",))), _types(session, actor, entries)
    here, logins = brands | {actor.root_id}, _logins(session, entries)
    steps, elements = _steps(session, here, entries), _elements(session, here, entries)

    def of(found: Mapping[int, Mapping[Any, Name]], brand: int) -> Mapping[Any, Name]:
        return {**found.get(actor.root_id, {}), **found.get(brand, {})}

    return {
        brand: Known(
            *(people, places, calendars, of(types, brand), of(keys, brand), by_id),
            *(of(steps, brand), of(elements, brand), logins, of(places_named, brand)),
        )
        for brand in brands
    }


def _types(session: Session, actor: Actor, entries: Sequence[AuditEntry]) -> dict[int, Names]:
    about = [entry.what for entry in entries if entry.action.startswith(OF_TYPES)]
    keys = {word for what in about for word in _WORD.findall(what)[:2]}
    keys |= {key for entry in entries for side in (entry.before, entry.after) for key in _type_keys(side)}
    if not keys:
        return {}
    columns = (TicketType.brand_id, TicketType.key, TicketType.name, TicketType.names)
    brands = {entry.brand_id for entry in entries}
    of_any = actor.root_id in brands and any(grant.scope is Scope.GROUP for grant in actor.having(Permission.SEE_AUDIT))
    # A brand's standard may be of the group's type.
    within = sa.true() if of_any else TicketType.brand_id.in_(sorted(brands | {actor.root_id}))
    found: dict[int, dict[str, Name]] = {}
    for brand_id, key, name, names in session.execute(
        sa.select(*columns).where(TicketType.key.in_(sorted(keys)), within).order_by(TicketType.id)
    ):
        for reader in (brand_id, actor.root_id) if of_any else (brand_id,):
            found.setdefault(reader, {}).setdefault(key, (name, names))
    return dict(found)


def _type_keys(side: Mapping[str, Any]) -> Iterator[str]:
    """The ticket types that one side of an entry names: alone, in a list, or in a departure's plan."""
    plan = side.get("plan")
    listed = [side.get("types"), plan.get("types") if isinstance(plan, dict) else None, [side.get("type_key")]]
    for each in listed:
        if isinstance(each, list | dict):
            yield from (key for key in each if isinstance(key, str) and key.isprintable())


def _roles(
    session: Session, brands: set[int], entries: Sequence[AuditEntry], ids: Sequence[int]
) -> tuple[dict[int, dict[str, Name]], dict[int, Name]]:
    """Roles by brand and key, and by id."""
    keys = {key for entry in entries for key in _role_keys(entry)}
    if not keys and not ids:
        return {}, {}
    of_keys = sa.and_(Role.key.in_(sorted(keys)), Role.brand_id.in_(sorted(brands)))
    found: dict[int, dict[str, Name]] = {}
    by_id: dict[int, Name] = {}
    for role in session.scalars(sa.select(Role).where(sa.or_(of_keys, Role.id.in_(ids)))):
        name = (role.name_zh, {"zh": role.name_zh, "en": role.name_en})
        by_id[role.id] = name
        found.setdefault(role.brand_id, {})[role.key] = name
    return found, by_id


def _role_keys(entry: AuditEntry) -> Iterator[str]:
    """What may be the key of a role in an entry: all words of it where it speaks of roles or of who."""
    if entry.action.startswith("role."):
        yield entry.what
    for side in (entry.before, entry.after):
        if entry.action.startswith(("person.", "rule.", "type.setting", "menu.", "service.policy")):
            yield from {word for text in _texts(side) for word in _KEY.findall(text)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _steps(session: Session, brands: set[int], entries: Sequence[AuditEntry]) -> Parts:
    about = [entry.what.partition(" ")[0] for entry in entries if entry.action.startswith(OF_STEPS)]
    pairs = {(kind, step) for kind, stroke, step in (what.partition("/") for what in about) if stroke}
    if not pairs:
        return {}
    columns = (Standard.brand_id, Standard.type_key, StandardStep.key, StandardStep.name, StandardStep.names)
    query = sa.select(*columns).join(StandardStep, StandardStep.standard_id == Standard.id)
    keys, steps = sorted({kind for kind, _ in pairs}), sorted({step for _, step in pairs})
    these = (Standard.brand_id.in_(sorted(brands)), Standard.type_key.in_(keys), StandardStep.key.in_(steps))
    found: dict[int, dict[tuple[str, str], Name]] = {}
    for brand_id, kind, step, name, names in session.execute(query.where(*these)):
        found.setdefault(brand_id, {})[kind, step] = (name, names)
    return found


def _elements(session: Session, brands: set[int], entries: Sequence[AuditEntry]) -> Parts:
    """The tasks that rules are for, as the live drawings name them."""
    about = [entry.what.partition(" ") for entry in entries if entry.action.startswith("rule.")]
    wanted = {(key, element) for key, _space, element in about if element not in ("", "*", "owner")}
    if not wanted:
        return {}
    live = sa.select(TicketType.brand_id, TicketType.key, ProcessDefinition).join(
        ProcessDefinition, ProcessDefinition.id == TicketType.definition_id
    )
    these = (TicketType.key.in_(sorted({key for key, _ in wanted})), TicketType.brand_id.in_(sorted(brands)))
    found: dict[int, dict[tuple[str, str], Name]] = {}
    for brand_id, key, definition in session.execute(live.where(*these).limit(MOST_DEFINITIONS)):
        known = elements_of(session, definition)
        tasks = ((key, element) for kind, element in wanted if kind == key)
        found.setdefault(brand_id, {}).update({task: name_of(known, task[1]) for task in tasks})
    return found


def _logins(session: Session, entries: Sequence[AuditEntry]) -> dict[str, tuple[str, datetime]]:
    logins = sorted({entry.what for entry in entries if entry.action.startswith(OF_PEOPLE)})
    query = sa.select(Person.login, Person.name, Person.created_at).where(Person.login.in_(logins))
    return {row[0]: (row[1], row[2]) for row in session.execute(query)} if logins else {}


def _calendars(session: Session, ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
    query = sa.select(BusinessCalendar.id, BusinessCalendar.names).where(BusinessCalendar.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}


def _plan(side: Mapping[str, Any]) -> Mapping[str, Any]:
    plan = side.get("plan")
    return {"people": [], **plan} if isinstance(plan, dict) else {}


def _ids(entries: Sequence[AuditEntry], fields: Sequence[str], more: Iterable[Any] = ()) -> list[int]:
    sides = (side for entry in entries for side in (entry.before, entry.after))
    return sorted({each for each in (*(side.get(name) for side in sides for name in fields), *more) if _is_id(each)})


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _people(session: Session, ids: Sequence[int]) -> dict[int, str]:
    query = sa.select(Person.id, Person.name).where(Person.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}


def _places(
    session: Session, brands: set[int], entries: Sequence[AuditEntry], ids: Sequence[int]
) -> tuple[dict[int, Name], dict[int, dict[str, Name]]]:
    """Places by id, and by brand and name. Of two with one name, the other languages are not known."""
    said = {name for entry in entries for name in _place_names(entry)}
    if not said and not ids:
        return {}, {}
    of_names = sa.and_(Place.name.in_(sorted(said)), Place.brand_id.in_(sorted(brands)))
    query = sa.select(Place.id, Place.brand_id, Place.name, Place.names).where(sa.or_(of_names, Place.id.in_(ids)))
    by_id: dict[int, Name] = {}
    found: dict[int, dict[str, Name]] = {}
    for place_id, brand_id, name, names in session.execute(query):
        by_id[place_id] = (name, names)
        here = found.setdefault(brand_id, {})
        here[name] = (name, names if here.get(name, (name, names))[1] == names else {})
    return by_id, found


def _place_names(entry: AuditEntry) -> Iterator[str]:
    """What an entry calls places: all of `what`, its end, a field, or a role's place (`campus_head@南山`)."""
    if entry.action.startswith(OF_PLACES):
        yield entry.what
    if entry.action.startswith(AT_PLACES):
        yield from PARTS.split(entry.what, maxsplit=1)[1:]
    for side in (entry.before, entry.after):
        if isinstance(place := side.get("place"), str):
            yield place
        yield from (place for text in _texts(side.get("roles")) if (place := text.partition("@")[2]))
