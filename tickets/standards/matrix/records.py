"""Owns the list behind a cell: the step records that it counts, by due time, with their tickets, waivers and checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import visible_tickets
from tickets.actor import Actor
from tickets.paging import Page, Position, clamped, read_cursor, write_cursor
from tickets.people import Person
from tickets.places import Place
from tickets.standards.matrix.asked import Asked
from tickets.standards.matrix.counting import Key, conditions, failed_checks
from tickets.standards.matrix.reading import spot_of, subject_of
from tickets.standards.matrix.scope import Column, Named, Spot, columns_of, find_standard, land_of
from tickets.standards.matrix.states import BY_CODE, CODES, State, state_of
from tickets.standards.tables import Occurrence, StepRecord, Waiver
from tickets.subjects import Subject
from tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Waived:
    """Why a step need not be done, and until when."""

    public_id: UUID
    reason: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class Record:
    """One step of one occurrence as it was known; `number` is the ticket's, if there was one that the reader sees.

    `failed` is how many checks failed it, whichever turn they looked at; `turn` 2 and more: done again after one.
    """

    id: int
    state: State
    column: Column
    place_name: str
    place_names: Mapping[str, str]
    place_id: UUID
    subject_id: UUID
    subject: str
    subject_number: str
    subject_kind: str
    period: str
    due_at: datetime
    opened_at: datetime | None
    done_at: datetime | None
    done_by: str
    task_id: int | None
    turn: int
    number: str
    failed: int
    waived: Waived | None


@dataclass(frozen=True, slots=True)
class Records:
    """A page of the list, with what its head says."""

    standard: Named
    columns: tuple[Column, ...]
    page: Page[Record]
    way: tuple[Spot, ...]
    place: Spot | None
    subject: Subject | None


def records_of(
    session: Session, actor: Actor, public_id: UUID, asked: Asked, *, cursor: str | None = None, limit: int = 50
) -> Records:
    """The records that a cell counts, the first due first. Raises Forbidden and NotFound as the matrix does."""
    limit = clamped(limit)
    land = land_of(session, actor)
    standard = find_standard(session, actor, public_id)
    place, subject = spot_of(land, asked, standard), subject_of(session, land, asked)
    every = columns_of(session, [standard])
    steps = {column.id: column for column in every if not asked.steps or column.key in asked.steps}
    places = [spot.id for spot in land.below(place, only_here=asked.by == "here")]
    query = _ids(asked, standard, places=places, steps=steps, subject_id=subject.id if subject else None)
    if position := read_cursor(cursor):
        query = query.where(sa.tuple_(StepRecord.due_at, StepRecord.id) > sa.tuple_(position.due, position.id))
    found = session.execute(query.limit(limit + 1)).all() if steps else []
    last = Position(found[limit - 1].due_at, found[limit - 1].id) if len(found) > limit else None
    states = {row.id: BY_CODE[row.state] for row in found[:limit]}
    page = Page(_records(session, actor, asked, states, steps), write_cursor(last) if last else None)
    return Records(standard, tuple(every), page, tuple(land.way(place)), place, subject)


def _ids(
    asked: Asked, standard: Named, *, places: Collection[int], steps: Collection[int], subject_id: int | None
) -> sa.Select[int, datetime, int]:
    """Which records, in order: found by the indexes alone; all else about a page of them is asked afterwards."""
    state = state_of(StepRecord, asked.as_of)
    wanted = conditions(StepRecord, asked, places=places, steps=steps, subject_id=subject_id)
    query = (
        sa.select(StepRecord.id, StepRecord.due_at, state.label("state"))
        .where(StepRecord.standard_id == standard.id, *wanted)
        .order_by(StepRecord.due_at, StepRecord.id)
    )
    return query.where(state.in_([CODES[each] for each in asked.states])) if asked.states else query


_WAIVER = (Waiver.public_id, Waiver.reason, Waiver.ends_on)
_ABOUT = (
    sa.select(
        *(StepRecord, Place.name, Place.names, Subject, Occurrence.period, Occurrence.ticket_id, Person.name),
        *(Place.public_id, *_WAIVER),
    )
    .join(Place, Place.id == StepRecord.place_id)
    .join(Subject, Subject.id == StepRecord.subject_id)
    .join(Occurrence, Occurrence.id == StepRecord.occurrence_id)
    .outerjoin(Person, Person.id == StepRecord.done_by_id)
    .outerjoin(Waiver, Waiver.id == StepRecord.waiver_id)
    .where(StepRecord.id.in_(sa.bindparam("ids", expanding=True)))
)


def _records(
    session: Session, actor: Actor, asked: Asked, states: Mapping[int, State], columns: Mapping[int, Column]
) -> tuple[Record, ...]:
    """The records with these ids, in their order."""
    rows = {row[0].id: row for row in session.execute(_ABOUT, {"ids": list(states)})} if states else {}
    numbers = _numbers(session, actor, {row[5] for row in rows.values() if row[5] is not None})
    failed = failed_checks(session, asked, {(row[0].occurrence_id, row[0].step_id) for row in rows.values()})
    return tuple(_record(asked, rows[each], states[each], columns, numbers=numbers, failed=failed) for each in states)


def _record(
    asked: Asked,
    row: Any,
    state: State,
    columns: Mapping[int, Column],
    *,
    numbers: Mapping[int, str],
    failed: Mapping[Key, int],
) -> Record:
    """What was not yet at that moment is left out."""
    record, place, places, subject, period, ticket_id, done_by, place_id, waiver, reason, ends_on = row
    done_at = record.done_at if record.done_at and record.done_at <= asked.as_of else None
    return Record(
        id=record.id,
        state=state,
        column=columns[record.step_id],
        place_name=place,
        place_names=places,
        place_id=place_id,
        subject_id=subject.public_id,
        subject=subject.name,
        subject_number=subject.external_id,
        subject_kind=subject.kind,
        period=period,
        due_at=record.due_at,
        opened_at=record.opened_at if record.opened_at and record.opened_at <= asked.as_of else None,
        done_at=done_at,
        done_by=(done_by or "") if done_at else "",
        task_id=record.task_id,
        turn=record.turn,
        number=numbers.get(ticket_id, ""),
        failed=failed.get((record.occurrence_id, record.step_id), 0),
        waived=Waived(waiver, reason, ends_on) if waiver else None,
    )


def _numbers(session: Session, actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """The numbers of those tickets that the reader sees."""
    query = sa.select(Ticket.id, Ticket.number).where(Ticket.id.in_(sorted(ids)), visible_tickets(actor))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}
