"""Owns what whoever runs the installation sees: its processes, jobs, late timers, stopped processes, lost messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_list
from engine.expressions import N_, Message
from engine.job_list import Listed
from engine.models import STOPS, UNRESOLVED, Incident, JobStatus, ProcessDefinition, Timer
from tickets.access import Actor, Permission, Scope
from tickets.deadlines import Deadline
from tickets.errors import Forbidden
from tickets.notices.deliveries import Failure, failures
from tickets.operating.pulse import Pulse, pulses
from tickets.reading.elements import elements_of, name_of
from tickets.ticket import Ticket

A_PAGE = 20
STATES = (JobStatus.FAILED, JobStatus.QUEUED, JobStatus.RUNNING)
"""The states that are looked at; what is done or cancelled is over."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A step that could not be done, of which ticket, and why."""

    id: UUID
    number: str
    title: str
    element: str
    """What people call it."""
    names: Mapping[str, str]
    why: Message
    at: datetime
    """When it stopped; of one set aside, when that was done."""


@dataclass(frozen=True, slots=True)
class Late:
    """A timer or deadline whose time has come; `number` is empty for one that starts tickets."""

    kind: str
    element: str
    number: str
    due_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page; `counts` are jobs by state, `late_count` may be more than `late` shows."""

    processes: Sequence[Pulse]
    counts: Mapping[JobStatus, int]
    jobs: Sequence[Listed]
    more: int | None
    stopped: Sequence[Stopped]
    stopped_count: int
    aside: Sequence[Stopped]
    aside_count: int
    late: Sequence[Late]
    late_count: int
    messages: Sequence[Failure]


def overview(session: Session, actor: Actor, *, state: JobStatus, after: int | None, now: datetime) -> Overview:
    """What runs and what does not. Raises Forbidden."""
    check_runs(actor)
    counts = dict.fromkeys(STATES, 0)
    for (_, each), count in job_list.by_state(session, not_over=True).items():
        if each in counts:
            counts[JobStatus(each)] += count
    jobs = job_list.listed(session, state=state, limit=A_PAGE + 1, after=after)
    late, late_count = _late(session, now)
    return Overview(
        processes=pulses(session),
        counts=counts,
        jobs=jobs[:A_PAGE],
        more=jobs[A_PAGE - 1].id if len(jobs) > A_PAGE else None,
        stopped=_stopped(session, STOPS),
        stopped_count=session.scalar(sa.select(sa.func.count()).where(STOPS)) or 0,
        aside=_stopped(session, _ASIDE),
        aside_count=session.scalar(sa.select(sa.func.count()).where(_ASIDE)) or 0,
        late=late,
        late_count=late_count,
        messages=failures(session, actor, limit=A_PAGE) if actor.may(Permission.MANAGE_ACCESS) else (),
    )


def check_runs(actor: Actor) -> None:
    """Jobs and processes belong to no brand, so they are only for who runs the whole. Raises Forbidden."""
    if not runs(actor):
        text = N_("Only an administrator of the whole group sees how the installation runs; ask one.")
        raise Forbidden(Message(text))


def runs(actor: Actor) -> bool:
    """Whether they run the whole installation."""
    return any(grant.scope is Scope.GROUP for grant in actor.having(Permission.RUN))


_ASIDE = sa.and_(UNRESOLVED, Incident.aside_at.is_not(None))


def _stopped(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Stopped]:
    """The newest; a called process's stops its ticket's."""
    query = (
        sa.select(Incident, Ticket.number, Ticket.title, ProcessDefinition)
        .join(Ticket, Ticket.instance_id == Incident.instance_id)
        .join(ProcessDefinition, ProcessDefinition.id == Ticket.definition_id)
        .where(which)
        .order_by(Incident.id.desc())
        .limit(A_PAGE)
    )
    return [
        Stopped(
            row.public_id,
            number,
            title,
            *name_of(elements_of(session, definition), row.element),
            Message(row.reason, row.params),
            row.aside_at or row.opened_at,
        )
        for row, number, title, definition in session.execute(query).all()
    ]


def _late(session: Session, now: datetime) -> tuple[Sequence[Late], int]:
    timers = (
        sa.select(Timer.element, Ticket.number, Timer.due_at, Timer.attempts)
        .outerjoin(Ticket, Ticket.instance_id == Timer.instance_id)
        .where(Timer.due_at <= now)
        .order_by(Timer.due_at)
        .limit(A_PAGE)
    )
    deadlines = (
        sa.select(Deadline.kind, Ticket.number, Deadline.due_at, Deadline.attempts)
        .join(Ticket, Ticket.id == Deadline.ticket_id)
        .where(Deadline.due_at <= now)
        .order_by(Deadline.due_at)
        .limit(A_PAGE)
    )
    rows = [
        Late(kind, element, number or "", due_at, attempts)
        for kind, query in (("timer", timers), ("deadline", deadlines))
        for element, number, due_at, attempts in session.execute(query)
    ]
    count = sum(
        session.scalar(sa.select(sa.func.count()).where(table.due_at <= now)) or 0 for table in (Timer, Deadline)
    )
    return sorted(rows, key=lambda row: row.due_at)[:A_PAGE], count
