"""Owns sessions: one row for each browser in which somebody is signed in; whatever ends the row ends the session."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, new_public_id
from tickets.people import Person

SEEN_EVERY = timedelta(minutes=5)
"""How often a session's last use is written, at most."""


class PersonSession(Base):
    """A browser in which a person signed in; the cookie holds a secret of which only the sha-256 is kept.

    It counts while `ended_at` is empty and `epoch` is the person's: raising that ends all of theirs at once.
    """

    __tablename__ = "person_session"
    __table_args__ = (sa.Index("ix_person_session_person_id", "person_id", "seen_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    epoch: Mapped[int]
    device: Mapped[str] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(64))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts: without use, and at most."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody signs in: what the browser calls itself, and the network address it comes from."""

    name: str = ""
    address: str = ""


def start(session: Session, person: Person, device: Device, *, now: datetime) -> str:
    """A new session's secret, for the cookie; the caller commits."""
    secret = secrets.token_urlsafe(32)
    session.add(
        PersonSession(
            person_id=person.id,
            digest=digest_of(secret),
            epoch=person.session_epoch,
            device="".join(filter(str.isprintable, device.name))[:200],
            address=device.address[:64],
            started_at=now,
            seen_at=now,
        )
    )
    return secret


def seen(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that a session was just used; the caller commits."""
    session.execute(sa.update(PersonSession).where(PersonSession.id == session_id).values(seen_at=now))


def end(session: Session, session_id: int, *, now: datetime) -> None:
    """End one session; twice is fine. The caller commits."""
    open_one = sa.and_(PersonSession.id == session_id, PersonSession.ended_at.is_(None))
    session.execute(sa.update(PersonSession).where(open_one).values(ended_at=now))


def was_ended(session: Session, digest: str) -> bool:
    """Whether the secret with this digest is of a session that somebody has ended, rather than one that ran out."""
    ended = (PersonSession.digest == digest, PersonSession.ended_at.is_not(None))
    return session.scalar(sa.select(PersonSession.id).where(*ended)) is not None


def end_all(session: Session, person_id: int, *, now: datetime, but: int | None = None) -> int:
    """End every session of a person but one; how many there were. The caller commits."""
    theirs = [PersonSession.person_id == person_id, PersonSession.ended_at.is_(None)]
    if but is not None:
        theirs.append(PersonSession.id != but)
    ended = session.execute(
        sa.update(PersonSession).where(*theirs).values(ended_at=now).returning(PersonSession.id)
    ).all()
    return len(ended)


def alive(person: type[Person], lifetime: Lifetime, now: datetime) -> sa.ColumnElement[bool]:
    """On a query of PersonSession joined with Person: it still counts."""
    return sa.and_(
        PersonSession.ended_at.is_(None),
        PersonSession.epoch == person.session_epoch,
        PersonSession.started_at > now - lifetime.absolute,
        PersonSession.seen_at > now - lifetime.idle,
    )


def sessions_of(session: Session, person_id: int, lifetime: Lifetime, now: datetime) -> list[PersonSession]:
    """The sessions that count, the last used first."""
    query = sa.select(PersonSession).join(Person, Person.id == PersonSession.person_id)
    theirs = query.where(PersonSession.person_id == person_id, alive(Person, lifetime, now))
    return list(session.scalars(theirs.order_by(PersonSession.seen_at.desc(), PersonSession.id.desc()).limit(100)))


def digest_of(secret: str) -> str:
    """What is kept of a secret: 256 random bits can't be guessed from a fast hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
