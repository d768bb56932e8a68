"""Owns telling: whom the events of tickets are told to, each the most telling of what one step did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.notices.audience import Hearer, hearers, works_on, worth_telling
from tickets.notices.broadcasting import broadcasts
from tickets.notices.folding import Telling, fold
from tickets.notices.scene import Scene, read_scene
from tickets.notices.spreading import spread
from tickets.notices.table import RANK, Part
from tickets.people import Person
from tickets.timeline import LETTERS, TimelineEvent


def tell(session: Session, events: Sequence[TimelineEvent], at: datetime) -> None:
    """The consequence of events: a notice for each who is to know, and deliveries by the channels they want it by."""
    worth = [event for event in events if worth_telling(event)]
    if not worth:
        return
    scene = read_scene(session, worth)
    tellings = fold(session, _allowed(session, scene, _once_a_step(worth, _all(worth, scene))))
    in_order = sorted(tellings, key=lambda each: (each[0].at, each[0].id))  # a list's newest is what happened last
    spread(session, in_order, at, broadcasts=broadcasts(session, worth, scene, at))


def _all(events: Iterable[TimelineEvent], scene: Scene) -> Iterator[Telling]:
    for event in events:
        yield from ((event, hearer) for hearer in hearers(event, scene).values())


def _once_a_step(events: Sequence[TimelineEvent], tellings: Iterable[Telling]) -> Iterator[Telling]:
    """Of what happened to a ticket in one moment each hears the most telling; letters are told besides.

    Who did one thing of that moment isn't told what followed from it by itself.
    """
    doers = {(event.ticket_id, event.at, event.actor_id) for event in events if event.actor_id is not None}
    best: dict[tuple[int, datetime, int], Telling] = {}
    for event, hearer in tellings:
        place = (event.ticket_id, event.at, hearer.person_id)
        if event.kind in LETTERS:
            yield event, hearer
        elif not (event.actor_id is None and place in doers) and _rank(event, hearer) >= _rank(
            *best.get(place, (None, None))
        ):
            best[place] = (event, hearer)
    yield from best.values()


def _rank(event: TimelineEvent | None, hearer: Hearer | None) -> tuple[bool, int]:
    """A task of one's own is more telling than anything that happened around it."""
    if event is None or hearer is None:
        return False, -1
    return hearer.part is Part.WORK, RANK[event.kind]


def _allowed(session: Session, scene: Scene, tellings: Iterable[Telling]) -> Iterator[Telling]:
    """Without those who have left, and those of other brands who have nothing to do with the ticket."""
    kept = list(tellings)
    ids = {hearer.person_id for _, hearer in kept}
    query = sa.select(Person.id, Person.brand_id).where(Person.id.in_(sorted(ids)), Person.departed_at.is_(None))
    homes: dict[int, int] = {row[0]: row[1] for row in session.execute(query)}
    for event, hearer in kept:
        of = scene.tickets[event.ticket_id]
        home = homes.get(hearer.person_id)
        by_work = hearer.part in (Part.WORK, Part.ROLE) or works_on(of, scene, hearer.person_id)
        if home is not None and (home in (of.brand_id, of.root_id) or by_work):
            yield event, hearer
