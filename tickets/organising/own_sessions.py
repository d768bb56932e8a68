"""Owns ending sessions: one's own, here and elsewhere; an administrator's part is in `tickets.organising.securing`."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.expressions import N_
from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.organising import sessions
from tickets.organising.sessions import PersonSession
from tickets.runtime import Runtime


def end_own(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Sign out in one of one's own browsers; twice is fine. Raises NotFound for anybody else's."""
    with runtime.writing() as session, session.begin():
        mine = sa.and_(PersonSession.public_id == public_id, PersonSession.person_id == actor.person_id)
        found = session.scalar(sa.select(PersonSession.id).where(mine))
        if found is None:
            raise NotFound(N_("This session"))
        sessions.end(session, found, now=runtime.clock.now())


def end_others(runtime: Runtime, actor: Actor, *, session_id: int | None) -> int:
    """Sign out everywhere but in the session at hand; how many sessions ended."""
    with runtime.writing() as session, session.begin():
        return sessions.end_all(session, actor.person_id, now=runtime.clock.now(), but=session_id)
