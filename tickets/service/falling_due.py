"""Owns what happens when a promise is due soon, is missed, or is missed for so long that others are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import changing, deadlines
from tickets.change import Change, Was, told
from tickets.deadlines import DeadlineKind, Due
from tickets.people import Person, superiors
from tickets.places import Place
from tickets.roles import Role, find_role, members_of
from tickets.runtime import Runtime
from tickets.service import clocks
from tickets.service.clocks import Tally
from tickets.service.tables import ClockKind, Outcome, ServiceClock
from tickets.ticket import Ticket
from tickets.timeline import EventKind

SUPERIOR = "superior"
Params = dict[str, Any]


def fall_due(runtime: Runtime, due: Due) -> None:
    """Does what a WARN, BREACH or ESCALATE deadline asks for, and sets the next one of its clock."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        ticket = session.scalar(sa.select(Ticket).where(Ticket.id == due.ticket_id).with_for_update())
        if ticket is None or not deadlines.take(session, due):
            return
        was = Was.of(ticket)
        held = clocks.tally(session, was, clocks.clocks_of(session, ticket.id))
        clock = held.clocks.get(due.key)
        if clock is None or clock.stopped_at is not None:
            return
        happens = _happens(session, held, clock, due, now)
        events = [told(was, kind, None, now, public=False, **params) for kind, params in happens]
        session.flush()
        clocks.set_deadlines(session, held)
        if events:
            changing.write(session, Change(was, now, None, events=events))


def _happens(
    session: Session, held: Tally, clock: ServiceClock, due: Due, now: datetime
) -> Iterator[tuple[EventKind, Params]]:
    by = {"reply_at" if clock.kind == ClockKind.RESPONSE else "due_at": clock.due_at.isoformat()}
    match DeadlineKind(due.kind):
        case DeadlineKind.WARN if clock.outcome is None:
            clock.warned_at = due.due_at
            if now < clock.due_at:  # else nobody was there to warn in time
                yield EventKind.DUE_SOON, by
        case DeadlineKind.BREACH if clock.outcome is None:
            clocks.miss(clock)
            yield EventKind.OVERDUE, by
        case DeadlineKind.ESCALATE if clock.outcome == Outcome.MISSED:
            clock.escalated_at = due.due_at
            yield EventKind.ESCALATED, {"clock": clock.kind, **_whom(session, held, clock.escalate_to)}
        case _:
            return


def _whom(session: Session, held: Tally, to: str) -> Params:
    """Who is told: `told_ids`, and by `to_id` or `to` in words; nobody where there is no such person any more."""
    kind, _, key = to.partition(":")
    if kind == "role":
        return _role(session, held, key)
    found = _superior(session, held.was) if kind == SUPERIOR else _person(session, key)
    return {"to_id": found, "told_ids": [found]} if found is not None else {}


def _superior(session: Session, was: Was) -> int | None:
    """Of the owner; while there is none, of whom it was offered to."""
    answers = was.owner_id or was.offered_to_id
    return next(iter(superiors(session, answers)), None) if answers is not None else None


def _person(session: Session, login: str) -> int | None:
    """Whom the policy names; once they have left, the nearest of those above them who are here."""
    found = session.execute(sa.select(Person.id, Person.departed_at).where(Person.login == login)).one_or_none()
    if found is None or found.departed_at is None:
        return found.id if found is not None else None
    return next(iter(superiors(session, found.id)), None)


def _role(session: Session, held: Tally, key: str) -> Params:
    """All who hold the role at the ticket's place, or the nearest above it where somebody does."""
    path = session.scalar(sa.select(Place.path).where(Place.id == held.was.place_id)) or ""
    found = find_role(session, key, path, held.was.brand_id)
    role = session.get(Role, found[0]) if found is not None else None
    if found is None or role is None:
        return {}
    names = {"zh": role.name_zh, "en": role.name_en}
    return {"to": role.name_zh, "to_names": names, "told_ids": members_of(session, *found)}


HANDLERS: Mapping[str, deadlines.Handler] = {
    kind.value: fall_due for kind in (DeadlineKind.WARN, DeadlineKind.BREACH, DeadlineKind.ESCALATE)
}
