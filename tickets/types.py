"""Owns ticket types: a process definition with its forms and settings, offered to a brand or the whole group."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, new_public_id
from forms import Form, read_form


class TicketType(Base):
    """What people may file; new tickets run on `definition_id`, running ones stay on theirs."""

    __tablename__ = "ticket_type"
    __table_args__ = (sa.UniqueConstraint("brand_id", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(255))
    name: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(default=dict)
    category: Mapped[str] = mapped_column(default="")
    icon: Mapped[str] = mapped_column(sa.String(64), default="ticket")
    prefix: Mapped[str] = mapped_column(sa.String(16))
    documentation: Mapped[str] = mapped_column(default="")
    start_form_digest: Mapped[str | None] = mapped_column(sa.String(64))
    start_roles: Mapped[list[str]] = mapped_column(default=list)
    fileable: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    definition_id: Mapped[int] = mapped_column(sa.ForeignKey("process_definition.id"))
    updated_at: Mapped[datetime]


class StoredForm(Base):
    """A form by the digest of its canonical JSON; never changed, shared by versions."""

    __tablename__ = "stored_form"
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[dict[str, Any]]


EMPTY_FORM: Form = read_form({"type": "default", "components": []})[0]
"""What a task without a form shows: nothing but its button."""


def form_of(session: Session, digest: str) -> Form:
    """The form of that digest, read once per process: a form never changes under its digest."""
    form = _FORMS.get(digest)
    if form is None:
        stored = session.scalars(sa.select(StoredForm.content).where(StoredForm.digest == digest)).one()
        form, _ = read_form(stored)
        if len(_FORMS) >= MAX_FORMS:
            _FORMS.clear()
        _FORMS[digest] = form
    return form


MAX_FORMS = 500
_FORMS: dict[str, Form] = {}
