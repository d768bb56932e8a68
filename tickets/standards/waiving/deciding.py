"""Owns waivers: asked for with a reason, approved by another, ended early or by the day that was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.permissions import Permission
from tickets.places import Place
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.standards.tables import Standard, StandardStep, Waiver, WaiverState
from tickets.standards.waiving.asking import Wanted, scope_for, visible_waivers
from tickets.standards.waiving.effect import Reach, apply_waiver, cover_again, lift_waiver, still_due
from tickets.standards.waiving.telling import tell
from tickets.timeline import EventKind

JOB = "standard.waiver_over"
LONGEST = timedelta(days=366)
LOOKS_BACK = timedelta(days=31)
"""A typhoon is not asked for beforehand; what was long ago stays as it was."""

_Over = (WaiverState.REFUSED, WaiverState.ENDED)


@dataclass(frozen=True, slots=True)
class Days:
    """From the beginning of the first to the end of the last, where the place is."""

    first: date
    last: date

    def begin(self, zone: ZoneInfo) -> datetime:
        return _midnight(self.first, zone)

    def end(self, zone: ZoneInfo) -> datetime:
        return _midnight(self.last + timedelta(days=1), zone)


def ask(runtime: Runtime, actor: Actor, wanted: Wanted, days: Days, why: str) -> UUID:
    """Ask that steps need not be done; its id. Raises NotFound, Forbidden, Conflict (asked already), Invalid.

    Invalid is also what would waive nothing: no step of the ticket falls due in the days.
    """
    reason, now = checked_reason(why), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        scope = scope_for(session, actor, wanted)
        _check_days(days, now, zone := ZoneInfo(scope.place.time_zone))
        waiver = Waiver(
            brand_id=scope.place.brand_id,
            place_id=scope.place.id,
            standard_id=scope.standard.id,
            step_id=scope.step.id if scope.step else None,
            subject_id=scope.subject_id,
            occurrence_id=scope.occurrence_id,
            starts_on=days.first,
            ends_on=days.last,
            reason=reason,
            asked_at=now,
            asked_by_id=actor.person_id,
        )
        _check_new(session, waiver)
        _check_due(session, waiver, days, zone)
        session.add(waiver)
        session.flush()
        _noted(session, actor, "waiver.asked", waiver, now)
        tell(session, waiver, EventKind.WAIVER_ASKED, actor, now, why=reason)
        args = {"waiver_id": waiver.id}
        jobs.enqueue(session, JOB, args, run_at=days.end(zone), key=f"{JOB}:{waiver.public_id}")
        return waiver.public_id


def approve(runtime: Runtime, actor: Actor, waiver_id: UUID, answer: str = "") -> int:
    """The steps of those days need not be done; how many are known already. Approving twice is approving once.

    Raises NotFound, Forbidden, Conflict (decided otherwise, or its days are over).
    """
    return _decide(runtime, actor, waiver_id, WaiverState.APPROVED, checked_reason(answer, needed=False))


def refuse(runtime: Runtime, actor: Actor, waiver_id: UUID, why: str) -> None:
    """They are to be done as ever. Raises NotFound, Forbidden, Invalid (no reason), Conflict."""
    _decide(runtime, actor, waiver_id, WaiverState.REFUSED, checked_reason(why))


def end(runtime: Runtime, actor: Actor, waiver_id: UUID, why: str) -> int:
    """What is due from now on has to be done again; of how many steps that is known. One only asked for is taken back.

    By whoever decides, or who asked. Raises NotFound, Forbidden, Invalid, Conflict.
    """
    reason, now = checked_reason(why), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        waiver, place = _held(session, actor, waiver_id)
        if waiver.asked_by_id != actor.person_id and not _decides(actor, place):
            raise Forbidden(Message(N_("Only whoever asked for it and those who approve waivers end it.")))
        if waiver.state == WaiverState.ENDED:
            return 0
        if waiver.state == WaiverState.REFUSED:
            raise Conflict(Message(N_("This waiver was refused; there is nothing to end.")))
        return _end(session, actor, waiver, now, reason)


def over(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job after the last day: it ends by itself. What was due in its days stays waived."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        waiver = session.scalar(sa.select(Waiver).where(Waiver.id == args["waiver_id"]).with_for_update())
        if waiver is not None and waiver.state not in _Over:
            _end(session, None, waiver, now, "")


def _end(session: Session, actor: Actor | None, waiver: Waiver, now: datetime, reason: str) -> int:
    before, was = {"state": waiver.state}, waiver.state
    waiver.state, waiver.ended_at = WaiverState.ENDED, now
    waiver.ended_by_id = actor.person_id if actor else None
    session.flush()
    steps = 0
    if was == WaiverState.APPROVED:
        _hold_standard(session, waiver.standard_id)
        steps = lift_waiver(session, waiver.id, now)
        if steps:
            cover_again(session, waiver.standard_id, now)
    after = {"state": waiver.state, "steps": steps, **({"reason": reason} if reason else {})}
    audit.record(
        session,
        actor,
        "waiver.ended",
        _what(session, waiver),
        brand_id=waiver.brand_id,
        at=now,
        before=before,
        after=after,
    )
    tell(session, waiver, EventKind.WAIVER_ENDED, actor, now, why=reason)
    return steps


def _decide(runtime: Runtime, actor: Actor, waiver_id: UUID, state: WaiverState, answer: str) -> int:
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        waiver, place = _held(session, actor, waiver_id)
        if not _decides(actor, place):
            raise Forbidden(Message(N_("Only those who approve waivers at this place decide; ask headquarters.")))
        if waiver.asked_by_id == actor.person_id:
            raise Forbidden(Message(N_("Whoever asked for a waiver doesn't decide on it; somebody else has to.")))
        if waiver.state == state and waiver.decided_by_id == actor.person_id:
            return 0
        if waiver.state != WaiverState.ASKED:
            raise Conflict(Message(N_("This waiver was decided or taken back meanwhile; load the page again.")))
        zone = ZoneInfo(place.time_zone)
        days = Days(waiver.starts_on, waiver.ends_on)
        if days.end(zone) <= now:
            raise Conflict(Message(N_("Its days are over, so there is nothing left to decide.")))
        waiver.state, waiver.answer = state, answer
        waiver.decided_at, waiver.decided_by_id = now, actor.person_id
        session.flush()
        _hold_standard(session, waiver.standard_id)
        steps = apply_waiver(session, Reach.of(waiver, place), now) if state is WaiverState.APPROVED else 0
        kind = EventKind.WAIVED if state is WaiverState.APPROVED else EventKind.WAIVER_REFUSED
        _noted(session, actor, f"waiver.{state.value}", waiver, now, steps=steps)
        tell(session, waiver, kind, actor, now, why=answer)
        return steps


def _held(session: Session, actor: Actor, waiver_id: UUID) -> tuple[Waiver, Place]:
    """The waiver, locked until the commit, and its place, if they may see it."""
    query = (
        sa.select(Waiver, Place)
        .join(Place, Place.id == Waiver.place_id)
        .where(Waiver.public_id == waiver_id, visible_waivers(actor))
        .with_for_update(of=Waiver)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(N_("This waiver"))
    waiver, place = found
    return waiver, place


def _decides(actor: Actor, place: Place) -> bool:
    return actor.covers(Permission.WAIVE, brand_id=place.brand_id, place_path=place.path)


def _check_days(days: Days, now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    if days.last < days.first:
        raise Invalid(Message(N_("The last day is before the first; choose a later one.")))
    if days.last < today:
        raise Invalid(Message(N_("These days are over; choose a last day that is still to come.")))
    if days.first < today - LOOKS_BACK:
        raise Invalid(Message(N_("A waiver begins at most %(days)s days back."), {"days": LOOKS_BACK.days}))
    if days.last - days.first > LONGEST or days.last > today + LONGEST:
        raise Invalid(Message(N_("A waiver lasts at most a year; choose an earlier last day.")))


def _check_new(session: Session, new: Waiver) -> None:
    """Sent twice, it is asked once; and what is waived already needs no asking."""
    _hold_standard(session, new.standard_id)
    same = (getattr(Waiver, name) == getattr(new, name) for name in ("standard_id", "place_id"))
    alike = (
        getattr(Waiver, name).is_not_distinct_from(getattr(new, name))
        for name in ("step_id", "subject_id", "occurrence_id")
    )
    days = (Waiver.starts_on <= new.ends_on, Waiver.ends_on >= new.starts_on)
    query = sa.select(Waiver.id).where(*same, *alike, *days, Waiver.state.not_in([state.value for state in _Over]))
    if session.scalar(query.limit(1)) is not None:
        raise Conflict(Message(N_("This was asked for already for some of these days; look at the list of waivers.")))


def _check_due(session: Session, waiver: Waiver, days: Days, zone: ZoneInfo) -> None:
    """One for an occurrence, whose steps are known, holds for one of them; elsewhere others may come to be."""
    if waiver.occurrence_id is None or (due := still_due(session, waiver.occurrence_id, waiver.step_id)) is None:
        return
    if not due:
        raise Invalid(Message(N_("What this asks for is done or waived already; there is nothing left to waive.")))
    begins, ends = days.begin(zone), days.end(zone)
    if not any(begins <= each < ends for each in due):
        nearest = next((each for each in due if each >= begins), due[-1])
        text = N_(
            "No step falls due in these days, so nothing would be waived. One is due on %(day)s; choose days with it."
        )
        raise Invalid(Message(text, {"day": nearest.astimezone(zone).date().isoformat()}))


def _hold_standard(session: Session, standard_id: int) -> None:
    """Nobody plans its steps, or asks for the same, until the commit."""
    session.execute(sa.select(Standard.id).where(Standard.id == standard_id).with_for_update())


def _noted(session: Session, actor: Actor, action: str, waiver: Waiver, now: datetime, **more: Any) -> None:
    after = {"from": waiver.starts_on.isoformat(), "until": waiver.ends_on.isoformat(), "state": waiver.state}
    said = waiver.answer or (waiver.reason if waiver.state == WaiverState.ASKED else "")
    after |= {"reason": said, **more} if said else more
    audit.record(session, actor, action, _what(session, waiver), brand_id=waiver.brand_id, at=now, after=after)


def _what(session: Session, waiver: Waiver) -> str:
    """The standard, its step and the place."""
    step = session.get(StandardStep, waiver.step_id) if waiver.step_id is not None else None
    key = session.get_one(Standard, waiver.standard_id).type_key + (f"/{step.key}" if step is not None else "")
    return f"{key} · {session.get_one(Place, waiver.place_id).name}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
