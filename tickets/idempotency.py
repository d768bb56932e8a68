"""Owns idempotency keys: the first answer to a request is given again to its repetitions."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId


class IdempotentAnswer(Base):
    """The answer once given to (person, key); another body under the same key is refused (422)."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (sa.UniqueConstraint("person_id", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(sa.String(255))
    request: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    body: Mapped[bytes]
    content_type: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
