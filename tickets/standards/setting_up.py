"""Owns setting a standard up: at which place, for which subjects, started by what; changing it, switching it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions.stored import Compiled
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.standards import ordering
from tickets.standards.conditions import read_conditions
from tickets.standards.overlapping import check_alone
from tickets.standards.said import ATTRIBUTE, MOST_DAYS, NotSaid, Start, kind_said, read_cycle, start_said, steps_said
from tickets.standards.said import START as START_SETTING
from tickets.standards.scope import THIS, check_may_manage, find_standard
from tickets.standards.steps import compiled_of, live_type, sync
from tickets.standards.tables import Standard, Trigger
from tickets.subjects import SubjectKind

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a new or changed standard; what is None is as the file says, `begins_on` today.

    `conditions` and `timing` are as in `tickets.standards.tables.Standard`.
    """

    type_key: str
    place_id: UUID
    subject_kind: str | None = None
    conditions: Sequence[Mapping[str, Any]] = ()
    trigger: str | None = None
    timing: Mapping[str, Any] = field(default_factory=dict)
    begins_on: date | None = None
    alongside: bool = False
    """Also where it gives subjects the type once more, beside another standard."""


def set_up(runtime: Runtime, actor: Actor, wanted: Wanted) -> Standard:
    """A new standard, which is planned at once, by a job.

    Raises Forbidden, NotFound (the place), Invalid, Conflict (there is one of this type at this place), Doubled.
    """
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        place = place_for(session, actor, wanted.place_id)
        standard = draft(session, place, wanted, now)
        standard.created_by_id = actor.person_id
        _check_new(session, standard)
        if not wanted.alongside:
            check_alone(session, standard)
        session.add(standard)
        session.flush()
        sync(session, standard, steps_said(_live(session, standard.type_key, place)))
        _audit(session, actor, standard, "standard.set_up", now, after=_facts(standard))
        ordering.order(session, standard, now)
        return standard


def change(runtime: Runtime, actor: Actor, standard_id: UUID, wanted: Wanted) -> Standard:
    """Another rule for the same type at the same place: what is planned follows, what has begun goes on.

    Raises NotFound, Forbidden, Invalid.
    """
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        standard = _mine(session, actor, standard_id)
        place = session.get_one(Place, standard.place_id)
        made = draft(session, place, wanted, now, type_key=standard.type_key)
        before = _facts(standard)
        for name in ("subject_kind", "conditions", "trigger", "timing", "begins_on"):
            setattr(standard, name, getattr(made, name))
        after = _facts(standard)
        if before != after:
            standard.updated_at, standard.planned_until = now, None
            other = {name for name in after if before[name] != after[name]}
            was, becomes = ({name: facts[name] for name in other} for facts in (before, after))
            _audit(session, actor, standard, "standard.changed", now, before=was, after=becomes)
            ordering.order(session, standard, now)
        return standard


def switch(runtime: Runtime, actor: Actor, standard_id: UUID, *, on: bool) -> Standard:
    """Off: nothing begins any more, and what was planned is called off. On: it begins again from today.

    Raises NotFound, Forbidden.
    """
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        standard = _mine(session, actor, standard_id)
        if standard.active != on:
            standard.active, standard.updated_at, standard.planned_until = on, now, None
            if on:
                place = session.get_one(Place, standard.place_id)
                standard.begins_on = max(standard.begins_on, today_at(place, now))
            _audit(session, actor, standard, "standard.switched_on" if on else "standard.switched_off", now)
            ordering.order(session, standard, now)
        return standard


def draft(session: Session, place: Place, wanted: Wanted, now: datetime, *, type_key: str | None = None) -> Standard:
    """A standard as asked for, not yet kept. Raises Invalid."""
    key = type_key or wanted.type_key
    compiled = _live(session, key, place)
    settings = compiled.process.settings
    said = kind_said(settings)
    if said is None:
        text = N_("“%(type)s” is no standard: its process has no property `standard` that names a kind of subject.")
        raise Invalid(Message(text, {"type": compiled.process.name or key}))
    start = _start(wanted, settings)
    begins = wanted.begins_on or today_at(place, now)
    if not FIRST <= begins <= LAST:
        raise Invalid(Message(N_("Choose a day between %(first)s and %(last)s."), {"first": FIRST, "last": LAST}))
    return Standard(
        brand_id=place.brand_id,
        place_id=place.id,
        type_key=key,
        subject_kind=_kind(wanted.subject_kind or said),
        conditions=read_conditions(wanted.conditions),
        trigger=start.trigger.value,
        timing=dict(start.timing),
        begins_on=begins,
        active=True,
        created_at=now,
        updated_at=now,
    )


