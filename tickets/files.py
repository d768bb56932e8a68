"""Owns files: bytes in a content-addressed store outside the web root, and who may fetch them."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class StoredFile(Base):
    """One uploaded file: its bytes are found by `digest` (sha-256); until `ticket_id` is set only its uploader sees it."""

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    uploaded_at: Mapped[datetime]
    public: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    digest: Mapped[str] = mapped_column(sa.String(64), index=True)
