"""Owns a verdict's own rows: whom it may come from, when it may be corrected, and the step record that it reopens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor
from tickets.errors import Conflict, Forbidden, NotFound
from tickets.organising.reach import places_within
from tickets.permissions import Permission
from tickets.places import Place
from tickets.standards.tables import CheckedStep, Confirmation, Standard, StandardStep, StepRecord, Verdict
from tickets.standards.waiving.asking import SEES
from tickets.subjects import Subject

CORRECTED_WITHIN = timedelta(days=7)


class SameAgain(Exception):
    """This very verdict is there already: there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One step of a sample with its record when it was drawn, and the record that holds now."""

    checked: CheckedStep
    drawn: StepRecord
    current: StepRecord
    step: StandardStep

    @property
    def redone(self) -> bool:
        """Whether it has opened again since it was drawn: by a check, this or another, or by its own process."""
        return self.current.turn > self.drawn.turn or self.current.done_at is None


def look(session: Session, actor: Actor, step_id: UUID, *, lock: bool = False) -> Judged:
    """The step, if they may judge it; locked until the commit. Raises NotFound, Forbidden."""
    query = (
        sa.select(CheckedStep, StepRecord, StandardStep, Place)
        .join(StepRecord, StepRecord.id == CheckedStep.record_id)
        .join(StandardStep, StandardStep.id == StepRecord.step_id)
        .join(Place, Place.id == CheckedStep.place_id)
        .where(CheckedStep.public_id == step_id, places_within(actor, *SEES))
    )
    found = session.execute(query.with_for_update(of=CheckedStep) if lock else query).one_or_none()
    if found is None:
        raise NotFound(N_("This step of a spot check"))
    checked, drawn, step, place = found
    if not actor.covers(Permission.CHECK_STANDARDS, brand_id=place.brand_id, place_path=place.path):
        raise Forbidden(Message(N_("Only those who do spot checks judge; ask headquarters.")))
    current = _current(session, drawn, lock=lock)
    if actor.person_id in _hands(session, drawn, current):
        raise Forbidden(Message(N_("You did or confirmed this step yourself; somebody else has to judge it.")))
    return Judged(checked, drawn, current, step)


def check_correctable(checked: CheckedStep, verdict: Verdict, reason: str, now: datetime) -> None:
    """Raises SameAgain, or Conflict where it was judged too long ago to be corrected."""
    if checked.verdict is None:
        return
    if (checked.verdict, checked.reason) == (verdict, reason):
        raise SameAgain
    assert checked.judged_at is not None
    if now - checked.judged_at > CORRECTED_WITHIN:
        text = N_("A verdict is corrected within %(days)s days; this one is older, so draw another spot check.")
        raise Conflict(Message(text, {"days": CORRECTED_WITHIN.days}))


def write_verdict(session: Session, actor: Actor, judged: Judged, verdict: Verdict, reason: str, now: datetime) -> None:
    """The verdict itself; the one before stays in the audit log. Raises SameAgain, Conflict."""
    checked = judged.checked
    check_correctable(checked, verdict, reason, now)
    before = {"verdict": checked.verdict, "reason": checked.reason} if checked.verdict is not None else {}
    checked.verdict, checked.reason = verdict, reason
    checked.judged_at, checked.judged_by_id = now, actor.person_id
    session.flush()
    action = "spot_check.corrected" if before else "spot_check.judged"
    after = {"verdict": verdict.value, **({"reason": reason} if reason else {})}
    subject = session.scalars(sa.select(Subject.name).where(Subject.id == judged.drawn.subject_id)).one()
    standard = session.get_one(Standard, judged.step.standard_id)
    brand, what = checked.brand_id, f"{standard.type_key}/{judged.step.key} · {subject}"
    audit.record(session, actor, action, what, brand_id=brand, at=now, before=before, after=after)


def begin_again(session: Session, judged: Judged, now: datetime) -> StepRecord:
    """What was done counts no more: the current row ends, and another turn of the step begins, due when it was."""
    again = _follows(session, judged.current, now)
    again.turn = judged.current.turn + 1
    again.opened_at = again.done_at = again.done_by_id = again.task_id = None
    session.add(again)
    session.flush()
    return again


def counts_again(session: Session, judged: Judged, now: datetime) -> StepRecord:
    """It had been done after all: the turn that began for nothing ends, and what was done holds again."""
    again = _follows(session, judged.current, now)
    for name in ("turn", "opened_at", "done_at", "done_by_id", "task_id"):
        setattr(again, name, getattr(judged.drawn, name))
    session.add(again)
    session.flush()
    return again


def only_failure(session: Session, judged: Judged) -> bool:
    """Whether no other spot check found the same turn of the step wanting."""
    drawn = judged.drawn
    turn = sa.select(StepRecord.id).where(
        StepRecord.occurrence_id == drawn.occurrence_id,
        StepRecord.step_id == drawn.step_id,
        StepRecord.turn == drawn.turn,
    )
    other = sa.select(CheckedStep.id).where(
        CheckedStep.record_id.in_(turn), CheckedStep.id != judged.checked.id, CheckedStep.verdict == Verdict.FAILED
    )
    return session.scalar(other.limit(1)) is None


def _follows(session: Session, row: StepRecord, now: datetime) -> StepRecord:
    """The row ends now; a copy of it that holds from now on."""
    row.valid_to = now
    session.flush()
    names = [column.key for column in StepRecord.__table__.c if column.key not in ("id", "valid_from", "valid_to")]
    return StepRecord(**{name: getattr(row, name) for name in names}, valid_from=now, valid_to=NEVER)


def _current(session: Session, drawn: StepRecord, *, lock: bool) -> StepRecord:
    query = sa.select(StepRecord).where(
        StepRecord.occurrence_id == drawn.occurrence_id,
        StepRecord.step_id == drawn.step_id,
        StepRecord.valid_to == NEVER,
    )
    newest = query.order_by(StepRecord.turn.desc(), StepRecord.id.desc()).limit(1)
    return session.scalars(newest.with_for_update() if lock else newest).first() or drawn


def _hands(session: Session, *records: StepRecord) -> set[int]:
    """Who did it, or gave their word that it was done."""
    tasks = {record.task_id for record in records if record.task_id is not None}
    witnesses = sa.select(Confirmation.person_id).where(Confirmation.task_id.in_(sorted(tasks)))
    return {record.done_by_id for record in records if record.done_by_id is not None} | set(session.scalars(witnesses))
