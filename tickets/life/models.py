"""Owns the table of ratings."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base


class TicketRating(Base):
    """What the requester thought of how their ticket was handled: 1 to 5 stars and a few words, once."""

    __tablename__ = "ticket_rating"
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), primary_key=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    stars: Mapped[int]
    body: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
