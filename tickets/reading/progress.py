"""Reads how far a ticket is: its path through the diagram for staff, a few plain steps for the requester."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.definitions import Kind, load
from engine.expressions import N_, Message
from engine.models import (
    STOPS,
    ElementVisit,
    Incident,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    Timer,
)
from engine.spiff.build import build
from tickets.reading.elements import Elements, beside, callers, listens, name_of, rests
from tickets.rows import TicketRow
from tickets.ticket import Status, Ticket


@dataclass(frozen=True, slots=True)
class Diagram:
    """The element ids to mark on the definition's picture; a current one that was passed before is only current.

    `calling`: the call activities by which a ticket is at current elements of other files, which the picture lacks.
    """

    definition_id: uuid.UUID
    done: frozenset[str]
    current: frozenset[str]
    incidents: frozenset[str]
    calling: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Awaited:
    """An event on the process's way that comes by itself, and when."""

    name: str
    names: Mapping[str, str]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Where and why the process stopped."""

    public_id: uuid.UUID
    element: str
    name: str
    names: Mapping[str, str]
    reason: Message
    opened_at: datetime
    may_retry: bool


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    TODO = "todo"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the requester's stepper; `detail` names what is being done, in the process's own words."""

    key: str
    text: Message
    state: StepState
    at: datetime | None = None
    detail: str = ""
    detail_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Path:
    """Elements an instance has left, and those where a timer, a message or a signal is waited for."""

    done: frozenset[str]
    waiting: frozenset[str]


def read_path(session: Session, instance_id: int) -> Path:
    """In one statement."""
    done, waiting = sa.literal("done"), sa.literal("waiting")
    passed = sa.and_(ElementVisit.instance_id == instance_id, ElementVisit.outcome == "completed")
    rows = session.execute(
        sa.union(
            sa.select(done.label("what"), ElementVisit.element).where(passed),
            sa.select(waiting, Timer.element).where(Timer.instance_id == instance_id),
            sa.select(waiting, MessageSubscription.element).where(MessageSubscription.instance_id == instance_id),
        )
    ).all()
    return Path(
        done=frozenset(element for what, element in rows if what == "done"),
        waiting=frozenset(element for what, element in rows if what == "waiting"),
    )


def diagram(
    definition_id: uuid.UUID, path: Path, elements: Elements, *, tasks: Iterable[str], incidents: Iterable[str]
) -> Diagram:
    """`tasks` and `incidents` are elements; an event on another's edge waits, but the process is not there.

    Nor is it at what it listens for beside everything else, unless it waits for nothing but messages and signals.
    """
    waiting = {element for element in path.waiting if not beside(elements, element)}
    heard = {element for element in waiting if listens(elements, element)}
    stands = {element for element in tasks if not beside(elements, element)}
    current = frozenset(stands | (waiting - heard)) or frozenset(heard)
    stopped = frozenset(incidents)
    calling = callers(elements, current)
    return Diagram(
        definition_id,
        path.done - current - calling,
        current,
        stopped | callers(elements, stopped),
        calling - path.done or calling,
    )


def rests_at(session: Session, instance_id: int, elements: Elements) -> frozenset[str]:
    """Where a process stands that waits for nothing that a table tells of: a condition, or the answer of a job."""
    if not any(rests(node) for node in elements.values()):
        return frozenset()
    query = (
        sa.select(ProcessInstance.state, ProcessDefinition.compiled)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
        .where(ProcessInstance.id == instance_id)
    )
    state, compiled = session.execute(query).one()
    live = instances.restore(state, build(load(compiled)))
    return frozenset(element for element in instances.resting(live) if not beside(elements, element))


def awaited(session: Session, instance_id: int, elements: Elements, at: Iterable[str]) -> tuple[Awaited, ...]:
    """What the process waits for where it stands `at`, the soonest first; what waits beside its way is left out."""
    catching = sorted(element for element in at if (node := elements.get(element)) and node.kind is Kind.CATCH)
    if not catching:
        return ()
    query = sa.select(Timer.element, Timer.due_at).where(Timer.instance_id == instance_id, Timer.element.in_(catching))
    found = session.execute(query.order_by(Timer.due_at, Timer.id))
    return tuple(Awaited(*name_of(elements, element), due_at) for element, due_at in found)


