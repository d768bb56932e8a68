"""Owns undoing a departure: the person is back at once, and whatever nobody has touched since goes back to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor, load_actor
from tickets.departing import aftermath
from tickets.departing.back import put_back
from tickets.departing.begin import UNDO_JOB
from tickets.departing.leave import Leave
from tickets.departing.lookup import departure_for, leaver_for
from tickets.departing.model import Departure, DepartureChange, Outcome, State
from tickets.errors import Conflict
from tickets.organising.reach import check_not_above, is_system
from tickets.people import Person
from tickets.runtime import Runtime

AT_ONCE = 200


def undo(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Take a departure back, or one that is only planned. Raises Forbidden, NotFound, Conflict (too late, going on)."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        departure = departure_for(session, actor, public_id)
        if not is_system(session, actor):
            check_not_above(session, actor, session.get_one(Person, departure.person_id))
        if not departure.undoable(now):
            raise Conflict(Message(_REFUSALS.get(departure.state, _OVER)))
        departure.undone_at, departure.undone_by_id, departure.updated_at = now, actor.person_id, now
        if departure.state == State.SCHEDULED:
            departure.state = State.CANCELLED
            return
        leaver = session.get_one(Person, departure.person_id, with_for_update=True)
        leaver.departed_at = None
        departure.state, departure.done, departure.total = State.UNDOING, 0, _count(session, departure)
        audit.record(session, actor, "person.returned", leaver.login, brand_id=leaver.brand_id, at=now)
        job = {"departure_id": departure.id}
        jobs.enqueue(session, UNDO_JOB, job, run_at=now, key=f"{UNDO_JOB}:{departure.id}:0")


def undo_latest(runtime: Runtime, actor: Actor, who: UUID | str) -> UUID:
    """Take somebody's last departure back; its id. Raises what `undo` raises, NotFound without one."""
    with runtime.reading() as session:
        leaver, _ = leaver_for(session, actor, who, locked=False)
        query = sa.select(Departure.public_id).where(Departure.person_id == leaver.id).order_by(Departure.id.desc())
        public_id = session.scalars(query.limit(1)).first()
    if public_id is None:
        raise Conflict(Message(N_("%(name)s has not departed."), {"name": leaver.name}))
    undo(runtime, actor, public_id)
    return public_id


def run_back(runtime: Runtime, departure_id: int) -> None:
    """The job: one batch. It may run any number of times."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        departure = session.get_one(Departure, departure_id, with_for_update=True)
        if departure.state != State.UNDOING:
            return
        by_id = departure.undone_by_id or departure.by_id
        leave = Leave(runtime, departure, load_actor(session, by_id, via=departure.via), now)
        query = sa.select(DepartureChange).where(
            DepartureChange.departure_id == departure.id, DepartureChange.outcome == Outcome.OPEN
        )
        changes = session.scalars(query.order_by(DepartureChange.id).limit(AT_ONCE)).all()
        put_back(session, leave, changes)
        departure.done, departure.updated_at = departure.done + len(changes), now
        if changes:
            key = f"{UNDO_JOB}:{departure.id}:{departure.done}"
            jobs.enqueue(session, UNDO_JOB, {"departure_id": departure.id}, run_at=now, key=key)
        else:
            departure.state = State.UNDONE
            aftermath.tell_returned(session, departure, now)


def _count(session: Session, departure: Departure) -> int:
    query = sa.select(sa.func.count()).select_from(DepartureChange)
    return session.scalars(query.where(DepartureChange.departure_id == departure.id)).one()


_OVER = N_("This departure can't be undone any more.")
_REFUSALS: Mapping[Any, str] = {
    State.RUNNING: N_("The handing over is still going on; undo it once it is done."),
    State.UNDOING: N_("This departure is being undone already."),
    State.UNDONE: N_("This departure has been undone already."),
    State.CANCELLED: N_("This departure was cancelled before it came about."),
    State.DONE: N_(
        "A departure can be undone for 7 days; that time is over. Take the person on again, and assign what is theirs."
    ),
}
