"""Owns API tokens: hashed, with an expiry, acting as one person."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, new_public_id
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission, load_actor
from tickets.clients.client import ApiClient
from tickets.errors import Invalid, NotFound
from tickets.organising.reach import brands_within
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.texts import line_problem

LIFETIME = timedelta(days=365)
USE_KEPT = timedelta(minutes=1)


class ApiToken(Base):
    """A Bearer token, a person's or a client's; only its sha-256 is kept. `last_used_at` is right to a minute."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey(ApiClient.id), index=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


def issue_token(
    session: Session,
    person: Person,
    name: str,
    *,
    now: datetime,
    lifetime: timedelta | None = LIFETIME,
    actor: Actor | None = None,
) -> str:
    """A new token that acts as `person`, shown this once; `lifetime` None never ends. The caller commits.

    `actor` is who asked for it (None: the command line). Raises Invalid for a name that can't be shown.
    """
    if problem := line_problem(name, 100):
        raise Invalid(Message(N_("The name of the token can't be used. %(problem)s"), {"problem": problem}))
    text, digest = new_token()
    expires_at = now + lifetime if lifetime is not None else None
    session.add(
        ApiToken(
            brand_id=person.brand_id,
            person_id=person.id,
            name=name.strip(),
            digest=digest,
            created_at=now,
            expires_at=expires_at,
        )
    )
    after = {"name": name.strip(), "expires_at": expires_at.isoformat() if expires_at else None}
    brand_id = person.brand_id
    audit.record(session, actor, "token.issued", person.login, brand_id=brand_id, at=now, after=after, via="cli")
    return text


def new_token() -> tuple[str, str]:
    """A token's text, shown once, and what is kept of it."""
    text = f"gdt_{secrets.token_urlsafe(32)}"
    return text, _digest(text)


def revoke_token(session: Session, actor: Actor, public_id: uuid.UUID, *, now: datetime) -> None:
    """End a token of one's own, or one that `people.manage` reaches; twice is fine. The caller commits."""
    found = session.execute(
        sa.select(ApiToken, Person.login)
        .join(Person, Person.id == ApiToken.person_id)
        .where(ApiToken.public_id == public_id, _manageable(actor))
        .with_for_update(of=ApiToken)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("This token"))
    token, login = found
    if token.revoked_at is None:
        token.revoked_at = now
        before = {"name": token.name}
        audit.record(session, actor, "token.revoked", login, brand_id=token.brand_id, at=now, before=before)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a good token belongs to: a person, or a client of the API with the account it acts as; `name`: its own."""

    token_id: int
    person_id: int
    client_id: int | None
    last_used_at: datetime | None
    name: str


def holder_of_token(session: Session, text: str, now: datetime) -> Holder | None:
    """Whose a Bearer token is; None when it is unknown, expired or revoked."""
    if not _TOKEN.fullmatch(text):
        return None
    found = session.connection().execute(_HOLDER, {"digest": _digest(text), "now": now}).one_or_none()
    return Holder(*found) if found is not None else None


_HOLDER = sa.select(ApiToken.id, ApiToken.person_id, ApiToken.client_id, ApiToken.last_used_at, ApiToken.name).where(
    ApiToken.digest == sa.bindparam("digest"),
    ApiToken.revoked_at.is_(None),
    sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > sa.bindparam("now")),
)
"""What every call of the API asks first, built once."""


def note_use(runtime: Runtime, holder: Holder) -> None:
    """Keep when a token was last used, right to a minute, so that one nobody needs is found."""
    now = runtime.clock.now()
    if holder.last_used_at is not None and now - holder.last_used_at < USE_KEPT:
        return
    with runtime.writing() as session, session.begin():
        session.execute(sa.update(ApiToken).where(ApiToken.id == holder.token_id).values(last_used_at=now))


def person_of(session: Session, holder: Holder) -> Actor | None:
    """The person who holds a token, as they act by it; None when they have departed."""
    actor = load_actor(session, holder.person_id, via="api")
    return replace(actor, token=holder.name) if actor is not None else None


_TOKEN = re.compile(r"gdt_[A-Za-z0-9_-]{43}")


def _digest(text: str) -> str:
    # 256 random bits can't be guessed from a fast hash, unlike a password.
    return hashlib.sha256(text.encode()).hexdigest()


def _manageable(actor: Actor) -> sa.ColumnElement[bool]:
    managed = brands_within(actor, Permission.MANAGE_PEOPLE, ApiToken.brand_id)
    return sa.or_(ApiToken.person_id == actor.person_id, managed)
