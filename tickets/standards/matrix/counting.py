"""Owns the statements that count step records by state, over the covering index of step, place and due time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from tickets.standards.matrix.asked import Asked
from tickets.standards.matrix.states import Tally, sums_of, tally_of
from tickets.standards.tables import CheckedStep, Occurrence, StepRecord, Verdict
from tickets.subjects import Subject

FAILED: sa.ColumnElement[str] = sa.literal_column(f"'{Verdict.FAILED.value}'")
"""A literal, since a database uses the partial index of failed checks only where it sees one."""
_VERSION = shared_alias(StepRecord)
"""The row that a check looked at; what it found stays with the step however often the row is followed by another."""
Key = tuple[int, int]


class Rows(StrEnum):
    """What a row of the matrix is: the column of a record that says to which it belongs."""

    PLACES = "place_id"
    SUBJECTS = "subject_id"
    OCCURRENCES = "occurrence_id"


def tallies(
    session: Session,
    asked: Asked,
    rows: Rows,
    *,
    places: Collection[int],
    steps: Collection[int],
    subject_id: int | None = None,
) -> Mapping[Key, Tally]:
    """By row and step, what became of the records of these steps at these places; all states, whatever is asked."""
    if not places or not steps:
        return {}
    wanted = conditions(StepRecord, asked, places=places, steps=steps, subject_id=subject_id)
    column = getattr(StepRecord, rows)
    query = sa.select(column, StepRecord.step_id, *sums_of(StepRecord, asked.as_of)).where(*wanted)
    counted = (
        session.connection().execute(query.group_by(StepRecord.step_id, column)).all()
    )  # in the order of the index
    failures = _failures(session, asked, rows, wanted)
    return {(row, step): tally_of(sums, failures.get((row, step), 0)) for row, step, *sums in counted}


def conditions(
    record: type[StepRecord],
    asked: Asked,
    *,
    places: Collection[int],
    steps: Collection[int],
    subject_id: int | None = None,
) -> Sequence[sa.ColumnElement[bool]]:
    """The records that are asked for, as they were known then: due in the period, of these steps, at these places."""
    wanted = [
        record.step_id.in_(sorted(steps)),
        record.place_id.in_(sorted(places)),
        record.due_at >= asked.starts_at,
        record.due_at < asked.ends_at,
        record.valid_from <= asked.as_of,
        record.valid_to > asked.as_of,
    ]
    if subject_id is not None:
        wanted.append(record.subject_id == subject_id)
    if asked.occurrence is not None:
        one = sa.select(Occurrence.id).where(Occurrence.public_id == asked.occurrence).correlate(None)
        wanted.append(record.occurrence_id.in_(one))
    if asked.text:
        holds = [column.icontains(asked.text, autoescape=True) for column in (Subject.name, Subject.external_id)]
        wanted.append(record.subject_id.in_(sa.select(Subject.id).where(sa.or_(*holds)).correlate(None)))
    if asked.failed:
        wanted.append(has_failed(record, asked))
    return wanted


def has_failed(record: type[StepRecord], asked: Asked) -> sa.ColumnElement[bool]:
    """Whether a check failed the step before that moment."""
    checked = sa.select(CheckedStep.id).join(_VERSION, _VERSION.id == CheckedStep.record_id)
    same = (_VERSION.occurrence_id == record.occurrence_id, _VERSION.step_id == record.step_id)
    return checked.where(*same, *_judged(asked)).correlate(record).exists()


def failed_checks(session: Session, asked: Asked, keys: Collection[Key]) -> Mapping[Key, int]:
    """How many checks failed each of these steps (occurrence, step) before that moment."""
    query = (
        sa.select(_VERSION.occurrence_id, _VERSION.step_id, sa.func.count())
        .join_from(CheckedStep, _VERSION, _VERSION.id == CheckedStep.record_id)
        .where(_VERSION.occurrence_id.in_(sorted({key[0] for key in keys})), *_judged(asked))
        .group_by(_VERSION.occurrence_id, _VERSION.step_id)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query)} if keys else {}


def _failures(
    session: Session, asked: Asked, rows: Rows, wanted: Sequence[sa.ColumnElement[bool]]
) -> Mapping[Key, int]:
    row = getattr(StepRecord, rows)
    same = sa.and_(_VERSION.occurrence_id == StepRecord.occurrence_id, _VERSION.step_id == StepRecord.step_id)
    query = (
        sa.select(row, StepRecord.step_id, sa.func.count())
        .select_from(CheckedStep)
        .join(_VERSION, _VERSION.id == CheckedStep.record_id)
        .join(StepRecord, same)
        .where(*_judged(asked), *wanted)
        .group_by(row, StepRecord.step_id)
    )
    return {(each[0], each[1]): each[2] for each in session.connection().execute(query)}


def _judged(asked: Asked) -> Sequence[sa.ColumnElement[bool]]:
    return CheckedStep.verdict == FAILED, CheckedStep.judged_at <= asked.as_of
