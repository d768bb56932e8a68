"""Owns the values of tickets' fields that lists show, filter and sort by: one narrow row each."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId

TEXT_MOST = 200


class FieldValue(Base):
    """One value of one listed field: `text` as it is compared and shown (a date in ISO 8601), `number` of numbers.

    A field of several values has one row each, counted by `position`. Never a sensitive one (`tickets.field_values`).
    """

    __tablename__ = "field_value"
    __table_args__ = (
        sa.Index("ix_field_value_text", "name", "text", "ticket_id"),
        sa.Index(
            "ix_field_value_number",
            "name",
            "number",
            "ticket_id",
            sqlite_where=sa.text("number IS NOT NULL"),
            postgresql_where=sa.text("number IS NOT NULL"),
        ),
    )
    ticket_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    position: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.String(TEXT_MOST))
    number: Mapped[float | None] = mapped_column(sa.Double)
