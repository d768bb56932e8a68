"""Owns what a ticket of a standard's type is that a person filed about a subject: an occurrence like any other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import insert
from tickets.case import Case
from tickets.places import Place, ancestors
from tickets.runtime import calendar_of
from tickets.standards.dates import Dates
from tickets.standards.periods import period_now
from tickets.standards.scope import Candidate, candidates, rule_of
from tickets.standards.tables import Occurrence, Progress, Standard, StepRecord, Trigger
from tickets.standards.triggers import ONCE, PERIOD, day_in
from tickets.standards.writing import end_records, insert_occurrences, occurrence_row, record_rows


def adopt(session: Session, case: Case, type_key: str, now: datetime) -> None:
    """Makes the new ticket an occurrence of the nearest standard of its type that its subject belongs to, if any.

    One that is planned for the same period begins early by it; else it is one of its own.
    """
    assert case.about is not None
    for standard in _standards(session, case, type_key):
        found = candidates(session, standard, only=[case.about.id])
        if found:
            _adopt(session, standard, found[0], case, now)
            return


def _standards(session: Session, case: Case, type_key: str) -> Sequence[Standard]:
    """Those of the type that hold at the ticket's place, the nearest first."""
    assert case.about is not None
    query = (
        sa.select(Standard)
        .join(Place, Place.id == Standard.place_id)
        .where(
            Standard.type_key == type_key,
            Standard.subject_kind == case.about.kind,
            Standard.active,
            Standard.place_id.in_(ancestors(case.site.path)),
        )
        .order_by(sa.func.length(Place.path).desc(), Standard.id)
    )
    return session.scalars(query).all()


def _adopt(session: Session, standard: Standard, candidate: Candidate, case: Case, now: datetime) -> None:
    mine = (Occurrence.standard_id == standard.id, Occurrence.subject_id == candidate.id)
    kept = {row.period: row for row in session.scalars(sa.select(Occurrence).where(*mine))}
    dates = Dates(session, lambda place_id: calendar_of(session, place_id), standard)
    for period in _periods(standard, candidate, now):
        here = kept.get(period)
        if here is None:
            more = {"state": Progress.RUNNING.value, "ticket_id": case.ticket_id}
            row = occurrence_row(standard, candidate, period, now, now, **more)
            insert_occurrences(session, [row], {row["public_id"]: candidate}, standard, dates, now)
            return
        if here.ticket_id is None and here.state in (Progress.PLANNED, Progress.FAILED, Progress.CANCELLED):
            _take_over(session, standard, candidate, here, case, dates, now)
            return
    # It has one for today already: this one is known by its number.
    row = occurrence_row(
        standard, candidate, case.number[:PERIOD], now, now, state=Progress.RUNNING.value, ticket_id=case.ticket_id
    )
    insert_occurrences(session, [row], {row["public_id"]: candidate}, standard, dates, now)


def _periods(standard: Standard, candidate: Candidate, now: datetime) -> list[str]:
    """What it may be for, the likeliest first."""
    day = day_in(now, candidate.facts.zone).isoformat()
    if standard.trigger != Trigger.CYCLE:
        return [ONCE, day]
    present = period_now(rule_of(standard), candidate.facts, now)
    return list(dict.fromkeys(filter(None, (present, day))))


def _take_over(
    session: Session,
    standard: Standard,
    candidate: Candidate,
    planned: Occurrence,
    case: Case,
    dates: Dates,
    now: datetime,
) -> None:
    """The planned one begins now, by this ticket."""
    connection = session.connection()
    was = planned.state
    values = {"state": Progress.RUNNING.value, "ticket_id": case.ticket_id, "starts_at": now, "reason": ""}
    connection.execute(sa.update(Occurrence).where(Occurrence.id == planned.id).values(**values))
    if was != Progress.CANCELLED:
        end_records(connection, [planned.id], now)
    due = dates.due(now, candidate.place_id, candidate.facts.zone)
    insert(connection, StepRecord, record_rows(standard, planned.id, candidate, due, now, dates.waivers))
