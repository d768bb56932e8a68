"""Owns what came of a departure: how many rows went where, and what could not be put back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask
from tickets.departing.aftermath import DEPARTED
from tickets.departing.model import ChangeKind, Departure, DepartureChange, Outcome
from tickets.people import Person
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent

MOST_KEPT = 200
MOST_COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class KeptBack:
    """What was not put back, and why (an English msgid): a ticket, its task (`task`), or a person who reports."""

    number: str
    title: str
    task: str
    task_names: Mapping[str, str]
    person: str
    reason: str


@dataclass(frozen=True)
class Results:
    """`heirs`: how many tickets each person got, the most first; `queued` went to the dispatch queue."""

    heirs: Sequence[tuple[str, int]]
    queued: int
    tasks_back: int
    tasks_given: int
    reports: int
    back: int
    kept: Sequence[KeptBack]
    ticket: str
    """The number of the ticket that a message about it started, empty if none."""


def results(session: Session, departure: Departure) -> Results:
    """As the rows say that were written down."""
    query = sa.select(DepartureChange.kind, DepartureChange.after, DepartureChange.outcome)
    rows = session.execute(query.where(DepartureChange.departure_id == departure.id).limit(MOST_COUNTED)).all()
    owners = Counter(_heir(after) for kind, after, _ in rows if kind == ChangeKind.TICKET)
    queued = owners.pop(None, 0)
    tasks = Counter(after["assignee_id"] is not None for kind, after, _ in rows if kind == ChangeKind.TASK)
    ids = [person_id for person_id in owners if person_id is not None]
    people = sa.select(Person.id, Person.name).where(Person.id.in_(ids))
    names = dict(session.execute(people).all())
    return Results(
        heirs=[(names[person_id], count) for person_id, count in owners.most_common() if person_id is not None],
        queued=queued,
        tasks_back=tasks[False],
        tasks_given=tasks[True],
        reports=sum(kind == ChangeKind.REPORT for kind, _, _ in rows),
        back=sum(outcome == Outcome.BACK for _, _, outcome in rows),
        kept=_kept(session, departure),
        ticket=_started(session, departure),
    )


def _heir(after: Mapping[str, int | None]) -> int | None:
    return after["owner_id"] or after["offered_to_id"]


def _kept(session: Session, departure: Departure) -> list[KeptBack]:
    change = DepartureChange
    query = (
        sa.select(Ticket.number, Ticket.title, UserTask.name, UserTask.names, Person.name, change.reason)
        .select_from(change)
        .outerjoin(Ticket, Ticket.id == change.ticket_id)
        .outerjoin(UserTask, sa.and_(change.kind == ChangeKind.TASK, UserTask.id == change.row_id))
        .outerjoin(Person, sa.and_(change.kind == ChangeKind.REPORT, Person.id == change.row_id))
        .where(change.departure_id == departure.id, change.outcome == Outcome.KEPT)
        .order_by(change.id)
        .limit(MOST_KEPT)
    )
    return [
        KeptBack(number or "", title or "", task or "", names or {}, person or "", reason)
        for number, title, task, names, person, reason in session.execute(query)
    ]


def _started(session: Session, departure: Departure) -> str:
    """The ticket that was filed because of it."""
    query = (
        sa.select(Ticket.number)
        .join(TimelineEvent, sa.and_(TimelineEvent.ticket_id == Ticket.id, TimelineEvent.kind == EventKind.FILED))
        .where(
            Ticket.place_id == departure.place_id,
            Ticket.created_at >= departure.at,
            Ticket.requester_id.is_(None),
            TimelineEvent.params["cause"].as_string() == DEPARTED,
            Ticket.data["departure"].as_string() == str(departure.public_id),
        )
        .order_by(Ticket.id)
        .limit(1)
    )
    return session.scalars(query).first() or ""
