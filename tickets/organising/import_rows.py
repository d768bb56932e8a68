"""Owns how an import of people is kept while it is looked at and done: its rows, its report, how far it is."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class ImportStatus(StrEnum):
    CHECKED = "checked"  # a dry run: nothing was written
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # the rows no longer fit when it was to be done


class PeopleImport(Base):
    """One file of people; `rows` are cleared when it is done. `done` counts up to `total` while it runs."""

    __tablename__ = "people_import"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    file_name: Mapped[str] = mapped_column(sa.String(255))
    status: Mapped[str] = mapped_column(sa.String(16))
    headers: Mapped[dict[str, str]] = mapped_column(default=dict)
    rows: Mapped[list[Any]] = mapped_column(default=list, deferred=True)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    wrong: Mapped[int] = mapped_column(default=0)
    good_only: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str] = mapped_column(default="", deferred=True)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
