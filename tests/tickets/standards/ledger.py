"""Standards with random histories, and what a matrix of them should say, worked out one by one in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from tests.tickets.desk import MORNING, Desk
from tickets.places import Place, PlaceKind, add_place
from tickets.standards.matrix.asked import Asked
from tickets.standards.tables import (
    CheckedStep,
    Occurrence,
    SpotCheck,
    Standard,
    StandardStep,
    StepRecord,
    Verdict,
    Waiver,
    WaiverState,
)
from tickets.subjects import Subject
from tickets.ticket import Status, Ticket

STEPS = ("invite", "hold", "minutes")
CAMPUSES = ("sz-nanshan", "gz-tianhe", "cd-gaoxin", "room")
"""The last one is a department within 深圳南山."""
Count = dict[tuple[str, str], Counter[str]]


@dataclass(frozen=True)
class Fact:
    """A record as it stands in the table, with what lies around it."""

    record: StepRecord
    step: str
    place: Place
    subject: Subject
    occurrence: Occurrence
    ticket: Ticket | None
    failed_at: tuple[datetime, ...]

    def state(self, at: datetime) -> str:
        """What the contract says of it."""
        record, ticket = self.record, self.ticket
        if record.done_at and record.done_at <= at:
            return "in_time" if record.done_at <= record.due_at else "late"
        if record.waiver_id:
            return "waived"
        if record.due_at >= at:
            return "not_yet_due"
        if ticket and ticket.closed_at and ticket.closed_at <= at:
            return "missing"
        begun = (ticket and ticket.created_at <= at) or (record.opened_at and record.opened_at <= at)
        return "overdue" if begun else "missing"


@dataclass
class Ledger:
    """Two standards, one of the group and one of 青禾英语, and everything that became of them."""

    desk: Desk
    chance: random.Random
    standards: dict[str, UUID] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def counts(self, standard: str, asked: Asked, *, at: str = "qiming", rows: str = "child") -> Count:
        """By row (a place's external id, a subject's number, an occurrence's id) and step, how many are how."""
        found: Count = {}
        for fact in self.wanted(standard, asked, at=at):
            cell = found.setdefault((self.row(fact, at, rows), fact.step), Counter())
            cell[fact.state(asked.as_of)] += 1
            cell["failed"] += sum(1 for moment in fact.failed_at if moment <= asked.as_of)
        return found

    def wanted(self, standard: str, asked: Asked, *, at: str = "qiming") -> Iterator[Fact]:
        for fact in self.facts[standard]:
            name = (fact.subject.name + "\0" + fact.subject.external_id).lower()
            if (
                asked.starts_at <= fact.record.due_at < asked.ends_at
                and fact.record.valid_from <= asked.as_of < fact.record.valid_to
                and fact.place.path.startswith(self.places[at].path)
                and (not asked.steps or fact.step in asked.steps)
                and asked.text.lower() in name
                and (not asked.failed or any(moment <= asked.as_of for moment in fact.failed_at))
            ):
                yield fact

    def row(self, fact: Fact, at: str, rows: str) -> str:
        if rows == "subject":
            return fact.subject.external_id
        if rows == "occurrence":
            return str(fact.occurrence.public_id)
        inside = [each for each in self.places.values() if fact.place.path.startswith(each.path)]
        if rows == "campus":
            return next(str(each.external_id) for each in inside if each.kind == PlaceKind.CAMPUS)
        below = [each for each in inside if each.parent_id == self.places[at].id]
        return str((below or [fact.place])[0].external_id)


def score(cell: Mapping[str, int]) -> Fraction | None:
    """The formula, once more."""
    due = cell["in_time"] + cell["late"] + cell["overdue"] + cell["missing"]
    if not due:
        return None
    return max(Fraction(0), 100 * (cell["in_time"] + Fraction(cell["late"] - cell["failed"], 2)) / due)


def keep_ledger(desk: Desk, seed: int, *, subjects: int = 14) -> Ledger:
    """Everything drawn by lot: the same for the same seed."""
    ledger = Ledger(desk, random.Random(seed))
    with desk.writing() as session:
        _places(session, ledger)
        made = [_subject(session, ledger, number) for number in range(subjects)]
        for key, place in (("group", "qiming"), ("brand", "qinghe")):
            _standard(session, ledger, f"{key}-{seed}", ledger.places[place])
    for key in ("group", "brand"):
        _occurrences(ledger, key, made)
        _read_back(ledger, key)
    return ledger


def _places(session: Session, ledger: Ledger) -> None:
    known = {place.external_id: place for place in session.scalars(sa.select(Place))}
    if "room" not in known:
        above = known["sz-nanshan"]
        known["room"] = add_place(session, PlaceKind.DEPARTMENT, {"zh": "三楼"}, above=above, external_id="room")
    ledger.places = {str(key): place for key, place in known.items()}


def _subject(session: Session, ledger: Ledger, number: int) -> Subject:
    place = ledger.places[ledger.chance.choice(CAMPUSES)]
    key = f"K-{ledger.chance.randrange(10**9)}-{number}"
    names = ("启蒙 B2", "Phonics 1", "100% 拼读", "a_b")
    subject = Subject(
        brand_id=place.brand_id,
        place_id=place.id,
        kind="class",
        external_id=key,
        name=f"{ledger.chance.choice(names)} {number}",
        created_at=MORNING,
        updated_at=MORNING,
    )
    session.add(subject)
    return subject


def _standard(session: Session, ledger: Ledger, key: str, place: Place) -> None:
    standard = Standard(
        brand_id=place.brand_id,
        place_id=place.id,
        type_key=key,
        subject_kind="class",
        trigger="created",
        begins_on=date(2026, 1, 1),
        created_at=MORNING,
        updated_at=MORNING,
    )
    session.add(standard)
    session.flush()
    for position, step in enumerate(STEPS):
        session.add(StandardStep(standard_id=standard.id, key=step, name=step, position=position))
    ledger.standards[key.split("-", maxsplit=1)[0]] = standard.public_id


def _occurrences(ledger: Ledger, key: str, subjects: Sequence[Subject]) -> None:
    desk, chance = ledger.desk, ledger.chance
    inside = [each for each in subjects if key == "group" or each.brand_id == ledger.places["qinghe"].id]
    with desk.runtime.reading() as session:
        standard = session.scalars(sa.select(Standard).where(Standard.public_id == ledger.standards[key])).one()
        steps = session.scalars(sa.select(StandardStep).where(StandardStep.standard_id == standard.id)).all()
    for subject in inside:
        for period in ("2026-09", "2026-10", "2026-11"):
            start = datetime.fromisoformat(f"{period}-01T00:00:00+08:00")
            ticket = _ticket(desk, chance, start) if chance.random() < 0.75 else None
            with desk.writing() as session:
                occurrence = Occurrence(
                    brand_id=subject.brand_id,
                    place_id=subject.place_id,
                    standard_id=standard.id,
                    subject_id=subject.id,
                    period=period,
                    starts_at=start,
                    ticket_id=ticket.id if ticket else None,
                    created_at=start,
                )
                session.add(occurrence)
                session.flush()
                for step in steps:
                    _history(session, ledger, standard, occurrence, step)


def _ticket(desk: Desk, chance: random.Random, start: datetime) -> Ticket:
    filed = start + timedelta(days=chance.randrange(0, 20))
    closed = filed + timedelta(days=chance.randrange(1, 30)) if chance.random() < 0.6 else None
    status = Status.IN_PROGRESS if closed is None else chance.choice((Status.CLOSED, Status.WITHDRAWN))
    return desk.ticket(created_at=filed, updated_at=filed, closed_at=closed, status=status)


def _history(session: Session, ledger: Ledger, standard: Standard, occurrence: Occurrence, step: StandardStep) -> None:
    """One to four rows, each valid after the one before: due at another time, waived, waived no more, done again."""
    chance, at = ledger.chance, occurrence.starts_at
    facts: dict[str, Any] = {
        "brand_id": occurrence.brand_id,
        "place_id": occurrence.place_id,
        "standard_id": standard.id,
        "step_id": step.id,
        "occurrence_id": occurrence.id,
        "subject_id": occurrence.subject_id,
        "due_at": at + timedelta(hours=chance.randrange(0, 24 * 30)),
        "turn": 1,
    }
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        ends = at + timedelta(hours=chance.randrange(1, 24 * 12))
        row = _row(session, chance, {**facts, "valid_from": at, "valid_to": ends})
        at = ends
        match chance.choice(("due", "waived", "no more", "failed")):
            case "due":
                facts["due_at"] += timedelta(hours=chance.randrange(-200, 600))
            case "waived":
                facts["waiver_id"] = _waiver(session, ledger, occurrence, standard)
            case "no more":
                facts.pop("waiver_id", None)
            case _:
                facts["turn"] += 1
                _check(session, ledger, standard, row, at)
    last = _row(session, chance, {**facts, "valid_from": at, "valid_to": NEVER})
    if chance.random() < 0.2:
        _check(session, ledger, standard, last, at + timedelta(days=chance.randrange(0, 9)))


def _row(session: Session, chance: random.Random, facts: dict[str, Any]) -> StepRecord:
    due = facts["due_at"]
    opened = due - timedelta(hours=chance.randrange(-40, 100)) if chance.random() < 0.7 else None
    done = max(opened, due + timedelta(hours=chance.randrange(-60, 60))) if opened and chance.random() < 0.7 else None
    if done and chance.random() < 0.05:
        done = max(due, opened or due)  # to the second
    row = StepRecord(opened_at=opened, done_at=done, **facts)
    session.add(row)
    session.flush()
    return row


def _waiver(session: Session, ledger: Ledger, occurrence: Occurrence, standard: Standard) -> int:
    waiver = Waiver(
        brand_id=occurrence.brand_id,
        place_id=occurrence.place_id,
        standard_id=standard.id,
        occurrence_id=occurrence.id,
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 12, 31),
        reason="停课",
        state=WaiverState.APPROVED,
        asked_at=MORNING,
        asked_by_id=ledger.desk.people["zhaomin"],
    )
    session.add(waiver)
    session.flush()
    return waiver.id


