"""Owns the run of a departure: batch after batch, each a transaction that also sets the next one going.

What a batch moved is no longer the leaver's, so a batch that runs again finds only what is left: after a crash it goes
on where it stopped.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine import jobs
from tickets.actor import Actor, load_actor
from tickets.departing import aftermath, people_moved, tasks_moved, tickets_moved
from tickets.departing.begin import JOB, set_off
from tickets.departing.heirs import Heirs
from tickets.departing.leave import Leave
from tickets.departing.model import Departure, State
from tickets.departing.plan import Plan
from tickets.people import Person
from tickets.runtime import Runtime

AT_ONCE = 200
_MOVES = (tickets_moved.move, tasks_moved.move, tasks_moved.close_shares, people_moved.move)


def run(runtime: Runtime, departure_id: int) -> None:
    """The job: one batch. It may run any number of times."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        departure = session.get_one(Departure, departure_id, with_for_update=True)
        actor = load_actor(session, departure.by_id, via=departure.via)
        if departure.state == State.SCHEDULED and departure.at <= now:
            _leave_as_planned(session, departure, actor, now)
        if departure.state != State.RUNNING:
            return
        plan = Plan.from_json(departure.plan)
        heirs = Heirs(session, departure.person_id, plan)
        moved = _batch(session, Leave(runtime, departure, actor, now), heirs)
        departure.done, departure.updated_at = departure.done + moved, now
        if moved:
            key = f"{JOB}:{departure.id}:{departure.done}"
            jobs.enqueue(session, JOB, {"departure_id": departure.id}, run_at=now, key=key)
        else:
            departure.state, departure.finished_at = State.DONE, now
            departure.total = departure.done
            aftermath.tell_departed(session, departure, now)


def _batch(session: Session, leave: Leave, heirs: Heirs) -> int:
    """Moves the first batch of what is left; how many rows."""
    return next((moved for move in _MOVES if (moved := move(session, leave, heirs, AT_ONCE))), 0)


def _leave_as_planned(session: Session, departure: Departure, actor: Actor | None, now: datetime) -> None:
    """The moment has come; who has left by another way meanwhile does not leave twice."""
    leaver = session.get_one(Person, departure.person_id, with_for_update=True)
    if leaver.departed_at is not None:
        departure.state = State.CANCELLED
    else:
        departure.at = now
        set_off(session, departure, leaver, actor, now)
