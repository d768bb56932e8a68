"""Owns the timeline: what happened to a ticket, by whom, and whether the requester sees it; worded when read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId
from engine.expressions import N_, Message
from tickets.ticket import Status, Ticket

if TYPE_CHECKING:
    from tickets.access import Actor


class EventKind(StrEnum):
    FILED = "filed"
    ACCEPTED = "accepted"
    OWNER = "owner"
    CLAIMED = "claimed"
    RELEASED = "released"
    COMPLETED = "completed"
    NOTED = "noted"
    REPLIED = "replied"
    ANSWERED = "answered"
    STATUS = "status"
    OFFERED = "offered"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITION = "condition"
    ERROR = "error"
    ESCALATION = "escalation"
    UNDONE = "undone"
    INCIDENT = "incident"
    RETRIED = "retried"
    CLOSED = "closed"


LETTERS = frozenset({EventKind.NOTED, EventKind.REPLIED, EventKind.ANSWERED})
"""What people wrote, with a body: a page shows these as boxes and the rest as lines."""


class TimelineEvent(Base):
    """One thing that happened. `params` hold what the wording of `kind` needs; `body` is what a person wrote."""

    __tablename__ = "timeline_event"
    __table_args__ = (sa.Index("ix_timeline_event_ticket", "ticket_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    brand_id: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(24))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    via: Mapped[str] = mapped_column(sa.String(16))
    public: Mapped[bool]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[str] = mapped_column(default="")


STATUS_WORDS: Mapping[str, str] = {
    Status.UNASSIGNED: N_("Unassigned"),
    Status.OFFERED: N_("Offered"),
    Status.IN_PROGRESS: N_("In progress"),
    Status.AWAITING_REQUESTER: N_("Awaiting requester"),
    Status.SUSPENDED: N_("Suspended"),
    Status.RESOLVED: N_("Resolved"),
    Status.CLOSED: N_("Closed"),
    Status.WITHDRAWN: N_("Withdrawn"),
}

WORDING: Mapping[str, tuple[str, ...]] = {
    EventKind.FILED: (
        N_("%(who)s filed this ticket for %(requester)s"),
        N_("%(who)s filed this ticket"),
        N_("“%(cause)s” started this ticket"),
        N_("This ticket started by itself"),
    ),
    EventKind.ACCEPTED: (
        N_("%(who)s accepted the ticket and answers for it now"),
        N_("The ticket was accepted"),
    ),
    EventKind.OWNER: (
        N_("%(who)s handed the ticket over from %(from)s to %(to)s"),
        N_("%(who)s made %(to)s the owner"),
        N_("%(to)s answers for this ticket now"),
        N_("Nobody answers for this ticket now"),
    ),
    EventKind.CLAIMED: (N_("%(who)s claimed “%(task)s”"), N_("A task was claimed")),
    EventKind.RELEASED: (N_("%(who)s released “%(task)s”"), N_("A task was released")),
    EventKind.COMPLETED: (
        N_("%(who)s said that “%(happened)s” has happened"),
        N_("%(who)s began “%(begun)s” in “%(task)s”"),
        N_("%(who)s finished “%(task)s”; nobody needs to do any more: %(dropped)s"),
        N_("%(who)s completed “%(task)s”, next: “%(next)s”"),
        N_("%(who)s completed “%(task)s”"),
        N_("“%(task)s” is done"),
        N_("A task is done"),
    ),
    EventKind.NOTED: (N_("%(who)s wrote an internal note"), N_("An internal note")),
    EventKind.REPLIED: (N_("%(who)s replied to %(to)s"), N_("%(who)s replied"), N_("A reply")),
    EventKind.ANSWERED: (N_("%(who)s wrote back"), N_("The requester wrote back")),
    EventKind.STATUS: (
        N_("%(who)s changed the status from %(from)s to %(to)s"),
        N_("The status changed from %(from)s to %(to)s"),
        N_("The status is %(to)s now"),
        N_("The status changed"),
    ),
    EventKind.OFFERED: (
        N_("“%(task)s” waits for %(to)s, because %(absent)s has left"),
        N_("“%(task)s” waits for %(to)s"),
        N_("“%(task)s” waits for somebody to claim it"),
        N_("A task waits for somebody to claim it"),
    ),
    EventKind.TIMER: (
        N_("The time set for “%(task)s” was up: “%(timer)s”"),
        N_("It was time for “%(timer)s”"),
        N_("A timer was due"),
    ),
    EventKind.MESSAGE: (
        N_("%(who)s sent the event “%(message)s”"),
        N_("The event “%(message)s” arrived"),
        N_("An event arrived"),
    ),
    EventKind.SIGNAL: (
        N_("%(who)s sent the signal “%(signal)s”"),
        N_("The signal “%(signal)s” was heard"),
        N_("A signal was heard"),
    ),
    EventKind.CONDITION: (
        N_("“%(event)s” has come true during “%(task)s”"),
        N_("“%(event)s” has come true"),
        N_("What was waited for has come true"),
    ),
    EventKind.ERROR: (
        N_("“%(task)s” failed, so it goes on with “%(event)s”"),
        N_("It failed, so it goes on with “%(event)s”"),
        N_("It failed and ended with the error “%(code)s”"),
        N_("It failed"),
    ),
    EventKind.ESCALATION: (
        N_("“%(task)s” was escalated: “%(event)s”"),
        N_("It was escalated: “%(event)s”"),
        N_("It was escalated"),
    ),
    EventKind.UNDONE: (
        N_("“%(task)s” was undone by “%(event)s”"),
        N_("“%(event)s” undid what was done before"),
        N_("What was done before was undone"),
    ),
    EventKind.INCIDENT: (
        N_("The process stopped at “%(element)s”: %(reason)s"),
        N_("The process stopped at “%(element)s”"),
        N_("The process stopped"),
    ),
    EventKind.RETRIED: (
        N_("%(who)s tried “%(element)s” again"),
        N_("%(who)s tried the stopped process again"),
        N_("“%(element)s” was tried again"),
        N_("The process was tried again"),
    ),
    EventKind.CLOSED: (N_("%(who)s closed the ticket"), N_("The ticket was closed")),
}
"""The first template whose names are all known words the event, so an old or sparse row still reads well.

