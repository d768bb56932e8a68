"""Owns what the palette finds of tickets: by number, whole or its digits, else by words; only what one sees."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor, visible_tickets, visible_types
from tickets.lists import TicketQuery, list_tickets
from tickets.ticket import OPEN, Status, Ticket
from tickets.types import TicketType

MOST = 6
_NUMBER = re.compile(r"(?:[A-Za-z0-9]{1,12}-)?[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket to go to."""

    number: str
    title: str
    status: Status


def find(
    session: Session,
    actor: Actor,
    text: str,
    now: datetime,
    *,
    statuses: Collection[Status] = (),
    limit: int = MOST,
) -> Sequence[Found]:
    """The ticket of that number, else the newest that hold the words, of these statuses if any are given."""
    typed = text.strip()
    if not typed:
        return recent(session, actor)
    numbered = _numbered(session, actor, typed) if _NUMBER.fullmatch(typed) else []
    if numbered or len(typed) < 2:
        return numbered
    query = TicketQuery(text=typed, statuses=frozenset(statuses))
    page = list_tickets(session, actor, query, now=now, limit=limit)
    return [Found(row.ticket.number, row.ticket.title, row.ticket.status) for row in page.rows]


def recent(session: Session, actor: Actor) -> Sequence[Found]:
    """The open tickets they answer for, the latest first."""
    statuses = sorted(status.value for status in OPEN)
    owned = _found().where(Ticket.owner_id == actor.person_id, Ticket.status.in_(statuses))
    return _read(session, owned.order_by(Ticket.id.desc()))


def _numbered(session: Session, actor: Actor, typed: str) -> Sequence[Found]:
    """Digits alone stand for every type's number: numbers are one sequence, so at most one ticket has them."""
    if "-" in typed:
        numbers = [typed.upper()]
    else:
        prefixes = session.scalars(sa.select(TicketType.prefix).where(visible_types(actor)).distinct())
        numbers = sorted(f"{prefix}-{typed}" for prefix in prefixes)
    return _read(session, _found().where(Ticket.number.in_(numbers), visible_tickets(actor)))


def _found() -> sa.Select[str, str, str]:
    return sa.select(Ticket.number, Ticket.title, Ticket.status)


def _read(session: Session, query: sa.Select[str, str, str]) -> Sequence[Found]:
    rows = session.execute(query.limit(MOST))
    return [Found(number, title, Status(status)) for number, title, status in rows]
