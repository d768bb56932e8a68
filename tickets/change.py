"""Owns what a change of a ticket is: how its columns were, what they become, and what the timeline says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind, event_row

if TYPE_CHECKING:
    from tickets.actor import Actor
    from tickets.case import Case


@dataclass(frozen=True, slots=True)
class Was:
    """A ticket's columns before the change, as they were read in this transaction or at the step's planning."""

    id: int
    brand_id: int
    place_id: int
    type_id: int
    definition_id: int
    instance_id: int
    number: str
    title: str
    status: str
    priority: str
    requester_id: int | None
    filed_by_id: int | None
    owner_id: int | None
    offered_to_id: int | None
    subject_id: int | None
    parent_id: int | None
    version: int
    urges: int
    created_at: datetime
    due_at: datetime
    response_due_at: datetime | None
    accepted_at: datetime | None
    first_reply_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    suspended_until: datetime | None
    dispatch_at: datetime | None
    urged_at: datetime | None

    @classmethod
    def of(cls, ticket: Ticket) -> Was:
        """From a row that the caller's transaction has locked."""
        return cls(*(getattr(ticket, name) for name in WAS))

    @classmethod
    def of_case(cls, case: Case) -> Was:
        """From what a step was planned on."""
        given = {name: getattr(case, name) for name in _OF_CASE}
        people = {"requester_id": case.requester, "owner_id": case.owner, "subject_id": case.about}
        given |= {name: whoever.id if whoever else None for name, whoever in people.items()}
        return cls(id=case.ticket_id, brand_id=case.site.brand_id, place_id=case.site.id, **given)


WAS = tuple(each.name for each in fields(Was))
_OF_CASE = tuple(
    name for name in WAS if name not in {"id", "brand_id", "place_id", "requester_id", "owner_id", "subject_id"}
)


@dataclass(frozen=True)
class Change:
    """One change of one ticket, by one person (None: the system), written by `tickets.changing.write`.

    `values` are columns of Ticket to be set; `events` are rows made by `told`. `new`: it has just been filed.
    """

    was: Was
    at: datetime
    actor: Actor | None
    values: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()
    new: bool = False

    def now(self, column: str) -> Any:
        """What the column holds after the change."""
        return self.values.get(column, getattr(self.was, column))

    def changes(self, column: str) -> bool:
        """Whether the column gets another value (of a new ticket: any)."""
        return self.new or (column in self.values and self.values[column] != getattr(self.was, column))

    @property
    def status(self) -> Status:
        """The status after the change."""
        return Status(self.now("status"))


def told(
    was: Was,
    kind: EventKind,
    actor: Actor | None,
    at: datetime,
    *,
    public: bool,
    body: str = "",
    **params: Any,
) -> dict[str, Any]:
    """A row of the timeline for a change's `events`; params without a value are left out."""
    return event_row(
        was.id,
        was.brand_id,
        kind,
        actor_id=actor.person_id if actor else None,
        at=at,
        public=public,
        via=actor.via if actor else "system",
        token=actor.token if actor else "",
        params={name: value for name, value in params.items() if value not in (None, "")},
        body=body,
    )


def status_values(was: Was, status: Status, at: datetime) -> dict[str, Any]:
    """The columns that say a status and since when; a status left behind leaves no reason or moment of its own."""
    values: dict[str, Any] = {"status": status.value}
    if status == was.status:
        return values
    if was.status == Status.SUSPENDED:
        values["suspended_until"] = None
    if status is Status.RESOLVED:
        return values | {"resolved_at": at}
    if status in (Status.CLOSED, Status.WITHDRAWN):
        return values | {"closed_at": at, "resolved_at": was.resolved_at or at, **_UNASKED}
    if was.status in (Status.RESOLVED, Status.CLOSED):
        values |= {"resolved_at": None, "closed_at": None}
    return values


_UNASKED: Mapping[str, None] = {"urged_at": None, "dispatch_at": None, "offered_to_id": None}
"""Nobody is waited for on a ticket that has ended."""
