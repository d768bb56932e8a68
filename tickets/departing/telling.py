"""Owns who is told of a leaver's subjects that change hands: whoever has them now, and the ticket that asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tickets import changing
from tickets.change import Change, told
from tickets.notices.announcing import announce
from tickets.notices.models import Leads, News
from tickets.notices.table import Part
from tickets.people import Person
from tickets.places import Place
from tickets.task_lookup import was_of
from tickets.timeline import EventKind

MOST_NAMED = 20


def tell_given(
    session: Session, leaver: Person, given: Mapping[int, Sequence[str]], ticket_id: int | None, now: datetime
) -> None:
    """One piece of news for each who was given some (by id, with their names), and a line for each on the ticket."""
    for heir_id, names in given.items():
        heir = session.get_one(Person, heir_id)
        announce(session, _news(session, leaver, heir, names, now), Part.NAMED, named=heir_id)
    if given and ticket_id is not None:
        was = was_of(session, ticket_id)
        events = [
            told(was, EventKind.SUBJECTS_MOVED, None, now, public=False, to_id=heir_id, names=_few(names))
            for heir_id, names in given.items()
        ]
        changing.write(session, Change(was, now, None, {}, events))


def _news(session: Session, leaver: Person, heir: Person, names: Sequence[str], now: datetime) -> News:
    """It leads to the list of what the heir looks after, which is theirs to see without any role."""
    place = session.get_one(Place, heir.place_id)
    words: dict[str, Any] = {"from_id": leaver.id, "to_id": heir.id, "count": str(len(names)), "names": _few(names)}
    return News(
        brand_id=heir.brand_id,
        place_id=place.id,
        kind=EventKind.SUBJECTS_GIVEN,
        actor_id=None,
        leads=Leads.SUBJECTS,
        target=heir.public_id,
        title=place.name,
        titles=dict(place.names),
        params=words,
        at=now,
    )


def _few(names: Sequence[str]) -> list[str]:
    return [*names[:MOST_NAMED], *(["…"] if len(names) > MOST_NAMED else [])]