def open_incidents(session: Session, instance_id: int) -> list[Incident]:
    query = sa.select(Incident).where(Incident.instance_id == instance_id, STOPS)
    return list(session.scalars(query.order_by(Incident.id)))


def incident_views(
    incidents: Iterable[Incident], elements: Elements, may_retry: Callable[[str], bool]
) -> tuple[IncidentView, ...]:
    """As a page shows them; `may_retry` says whether its reader may try one of that kind again."""
    return tuple(
        IncidentView(
            public_id=incident.public_id,
            element=incident.element,
            name=name_of(elements, incident.element)[0],
            names=name_of(elements, incident.element)[1],
            reason=Message(incident.reason, incident.params),
            opened_at=incident.opened_at,
            may_retry=may_retry(incident.kind),
        )
        for incident in incidents
    )


_ORDER = ("received", "accepted", "in_progress", "confirm", "closed")
_WORDS: Mapping[str, str] = {
    "received": N_("Received"),
    "accepted": N_("Accepted"),
    "unassigned": N_("Waits to be assigned"),
    "offered": N_("Waits to be accepted"),
    "in_progress": N_("In progress"),
    "awaiting_requester": N_("Waiting for you"),
    "suspended": N_("Paused"),
    "confirm": N_("Please confirm"),
    "closed": N_("Closed"),
    "withdrawn": N_("Withdrawn"),
}
_POSITION: Mapping[str, int] = {
    Status.UNASSIGNED: 1,
    Status.OFFERED: 1,
    Status.IN_PROGRESS: 2,
    Status.AWAITING_REQUESTER: 2,
    Status.SUSPENDED: 2,
    Status.RESOLVED: 3,
    Status.CLOSED: 5,
    Status.WITHDRAWN: 5,
}
"""Which step is the current one; past the last, all are done."""


class Named(Protocol):
    """A task by what people call it."""

    @property
    def name(self) -> str: ...

    @property
    def names(self) -> Mapping[str, str]: ...


def steps(ticket: Ticket | TicketRow, shown: Named | None = None) -> tuple[Step, ...]:
    """The requester's stepper, from the ticket's status and times; `shown` is the open task they may know of."""
    times = dict(zip(_ORDER, _times(ticket), strict=True))
    left_early = ticket.status == Status.WITHDRAWN
    keys = [key for key in _ORDER if not left_early or _passed(key, ticket, times)]
    here = len(keys) if left_early else _POSITION[ticket.status]
    return tuple(_step(key, place - here, ticket.status, times[key], shown) for place, key in enumerate(keys))


def _passed(key: str, ticket: Ticket | TicketRow, times: Mapping[str, datetime | None]) -> bool:
    """Of one withdrawn: whether it came by there. Leaving sets the time of resolving too, where there was none."""
    return times[key] is not None and (key != "confirm" or ticket.resolved_at != ticket.closed_at)


def _step(key: str, ahead: int, status: str, at: datetime | None, shown: Named | None) -> Step:
    """`ahead`: how many steps after the current one, negative when it is done."""
    named = shown if key == "in_progress" and ahead == 0 else None
    return Step(
        key=key,
        text=Message(_WORDS[_variant(key, status)]),
        state=StepState.DONE if ahead < 0 else StepState.TODO if ahead else StepState.CURRENT,
        at=at if ahead < 0 else None,
        detail=named.name if named else "",
        detail_names=named.names if named else {},
    )


def _times(ticket: Ticket | TicketRow) -> Sequence[datetime | None]:
    return ticket.created_at, ticket.accepted_at, None, ticket.resolved_at, ticket.closed_at


def _variant(key: str, status: str) -> str:
    if key == "in_progress" and status in {Status.AWAITING_REQUESTER, Status.SUSPENDED}:
        return status
    if key == "accepted" and status in {Status.UNASSIGNED, Status.OFFERED}:
        return status
    return "withdrawn" if key == "closed" and status == Status.WITHDRAWN else key
