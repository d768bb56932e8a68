"""Owns what processes are told of a departure and its undoing: `employee.departed` and `employee.returned`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from tickets.departing.model import Departure
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership
from tickets.subjects import Subject

DEPARTED = "employee.departed"
RETURNED = "employee.returned"
MOST_SUBJECTS = 100
MOST_COLLEAGUES = 200


def tell_departed(session: Session, departure: Departure, now: datetime) -> None:
    """Once the work is handed over: whom it was, their subjects, and the colleagues who may take them."""
    leaver = session.get_one(Person, departure.person_id)
    payload = {
        **_who(leaver),
        "departure": str(departure.public_id),
        **subjects_of(session, leaver.id),
        "colleagues": colleagues_of(session, leaver),
    }
    _send(session, departure, DEPARTED, leaver, payload, now)


def tell_returned(session: Session, departure: Departure, now: datetime) -> None:
    """Whoever hands over their subjects may stop."""
    leaver = session.get_one(Person, departure.person_id)
    _send(session, departure, RETURNED, leaver, _who(leaver), now)


def subjects_of(session: Session, person_id: int) -> dict[str, Any]:
    """What they are responsible for, the contracts that end first before the others: as much as one form shows.

    `subjects` are the form's rows (`who`); `keys` are kind and external id of each, which no form changes.
    """
    query = (
        sa.select(Subject.kind, Subject.external_id, Subject.name, Subject.contract_end)
        .where(Subject.responsible_id == person_id)
        .order_by(Subject.contract_end.is_(None), Subject.contract_end, Subject.id)
        .limit(MOST_SUBJECTS)
    )
    rows = session.execute(query).all()
    told = (
        filter(None, (row.name, row.external_id, row.contract_end and row.contract_end.isoformat())) for row in rows
    )
    return {
        "left": subjects_left(session, person_id),
        "subjects": [{"who": " · ".join(words)} for words in told],
        "keys": [[row.kind, row.external_id] for row in rows],
    }


def subjects_left(session: Session, person_id: int) -> int:
    """How many they are responsible for."""
    query = sa.select(sa.func.count()).select_from(Subject).where(Subject.responsible_id == person_id)
    return session.scalars(query).one()


def colleagues_of(session: Session, leaver: Person) -> list[dict[str, str]]:
    """Who may take over: those of the same place or with one of the same roles there, as a form's options."""
    mine = sa.select(Membership.role_id, Membership.place_id).where(Membership.person_id == leaver.id).subquery()
    same = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.role_id == mine.c.role_id,
        Membership.place_id == mine.c.place_id,
    )
    query = (
        sa.select(Person.login, Person.name, Person.title)
        .where(
            sa.or_(Person.place_id == leaver.place_id, same),
            Person.id != leaver.id,
            Person.departed_at.is_(None),
        )
        .order_by(same.desc(), Person.name, Person.id)
        .limit(MOST_COLLEAGUES)
    )
    return [
        {"value": login, "label": f"{name} ({title})" if title else name}
        for login, name, title in session.execute(query)
    ]


def _who(leaver: Person) -> dict[str, Any]:
    return {"login": leaver.login, "name": leaver.name, "person": str(leaver.public_id)}


def _send(
    session: Session, departure: Departure, name: str, leaver: Person, payload: dict[str, Any], now: datetime
) -> None:
    effect = f"departure:{departure.id}:{name}"
    place = session.get_one(Place, departure.place_id)
    args = {"brand_id": place.brand_id, "place_id": place.id, "name": name, "key": leaver.login}
    jobs.enqueue(
        session, "message", {**args, "payload": payload, "effect": effect, "keep": False}, run_at=now, key=effect
    )
