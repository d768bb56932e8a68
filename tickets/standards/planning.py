"""Owns planning: which occurrences come, and when their steps are due, written down ahead of time and kept true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER, insert
from tickets.runtime import Calendars, Runtime
from tickets.standards import ordering
from tickets.standards.dates import Dates
from tickets.standards.kept import Kept, kept_of
from tickets.standards.periods import had_by_day
from tickets.standards.scope import Candidate, applies, candidates, rule_of
from tickets.standards.tables import Occurrence, Progress, Standard, StepRecord, Trigger
from tickets.standards.triggers import CATCH_UP, GRACE, is_active, starts
from tickets.standards.writing import end_records, insert_occurrences, occurrence_row, parts, record_rows

AHEAD = timedelta(days=62)
EVER = timedelta(days=36_500)
EVERY = timedelta(hours=20)
"""How much nearer the end of what is planned comes before it is moved on: once a night."""


def plan_due(runtime: Runtime) -> int:
    """Plans every active standard on to the horizon, now; how many occurrences were planned, moved or called off."""
    near = runtime.clock.now() + AHEAD - EVERY
    behind = sa.or_(Standard.planned_until.is_(None), Standard.planned_until < near)
    with runtime.reading() as session:
        ids = session.scalars(sa.select(Standard.id).where(Standard.active, behind).order_by(Standard.id)).all()
    return sum(plan_standard(runtime, ident) for ident in ids)


def plan_standard(runtime: Runtime, standard_id: int) -> int:
    """Plans one standard for all its subjects, now; how many occurrences changed."""
    changed, after = 0, 0
    while True:
        with runtime.writing() as session, session.begin():
            done, last = _stretch(session, runtime, standard_id, after)
        changed += done
        if last is None:
            return changed
        after = last


def run(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job: a stretch of subjects, and in the same transaction the job for the next; or certain subjects."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        if "subjects" in args:
            standard = _held(session, args["standard_id"])
            if standard is not None:
                found = candidates(session, standard, only=args["subjects"])
                plan(session, runtime.calendars, standard, found, now=now, subjects=args["subjects"])
            return
        _, last = _stretch(session, runtime, args["standard_id"], args["after"])
        if last is not None:
            ordering.order_next(session, args["standard_id"], args["run"], last, now)


def _held(session: Session, standard_id: int) -> Standard | None:
    """The standard, for one planner at a time; None if it is gone."""
    return session.scalar(sa.select(Standard).where(Standard.id == standard_id).with_for_update())


def _stretch(session: Session, runtime: Runtime, standard_id: int, after: int) -> tuple[int, int | None]:
    """Plans the next subjects; how many occurrences changed, and the last subject if there are more."""
    standard = _held(session, standard_id)
    if standard is None:
        return 0, None
    now = runtime.clock.now()
    found = candidates(session, standard, after=after, limit=ordering.AT_ONCE)
    last = found[-1].id if len(found) == ordering.AT_ONCE else None
    changed = plan(session, runtime.calendars, standard, found, now=now, between=(after, last))
    if last is None:
        standard.planned_until = now + AHEAD
    return changed, last


def plan(
    session: Session,
    calendars: Calendars,
    standard: Standard,
    found: Sequence[Candidate],
    *,
    now: datetime,
    subjects: Sequence[int] = (),
    between: tuple[int, int | None] | None = None,
) -> int:
    """Makes what is planned of these subjects true; how many occurrences changed.

    `found` are those of `subjects`, or of all up to an id and after another, that the standard may apply to: of the
    others nothing may be planned any more. What has begun is left as it is.
    """
    kept = kept_of(session, standard, *_among(subjects, between))
    dates = Dates(session, calendars, standard)
    batch = _Batch(standard, dates, now)
    for candidate in found:
        here = kept.pop(candidate.id, {})
        wanted = _wanted(standard, candidate, here, now) if standard.active and applies(standard, candidate) else {}
        batch.settle(candidate, here, wanted)
    for gone in kept.values():
        batch.call_off(gone.values())
    return batch.write(session)


def _among(subjects: Sequence[int], between: tuple[int, int | None] | None) -> Sequence[sa.ColumnElement[bool]]:
    if between is None:
        return [Occurrence.subject_id.in_(sorted(subjects))]
    after, last = between
    return [Occurrence.subject_id > after, *([Occurrence.subject_id <= last] if last is not None else [])]


def _wanted(
    standard: Standard, candidate: Candidate, kept: Mapping[str, Kept], now: datetime
) -> Mapping[str, datetime]:
    """When it should start for this subject, from what may still have to be made up for to the horizon."""
    rule = rule_of(standard)
    had = had_by_day(rule, candidate.facts, kept.values())
    due = starts(rule, candidate.facts, since=now - CATCH_UP, until=now + AHEAD)
    return {period: at for period, at in due.items() if period not in had}


@dataclass
class _Batch:
    """What is to be written of a stretch of subjects, in a few statements."""

    standard: Standard
    dates: Dates
    now: datetime
    fresh: list[dict[str, Any]] = field(default_factory=list)
    moved: list[tuple[Kept, Candidate, datetime]] = field(default_factory=list)
    same: list[tuple[Kept, Candidate]] = field(default_factory=list)
    off: list[int] = field(default_factory=list)
    whose: dict[Any, Candidate] = field(default_factory=dict)

    def settle(self, candidate: Candidate, kept: Mapping[str, Kept], wanted: Mapping[str, datetime]) -> None:
        """New ones, moved ones, and those that are planned no more."""
        for period, at in wanted.items():
            here = kept.get(period)
            if here is None:
                if at >= self.now - self._grace() and is_active(candidate.facts, max(at, self.now)):
                    self._add(candidate, period, max(at, self.now) if self._is_created() else at)
            elif here.waits and (here.starts_at, here.place_id) != (at, candidate.place_id) and not self._is_created():
                self.moved.append((here, candidate, at))
            elif here.waits and here.place_id != candidate.place_id:
                self.moved.append((here, candidate, here.starts_at))
            elif here.waits:
                self.same.append((here, candidate))
            elif here.may_return and at >= self.now - GRACE:
                self.moved.append((here, candidate, at))
        self.call_off(row for period, row in kept.items() if period not in wanted)

    def call_off(self, rows: Iterable[Kept]) -> None:
        self.off += [row.id for row in rows if row.waits]

    def write(self, session: Session) -> int:
        """All of it; how many occurrences were changed."""
        self._write_off(session)
        self._write_moved(session)
        self._write_same(session)
        self._write_fresh(session)
        return len(self.fresh) + len(self.moved) + len(self.off)

    def _is_created(self) -> bool:
        return self.standard.trigger == Trigger.CREATED

    def _grace(self) -> timedelta:
        return {Trigger.CYCLE: GRACE, Trigger.DATE: CATCH_UP}.get(Trigger(self.standard.trigger), EVER)

    def _add(self, candidate: Candidate, period: str, at: datetime) -> None:
        row = occurrence_row(self.standard, candidate, period, at, self.now)
        self.fresh.append(row)
        self.whose[row["public_id"]] = candidate

    def _write_off(self, session: Session) -> None:
        connection = session.connection()
        end_records(connection, self.off, self.now)
        for part in parts(self.off):
            gone = sa.update(Occurrence).where(Occurrence.id.in_(part), Occurrence.state == Progress.PLANNED)
            connection.execute(gone.values(state=Progress.CANCELLED))

    def _write_moved(self, session: Session) -> None:
        if not self.moved:
            return
        connection = session.connection()
        end_records(connection, [row.id for row, _, _ in self.moved], self.now)
        values = [
            {"of": row.id, "at": at, "now_at": whose.place_id, "brand": whose.brand_id, "now_state": Progress.PLANNED}
            for row, whose, at in self.moved
        ]
        connection.execute(_MOVE, values)
        rows = [self._records(row.id, whose, at) for row, whose, at in self.moved]
        insert(connection, StepRecord, [each for several in rows for each in several])

    def _write_same(self, session: Session) -> None:
        """The steps may be others than when it was planned, or due at other times."""
        valid: dict[int, dict[int, tuple[int, datetime]]] = {}
        columns = (StepRecord.occurrence_id, StepRecord.step_id, StepRecord.id, StepRecord.due_at)
        for part in parts([row.id for row, _ in self.same]):
            query = sa.select(*columns).where(StepRecord.occurrence_id.in_(part), StepRecord.valid_to == NEVER)
            for occurrence_id, step_id, ident, due_at in session.execute(query):
                valid.setdefault(occurrence_id, {})[step_id] = (ident, due_at)
        over: list[int] = []
        fresh: list[dict[str, Any]] = []
        for row, whose in self.same:
            here = valid.get(row.id, {})
            due = self.dates.due(row.starts_at, whose.place_id, whose.facts.zone)
            over += [ident for step_id, (ident, at) in here.items() if due.get(step_id) != at]
            other = {step_id: at for step_id, at in due.items() if step_id not in here or here[step_id][1] != at}
            fresh += record_rows(self.standard, row.id, whose, other, self.now, self.dates.waivers)
        for part in parts(over):
            ended = sa.update(StepRecord).where(StepRecord.id.in_(part)).values(valid_to=self.now)
            session.connection().execute(ended)
        insert(session.connection(), StepRecord, fresh)

    def _write_fresh(self, session: Session) -> None:
        insert_occurrences(session, self.fresh, self.whose, self.standard, self.dates, self.now)

    def _records(self, occurrence_id: int, whose: Candidate, at: datetime) -> list[dict[str, Any]]:
        due = self.dates.due(at, whose.place_id, whose.facts.zone)
        return record_rows(self.standard, occurrence_id, whose, due, self.now, self.dates.waivers)


_MOVE = (
    sa.update(Occurrence)
    .where(Occurrence.id == sa.bindparam("of"))
    .values(
        starts_at=sa.bindparam("at"),
        place_id=sa.bindparam("now_at"),
        brand_id=sa.bindparam("brand"),
        state=sa.bindparam("now_state"),
    )
)
