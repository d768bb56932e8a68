"""Owns the rows of occurrences and of their steps' records: made, inserted, ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER, insert, new_public_id
from tickets.standards.dates import Dates
from tickets.standards.scope import Candidate
from tickets.standards.tables import Occurrence, Progress, Standard, StepRecord
from tickets.standards.waiving.effect import Reach, waived


def occurrence_row(
    standard: Standard, candidate: Candidate, period: str, at: datetime, now: datetime, **more: Any
) -> dict[str, Any]:
    """The row of a new occurrence."""
    return {
        "public_id": new_public_id(),
        "brand_id": candidate.brand_id,
        "place_id": candidate.place_id,
        "standard_id": standard.id,
        "subject_id": candidate.id,
        "period": period,
        "starts_at": at,
        "state": Progress.PLANNED.value,
        "reason": "",
        "created_at": now,
        **more,
    }


def insert_occurrences(
    session: Session,
    rows: Sequence[dict[str, Any]],
    whose: Mapping[Any, Candidate],
    standard: Standard,
    dates: Dates,
    now: datetime,
) -> None:
    """New occurrences with the records of their steps; `whose` are the subjects by the occurrences' public ids."""
    if not rows:
        return
    connection = session.connection()
    statement = sa.insert(Occurrence).returning(Occurrence.id, Occurrence.public_id, Occurrence.starts_at)
    made = connection.execute(statement, list(rows)).all()
    records: list[dict[str, Any]] = []
    for ident, public_id, at in made:
        candidate = whose[public_id]
        due = dates.due(at, candidate.place_id, candidate.facts.zone)
        records += record_rows(standard, ident, candidate, due, now, dates.waivers)
    insert(connection, StepRecord, records)


def record_rows(
    standard: Standard,
    occurrence_id: int,
    whose: Candidate,
    due: Mapping[int, datetime],
    now: datetime,
    waivers: Sequence[Reach],
) -> list[dict[str, Any]]:
    """The records of an occurrence's steps, by when each is due; those that a running waiver holds for are waived."""
    about: dict[str, Any] = {"subject_id": whose.id, "occurrence_id": occurrence_id, "place_path": whose.path}
    return [
        {
            "brand_id": whose.brand_id,
            "place_id": whose.place_id,
            "standard_id": standard.id,
            "step_id": step_id,
            "occurrence_id": occurrence_id,
            "subject_id": whose.id,
            "due_at": at,
            "waiver_id": waived(waivers, step_id=step_id, due_at=at, **about) if waivers else None,
            "turn": 1,
            "valid_from": now,
            "valid_to": NEVER,
        }
        for step_id, at in due.items()
    ]


def end_records(connection: sa.Connection, occurrence_ids: Sequence[int], now: datetime) -> None:
    """What was known of their steps is known no more from now on."""
    for part in parts(occurrence_ids):
        valid = sa.and_(StepRecord.occurrence_id.in_(part), StepRecord.valid_to == NEVER)
        connection.execute(sa.update(StepRecord).where(valid).values(valid_to=now))


def parts(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    """A few at a time: databases limit how much a statement may name."""
    return (ids[begin : begin + size] for begin in range(0, len(ids), size))
