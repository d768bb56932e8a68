"""Owns who is told of a waiver: by the timeline of the ticket it is for, or the newest it touches; else as news."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import changing
from tickets.access import Actor
from tickets.change import Change, told
from tickets.notices.announcing import announce
from tickets.notices.models import Leads, News
from tickets.notices.table import Part
from tickets.places import Place
from tickets.standards.tables import Occurrence, Standard, StandardStep, Waiver
from tickets.task_lookup import was_of
from tickets.ticket import Ticket
from tickets.timeline import EventKind
from tickets.types import TicketType


def tell(session: Session, waiver: Waiver, kind: EventKind, actor: Actor | None, at: datetime, *, why: str) -> None:
    """A line on the ticket that carries it, else news: those who decide, or who asked, hear of it by that."""
    to = None if kind is EventKind.WAIVER_ASKED else waiver.asked_by_id
    words: dict[str, Any] = {**_named(session, waiver), "until": waiver.ends_on.isoformat(), "why": why}
    ticket_id = _carrier(session, waiver)
    if ticket_id is None:
        announce(session, _news(session, waiver, kind, actor, at, words), Part.NAMED if to else Part.WAIVES, named=to)
        return
    was = was_of(session, ticket_id)
    if to is not None:
        words["to_id"] = to
    event = told(was, kind, actor, at, public=False, **words)
    changing.write(session, Change(was, at, actor, {}, [event]))


def _news(
    session: Session, waiver: Waiver, kind: EventKind, actor: Actor | None, at: datetime, words: dict[str, Any]
) -> News:
    """Nothing has begun yet that could carry it. Its title is the place, or its subject's."""
    place = session.get_one(Place, waiver.place_id)
    return News(
        brand_id=waiver.brand_id,
        place_id=place.id,
        kind=kind,
        actor_id=actor.person_id if actor else None,
        leads=Leads.WAIVER,
        target=waiver.public_id,
        title=place.name,
        titles=dict(place.names),
        params=words,
        at=at,
    )


def _carrier(session: Session, waiver: Waiver) -> int | None:
    """The ticket of its occurrence; else under the standard the newest of its subject, or at its place and below.

    A subject whose standard has not begun has its newest ticket of any kind.
    """
    query = sa.select(Occurrence.ticket_id).where(
        Occurrence.standard_id == waiver.standard_id, Occurrence.ticket_id.is_not(None)
    )
    if waiver.occurrence_id is not None:
        return session.scalar(query.where(Occurrence.id == waiver.occurrence_id))
    newest = query.order_by(Occurrence.id.desc()).limit(1)
    if waiver.subject_id is not None:
        about = sa.select(Ticket.id).where(Ticket.subject_id == waiver.subject_id).order_by(Ticket.id.desc()).limit(1)
        return session.scalar(newest.where(Occurrence.subject_id == waiver.subject_id)) or session.scalar(about)
    below = sa.select(Place.id).where(Place.path.startswith(session.get_one(Place, waiver.place_id).path))
    return session.scalar(newest.where(Occurrence.place_id.in_(below)))


def _named(session: Session, waiver: Waiver) -> dict[str, Any]:
    """What it is for, in the words of the timeline: the step, or the standard; and the place if it is for all of it."""
    if waiver.step_id is not None:
        step = session.get_one(StandardStep, waiver.step_id)
        found: dict[str, Any] = {"task": step.name, "task_names": dict(step.names)}
    else:
        standard = session.get_one(Standard, waiver.standard_id)
        query = sa.select(TicketType.name, TicketType.names).where(TicketType.key == standard.type_key)
        name, names = session.execute(query.order_by(TicketType.id).limit(1)).one_or_none() or (standard.type_key, {})
        found = {"task": name, "task_names": dict(names)}
    if waiver.subject_id is None and waiver.occurrence_id is None:
        place = session.get_one(Place, waiver.place_id)
        found |= {"place": place.name, "place_names": dict(place.names)}
    return found
