"""Owns telling: what follows from events for people, as notices and as deliveries that jobs send out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import jobs
from engine.database import Base
from tickets.notices.audience import Hearer, hearers, works_on, worth_telling
from tickets.notices.folding import Telling, fold
from tickets.notices.models import Channel, Delivery, DeliveryStatus, Notice, NoticeAddress, NoticeChoice
from tickets.notices.scene import Scene, read_scene
from tickets.notices.table import RANK, TABLE, Part, Topic, topic_of, wanted
from tickets.people import Person
from tickets.timeline import LETTERS, EventKind, TimelineEvent

JOB = "notice.deliver"


def tell(session: Session, events: Sequence[TimelineEvent], at: datetime) -> None:
    """The consequence of events: a notice for each who is to know, and deliveries by the channels they want it by."""
    worth = [event for event in events if worth_telling(event)]
    if not worth:
        return
    scene = read_scene(session, worth)
    tellings = fold(session, _allowed(session, scene, _once_a_step(worth, _all(worth, scene))))
    choices = _Choices.read(session, {hearer.person_id for _, hearer in tellings})
    rows = [row for event, hearer in tellings if (row := _notice(event, hearer, choices, at))]
    _insert(session, Notice, rows)
    deliveries = [*_mails(session, tellings, choices, at), *_messages(session, tellings, choices, at)]
    deliveries += _broadcasts(session, worth, scene, at)
    _insert(session, Delivery, deliveries)
    wanted_jobs = [jobs.Request({"key": row["key"]}, f"{JOB}:{row['key']}") for row in deliveries]
    jobs.enqueue_all(session, JOB, wanted_jobs, run_at=at, queue=jobs.OUTSIDE)


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


@dataclass(frozen=True, slots=True)
class _Choices:
    """What people have chosen."""

    chosen: Mapping[tuple[int, str, str], bool]

    @classmethod
    def read(cls, session: Session, people: Iterable[int]) -> _Choices:
        rows = session.scalars(sa.select(NoticeChoice).where(NoticeChoice.person_id.in_(sorted(people))))
        return cls({(row.person_id, row.topic, row.channel): row.wanted for row in rows})

    def wants(self, telling: Telling, channel: Channel) -> bool:
        event, hearer = telling
        topic: Topic = topic_of(event.kind, hearer.part)
        return wanted(topic, channel, self.chosen.get((hearer.person_id, topic, channel)))


def _notice(event: TimelineEvent, hearer: Hearer, choices: _Choices, at: datetime) -> dict[str, Any] | None:
    if not choices.wants((event, hearer), Channel.APP):
        return None
    return {
        "brand_id": event.brand_id,
        "person_id": hearer.person_id,
        "ticket_id": event.ticket_id,
        "event_id": event.id,
        "part": hearer.part.value,
        "params": dict(hearer.params),
        "at": at,
        "read_at": None,
    }


def _mails(session: Session, tellings: Sequence[Telling], choices: _Choices, at: datetime) -> list[dict[str, Any]]:
    asked = [telling for telling in tellings if choices.wants(telling, Channel.MAIL)]
    ids = sorted({hearer.person_id for _, hearer in asked})
    reached = set(session.scalars(sa.select(Person.id).where(Person.id.in_(ids), Person.email != "")))
    return [
        _delivery(event, hearer, Channel.MAIL, at, key=f"{event.id}:mail:{hearer.person_id}")
        for event, hearer in asked
        if hearer.person_id in reached
    ]


def _messages(session: Session, tellings: Sequence[Telling], choices: _Choices, at: datetime) -> list[dict[str, Any]]:
    asked = [telling for telling in tellings if choices.wants(telling, Channel.IM)]
    ids = sorted({hearer.person_id for _, hearer in asked})
    query = sa.select(NoticeAddress.id, NoticeAddress.person_id).where(NoticeAddress.person_id.in_(ids))
    addresses = session.execute(query).all()
    return [
        _delivery(event, hearer, Channel.IM, at, key=f"{event.id}:im:{address_id}", address_id=address_id)
        for event, hearer in asked
        for address_id, person_id in addresses
        if person_id == hearer.person_id
    ]


def _broadcasts(session: Session, events: Sequence[TimelineEvent], scene: Scene, at: datetime) -> list[dict[str, Any]]:
    """What the channels of a brand, or of the whole group, hear: the most telling of a step."""
    brands = {of.brand_id for of in scene.tickets.values()} | {of.root_id for of in scene.tickets.values()}
    query = sa.select(NoticeAddress).where(
        NoticeAddress.person_id.is_(None), NoticeAddress.brand_id.in_(sorted(brands))
    )
    rows: dict[tuple[int, int, datetime], dict[str, Any]] = {}
    for channel in session.scalars(query.order_by(NoticeAddress.id)):
        for event in sorted(events, key=lambda event: RANK[event.kind]):
            of = scene.tickets[event.ticket_id]
            if TABLE[EventKind(event.kind)].topic in channel.topics and channel.brand_id in (of.brand_id, of.root_id):
                key = f"{event.id}:im:{channel.id}"
                row = _delivery(event, None, Channel.IM, at, key=key, address_id=channel.id)
                rows[channel.id, event.ticket_id, event.at] = row
    return list(rows.values())


def _delivery(
    event: TimelineEvent,
    hearer: Hearer | None,
    channel: Channel,
    at: datetime,
    *,
    key: str,
    address_id: int | None = None,
) -> dict[str, Any]:
    return {
        "brand_id": event.brand_id,
        "event_id": event.id,
        "person_id": hearer.person_id if hearer else None,
        "address_id": address_id,
        "channel": channel.value,
        "part": hearer.part.value if hearer else "",
        "params": dict(hearer.params) if hearer else {},
        "key": key,
        "status": DeliveryStatus.QUEUED.value,
        "attempts": 0,
        "problem": "",
        "at": at,
        "sent_at": None,
    }


def _insert(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """What an earlier run of the same job has written is there already, and stays."""
    if rows:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.connection().execute(insert(model).on_conflict_do_nothing(), [dict(row) for row in rows])
