"""Owns which events of other systems have come: the same one again gets the same answer, for 30 days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, Json
from engine.expressions import N_, Message
from tickets.errors import Conflict, Invalid
from tickets.inserts import insert_unless_there

KEPT = timedelta(days=30)
LEASE = timedelta(seconds=60)
"""How long an event without an answer is held: its process may have died."""


class ReceivedEvent(Base):
    """An event by its source and id (CloudEvents 1.0, 3.1.1); no `answer` while the first one is being taken in."""

    __tablename__ = "received_event"
    __table_args__ = (sa.UniqueConstraint("brand_id", "source", "event_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    source: Mapped[str] = mapped_column(sa.String(512))
    event_id: Mapped[str] = mapped_column(sa.String(255))
    digest: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[Any | None] = mapped_column(Json)
    received_at: Mapped[datetime] = mapped_column(index=True)


class StillTaking(Conflict):
    """The same event came before and is not answered yet (409)."""


def recall(
    session: Session, *, brand_id: int, source: str, event_id: str, digest: str, now: datetime
) -> dict[str, Any] | None:
    """The answer given before; None when it is the first, which is then held. The caller commits.

    Raises Invalid when the id stands for another event, StillTaking while the first is being taken in.
    """
    whose = {"brand_id": brand_id, "source": source, "event_id": event_id}
    held = {"digest": digest, "received_at": now, "answer": sa.null()}
    if insert_unless_there(session, ReceivedEvent, **whose, **held):
        return None
    row = session.scalar(_same(whose).with_for_update())
    if row is None:  # given up between the two statements
        return recall(session, brand_id=brand_id, source=source, event_id=event_id, digest=digest, now=now)
    if row.received_at < now - (KEPT if row.answer is not None else LEASE):
        session.execute(sa.update(ReceivedEvent).where(ReceivedEvent.id == row.id).values(**held))
        return None
    if row.digest != digest:
        raise Invalid(
            Message(N_("Another event came with this id from this source; every event has an id of its own."))
        )
    if row.answer is None:
        raise StillTaking(Message(N_("The same event is still being taken in; send it again in a few seconds.")))
    return dict(row.answer)


def remember(session: Session, *, brand_id: int, source: str, event_id: str, answer: dict[str, Any]) -> None:
    """Keep the answer of an event that `recall` let through. The caller commits."""
    same = _criteria({"brand_id": brand_id, "source": source, "event_id": event_id})
    session.execute(sa.update(ReceivedEvent).where(*same).values(answer=answer))


def forget(session: Session, *, brand_id: int, source: str, event_id: str) -> None:
    """Give the id back: nothing was done with the event. The caller commits."""
    same = _criteria({"brand_id": brand_id, "source": source, "event_id": event_id})
    session.execute(sa.delete(ReceivedEvent).where(*same, ReceivedEvent.answer.is_(None)))


def forget_old(session: Session, now: datetime) -> int:
    """Delete what came more than 30 days ago; how many. The caller commits."""
    old = sa.delete(ReceivedEvent).where(ReceivedEvent.received_at < now - KEPT).returning(ReceivedEvent.id)
    return len(session.scalars(old).all())


def _same(whose: dict[str, Any]) -> sa.Select[ReceivedEvent]:
    return sa.select(ReceivedEvent).where(*_criteria(whose))


def _criteria(whose: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    return [getattr(ReceivedEvent, name) == value for name, value in whose.items()]
