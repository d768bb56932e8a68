"""Owns exports that take a while: one row each, its progress, its file for one person and one day."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import jobs
from engine.database import Base, BigId, new_public_id
from engine.expressions import N_, Message
from tickets.access import Actor, Permission
from tickets.audit import record
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.exporting.sheet import Format
from tickets.people import Person
from tickets.runtime import Runtime

JOB = "tickets.export"
KEPT = timedelta(hours=24)
MOST_AT_WORK = 3
"""Exports that one person may have on their way."""


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


AT_WORK = frozenset({State.WAITING, State.RUNNING})


class Export(Base):
    """One export of a list: `query` says which, `reader` what its words need (language, zone, the words themselves)."""

    __tablename__ = "export"
    __table_args__ = (sa.Index("ix_export_person", "person_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    format: Mapped[str] = mapped_column(sa.String(4))
    query: Mapped[str] = mapped_column(sa.String(2000))
    reader: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(sa.String(8), default=State.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export is."""

    public_id: uuid.UUID
    format: Format
    state: State
    done: int
    total: int
    created_at: datetime
    expires_at: datetime


def check_may_export(actor: Actor) -> None:
    """Raises Forbidden for whoever holds no role that exports."""
    if not actor.may(Permission.EXPORT):
        raise Forbidden(Message(N_("Your roles don't let you export; ask a dispatcher or your administrator.")))


def noted(session: Session, actor: Actor, query: str, kind: Format, *, rows: int, at: datetime) -> None:
    """Write into the audit log what was exported."""
    after = {"query": query, "format": kind.value, "rows": rows}
    record(session, actor, "tickets.exported", kind.value, brand_id=actor.brand_id, at=at, after=after)


def order(runtime: Runtime, actor: Actor, *, query: str, kind: Format, reader: dict[str, Any], total: int) -> uuid.UUID:
    """Let a job make the file; its public id. Raises Forbidden, Invalid (too many at once)."""
    check_may_export(actor)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        session.execute(sa.select(Person.id).where(Person.id == actor.person_id).with_for_update())  # one after another
        underway = sa.select(sa.func.count()).where(
            Export.person_id == actor.person_id, Export.state.in_(AT_WORK), Export.expires_at > now
        )
        if (session.scalar(underway) or 0) >= MOST_AT_WORK:
            raise Invalid(Message(N_("You have several exports on their way; wait for one, or stop it.")))
        export = Export(
            brand_id=actor.brand_id,
            person_id=actor.person_id,
            format=kind.value,
            query=query,
            reader=reader,
            total=total,
            created_at=now,
            expires_at=now + KEPT,
        )
        session.add(export)
        session.flush()
        jobs.enqueue(session, JOB, {"export_id": export.id}, run_at=now, key=f"{JOB}/{export.id}")
        jobs.enqueue(session, SWEEP, {}, run_at=export.expires_at, key=f"{SWEEP}/{export.id}")
        return export.public_id


SWEEP = "tickets.export.sweep"


def progress_of(session: Session, actor: Actor, public_id: uuid.UUID, now: datetime) -> Progress:
    """How far an export of theirs is. Raises NotFound, also a day later."""
    export = session.scalar(_mine(actor, public_id, now))
    if export is None:
        raise NotFound(N_("This export"))
    return Progress(
        export.public_id,
        Format(export.format),
        State(export.state),
        export.done,
        export.total,
        export.created_at,
        export.expires_at,
    )


def stop(runtime: Runtime, actor: Actor, public_id: uuid.UUID) -> None:
    """Stop one that is on its way; one that is ready stays. Raises NotFound."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        export = session.scalar(_mine(actor, public_id, now).with_for_update())
        if export is None:
            raise NotFound(N_("This export"))
        if export.state in AT_WORK:
            export.state = State.STOPPED.value


def file_of(runtime: Runtime, actor: Actor, public_id: uuid.UUID) -> Path:
    """The finished file, for whoever ordered it and may still export. Raises NotFound, Forbidden."""
    check_may_export(actor)
    with runtime.reading() as session:
        export = session.scalar(_mine(actor, public_id, runtime.clock.now()))
        path = path_of(runtime, public_id)
        if export is None or export.state != State.READY or not path.is_file():
            raise NotFound(N_("This export"))
    return path


def path_of(runtime: Runtime, public_id: uuid.UUID) -> Path:
    """Where its file is kept."""
    return runtime.files_folder.parent / "exports" / str(public_id)


def sweep(runtime: Runtime) -> None:
    """Forget the exports whose day is over, with their files."""
    with runtime.writing() as session, session.begin():
        old = sa.delete(Export).where(Export.expires_at <= runtime.clock.now()).returning(Export.public_id)
        gone = list(session.scalars(old))
    for public_id in gone:
        path_of(runtime, public_id).unlink(missing_ok=True)


def _mine(actor: Actor, public_id: uuid.UUID, now: datetime) -> sa.Select[Export]:
    return sa.select(Export).where(
        Export.public_id == public_id, Export.person_id == actor.person_id, Export.expires_at > now
    )
