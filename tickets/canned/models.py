"""Owns the table of canned replies."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class CannedReply(Base):
    """A text kept for letters: everybody's in a brand, of one type alone (`type_key`), or one person's (`person_id`).

    Its bodies may be in one language or two, and hold placeholders such as {requester}.
    """

    __tablename__ = "canned_reply"
    __table_args__ = (
        sa.Index("ix_canned_reply_brand", "brand_id", "type_key"),
        sa.Index("ix_canned_reply_person", "person_id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    type_key: Mapped[str] = mapped_column(sa.String(255), default="")
    title: Mapped[str] = mapped_column(sa.String(80))
    body_zh: Mapped[str] = mapped_column(default="")
    body_en: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
