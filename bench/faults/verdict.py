"""Owns looking at the database afterwards: what was acknowledged is there, once, and nothing else happened twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from bench.faults.clients import Kept
from engine import job_list
from engine.models import Incident, JobStatus, StepInput, TaskStatus, Timer, UserTask
from tickets.notices.models import Delivery, DeliveryStatus
from tickets.recount.walk import differences
from tickets.runtime import Runtime
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind, TimelineEvent
from tickets.types import TicketType


@dataclass
class Verdict:
    """What is wrong, in words; all empty when all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    """What never came to an end: open incidents, failed jobs."""


def judge(runtime: Runtime, kept: Kept, received: Mapping[str, int]) -> Verdict:
    """Of a database at rest. `received` are the keys that came to the webhook."""
    verdict = Verdict()
    with runtime.reading() as session:
        _tickets(session, kept, verdict)
        _echoes(session, kept.completed, verdict)
        _steps(session, verdict)
        _sent(session, received, verdict)
        _left_over(session, verdict)
    verdict.differences = [f"{one.ticket} {one.check}: {one.said}" for one in differences(runtime)]
    return verdict


def at_rest(runtime: Runtime) -> bool:
    """Whether nothing is left to be done: no timer, job, event or message."""
    queries = (
        sa.select(Timer.id).where(Timer.instance_id.is_not(None)),
        sa.select(TimelineEvent.id).where(TimelineEvent.pending),
        sa.select(Delivery.id).where(Delivery.status == DeliveryStatus.QUEUED),
    )
    with runtime.reading() as session:
        if any(session.scalar(query.limit(1)) is not None for query in queries):
            return False
        counts = job_list.by_state(session)
    return not any(status in (JobStatus.QUEUED, JobStatus.RUNNING) for _, status in counts)


def echoed(runtime: Runtime, serial: str) -> bool:
    """Whether a ticket of that serial has gone by its timer, its job and its message."""
    with runtime.reading() as session:
        return serial in {_serial(ticket) for ticket in _of_type(session, "echo", newest=200)}


def _of_type(session: Session, key: str, *, newest: int | None = None) -> Iterable[Ticket]:
    query = sa.select(Ticket).join(TicketType, TicketType.id == Ticket.type_id).where(TicketType.key == key)
    return session.scalars(query.options(undefer(Ticket.data)).order_by(Ticket.id.desc()).limit(newest))


def _serial(ticket: Ticket) -> str:
    return str(ticket.data.get("serial"))


def _tickets(session: Session, kept: Kept, verdict: Verdict) -> None:
    tickets = list(_of_type(session, "steady"))
    serials = Counter(map(_serial, tickets))
    verdict.doubled += [f"{count} tickets for {serial}" for serial, count in serials.items() if count > 1]
    there = {ticket.number: ticket for ticket in tickets}
    first = {task.instance_id: task for task in session.scalars(_FIRST)}
    for serial, number in kept.filed.items():
        ticket = there.get(number)
        if ticket is None or _serial(ticket) != serial:
            verdict.lost.append(f"ticket {number} of {serial}")
            continue
        task = first.get(ticket.instance_id)
        if serial in kept.claimed and (task is None or task.claimed_at is None):
            verdict.lost.append(f"claim in {number}")
        answer = (task.submitted or {}).get("answer") if task is not None else None
        if serial in kept.completed and answer != f"answer to {serial}":
            verdict.lost.append(f"completion in {number}")
        if serial in kept.confirmed and ticket.status != Status.CLOSED:
            verdict.lost.append(f"message to {number}")


_FIRST = sa.select(UserTask).where(UserTask.element == "first").options(undefer(UserTask.submitted))


def _echoes(session: Session, completed: Collection[str], verdict: Verdict) -> None:
    """Each completed ticket's timer has fired, its job was done and its message has begun another: once."""
    counts = Counter(map(_serial, _of_type(session, "echo")))
    verdict.doubled += [f"{count} echoes of {serial}" for serial, count in counts.items() if count > 1]
    verdict.lost += [f"echo of {serial}" for serial in completed if serial not in counts]


def _steps(session: Session, verdict: Verdict) -> None:
    done: Counter[Any] = Counter()
    for instance, kind, payload in session.execute(sa.select(StepInput.instance_id, StepInput.kind, StepInput.payload)):
        done[instance, kind, payload.get("ref"), payload.get("slot")] += 1
    verdict.doubled += [f"{key[1]} of {key[2]} in instance {key[0]}" for key, count in done.items() if count > 1]
    told = sa.select(TimelineEvent.ticket_id).where(TimelineEvent.kind == EventKind.COMPLETED)
    lines = Counter(session.scalars(told))
    verdict.doubled += [f"line of a completion in ticket {ticket}" for ticket, count in lines.items() if count > 1]
    tasks = Counter(session.execute(sa.select(UserTask.instance_id, UserTask.element)).tuples())
    verdict.doubled += [f"task {key[1]} in instance {key[0]}" for key, count in tasks.items() if count > 1]
    open_tasks = session.scalars(sa.select(UserTask.id).where(UserTask.status == TaskStatus.OPEN)).all()
    verdict.left_over += [f"open task {task}" for task in open_tasks[:5]]


def _sent(session: Session, received: Mapping[str, int], verdict: Verdict) -> None:
    """A message may come twice under its key, which tells so; never under two keys, and never not at all."""
    whose = (Delivery.event_id, Delivery.person_id, Delivery.address_id)
    sent = Counter(session.execute(sa.select(*whose)).tuples())
    verdict.doubled += [f"message of event {key[0]}" for key, count in sent.items() if count > 1]
    keys = session.scalars(sa.select(Delivery.key).where(Delivery.status == DeliveryStatus.SENT)).all()
    verdict.lost += [f"message {key}" for key in keys if key not in received]


def _left_over(session: Session, verdict: Verdict) -> None:
    stuck = session.scalars(sa.select(Incident).where(Incident.resolved_at.is_(None))).all()
    verdict.left_over += [f"incident at {one.element}: {one.reason}" for one in stuck]
    counts = job_list.by_state(session)
    verdict.left_over += [
        f"{count} jobs {name} {status}" for (name, status), count in counts.items() if _failed(status)
    ]


def _failed(status: str) -> bool:
    return status in (JobStatus.FAILED, JobStatus.CANCELLED)
