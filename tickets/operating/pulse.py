"""Owns pulses: every process that runs timers and jobs says from time to time that it lives."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, new_public_id
from tickets.runtime import Runtime

EVERY = timedelta(seconds=15)
ALIVE = timedelta(minutes=1)
"""Whoever was silent for longer is taken for dead."""
KEPT = timedelta(days=1)


class Pulse(Base):
    """One process: where it runs, since when, and when it last said so."""

    __tablename__ = "pulse"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(sa.String(255))
    pid: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16))
    release: Mapped[str] = mapped_column(sa.String(32))
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


@cache
def release() -> str:
    """Which release of Gongdan this is."""
    return version("gongdan")


@dataclass
class Heart:
    """Of this process: `kind` says what it does (web, worker)."""

    kind: str
    id: UUID = field(default_factory=new_public_id)

    def beat(self, runtime: Runtime) -> None:
        """Say that this process lives; those that are long dead are forgotten."""
        now = runtime.clock.now()
        with runtime.writing() as session, session.begin():
            mine = sa.update(Pulse).where(Pulse.id == self.id).values(beat_at=now)
            if session.connection().execute(mine).rowcount == 0:
                session.execute(sa.delete(Pulse).where(Pulse.beat_at < now - KEPT))
                facts = {"host": socket.gethostname()[:255], "pid": os.getpid(), "kind": self.kind}
                when = {"release": release(), "started_at": now, "beat_at": now}
                session.execute(sa.insert(Pulse), [{"id": self.id, **facts, **when}])

    def stop(self, runtime: Runtime) -> None:
        """This process ends as it should: nobody need look for it."""
        with runtime.writing() as session, session.begin():
            session.execute(sa.delete(Pulse).where(Pulse.id == self.id))


def pulses(session: Session) -> Sequence[Pulse]:
    """The processes of the last day, the newest pulse first."""
    return session.scalars(sa.select(Pulse).order_by(Pulse.beat_at.desc(), Pulse.id).limit(50)).all()


def others_live(runtime: Runtime) -> bool:
    """Whether another process serves this database. One of this host that ended without saying so does not count."""
    with runtime.reading() as session:
        lately = session.scalars(sa.select(Pulse).where(Pulse.beat_at >= runtime.clock.now() - ALIVE)).all()
    return any(each.host != socket.gethostname()[:255] or _runs_beside(each.pid) for each in lately)


def _runs_beside(pid: int) -> bool:
    """A process of this host that is not this one: in a container that starts again this one has its number."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs as somebody else
        return True
    return True


def is_alive(pulse: Pulse, now: datetime) -> bool:
    """Whether it said so lately."""
    return now - pulse.beat_at <= ALIVE
