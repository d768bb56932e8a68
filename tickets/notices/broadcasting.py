"""Owns who hears of tickets without being one of their people: a brand's channels, and the webhooks of clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.clients.client import ApiClient, permissions_of
from tickets.notices.models import Channel, NoticeAddress
from tickets.notices.scene import Of, Scene
from tickets.notices.spreading import delivery
from tickets.notices.table import RANK, TABLE
from tickets.permissions import Permission
from tickets.places import Place
from tickets.timeline import EventKind, TimelineEvent


def broadcasts(session: Session, events: Sequence[TimelineEvent], scene: Scene, at: datetime) -> list[dict[str, Any]]:
    """The deliveries to them: each hears the most telling of a step."""
    rows: dict[tuple[int, int, datetime], dict[str, Any]] = {}
    for listener in _listeners(session, scene, at):
        for event in sorted(events, key=lambda event: RANK[event.kind]):
            if listener.hears(event, scene.tickets[event.ticket_id]):
                row = delivery(event, None, Channel.IM, at, to=listener.address_id)
                rows[listener.address_id, event.ticket_id, event.at] = row
    return list(rows.values())


@dataclass(frozen=True, slots=True)
class _Listener:
    """A channel, or with `client` a webhook of it; `path` is where the client belongs."""

    address_id: int
    brand_id: int
    topics: Sequence[str]
    client: ApiClient | None
    path: str

    def hears(self, event: TimelineEvent, of: Of) -> bool:
        if TABLE[EventKind(event.kind)].topic not in self.topics:
            return False
        if self.client is None:
            return self.brand_id in (of.brand_id, of.root_id)
        return self._reaches(self.client, event, of)

    def _reaches(self, client: ApiClient, event: TimelineEvent, of: Of) -> bool:
        """What it may read: all where it reads tickets, else the public side of those it filed; not what it did."""
        if event.actor_id == client.person_id or (client.types and of.type_key not in client.types):
            return False
        if Permission.SEE in permissions_of(client.scopes) and of.path.startswith(self.path):
            return True
        return event.public and client.person_id in (of.requester_id, of.filed_by_id)


def _listeners(session: Session, scene: Scene, at: datetime) -> list[_Listener]:
    brands = {of.brand_id for of in scene.tickets.values()} | {of.root_id for of in scene.tickets.values()}
    query = (
        sa.select(NoticeAddress.id, NoticeAddress.brand_id, NoticeAddress.topics, ApiClient, Place.path)
        .outerjoin(ApiClient, ApiClient.id == NoticeAddress.client_id)
        .outerjoin(Place, Place.id == ApiClient.place_id)
        .where(NoticeAddress.person_id.is_(None), NoticeAddress.brand_id.in_(sorted(brands)))
        .where(ApiClient.disabled_at.is_(None), sa.or_(ApiClient.expires_at.is_(None), ApiClient.expires_at > at))
        .order_by(NoticeAddress.id)
    )
    return [_Listener(*row) for row in session.execute(query)]
