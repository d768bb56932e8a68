"""Owns writing a change of a ticket: its columns, its timeline, and what must follow in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import insert, update_each
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
    write_all(session, [change])


def write_all(session: Session, changes: Sequence[Change]) -> None:
    """Changes as many tickets, none of them above another; with one that is `Stale` none is written."""
    settled = [waiting.settle(session, change) for change in changes]
    services = follow(session, settled)  # when it is due: columns of its own row follow from a status or a priority
    now = [service.change if service else change for change, service in zip(settled, services, strict=True)]
    connection = session.connection()
    update_each(connection, _UPDATE, [{**_which(change), **change.values} for change in now])
    for change in now:
        mark(session, change.was.number)
    insert(connection, TimelineEvent, [dict(row) for change in now for row in change.events])
    for change, service in zip(now, services, strict=True):
        if service is not None:
            service.write(session)
        for follower in FOLLOWERS:
            if change.new or any(change.changes(column) for column in follower.columns):
                follower.follow(session, change)


def _which(change: Change) -> dict[str, Any]:
    return {"of_ticket": change.was.id, "at_version": change.was.version, "updated_at": change.at}


def write_told(session: Session, change: Change) -> int:
    """Like `write`, for a change with one event: the id of that event."""
    (row,) = change.events
    write(session, Change(change.was, change.at, change.actor, change.values, new=change.new))
    inserted = sa.insert(TimelineEvent).returning(TimelineEvent.id)
    return int(session.connection().execute(inserted, [dict(row)]).scalar_one())
