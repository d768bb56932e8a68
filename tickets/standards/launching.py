"""Owns launching: a standard begun at once for all subjects that exist, by jobs that go on where they stopped.

First its occurrences are written down, a stretch of subjects a job; then their tickets are started, some a job. What
is written down tells what is left, so that after a crash nothing is lost and nothing is started twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.database import insert
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission
from tickets.errors import Conflict, Invalid, NotFound
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.standards.dates import Dates
from tickets.standards.kept import OVER, Kept, kept_of
from tickets.standards.listing import within
from tickets.standards.periods import had_by_day, period_now
from tickets.standards.scope import (
    Candidate,
    applies,
    candidates,
    check_may_manage,
    count_candidates,
    find_standard,
    rule_of,
    visible_standards,
)
from tickets.standards.starting import COLUMNS, Due, start
from tickets.standards.tables import Launch, Occurrence, Progress, Standard, StepRecord
from tickets.standards.triggers import is_active
from tickets.standards.writing import end_records, insert_occurrences, occurrence_row, parts, record_rows

JOB = "standard.launch"
"""Its args: `launch_id` and `turn`, which counts its jobs."""
WRITTEN = 500
"""Subjects whose occurrences one job writes down."""
STARTED = 50
"""Tickets that one job starts: a minute's work at most, so that a lease is enough."""
TOLD = 5
"""Tickets started between two looks at how far it is: whoever waits sees the bar move."""
ALL = 1 << 62
"""`after_subject_id` once all are written down."""


