"""Owns handing a leaver's subjects to colleagues, as the ticket type staff_departure asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import audit
from tickets.departing.aftermath import colleagues_of, subjects_of
from tickets.departing.telling import tell_given
from tickets.people import Person, normal_login
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.subjects import Subject


def hand_over(runtime: Runtime, brand_id: int, data: Mapping[str, Any], ticket_id: int | None = None) -> dict[str, Any]:
    """Make the colleagues chosen (`to` in the rows of `subjects`, those of `keys`), else `all_to`, answer for it.

    Only what is still the leaver's (`login`), who has left, changes hands; gives what is left of it for another round.
    Each colleague is told, and the ticket says what went to whom.
    """
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        leaver = _person(session, data.get("login"), brand_id)
        if leaver is None or leaver.departed_at is None:
            return {"left": 0, "subjects": [], "keys": []}
        chosen = dict(_chosen(data))
        logins = {login for login in (*chosen.values(), data.get("all_to")) if isinstance(login, str)}
        heirs = {login: heir for login in logins if (heir := _heir(session, login, brand_id)) is not None}
        theirs = sa.select(Subject).where(Subject.responsible_id == leaver.id).order_by(Subject.id).with_for_update()
        group = _group(session)
        given: dict[int, list[str]] = defaultdict(list)
        for subject in session.scalars(theirs).all():
            to = chosen.get((subject.kind, subject.external_id))
            heir = heirs.get(str(to)) or heirs.get(str(data.get("all_to")))
            if heir is not None and heir.brand_id in (subject.brand_id, group):
                _give(session, subject, leaver, heir, now)
                given[heir.id].append(subject.name or subject.external_id)
        session.flush()
        tell_given(session, leaver, given, ticket_id, now)
        return {**subjects_of(session, leaver.id), "colleagues": colleagues_of(session, leaver), "all_to": None}


def _give(session: Session, subject: Subject, leaver: Person, heir: Person, now: datetime) -> None:
    subject.responsible_id, subject.updated_at = heir.id, now
    audit.record(
        session,
        None,
        "subject.changed",
        f"{subject.kind} {subject.external_id}",
        brand_id=subject.brand_id,
        at=now,
        before={"responsible_id": leaver.id},
        after={"responsible_id": heir.id},
    )


def _heir(session: Session, login: str, brand_id: int) -> Person | None:
    person = _person(session, login, brand_id)
    return person if person is not None and person.departed_at is None else None


def _person(session: Session, login: object, brand_id: int) -> Person | None:
    """Somebody of this brand or the group."""
    known = normal_login(login) if isinstance(login, str) else None
    query = sa.select(Person).where(Person.login == known, Person.brand_id.in_((brand_id, _group(session))))
    return session.scalar(query)


def _group(session: Session) -> int:
    return session.scalars(sa.select(Place.id).where(Place.kind == PlaceKind.GROUP)).one()


def _chosen(data: Mapping[str, Any]) -> Iterator[tuple[tuple[object, ...], object]]:
    """Kind and external id of each row, with whom it goes to."""
    keys, rows = data.get("keys"), data.get("subjects")
    if not isinstance(keys, list) or not isinstance(rows, list):
        return
    for key, row in zip(keys, rows, strict=False):
        if isinstance(key, list) and isinstance(row, Mapping):
            yield tuple(map(str, key)), row.get("to")
