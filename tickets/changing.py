"""Owns writing a change of a ticket: its columns, its timeline, and what must follow in the same transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import insert
from engine.record import Stale
from tickets.assigning import waiting
from tickets.change import Change
from tickets.followers import FOLLOWERS
from tickets.idempotency import mark
from tickets.service.following import follow
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent

_UPDATE = (
    sa.update(Ticket)
    .where(Ticket.id == sa.bindparam("of_ticket"), Ticket.version == sa.bindparam("at_version"))
    .values(version=Ticket.version + 1)
)


def write(session: Session, change: Change) -> None:
    """The one place where a ticket's row changes. Raises `engine.record.Stale` when somebody was faster."""
    change = waiting.settle(session, change)
    service = follow(session, change)  # when it is due now: columns of its own row follow from a status or a priority
    change = service.change if service is not None else change
    values: dict[str, Any] = {"of_ticket": change.was.id, "at_version": change.was.version, "updated_at": change.at}
    connection = session.connection()
    if connection.execute(_UPDATE, {**values, **change.values}).rowcount != 1:
        raise Stale
    mark(session, change.was.number)
    insert(connection, TimelineEvent, [dict(row) for row in change.events])
    if service is not None:
        service.write(session)
    for follower in FOLLOWERS:
        if change.new or any(change.changes(column) for column in follower.columns):
            follower.follow(session, change)


def write_told(session: Session, change: Change) -> int:
    """Like `write`, for a change with one event: the id of that event."""
    (row,) = change.events
    write(session, Change(change.was, change.at, change.actor, change.values, new=change.new))
    inserted = sa.insert(TimelineEvent).returning(TimelineEvent.id)
    return int(session.connection().execute(inserted, [dict(row)]).scalar_one())
