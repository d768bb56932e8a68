"""Owns the lock on guessing: after ten wrong passwords a login waits, longer each time, whether it exists or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base
from tickets.inserts import insert_unless_there

TRIES = 10
WITHIN = timedelta(minutes=15)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=4)


class SignInTrial(Base):
    """The wrong passwords for one login since the last right one; logins that nobody has are counted alike."""

    __tablename__ = "sign_in_trial"
    login: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Lock:
    """How a login stands: wrong passwords in a row, and until when nobody gets in."""

    failures: int = 0
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


def lock_on(session: Session, login: str) -> Lock:
    """How a login stands now."""
    row = session.get(SignInTrial, login)
    return Lock(row.failures, row.locked_until) if row else Lock()


def count_failure(session: Session, login: str, *, now: datetime) -> Lock:
    """Count a wrong password; how the login stands then. What was wrong long ago is forgotten. The caller commits.

    While the lock holds nothing is counted, or a stranger could keep somebody out for ever.
    """
    insert_unless_there(session, SignInTrial, login=login, failures=0, last_at=now)
    row = session.scalars(sa.select(SignInTrial).where(SignInTrial.login == login).with_for_update()).one()
    if Lock(row.failures, row.locked_until).holds(now):
        return Lock(row.failures, row.locked_until)
    if now - max(row.last_at, row.locked_until or row.last_at) > WITHIN:
        row.failures = 0
    row.failures, row.last_at = row.failures + 1, now
    row.locked_until = now + _wait(row.failures) if row.failures >= TRIES else None
    return Lock(row.failures, row.locked_until)


def forgive(session: Session, login: str) -> None:
    """Forget the wrong passwords of a login; the caller commits."""
    session.execute(sa.delete(SignInTrial).where(SignInTrial.login == login))


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop what no longer counts; the caller commits."""
    session.execute(sa.delete(SignInTrial).where(SignInTrial.last_at < now - LONGEST_WAIT - WITHIN))


def _wait(failures: int) -> timedelta:
    doublings: int = 2 ** min(failures - TRIES, 10)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)
