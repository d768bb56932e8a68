"""Owns what an administrator does about somebody's way in: a temporary password, the lock, their sessions."""

from __future__ import annotations

import secrets
from uuid import UUID

import sqlalchemy as sa

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Conflict, Forbidden, NotFound
from tickets.organising import lockout, sessions
from tickets.organising.person_lookup import person_managed
from tickets.organising.sessions import PersonSession
from tickets.passwords import hash_password
from tickets.runtime import Runtime

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that one mistakes for another when it is read out on the phone."""


def reset_password(runtime: Runtime, actor: Actor, person_id: UUID) -> str:
    """A temporary password, shown this once, to be changed at the next sign-in; all their sessions end.

    Raises NotFound, Forbidden (oneself; roles beyond one's own), Conflict (departed).
    """
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    hashed, now = hash_password(password), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person, _place = person_managed(session, actor, person_id)
        if person.id == actor.person_id:
            raise Forbidden(Message(N_("Your own password you change on your own page.")))
        if person.departed_at is not None:
            raise Conflict(Message(N_("%(name)s has departed and signs in no more."), {"name": person.name}))
        person.password_hash, person.must_change_password = hashed, True
        person.session_epoch += 1
        lockout.forgive(session, person.login)
        audit.record(session, actor, "person.password_reset", person.login, brand_id=person.brand_id, at=now)
    return password


def unlock(runtime: Runtime, actor: Actor, person_id: UUID) -> None:
    """Forget the wrong passwords typed for somebody, so that they may try again at once."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person, _place = person_managed(session, actor, person_id)
        if lockout.lock_on(session, person.login).failures:
            lockout.forgive(session, person.login)
            audit.record(session, actor, "person.unlocked", person.login, brand_id=person.brand_id, at=now)


def end_session(runtime: Runtime, actor: Actor, person_id: UUID, session_id: UUID) -> None:
    """Sign somebody out in one browser."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person, _place = person_managed(session, actor, person_id)
        theirs = sa.and_(PersonSession.public_id == session_id, PersonSession.person_id == person.id)
        found = session.scalar(sa.select(PersonSession.id).where(theirs))
        if found is None:
            raise NotFound(N_("This session"))
        sessions.end(session, found, now=now)
        audit.record(session, actor, "person.signed_out", person.login, brand_id=person.brand_id, at=now)


def end_sessions(runtime: Runtime, actor: Actor, person_id: UUID) -> None:
    """Sign somebody out everywhere."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person, _place = person_managed(session, actor, person_id)
        ended = sessions.end_all(session, person.id, now=now)
        after = {"sessions": ended}
        audit.record(session, actor, "person.signed_out", person.login, brand_id=person.brand_id, at=now, after=after)
