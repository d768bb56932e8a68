"""Owns what is shown of the steps in a spot check's sample: what was filled in, by whom, and how they were judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER, shared_alias
from engine.expressions import N_
from engine.models import UserTask
from tickets.access import Actor
from tickets.errors import NotFound
from tickets.organising.reach import places_within
from tickets.paging import EPOCH, Position, read_cursor, write_cursor
from tickets.people import Person
from tickets.places import Place
from tickets.standards.checking.verdicts import CORRECTED_WITHIN
from tickets.standards.naming import Named
from tickets.standards.tables import CheckedStep, Confirmation, Occurrence, SpotCheck, StandardStep, StepRecord
from tickets.standards.waiving.asking import SEES
from tickets.subjects import Subject
from tickets.ticket import Ticket

STEPS = 25
"""On one page."""


@dataclass(frozen=True, slots=True)
class Word:
    """A second person's word that a step was done."""

    person_id: int
    name: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the sample, with what was filled in when it was done."""

    id: UUID
    verdict: str | None
    reason: str
    judged_at: datetime | None
    judged_by: str
    step: Named
    subject: str
    subject_id: UUID
    period: str
    place: Named
    due_at: datetime
    done_at: datetime
    done_by: str
    ticket: str
    """The number of the ticket it was done in; empty where that isn't known."""
    form_digest: str | None
    submitted: Mapping[str, Any]
    task_id: int | None
    words: Sequence[Word]
    own: bool
    """Whether the reader did or confirmed it, and so doesn't judge it."""
    redo: str
    """The number of the ticket in which it waits to be done again; empty if it doesn't."""
    redone_at: datetime | None

    def is_late(self) -> bool:
        return self.done_at > self.due_at

    def may_judge(self, now: datetime) -> bool:
        """Whether its verdict can still be given or corrected."""
        return not self.own and (self.judged_at is None or now - self.judged_at <= CORRECTED_WITHIN)


