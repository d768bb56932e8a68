"""Owns people: who they are, where they belong, whom they report to, and how they prove it is them."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, undefer

from engine.database import Base, BigId, new_public_id
from tickets.passwords import hash_password, verify_password

__all__ = [
    "Person",
    "authenticate",
    "hash_password",
    "normal_login",
    "person_by_login",
    "superior_of",
    "superiors",
    "verify_password",
]

CHAIN = 32
"""How far up a chain of superiors is read; a circle, however it came about, ends there."""


class Person(Base):
    """Someone who files, works on or answers for tickets; `departed_at` is set when they have left."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), index=True)
    superior_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    login: Mapped[str] = mapped_column(sa.String(255), unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="", index=True)
    title: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str] = mapped_column(default="", deferred=True)
    language: Mapped[str] = mapped_column(sa.String(8), default="")
    theme: Mapped[str] = mapped_column(sa.String(8), default="auto")
    session_epoch: Mapped[int] = mapped_column(default=0)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_client: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether it is not a person but the account of another system (`tickets.clients`)."""
    created_at: Mapped[datetime]
    departed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


def authenticate(session: Session, login: str, password: str) -> Person | None:
    """The person with this login and password, unless departed; an unknown login takes as long as a wrong password."""
    person = person_by_login(session, login)
    verified = verify_password(person.password_hash if person else "", password)
    return person if person and verified and person.departed_at is None else None


def person_by_login(session: Session, login: str) -> Person | None:
    """Who has this login, departed or not; letters' case and surrounding space don't matter."""
    wanted = normal_login(login)
    if wanted is None:
        return None
    return session.scalar(sa.select(Person).where(Person.login == wanted).options(undefer(Person.password_hash)))


def normal_login(login: str) -> str | None:
    """The login as it is stored: lower case; None when nobody can have it."""
    text = login.strip().lower()
    return text if _LOGIN.fullmatch(text) else None


_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


def superiors(session: Session, person_id: int, *, departed: bool = False) -> list[int]:
    """The ids of the superiors, the nearest first, without the departed unless asked, nor the person in a circle."""
    chain = (
        sa.select(Person.superior_id.label("id"), sa.literal(1).label("height"))
        .where(Person.id == person_id, Person.superior_id.is_not(None))
        .cte("chain", recursive=True)
    )
    above = sa.select(Person.superior_id, chain.c.height + 1).join(chain, chain.c.id == Person.id)
    chain = chain.union_all(above.where(Person.superior_id.is_not(None), chain.c.height < CHAIN))
    rows = session.scalars(
        sa.select(Person.id)
        .join(chain, chain.c.id == Person.id)
        .where(Person.id != person_id, sa.true() if departed else Person.departed_at.is_(None))
        .order_by(chain.c.height)
    )
    return list(dict.fromkeys(rows))


def superior_of(session: Session, person_id: int) -> int | None:
    """The nearest superior who has not departed."""
    return next(iter(superiors(session, person_id)), None)
