"""Owns the timeline: what happened to a ticket, by whom, and whether the requester sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


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
    ASKED = "asked"
    ASSIGNED = "assigned"
    DECLINED = "declined"
    LAPSED = "lapsed"
    TRANSFERRED = "transferred"
    DELEGATED = "delegated"
    RETURNED = "returned"
    CONSULTED = "consulted"
    ADVISED = "advised"
    JOINED = "joined"
    UNSHARED = "unshared"
    STEPPED_BACK = "stepped_back"
    VERSION = "version"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    CC_ADDED = "cc_added"
    CC_REMOVED = "cc_removed"
    URGED = "urged"
    URGE_ANSWERED = "urge_answered"
    URGE_CLIMBED = "urge_climbed"
    PRIORITY = "priority"
    TITLE = "title"
    TAGGED = "tagged"
    LINKED = "linked"
    UNLINKED = "unlinked"
    MERGED = "merged"
    ABSORBED = "absorbed"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    DEPARTED = "departed"
    CAME_BACK = "came_back"
    RATED = "rated"
    VOUCHED = "vouched"
    ASKED_TO_VOUCH = "asked_to_vouch"
    VOUCH_TAKEN_BACK = "vouch_taken_back"
    ERASED = "erased"
    CHECK_FAILED = "check_failed"
    CHECK_CORRECTED = "check_corrected"
    WAIVER_ASKED = "waiver_asked"
    WAIVED = "waived"
    WAIVER_REFUSED = "waiver_refused"
    WAIVER_ENDED = "waiver_ended"
    VARIANT_LOST = "variant_lost"  # only told as news: no ticket has it
    SUBJECTS_MOVED = "subjects_moved"
    SUBJECTS_GIVEN = "subjects_given"  # the same as news, for who has them now


LETTERS = frozenset(
    {
        EventKind.NOTED,
        EventKind.REPLIED,
        EventKind.ANSWERED,
        EventKind.ASKED,
        EventKind.CONSULTED,
        EventKind.ADVISED,
        EventKind.URGE_ANSWERED,
    }
)
"""What people wrote, with a body: a page shows these as boxes and the rest as lines."""


class TimelineEvent(Base):
    """One thing that happened. `params` hold what the wording of `kind` needs; `body` is what a person wrote.

    A `pending` one still has its aftermath to come: people to be told, the search to be brought up to date.
    """

    __tablename__ = "timeline_event"
    __table_args__ = (
        sa.Index("ix_timeline_event_ticket", "ticket_id", "id"),
        sa.Index(
            "ix_timeline_event_pending", "id", sqlite_where=sa.text("pending"), postgresql_where=sa.text("pending")
        ),
    )
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
    pending: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


PENDING: sa.ColumnElement[bool] = sa.literal_column("timeline_event.pending")
"""The criterion as the partial index has it: SQLAlchemy writes `pending = 1` for SQLite, which then reads all rows."""


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
    token: str = "",
    body: str = "",
    on_behalf_of_id: int | None = None,
) -> dict[str, Any]:
    """A row for one Core insert of many events; the same keys always. `token`: of the API token it was done by."""
    return {
        "ticket_id": ticket_id,
        "brand_id": brand_id,
        "kind": kind.value,
        "actor_id": actor_id,
        "on_behalf_of_id": on_behalf_of_id,
        "at": at,
        "public": public,
        "via": via,
        "params": {**params, "token": token} if token else dict(params),
        "body": body,
        "pending": True,
    }
