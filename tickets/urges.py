"""Owns the urge as it is kept: who pressed when and why, and how it was answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, new_public_id
from tickets.people import Person
from tickets.standing import numbered
from tickets.ticket import Ticket


class Urge(Base):
    """One press. A `merged` one came while another waited for its answer; `climbs` is how often that one climbed."""

    __tablename__ = "urge"
    __table_args__ = (
        sa.Index("ix_urge_ticket", "ticket_id", "id"),
        sa.Index("ix_urge_brand", "brand_id", "at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    merged: Mapped[bool] = mapped_column(default=False)
    climbs: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(default="")
    expected_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An urge that waits for its answer: who pressed first, when, why."""

    by: str
    at: datetime
    reason: str


def waiting_of(session: Session, number: str) -> Waiting | None:
    """What a ticket's urge asks, while it is not answered; the caller has checked that they may see the ticket."""
    query = (
        sa.select(Person.name, Urge.at, Urge.reason)
        .join(Ticket, Ticket.id == Urge.ticket_id)
        .join(Person, Person.id == Urge.by_id)
        .where(numbered(number), Urge.answered_at.is_(None), Urge.merged.is_(False))
    )
    found = session.execute(query.order_by(Urge.id.desc()).limit(1)).one_or_none()
    return Waiting(*found) if found is not None else None
