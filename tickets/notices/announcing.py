"""Owns announcing: news that no ticket carries are kept, and told to whom they concern as any event is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.notices.audience import Hearer
from tickets.notices.models import Channel, News, NoticeAddress
from tickets.notices.scene import nearest_to
from tickets.notices.spreading import delivery, spread
from tickets.notices.table import FEW, TABLE, Part
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place, ancestors
from tickets.timeline import EventKind

_PERMISSIONS: Mapping[Part, Permission] = {Part.WAIVES: Permission.WAIVE, Part.PUBLISHES: Permission.DEPLOY}


def announce(session: Session, news: News, part: Part, *, named: int | None = None) -> None:
    """Tells it to those who are `part` at its place, or to the one who is `named`; never to who did it."""
    session.add(news)
    session.flush()
    place = session.get_one(Place, news.place_id)
    people = [named] if named is not None else _holding(session, news, part, place)
    tellings = [(news, Hearer(person_id, part)) for person_id in _there(session, people) if person_id != news.actor_id]
    spread(session, tellings, news.at, broadcasts=_broadcasts(session, news, place))


def _holding(session: Session, news: News, part: Part, place: Place) -> list[int]:
    return nearest_to(session, _PERMISSIONS[part], place, without=news.actor_id)[:FEW]


def _there(session: Session, people: Iterable[int]) -> list[int]:
    query = sa.select(Person.id).where(Person.id.in_(sorted(people)), Person.departed_at.is_(None))
    return list(session.scalars(query.order_by(Person.id)))


def _broadcasts(session: Session, news: News, place: Place) -> list[dict[str, Any]]:
    """What the channels of the brand, or of the whole group, hear of it."""
    brands = sorted({place.brand_id, ancestors(place.path)[0]})
    theirs = (NoticeAddress.person_id.is_(None), NoticeAddress.client_id.is_(None), NoticeAddress.brand_id.in_(brands))
    query = sa.select(NoticeAddress).where(*theirs)
    topic = TABLE[EventKind(news.kind)].topic
    channels = (channel for channel in session.scalars(query.order_by(NoticeAddress.id)) if topic in channel.topics)
    return [delivery(news, None, Channel.IM, news.at, to=channel.id) for channel in channels]