def launch(runtime: Runtime, actor: Actor, standard_id: UUID, *, place_id: UUID | None = None) -> Launch:
    """Begins it for every subject that it applies to, at its place or another below it; progress is on the launch.

    A subject that has had, or has, the present period already is skipped; so is one whose own date is yet to come. What
    is planned of the present period begins early: a subject has each period once.
    Raises NotFound, Forbidden, Invalid (it is switched off), Conflict (a launch of it is under way).
    """
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        standard = find_standard(session, actor, standard_id)
        place = _place(session, actor, standard, place_id)
        session.execute(sa.select(Standard.id).where(Standard.id == standard.id).with_for_update())
        if not standard.active:
            raise Invalid(Message(N_("This standard is switched off; switch it on first.")))
        _check_none_runs(session, standard)
        total = count_candidates(session, standard, path=place.path)
        row = Launch(
            brand_id=place.brand_id,
            standard_id=standard.id,
            place_id=place.id,
            by_id=actor.person_id,
            state=Progress.RUNNING.value,
            total=total,
            started=0,
            skipped=0,
            failed=0,
            after_subject_id=0,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        what = f"{standard.type_key} @ {place.name}"
        after = {"subjects": total}
        audit.record(session, actor, "standard.launched", what, brand_id=place.brand_id, at=now, after=after)
        _next(session, row, 0, now)
        return row


def cancel(runtime: Runtime, actor: Actor, launch_id: UUID) -> Launch:
    """Stops it: what has begun goes on, nothing else begins. Raises NotFound, Forbidden."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        found = find_launch(session, actor, launch_id)
        check_may_manage(session, actor, found.place_id)
        row = session.get_one(Launch, found.id, with_for_update=True, populate_existing=True)
        if row.state == Progress.RUNNING:
            row.state, row.finished_at, row.updated_at = Progress.CANCELLED.value, now, now
            left = session.scalars(sa.select(Occurrence.id).where(*_planned(row))).all()
            end_records(session.connection(), left, now)
            for part in parts(left):
                gone = sa.update(Occurrence).where(Occurrence.id.in_(part), Occurrence.state == Progress.PLANNED)
                session.execute(gone.values(state=Progress.CANCELLED.value, launch_id=None))
            place = session.get_one(Place, row.place_id)
            standard = session.get_one(Standard, row.standard_id)
            what = f"{standard.type_key} @ {place.name}"
            audit.record(session, actor, "standard.launch_cancelled", what, brand_id=row.brand_id, at=now)
        return row


def find_launch(session: Session, actor: Actor, launch_id: UUID) -> Launch:
    """A launch of a standard that they see, at one of their places. Raises NotFound."""
    query = sa.select(Launch).join(Standard, Standard.id == Launch.standard_id)
    seen = (visible_standards(actor), within(actor, Launch.place_id))
    found = session.scalar(query.where(Launch.public_id == launch_id, *seen))
    if found is None:
        raise NotFound(N_("This launch"))
    return found


def launch_shown(session: Session, actor: Actor, standard_id: UUID, launch_id: UUID) -> tuple[Launch, Standard, Place]:
    """A launch of this standard, at a place of the reader's or above it. Raises NotFound."""
    standard = find_standard(session, actor, standard_id)
    found = find_launch(session, actor, launch_id)
    if found.standard_id != standard.id:
        raise NotFound(N_("This launch"))
    return found, standard, session.get_one(Place, found.place_id)


def run(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job: a stretch written down, or some tickets started, and the job for what is left. It may run twice."""
    with runtime.reading() as session:
        row = session.get(Launch, args["launch_id"])
    if row is None or row.state != Progress.RUNNING:
        return
    if row.after_subject_id < ALL:
        _write_down(runtime, row.id, args["turn"])
    else:
        _start_some(runtime, row.id, args["turn"])


def _write_down(runtime: Runtime, launch_id: int, turn: int) -> None:
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        row = session.get_one(Launch, launch_id, with_for_update=True)
        if row.state != Progress.RUNNING or row.after_subject_id >= ALL:
            return
        standard = session.get_one(Standard, row.standard_id, with_for_update=True)  # one planner at a time
        path = session.get_one(Place, row.place_id).path
        found = candidates(session, standard, path=path, after=row.after_subject_id, limit=WRITTEN)
        chosen = [each for each in found if applies(standard, each) and is_active(each.facts, now)]
        row.total -= len(found) - len(chosen)
        _write(session, runtime, row, standard, chosen, now)
        row.after_subject_id = found[-1].id if len(found) == WRITTEN else ALL
        row.updated_at = now
        _next(session, row, turn + 1, now)


def _write(
    session: Session, runtime: Runtime, row: Launch, standard: Standard, found: Sequence[Candidate], now: datetime
) -> None:
    """Occurrences of those that have none of the present period; what had not begun, or failed, begins by this."""
    kept = kept_of(session, standard, Occurrence.subject_id.in_([each.id for each in found]))
    dates = Dates(session, runtime.calendars, standard)
    fresh: list[dict[str, Any]] = []
    whose: dict[Any, Candidate] = {}
    again: list[tuple[Kept, Candidate]] = []
    rule = rule_of(standard)
    for candidate in found:
        period = period_now(rule, candidate.facts, now)
        own = kept.get(candidate.id, {})
        here = own.get(period or "")
        had = period is None or period in had_by_day(rule, candidate.facts, own.values())
        if period is None or had or (here is not None and not here.may_begin):
            row.skipped += 1
        elif here is not None:
            again.append((here, candidate))
        else:
            made = occurrence_row(standard, candidate, period, now, now, launch_id=row.id)
            fresh.append(made)
            whose[made["public_id"]] = candidate
    insert_occurrences(session, fresh, whose, standard, dates, now)
    row.skipped += len(again) - _take_over(session, row, standard, again, dates, now)


def _take_over(
    session: Session,
    row: Launch,
    standard: Standard,
    again: Sequence[tuple[Kept, Candidate]],
    dates: Dates,
    now: datetime,
) -> int:
    """What was planned, called off or failed begins by this launch; how many. What has begun meanwhile is left."""
    connection = session.connection()
    waits = sa.and_(Occurrence.state == Progress.PLANNED, Occurrence.launch_id.is_(None))
    mine = (Occurrence.ticket_id.is_(None), sa.or_(waits, Occurrence.state.in_(OVER)))
    values = {"state": Progress.PLANNED.value, "reason": "", "launch_id": row.id, "starts_at": now}
    taken: set[int] = set()
    for part in parts([here.id for here, _ in again]):
        taking = sa.update(Occurrence).where(Occurrence.id.in_(part), *mine).values(**values)
        taken.update(connection.scalars(taking.returning(Occurrence.id)))
    end_records(connection, sorted(taken), now)
    records: list[dict[str, Any]] = []
    for here, candidate in again:
        if here.id in taken:
            due = dates.due(now, candidate.place_id, candidate.facts.zone)
            records += record_rows(standard, here.id, candidate, due, now, dates.waivers)
    insert(connection, StepRecord, records)
    return len(taken)


def _planned(row: Launch) -> tuple[sa.ColumnElement[bool], ...]:
    return Occurrence.launch_id == row.id, Occurrence.state == Progress.PLANNED


def _start_some(runtime: Runtime, launch_id: int, turn: int) -> None:
    """Each in a transaction of its own, so that one that can't start holds up no other."""
    with runtime.reading() as session:
        row = session.get_one(Launch, launch_id)
        query = sa.select(*COLUMNS).where(*_planned(row)).order_by(Occurrence.id).limit(STARTED)
        due = [Due(*each) for each in session.execute(query)]
    for number, each in enumerate(due, start=1):
        start(runtime, each)
        if number % TOLD == 0:
            _tell(runtime, launch_id)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        row = session.get_one(Launch, launch_id, with_for_update=True)
        _count(session, row)
        row.updated_at = now
        if row.state != Progress.RUNNING:
            return
        if len(due) < STARTED and session.scalar(sa.select(Occurrence.id).where(*_planned(row)).limit(1)) is None:
            row.state, row.finished_at = Progress.DONE.value, now
        else:
            _next(session, row, turn + 1, now)


def _tell(runtime: Runtime, launch_id: int) -> None:
    """How far it is by now."""
    with runtime.writing() as session, session.begin():
        row = session.get_one(Launch, launch_id, with_for_update=True)
        _count(session, row)
        row.updated_at = runtime.clock.now()


def _count(session: Session, row: Launch) -> None:
    query = sa.select(Occurrence.state, sa.func.count()).where(Occurrence.launch_id == row.id)
    by_state = dict(session.execute(query.group_by(Occurrence.state)).all())
    row.started = by_state.get(Progress.RUNNING, 0) + by_state.get(Progress.DONE, 0)
    row.failed = by_state.get(Progress.FAILED, 0)


def _next(session: Session, row: Launch, turn: int, now: datetime) -> None:
    args = {"launch_id": row.id, "turn": turn}
    jobs.enqueue(session, JOB, args, run_at=now, key=f"{JOB}:{row.id}:{turn}")


def _place(session: Session, actor: Actor, standard: Standard, place_id: UUID | None) -> Place:
    """Where it is launched: its own place, or one below. Raises NotFound, Forbidden."""
    own = session.get_one(Place, standard.place_id)
    if place_id is None:
        check_may_manage(session, actor, own.id)
        return own
    below = sa.and_(Place.public_id == place_id, Place.path.startswith(own.path))
    place = session.scalar(sa.select(Place).where(below))
    if place is None or not actor.may(Permission.MANAGE_STANDARDS):
        check_may_manage(session, actor, own.id)
        raise NotFound(N_("This place"))
    check_may_manage(session, actor, place.id)
    return place


def _check_none_runs(session: Session, standard: Standard) -> None:
    running = (Launch.standard_id == standard.id, Launch.state == Progress.RUNNING)
    if session.scalar(sa.select(Launch.id).where(*running).limit(1)) is not None:
        raise Conflict(Message(N_("A launch of this standard is under way; wait for it, or cancel it.")))
