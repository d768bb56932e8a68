"""Owns the beginning of a departure: it is planned, the person is marked as departed, and the job is set going."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.departing.belongings import how_many
from tickets.departing.lookup import departure_for, leaver_for
from tickets.departing.model import BUSY, Departure, State
from tickets.departing.plan import Wish, read_plan
from tickets.errors import Conflict, Forbidden, Invalid
from tickets.organising.reach import check_not_above, is_system
from tickets.people import Person
from tickets.runtime import Runtime

JOB = "departure"
UNDO_JOB = "departure.undo"
LATEST = timedelta(days=366)
STALLED = timedelta(minutes=2)


def depart(runtime: Runtime, actor: Actor, who: UUID | str, wish: Wish, *, at: datetime | None = None) -> UUID:
    """Mark somebody as departed, now or at a moment to come, and have their work handed over; the departure's id.

    Raises Forbidden, NotFound, Conflict (they have left already, or are about to), Invalid (the plan, the moment).
    """
    now = runtime.clock.now()
    moment = max(at, now) if at is not None else now
    if moment > now + LATEST:
        raise Invalid(Message(N_("A departure is at most a year away; choose an earlier day.")))
    with runtime.writing() as session, session.begin():
        leaver, place = leaver_for(session, actor, who)
        _check(session, actor, leaver)
        departure = Departure(
            brand_id=leaver.brand_id,
            place_id=leaver.place_id,
            person_id=leaver.id,
            by_id=actor.person_id,
            via=actor.via,
            state=State.SCHEDULED,
            plan=read_plan(session, leaver, place, wish).as_json(),
            at=moment,
            updated_at=now,
        )
        session.add(departure)
        if moment == now:
            set_off(session, departure, leaver, actor, now)
        session.flush()
        jobs.enqueue(session, JOB, {"departure_id": departure.id}, run_at=moment, key=f"{JOB}:{departure.id}:0")
        return departure.public_id


def set_off(session: Session, departure: Departure, leaver: Person, actor: Actor | None, now: datetime) -> None:
    """They have left: they can't sign in, their sessions and tokens end, and what is theirs is counted."""
    leaver.departed_at = now
    leaver.session_epoch += 1
    departure.state = State.RUNNING
    departure.total, departure.updated_at = how_many(session, leaver.id), now
    audit.record(
        session,
        actor,
        "person.departed",
        leaver.login,
        brand_id=leaver.brand_id,
        at=now,
        after={"plan": departure.plan},
    )


def press_on(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Set a departure going again whose job gave up. Raises NotFound, Forbidden, Conflict when it is going on."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        departure = departure_for(session, actor, public_id)
        if departure.state not in BUSY or departure.updated_at > now - STALLED:
            raise Conflict(Message(N_("It is going on; look again in a moment.")))
        departure.updated_at = now
        name = JOB if departure.state == State.RUNNING else UNDO_JOB
        key = f"{name}:{departure.id}:again:{now.isoformat()}"
        jobs.enqueue(session, name, {"departure_id": departure.id}, run_at=now, key=key)


def _check(session: Session, actor: Actor, leaver: Person) -> None:
    if leaver.departed_at is not None:
        raise Conflict(Message(N_("%(name)s was marked as departed before."), {"name": leaver.name}))
    if leaver.id == actor.person_id:
        raise Forbidden(Message(N_("Nobody marks themselves as departed; ask another administrator.")))
    if not is_system(session, actor):
        check_not_above(session, actor, leaver)
    waiting = sa.select(Departure.id).where(Departure.person_id == leaver.id, Departure.state.in_(_COMING))
    if session.scalars(waiting.limit(1)).first() is not None:
        text = N_("The departure of %(name)s is planned already, or is being undone; look at the list of departures.")
        raise Conflict(Message(text, {"name": leaver.name}))


_COMING = (State.SCHEDULED, State.RUNNING, State.UNDOING)
