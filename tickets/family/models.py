"""Owns the tables of links between tickets and of tags."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


class LinkKind(StrEnum):
    RELATED = "related"
    DUPLICATE = "duplicate"  # the ticket asks the same as the other


class TicketLink(Base):
    """Two tickets belong together; there is at most one link between two. Parents and merges are the ticket's own."""

    __tablename__ = "ticket_link"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "other_id"), sa.Index("ix_ticket_link_other", "other_id"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Tag(Base):
    """A word that a brand's tickets are sorted by; `key` is its name as it is compared."""

    __tablename__ = "tag"
    __table_args__ = (sa.UniqueConstraint("brand_id", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class TicketTag(Base):
    """A ticket has a tag."""

    __tablename__ = "ticket_tag"
    __table_args__ = (sa.Index("ix_ticket_tag_tag", "tag_id", "ticket_id"),)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(sa.ForeignKey("tag.id"), primary_key=True)