def _check(session: Session, ledger: Ledger, standard: Standard, row: StepRecord, at: datetime) -> None:
    check = SpotCheck(
        brand_id=row.brand_id,
        place_id=row.place_id,
        standard_id=standard.id,
        starts_on=at.date(),
        ends_on=at.date(),
        size=1,
        seed="1",
        drawn_at=at,
        drawn_by_id=ledger.desk.people["chenxiao"],
    )
    session.add(check)
    session.flush()
    verdict = ledger.chance.choice((Verdict.FAILED, Verdict.FAILED, Verdict.PASSED, None))
    session.add(
        CheckedStep(
            brand_id=row.brand_id,
            place_id=row.place_id,
            check_id=check.id,
            record_id=row.id,
            verdict=verdict,
            judged_at=at if verdict else None,
        )
    )


def _read_back(ledger: Ledger, key: str) -> None:
    """The facts as they stand in the tables, each with its surroundings; nothing of this is the matrix's."""
    query = (
        sa.select(StepRecord, StandardStep.key, Place, Subject, Occurrence, Ticket)
        .join(Standard, Standard.id == StepRecord.standard_id)
        .join(StandardStep, StandardStep.id == StepRecord.step_id)
        .join(Place, Place.id == StepRecord.place_id)
        .join(Subject, Subject.id == StepRecord.subject_id)
        .join(Occurrence, Occurrence.id == StepRecord.occurrence_id)
        .outerjoin(Ticket, Ticket.id == Occurrence.ticket_id)
        .where(Standard.public_id == ledger.standards[key])
    )
    failures: dict[tuple[int, int], list[datetime]] = {}
    checked = (
        sa.select(StepRecord.occurrence_id, StepRecord.step_id, CheckedStep.judged_at)
        .join(StepRecord, StepRecord.id == CheckedStep.record_id)
        .where(CheckedStep.verdict == Verdict.FAILED)
    )
    with ledger.desk.runtime.reading() as session:
        for occurrence_id, step_id, at in session.execute(checked):
            failures.setdefault((occurrence_id, step_id), []).append(at or MORNING)
        for record, step, place, subject, occurrence, ticket in session.execute(query):
            failed = tuple(failures.get((record.occurrence_id, record.step_id), ()))
            fact = Fact(record, step, place, subject, occurrence, ticket, failed)
            ledger.facts.setdefault(key, []).append(fact)
