"""Owns creating, renaming, moving and closing places; what is below a place moves with it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Conflict, Forbidden, NotFound
from tickets.organising.fields import FieldsInvalid, wrong
from tickets.organising.reach import places_within
from tickets.permissions import Permission, Scope
from tickets.places import Place, PlaceKind, add_place
from tickets.runtime import Runtime
from tickets.texts import line_problem

MOST_MOVED = 2000
DEEPEST = 8
BELOW: dict[str, frozenset[str]] = {
    PlaceKind.GROUP: frozenset({PlaceKind.BRAND, PlaceKind.DEPARTMENT}),
    PlaceKind.BRAND: frozenset({PlaceKind.CAMPUS, PlaceKind.DEPARTMENT}),
    PlaceKind.CAMPUS: frozenset({PlaceKind.CAMPUS, PlaceKind.DEPARTMENT}),
    PlaceKind.DEPARTMENT: frozenset({PlaceKind.DEPARTMENT}),
}
"""Which kinds a place may have below it."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A place as it is to be; `kind` counts for a new one only."""

    name_zh: str
    name_en: str = ""
    external_id: str = ""
    time_zone: str = "Asia/Shanghai"
    kind: str = field(default=PlaceKind.CAMPUS)


def create_place(runtime: Runtime, actor: Actor, above_id: UUID, facts: PlaceFacts) -> UUID:
    """A new place below another; its public id. A brand is made by who manages the whole group's places.

    Raises NotFound, Forbidden, FieldsInvalid.
    """
    _check(facts)
    now = runtime.clock.now()

    def create(session: Session) -> UUID:
        above = place_managed(session, actor, above_id)
        if facts.kind not in BELOW[above.kind]:
            raise wrong("kind", N_("A place of this kind can't be below this one; choose another kind."))
        if facts.kind == PlaceKind.BRAND and not _whole_group(actor):
            raise Forbidden(Message(N_("Only administrators of the whole group create brands.")))
        if above.path.count("/") > DEEPEST:
            raise wrong("kind", N_("Places are at most %(most)s levels deep."), most=DEEPEST)
        kind, names = PlaceKind(facts.kind), _names(facts)
        place = add_place(
            session, kind, names, above=above, external_id=facts.external_id.strip() or None, time_zone=facts.time_zone
        )
        after = {"names": names, "kind": kind.value, "external_id": place.external_id, "place": above.name}
        audit.record(session, actor, "place.created", place.name, brand_id=place.brand_id, at=now, after=after)
        return place.public_id

    return _written(runtime, create)


def change_place(runtime: Runtime, actor: Actor, public_id: UUID, facts: PlaceFacts) -> None:
    """Rename a place, or change its external id or time zone. Raises NotFound, Forbidden, FieldsInvalid."""
    _check(facts)
    now = runtime.clock.now()

    def change(session: Session) -> None:
        place = place_managed(session, actor, public_id)
        names = _names(facts)
        wanted: dict[str, Any] = {"names": names, "external_id": facts.external_id.strip() or None}
        wanted |= {"time_zone": facts.time_zone}
        different = {name: value for name, value in wanted.items() if getattr(place, name) != value}
        before = {name: getattr(place, name) for name in different}
        for name, value in different.items():
            setattr(place, name, value)
        place.name = next(iter(names.values()))
        if different:
            what = place.name
            audit.record(
                session, actor, "place.changed", what, brand_id=place.brand_id, at=now, before=before, after=different
            )

    _written(runtime, change)


