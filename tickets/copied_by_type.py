"""Owns who is in copy because the ticket's type says so (setting `cc`): a consequence of its filing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition
from tickets.copies import TicketCc
from tickets.people import Person, normal_login
from tickets.places import Place, ancestors
from tickets.roles import find_role, members_of
from tickets.settings import TypeSetting, setting
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent

MOST = 50


def copy_by_type(session: Session, events: Sequence[TimelineEvent], at: datetime) -> None:
    """Puts people in copy of tickets just filed, all with one statement; its requester and who filed it know anyway."""
    filed = [event.ticket_id for event in events if event.kind == EventKind.FILED]
    rows = list(_rows(session, filed, at)) if filed else []
    if rows:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.connection().execute(insert(TicketCc).on_conflict_do_nothing(), rows)


def _rows(session: Session, ticket_ids: Sequence[int], at: datetime) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(Ticket, Place.path, ProcessDefinition.key, ProcessDefinition.settings)
        .join(Place, Place.id == Ticket.place_id)
        .join(ProcessDefinition, ProcessDefinition.id == Ticket.definition_id)
        .where(Ticket.id.in_(ticket_ids))
    )
    tickets = session.execute(query).all()
    set_for = set(session.execute(sa.select(TypeSetting.type_key).where(TypeSetting.name == "cc")).scalars())
    held: dict[tuple[int, str], Sequence[str]] = {}
    for ticket, path, key, file in tickets:
        if "cc" not in file and not set_for & {key, ""}:
            continue
        if (ticket.brand_id, key) not in held:
            brand, root = ticket.brand_id, ancestors(path)[0]
            held[brand, key] = setting(session, "cc", type_key=key, brand_id=brand, root_id=root, file=file)
        for person_id in _people(session, held[ticket.brand_id, key], ticket, path):
            yield {
                "brand_id": ticket.brand_id,
                "ticket_id": ticket.id,
                "person_id": person_id,
                "by_id": None,
                "at": at,
                "seen_at": None,
            }


def _people(session: Session, named: Sequence[str], ticket: Ticket, path: str) -> list[int]:
    """The people of these logins and the holders of these roles at the place, or the nearest above."""
    found: list[int] = []
    for name in named:
        role = find_role(session, name, path, ticket.brand_id)
        found += members_of(session, *role) if role is not None else _by_login(session, name, ticket, path)
    known = {ticket.requester_id, ticket.filed_by_id}
    return [person_id for person_id in dict.fromkeys(found) if person_id not in known][:MOST]


def _by_login(session: Session, name: str, ticket: Ticket, path: str) -> list[int]:
    here = Person.brand_id.in_((ticket.brand_id, ancestors(path)[0]))
    query = sa.select(Person.id).where(Person.login == normal_login(name), here, Person.departed_at.is_(None))
    return list(session.scalars(query))
