"""Owns what a telling becomes: a notice in the pages, and deliveries by mail and message that jobs send out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import jobs
from engine.database import Base
from tickets.notices.audience import Hearer
from tickets.notices.models import Channel, Delivery, DeliveryStatus, News, Notice, NoticeAddress, NoticeChoice
from tickets.notices.table import Topic, topic_of, wanted
from tickets.people import Person
from tickets.timeline import TimelineEvent

JOB = "notice.deliver"

Told = TimelineEvent | News
Telling = tuple[Told, Hearer]


def spread(
    session: Session, tellings: Sequence[Telling], at: datetime, *, broadcasts: Sequence[Mapping[str, Any]]
) -> None:
    """A notice for each who is told, and deliveries by the channels they want it by, besides those to brands' own."""
    choices = _Choices.read(session, {hearer.person_id for _, hearer in tellings})
    _insert(session, Notice, [_notice(*telling, at) for telling in tellings if choices.wants(telling, Channel.APP)])
    deliveries = [*_mails(session, tellings, choices, at), *_messages(session, tellings, choices, at), *broadcasts]
    _insert(session, Delivery, deliveries)
    requests = [jobs.Request({"key": row["key"]}, f"{JOB}:{row['key']}") for row in deliveries]
    jobs.enqueue_all(session, JOB, requests, run_at=at, queue=jobs.OUTSIDE)


def delivery(told: Told, hearer: Hearer | None, channel: Channel, at: datetime, *, to: int) -> dict[str, Any]:
    """The row of one: `to` is a person's id for mails, else an address's."""
    return {
        "brand_id": told.brand_id,
        **_of(told),
        "person_id": hearer.person_id if hearer else None,
        "address_id": None if channel is Channel.MAIL else to,
        "channel": channel.value,
        "part": hearer.part.value if hearer else "",
        "params": dict(hearer.params) if hearer else {},
        "key": f"{'news.' if isinstance(told, News) else ''}{told.id}:{channel.value}:{to}",
        "status": DeliveryStatus.QUEUED.value,
        "attempts": 0,
        "problem": "",
        "at": at,
        "sent_at": None,
    }


def _of(told: Told) -> dict[str, int | None]:
    return {"event_id": None, "news_id": told.id} if isinstance(told, News) else {"event_id": told.id, "news_id": None}


@dataclass(frozen=True, slots=True)
class _Choices:
    """What people have chosen."""

    chosen: Mapping[tuple[int, str, str], bool]

    @classmethod
    def read(cls, session: Session, people: Iterable[int]) -> _Choices:
        rows = session.scalars(sa.select(NoticeChoice).where(NoticeChoice.person_id.in_(sorted(people))))
        return cls({(row.person_id, row.topic, row.channel): row.wanted for row in rows})

    def wants(self, telling: Telling, channel: Channel) -> bool:
        told, hearer = telling
        topic: Topic = topic_of(told.kind, hearer.part)
        return wanted(topic, channel, self.chosen.get((hearer.person_id, topic, channel)))


def _notice(told: Told, hearer: Hearer, at: datetime) -> dict[str, Any]:
    return {
        "brand_id": told.brand_id,
        "person_id": hearer.person_id,
        "ticket_id": None if isinstance(told, News) else told.ticket_id,
        **_of(told),
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
        delivery(told, hearer, Channel.MAIL, at, to=hearer.person_id)
        for told, hearer in asked
        if hearer.person_id in reached
    ]


def _messages(session: Session, tellings: Sequence[Telling], choices: _Choices, at: datetime) -> list[dict[str, Any]]:
    asked = [telling for telling in tellings if choices.wants(telling, Channel.IM)]
    ids = sorted({hearer.person_id for _, hearer in asked})
    query = sa.select(NoticeAddress.id, NoticeAddress.person_id).where(NoticeAddress.person_id.in_(ids))
    addresses = session.execute(query).all()
    return [
        delivery(told, hearer, Channel.IM, at, to=address_id)
        for told, hearer in asked
        for address_id, person_id in addresses
        if person_id == hearer.person_id
    ]


def _insert(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """What an earlier run of the same job has written is there already, and stays."""
    if rows:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.connection().execute(insert(model).on_conflict_do_nothing(), [dict(row) for row in rows])