def move_place(runtime: Runtime, actor: Actor, public_id: UUID, above_id: UUID) -> None:
    """Put a place, with all below it, below another of the same brand. Raises NotFound, Forbidden, FieldsInvalid."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        place, above = place_managed(session, actor, public_id), place_managed(session, actor, above_id)
        if place.parent_id == above.id:
            return
        _check_move(session, place, above)
        before = {"place": session.get_one(Place, place.parent_id).name}
        old, new = place.path, f"{above.path}{place.id}/"
        rest = sa.func.substr(Place.path, len(old) + 1)
        moved = sa.update(Place).where(Place.path.startswith(old)).values(path=sa.literal(new).concat(rest))
        session.execute(moved, execution_options={"synchronize_session": False})
        session.execute(sa.update(Place).where(Place.id == place.id).values(parent_id=above.id))
        after = {"place": above.name}
        audit.record(
            session, actor, "place.moved", place.name, brand_id=place.brand_id, at=now, before=before, after=after
        )


def close_place(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Close a place: no new tickets, nobody new. Raises NotFound, Forbidden, Conflict (places below it are open)."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        place = place_managed(session, actor, public_id)
        if place.kind == PlaceKind.GROUP:
            raise Forbidden(Message(N_("The group itself is not closed.")))
        below = sa.and_(Place.path.startswith(place.path), Place.id != place.id, Place.closed_at.is_(None))
        if session.scalar(sa.select(Place.id).where(below).limit(1)) is not None:
            raise Conflict(Message(N_("Places below it are open; close those first.")))
        if place.closed_at is None:
            place.closed_at = now
            audit.record(session, actor, "place.closed", place.name, brand_id=place.brand_id, at=now)


def open_place(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Open a closed place again. Raises NotFound, Forbidden, Conflict (the one above is closed)."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        place = place_managed(session, actor, public_id)
        above = session.get(Place, place.parent_id) if place.parent_id else None
        if above is not None and above.closed_at is not None:
            raise Conflict(Message(N_("The place above it is closed; open that first.")))
        if place.closed_at is not None:
            place.closed_at = None
            audit.record(session, actor, "place.opened", place.name, brand_id=place.brand_id, at=now)


def place_managed(session: Session, actor: Actor, public_id: UUID) -> Place:
    """A place that one manages, locked. Raises Forbidden, NotFound."""
    if not actor.may(Permission.MANAGE_PLACES):
        raise Forbidden(Message(N_("Your roles don't let you manage places; ask an administrator.")))
    reached = places_within(actor, Permission.MANAGE_PLACES)
    place = session.scalar(sa.select(Place).where(Place.public_id == public_id, reached).with_for_update())
    if place is None:
        raise NotFound(N_("This place"))
    return place


def _check_move(session: Session, place: Place, above: Place) -> None:
    if place.kind not in BELOW[above.kind] or place.kind in {PlaceKind.GROUP, PlaceKind.BRAND}:
        raise wrong("above", N_("A place of this kind can't be below that one; choose another."))
    if above.brand_id != place.brand_id:
        raise wrong("above", N_("That place belongs to another brand, whose tickets and people are kept apart."))
    if above.path.startswith(place.path):
        raise wrong("above", N_("A place can't be below itself; choose one outside it."))
    if above.closed_at is not None and place.closed_at is None:
        raise wrong("above", N_("That place is closed; choose another."))
    count = sa.select(sa.func.count(), sa.func.max(sa.func.length(Place.path)))
    below, longest = session.execute(count.where(Place.path.startswith(place.path))).one()
    if below > MOST_MOVED:
        raise wrong("above", N_("More than %(most)s places are below it; move them in parts."), most=MOST_MOVED)
    if longest + len(above.path) > 500:
        raise wrong("above", N_("Places are at most %(most)s levels deep."), most=DEEPEST)


Outcome = TypeVar("Outcome")


def _written(runtime: Runtime, verb: Callable[[Session], Outcome]) -> Outcome:
    try:
        with runtime.writing() as session, session.begin():
            done = verb(session)
            session.flush()
            return done
    except IntegrityError:
        text = N_("Another place of the brand has this external id; choose another.")
        raise FieldsInvalid({"external_id": Message(text)}) from None


def _whole_group(actor: Actor) -> bool:
    return any(grant.scope is Scope.GROUP for grant in actor.having(Permission.MANAGE_PLACES))


def _names(facts: PlaceFacts) -> dict[str, str]:
    names = {"zh": facts.name_zh.strip(), "en": facts.name_en.strip()}
    return {language: name for language, name in names.items() if name}


def _check(facts: PlaceFacts) -> None:
    errors: dict[str, Message] = {}
    if problem := line_problem(facts.name_zh, 100):
        errors["name_zh"] = problem
    optional = {"name_en": (facts.name_en, 100), "external_id": (facts.external_id, 100)}
    errors |= {
        name: problem
        for name, (text, longest) in optional.items()
        if text.strip() and (problem := line_problem(text, longest))
    }
    if facts.kind not in set(PlaceKind):
        errors["kind"] = Message(N_("Choose what kind of place it is."))
    try:
        ZoneInfo(facts.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        errors["time_zone"] = Message(N_("This is no time zone; write one like Asia/Shanghai."))
    if errors:
        raise FieldsInvalid(errors)