def place_for(session: Session, actor: Actor, place_id: UUID) -> Place:
    """A place that they may set standards up for. Raises NotFound, Forbidden."""
    if not actor.may(Permission.MANAGE_STANDARDS):
        raise Forbidden(
            Message(
                N_("Your roles don't let you set standards up; ask headquarters or the administrator of your brand.")
            )
        )
    place = session.scalar(sa.select(Place).where(Place.public_id == place_id))
    if place is None or not actor.covers(Permission.MANAGE_STANDARDS, brand_id=place.brand_id, place_path=place.path):
        raise NotFound(N_("This place"))
    return place


def today_at(place: Place, now: datetime) -> date:
    """The day that it is there."""
    return now.astimezone(ZoneInfo(place.time_zone)).date()


def start_of(settings: Mapping[str, str]) -> Start:
    """What the file says it starts by; by the subject's creation where it says nothing that can be read."""
    try:
        return start_said(settings.get(START_SETTING, "") or Trigger.CREATED)
    except NotSaid:
        return Start(Trigger.CREATED)


def _start(wanted: Wanted, settings: Mapping[str, str]) -> Start:
    if wanted.trigger is None:
        return start_of(settings)
    if wanted.trigger not in set(Trigger):
        raise Invalid(Message(N_("A standard starts by one of: %(known)s."), {"known": ", ".join(Trigger)}))
    return Start(Trigger(wanted.trigger), _TIMINGS[Trigger(wanted.trigger)](wanted.timing))


def _date_timing(timing: Mapping[str, Any]) -> dict[str, Any]:
    attribute, days = str(timing.get("attribute", "")).strip(), timing.get("days", 0)
    if not ATTRIBUTE.fullmatch(attribute) or not attribute.isprintable():
        raise Invalid(Message(N_("Name the attribute that holds the date, such as start_date.")))
    if not isinstance(days, int) or isinstance(days, bool) or abs(days) > MOST_DAYS:
        raise Invalid(Message(N_("Write the days as a whole number, at most %(limit)s."), {"limit": MOST_DAYS}))
    return {"attribute": attribute, "days": days}


def _cycle_timing(timing: Mapping[str, Any]) -> dict[str, Any]:
    text = " ".join(str(timing.get("cycle", "")).split())
    try:
        read_cycle(text)
    except NotSaid as error:
        raise Invalid(error.message) from None
    names = {"from": "start_date", "until": "end_date"}
    given = {name: str(timing.get(name) or usual).strip() for name, usual in names.items()}
    if not all(ATTRIBUTE.fullmatch(each) and each.isprintable() for each in given.values()):
        raise Invalid(Message(N_("Name the attribute that holds the date, such as start_date.")))
    return {"cycle": text, **given}


_TIMINGS: Mapping[Trigger, Any] = {
    Trigger.CREATED: lambda _timing: {},
    Trigger.DATE: _date_timing,
    Trigger.CYCLE: _cycle_timing,
}


def _kind(given: str) -> str:
    if given not in set(SubjectKind):
        raise Invalid(Message(N_("A standard is for one of: %(known)s."), {"known": ", ".join(SubjectKind)}))
    return str(given)


def _live(session: Session, key: str, place: Place) -> Compiled:
    kind = live_type(session, key, place.brand_id) if key.isprintable() else None
    if kind is None:
        raise Invalid(Message(N_("There is no such ticket type here; choose one that is published.")))
    return compiled_of(session, kind.definition_id)


def _check_new(session: Session, standard: Standard) -> None:
    same = sa.and_(Standard.type_key == standard.type_key, Standard.place_id == standard.place_id)
    if session.scalar(sa.select(Standard.id).where(same)) is not None:
        raise Conflict(Message(N_("This type is a standard of this place already; change that one.")))


def _mine(session: Session, actor: Actor, standard_id: UUID) -> Standard:
    found = find_standard(session, actor, standard_id)
    check_may_manage(session, actor, found.place_id)
    held = session.scalar(sa.select(Standard).where(Standard.id == found.id).with_for_update())
    if held is None:
        raise NotFound(THIS)
    return held


def _facts(standard: Standard) -> dict[str, Any]:
    return {
        "subject_kind": standard.subject_kind,
        "conditions": standard.conditions,
        "trigger": standard.trigger,
        "timing": standard.timing,
        "begins_on": standard.begins_on.isoformat(),
    }


def _audit(
    session: Session,
    actor: Actor,
    standard: Standard,
    action: str,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    place = session.get_one(Place, standard.place_id)
    what = f"{standard.type_key} @ {place.name}"
    audit.record(session, actor, action, what, brand_id=standard.brand_id, at=now, before=before, after=after)
