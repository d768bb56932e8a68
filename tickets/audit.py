"""Owns the audit log: who changed what in the system itself, before and after, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId

if TYPE_CHECKING:
    from tickets.access import Actor


class AuditEntry(Base):
    """One change of people, types, subjects, tokens or settings."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_brand_id_at", "brand_id", "id"),
        sa.Index("ix_audit_entry_actor_id", "actor_id", "id"),
        sa.Index("ix_audit_entry_action", "action", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    via: Mapped[str] = mapped_column(sa.String(16))
    action: Mapped[str] = mapped_column(sa.String(64))
    what: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)


def record(  # noqa: PLR0913 - one column each
    session: Session,
    actor: Actor | None,
    action: str,
    what: str,
    *,
    brand_id: int,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    via: str = "system",
) -> None:
    """Add an entry to the transaction that makes the change: `subject.changed`, `student S-001`, what differs.

    No actor means the system itself, or by `via` the command line (`cli`). `before` and `after` are plain JSON.
    """
    session.add(
        AuditEntry(
            brand_id=brand_id,
            at=at,
            actor_id=actor.person_id if actor else None,
            via=actor.via if actor else via,
            action=action,
            what=what,
            before=dict(before or {}),
            after=dict(after or {}),
        )
    )
