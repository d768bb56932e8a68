"""Owns deadlines: moments at which the ticket domain acts by itself (a BPMN file's own moments are timers)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, Session, mapped_column
from structlog.contextvars import bound_contextvars

from engine import measures
from engine.claims import Kind, claim
from engine.database import Away, Base, BigId
from tickets.runtime import Runtime
from tickets.ticket import Ticket

log = structlog.get_logger()

AT_ONCE = 50


class DeadlineKind(StrEnum):
    ACCEPT = "accept"  # an offer lapses
    RESUME = "resume"  # a suspended ticket goes on
    CLOSE = "close"  # a resolved ticket closes by itself
    URGE = "urge"  # an urge climbs
    WARN = "warn"  # a service level is due soon
    BREACH = "breach"  # a service level is missed
    ESCALATE = "escalate"  # a missed one is told further up


class Deadline(Base):
    """One such moment of a ticket; `key` tells several of one kind apart (a task's id, "response")."""

    __tablename__ = "deadline"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "kind", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    key: Mapped[str] = mapped_column(sa.String(64), default="")
    due_at: Mapped[datetime] = mapped_column(index=True)
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempts: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline whose time has come."""

    id: int
    brand_id: int
    ticket_id: int
    kind: str
    key: str
    due_at: datetime
    args: Mapping[str, Any]
    attempts: int


Handler = Callable[[Runtime, Due], None]
"""Does what is due; in its own transaction it first calls `take`, and does nothing when that says False."""


def put(
    session: Session,
    kind: DeadlineKind,
    due_at: datetime,
    *,
    ticket_id: int,
    brand_id: int,
    key: str = "",
    args: Mapping[str, Any] | None = None,
) -> None:
    """Set a deadline in the caller's transaction; one of the same kind and key is moved."""
    drop(session, ticket_id, kind, key=key)
    row = {"ticket_id": ticket_id, "brand_id": brand_id, "kind": kind.value, "key": key, "due_at": due_at}
    session.connection().execute(sa.insert(Deadline), [{**row, "args": dict(args or {}), "attempts": 0}])


def drop(session: Session, ticket_id: int, *kinds: DeadlineKind, key: str | None = None) -> None:
    """Forget the deadlines of these kinds (all without any), of one key if given."""
    wanted = [Deadline.ticket_id == ticket_id]
    if kinds:
        wanted.append(Deadline.kind.in_([kind.value for kind in kinds]))
    if key is not None:
        wanted.append(Deadline.key == key)
    session.connection().execute(sa.delete(Deadline).where(*wanted))


def take(session: Session, due: Due) -> bool:
    """Whether it is still due and ours: now it is gone. On PostgreSQL a second process waits here, and gets False.

    Its ticket is locked first, as by every verb, which then drops deadlines: nobody waits for somebody who waits.
    """
    session.execute(sa.select(Ticket.id).where(Ticket.id == due.ticket_id).with_for_update())
    mine = sa.delete(Deadline).where(Deadline.id == due.id, Deadline.due_at == due.due_at)
    return session.connection().execute(mine).rowcount == 1


def tick(runtime: Runtime, handlers: Mapping[str, Handler]) -> int:
    """Does what is due now, soonest first; how many were done. One that fails comes again, later each time."""
    names = [getattr(Deadline, name) for name in Due.__slots__]
    due = sa.select(*names).where(Deadline.due_at <= runtime.clock.now()).order_by(Deadline.due_at, Deadline.id)
    with runtime.reading() as session:
        rows = [Due(*row) for row in claim(session, due, Kind.DEADLINES, Deadline.ticket_id, limit=AT_ONCE)]
        return sum(_do_safely(runtime, handlers, row) for row in rows)


def _do_safely(runtime: Runtime, handlers: Mapping[str, Handler], due: Due) -> bool:
    measures.late("deadline", due.due_at, runtime.clock.now())
    try:
        with bound_contextvars(deadline=due.kind):
            handlers[due.kind](runtime, due)
    except Away:
        raise
    except Exception:  # one bad deadline must not stop the others; it is logged and comes again later
        log.exception("deadline failed", deadline=due.id, ticket=due.ticket_id, kind=due.kind)
        later = runtime.clock.now() + timedelta(seconds=min(2**due.attempts, 3600))
        mine = sa.update(Deadline).where(Deadline.id == due.id, Deadline.due_at == due.due_at)
        with runtime.writing() as session, session.begin():
            session.execute(mine.values(due_at=later, attempts=Deadline.attempts + 1))
        return False
    return True