def visible_steps(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of CheckedStep: its campus is theirs to see."""
    return CheckedStep.place_id.in_(sa.select(Place.id).where(places_within(actor, *SEES)).correlate(None))


def steps_at(
    session: Session, actor: Actor, check: SpotCheck, campus: UUID, cursor: str | None
) -> tuple[tuple[StepRow, ...], str | None]:
    """Some of the steps of one campus, and the cursor of those that follow."""
    query = _STEPS.where(CheckedStep.check_id == check.id, _Campus.public_id == campus, visible_steps(actor))
    if (position := read_cursor(cursor)) is not None:
        query = query.where(CheckedStep.id > position.id)
    found = session.execute(query.order_by(CheckedStep.id).limit(STEPS + 1)).all()
    more = write_cursor(Position(EPOCH, found[STEPS - 1][0].id)) if len(found) > STEPS else None
    return tuple(_as_steps(session, actor, found[:STEPS])), more


def step_row(session: Session, actor: Actor, step_id: UUID) -> tuple[StepRow, UUID]:
    """One step, and its check's id. Raises NotFound."""
    found = session.execute(_STEPS.where(CheckedStep.public_id == step_id, visible_steps(actor))).all()
    if not found:
        raise NotFound(N_("This step of a spot check"))
    check_id = session.scalars(sa.select(SpotCheck.public_id).where(SpotCheck.id == found[0][0].check_id)).one()
    return _as_steps(session, actor, found)[0], check_id


def every_step(session: Session, actor: Actor, check: SpotCheck) -> Sequence[tuple[Named, StepRow]]:
    """All the steps that they see, each with its campus, for a file."""
    query = _STEPS.add_columns(_Campus.name, _Campus.names).where(
        CheckedStep.check_id == check.id, visible_steps(actor)
    )
    found = session.execute(query.order_by(_Campus.path, CheckedStep.id)).all()
    rows = _as_steps(session, actor, [row[:-2] for row in found])
    return [(Named(each[-2], each[-1]), row) for each, row in zip(found, rows, strict=True)]


_Judge = shared_alias(Person, "judge")
_Doer = shared_alias(Person, "doer")
_There = shared_alias(Place, "there")
_Campus = shared_alias(Place, "campus")
_STEPS = (
    sa.select(CheckedStep, StepRecord, StandardStep, Subject, Occurrence.period, Occurrence.public_id)
    .add_columns(_There.name, _There.names, _Judge.name, _Doer.name)
    .add_columns(UserTask.form_digest, UserTask.submitted, Ticket.number)
    .join(StepRecord, StepRecord.id == CheckedStep.record_id)
    .join(StandardStep, StandardStep.id == StepRecord.step_id)
    .join(Occurrence, Occurrence.id == StepRecord.occurrence_id)
    .join(Subject, Subject.id == StepRecord.subject_id)
    .join(_There, _There.id == StepRecord.place_id)
    .join(_Campus, _Campus.id == CheckedStep.place_id)
    .outerjoin(_Judge, _Judge.id == CheckedStep.judged_by_id)
    .outerjoin(_Doer, _Doer.id == StepRecord.done_by_id)
    .outerjoin(UserTask, UserTask.id == StepRecord.task_id)
    .outerjoin(Ticket, Ticket.instance_id == UserTask.instance_id)
)


def _as_steps(session: Session, actor: Actor, found: Sequence[Any]) -> list[StepRow]:
    words = _words(session, {row[1].task_id for row in found})
    now_known = _now_known(session, {(row[1].occurrence_id, row[1].step_id) for row in found})
    rows = []
    for checked, record, step, subject, period, _, there, theres, judge, doer, digest, submitted, number in found:
        turn, done_at, redo = now_known.get((record.occurrence_id, record.step_id), (record.turn, record.done_at, ""))
        again, given = turn > record.turn, words.get(record.task_id, ())
        rows.append(
            StepRow(
                id=checked.public_id,
                verdict=checked.verdict,
                reason=checked.reason,
                judged_at=checked.judged_at,
                judged_by=judge or "",
                step=Named(step.name, step.names),
                subject=subject.name,
                subject_id=subject.public_id,
                period=period,
                place=Named(there, theres),
                due_at=record.due_at,
                done_at=record.done_at,
                done_by=doer or "",
                ticket=number or "",
                form_digest=digest,
                submitted=submitted or {},
                task_id=record.task_id,
                words=given,
                own=actor.person_id in {record.done_by_id, *(word.person_id for word in given)},
                redo=(redo or "") if again and done_at is None else "",
                redone_at=done_at if again else None,
            )
        )
    return rows


def _words(session: Session, tasks: Collection[int | None]) -> Mapping[int | None, Sequence[Word]]:
    """Who gave their word for which task."""
    query = (
        sa.select(Confirmation.task_id, Confirmation.person_id, Person.name, Confirmation.note, Confirmation.at)
        .join(Person, Person.id == Confirmation.person_id)
        .where(Confirmation.task_id.in_(sorted(task for task in tasks if task is not None)))
        .order_by(Confirmation.id)
    )
    found: dict[int | None, list[Word]] = {}
    for task_id, person_id, name, note, at in session.execute(query):
        found.setdefault(task_id, []).append(Word(person_id, name, note, at))
    return found


def _now_known(
    session: Session, keys: Collection[tuple[int, int]]
) -> Mapping[tuple[int, int], tuple[int, datetime | None, str | None]]:
    """What holds now of each step of an occurrence: its turn, when that was done, and the ticket it is done in."""
    query = (
        sa.select(StepRecord.occurrence_id, StepRecord.step_id, StepRecord.turn, StepRecord.done_at, Ticket.number)
        .outerjoin(UserTask, UserTask.id == StepRecord.task_id)
        .outerjoin(Ticket, Ticket.instance_id == UserTask.instance_id)
        .where(StepRecord.occurrence_id.in_(sorted({each[0] for each in keys})), StepRecord.valid_to == NEVER)
        .order_by(StepRecord.turn, StepRecord.id)
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in session.execute(query)}
