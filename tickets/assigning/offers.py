"""Owns offers: a ticket that one person is asked to accept; declined or lapsed, it goes on to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import changing, deadlines
from tickets.access import Actor
from tickets.assigning.placing import accept_by, next_of, within_of
from tickets.assigning.starting import TRIED, offer
from tickets.case import Case, case_of
from tickets.change import Change, Was, status_values, told
from tickets.deadlines import Deadline, DeadlineKind, Due
from tickets.runtime import Runtime
from tickets.steps import blueprint_of
from tickets.task_lookup import was_of
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind

WAITS = (Status.OFFERED, Status.UNASSIGNED)


@dataclass(frozen=True, slots=True)
class GoesOn:
    """Where an offer goes that was not taken: to the next person, or (None) to the dispatchers."""

    to_id: int | None
    values: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...] = ()


def lapse(runtime: Runtime, due: Due) -> None:
    """The deadline of an offer: not accepted in time, it goes on."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        if not deadlines.take(session, due):
            return
        was = was_of(session, due.ticket_id)
        if was.offered_to_id is None or was.offered_to_id != due.args.get("person_id") or was.owner_id is not None:
            return
        on = goes_on(session, runtime, was, now, tried=due.args.get(TRIED, []))
        told_who: dict[str, Any] = {"from_id": was.offered_to_id, "to_id": on.to_id}
        event = told(was, EventKind.LAPSED, None, now, public=False, **told_who)
        changing.write(session, Change(was, now, None, on.values, [event, *on.events]))


def goes_on(session: Session, runtime: Runtime, was: Was, now: datetime, *, tried: list[int] | None = None) -> GoesOn:
    """To the next one whom the rules of the type find and who was not asked before; else to the dispatch queue.

    The caller writes the values with an event of its own. Without `tried` it is read from the offer's deadline.
    """
    asked = tried if tried is not None else _asked(session, was)
    deadlines.drop(session, was.id, DeadlineKind.ACCEPT)
    case = case_of(session, Ticket.id == was.id)
    assert case is not None, "a ticket has its instance"
    process = blueprint_of(session, runtime, was.definition_id).compiled.process
    data = session.scalars(sa.select(Ticket.data).where(Ticket.id == was.id)).one()
    but = {*asked, *([was.offered_to_id] if was.offered_to_id is not None else [])}
    to_id = next_of(session, case, now, type_key=process.id, data=data, tried=but)
    waits = was.status in WAITS
    if to_id is None:
        values = status_values(was, Status.UNASSIGNED, now) if waits else {}
        return GoesOn(None, {**values, "offered_to_id": None, "dispatch_at": was.dispatch_at or now})
    values = {**(status_values(was, Status.OFFERED, now) if waits else {}), "offered_to_id": to_id}
    until = _until(session, runtime, case, now, process.id, process.settings)
    events = (offer(session, was, to_id, until, now, tried=sorted(but)),) if until is not None else ()
    return GoesOn(to_id, values, events)


def offer_to(
    session: Session, runtime: Runtime, actor: Actor, was: Was, person_id: int, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns and the event of a dispatcher's offer to one person, in the caller's transaction."""
    case = case_of(session, Ticket.id == was.id)
    assert case is not None, "a ticket has its instance"
    process = blueprint_of(session, runtime, was.definition_id).compiled.process
    until = _until(session, runtime, case, now, process.id, process.settings)
    deadlines.drop(session, was.id, DeadlineKind.ACCEPT)
    if until is not None:
        offer(session, was, person_id, until, now, tried=[])
    waits = was.status in WAITS
    values = {**(status_values(was, Status.OFFERED, now) if waits else {}), "offered_to_id": person_id}
    words: dict[str, Any] = {"to_id": person_id, "until_at": until.isoformat() if until else None}
    return values, told(was, EventKind.ASSIGNED, actor, now, public=False, **words)


def _until(
    session: Session, runtime: Runtime, case: Case, now: datetime, type_key: str, file: Mapping[str, str]
) -> datetime | None:
    return accept_by(within_of(session, case, type_key, file), now, case, runtime.calendars(case.site.id))


def _asked(session: Session, was: Was) -> list[int]:
    wanted = sa.select(Deadline.args).where(Deadline.ticket_id == was.id, Deadline.kind == DeadlineKind.ACCEPT.value)
    args = session.scalar(wanted) or {}
    return list(args.get(TRIED, []))
