"""Owns who is in copy (抄送) of a ticket: by its type or by hand."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


class TicketCc(Base):
    """A person in copy; `by_id` None: its type says so. `seen_at`: when they last looked at it."""

    __tablename__ = "ticket_cc"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "person_id"),
        sa.Index("ix_ticket_cc_person", "person_id", "ticket_id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