`who` is the actor, `requester` whom they acted for. In an event's `params`: a plain text; a list of texts; a person's
id under `<name>_id` (`to_id`); other languages of a text under `<name>_names` (`task_names`: {"zh": …, "en": …});
statuses as `from` and `to`; and a message's parameters under `reason_params`.
"""


def event_row(  # noqa: PLR0913 - one column each
    ticket_id: int,
    brand_id: int,
    kind: EventKind,
    *,
    actor_id: int | None,
    at: datetime,
    public: bool,
    via: str,
    params: Mapping[str, Any],
    body: str = "",
    on_behalf_of_id: int | None = None,
) -> dict[str, Any]:
    """A row for one Core insert of many events; the same keys always."""
    return {
        "ticket_id": ticket_id,
        "brand_id": brand_id,
        "kind": kind.value,
        "actor_id": actor_id,
        "on_behalf_of_id": on_behalf_of_id,
        "at": at,
        "public": public,
        "via": via,
        "params": dict(params),
        "body": body,
    }


def record(
    session: Session,
    *,
    ticket: Ticket,
    kind: EventKind,
    actor: Actor | None,
    at: datetime,
    public: bool,
    params: Mapping[str, Any] | None = None,
    body: str = "",
) -> TimelineEvent:
    """Add one event to the transaction; its id is there after a flush. No actor: the process itself."""
    row = event_row(
        ticket.id,
        ticket.brand_id,
        kind,
        actor_id=actor.person_id if actor else None,
        at=at,
        public=public,
        via=actor.via if actor else "system",
        params=params or {},
        body=body,
    )
    event = TimelineEvent(**row)
    session.add(event)
    return event


def people_named(events: Iterable[TimelineEvent]) -> set[int]:
    """The ids of everyone the wording of these events speaks of."""
    found: set[int | None] = set()
    for event in events:
        found |= {event.actor_id, event.on_behalf_of_id}
        found |= {value for key, value in event.params.items() if key.endswith("_id") and isinstance(value, int)}
    return {person_id for person_id in found if person_id is not None}


def worded(event: TimelineEvent, names: Mapping[int, str], *, language: str = "") -> Message:
    """The event as an English msgid with its parameters; `names` are people's, `language` ("zh", "en") the reader's."""
    known = _parameters(event, names, language)
    for template in WORDING.get(event.kind, ()):
        wanted = _PLACEHOLDER.findall(template)
        if all(name in known for name in wanted):
            return Message(template, {name: known[name] for name in wanted})
    return Message(event.kind)


_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _parameters(event: TimelineEvent, names: Mapping[int, str], language: str) -> dict[str, object]:
    texts = {key: value for key, value in event.params.items() if value and isinstance(value, str | list)}
    known = {key: _text(event, key, value, language) for key, value in texts.items()}
    ids = {key.removesuffix("_id"): value for key, value in event.params.items() if key.endswith("_id")}
    ids |= {"who": event.actor_id, "requester": event.on_behalf_of_id}
    return known | {key: names[person_id] for key, person_id in ids.items() if person_id in names}


def _text(event: TimelineEvent, key: str, value: str | list[object], language: str) -> object:
    if isinstance(value, list):
        return ("、" if language.startswith("zh") else ", ").join(str(part) for part in value)
    if event.kind == EventKind.STATUS and value in STATUS_WORDS:
        return Message(STATUS_WORDS[value])
    if (reason := event.params.get(f"{key}_params")) is not None:
        return Message(value, reason)
    return event.params.get(f"{key}_names", {}).get(language, value)
