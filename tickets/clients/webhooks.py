"""Owns the webhooks of clients: where another system hears of the tickets that it reaches, and what it was sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor
from tickets.clients.client import ApiClient
from tickets.clients.managing import client_for
from tickets.errors import Invalid
from tickets.notices.addresses import Whose, chosen_topics, keep_address
from tickets.notices.models import Delivery, NoticeAddress
from tickets.notices.urls import AddressKind, Url
from tickets.runtime import Runtime
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent

MOST = 5
"""Of a client."""
LATEST = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to one of the webhooks: of which event of which ticket, and how sending it went."""

    at: datetime
    webhook: str
    event: str
    number: str
    status: str
    attempts: int
    problem: str


def webhooks_of(session: Session, client: ApiClient) -> Sequence[NoticeAddress]:
    """Oldest first."""
    return session.scalars(_of(client)).all()


def latest(session: Session, client: ApiClient) -> list[Sent]:
    """What was sent, or is to be, newest first."""
    query = (
        sa.select(
            Delivery.at,
            NoticeAddress.name,
            TimelineEvent.kind,
            Ticket.number,
            Delivery.status,
            Delivery.attempts,
            Delivery.problem,
        )
        .join(NoticeAddress, NoticeAddress.id == Delivery.address_id)
        .join(TimelineEvent, TimelineEvent.id == Delivery.event_id)
        .join(Ticket, Ticket.id == TimelineEvent.ticket_id)
        .where(NoticeAddress.client_id == client.id)
        .order_by(Delivery.id.desc())
        .limit(LATEST)
    )
    return [Sent(*row) for row in session.execute(query)]


def add_webhook(runtime: Runtime, actor: Actor, client_id: UUID, name: str, url: Url, topics: Collection[str]) -> UUID:
    """One more webhook of a client, its address checked before; its public id. Raises NotFound, Forbidden, Invalid."""
    if url.kind is not AddressKind.WEBHOOK:
        raise Invalid(
            Message(N_("A system hears by a webhook of its own, such as https://…; group robots are channels."))
        )
    chosen, now = chosen_topics(topics), runtime.clock.now()
    with runtime.writing() as session, session.begin():
        client = client_for(session, actor, client_id)
        if len(webhooks_of(session, client)) >= MOST:
            raise Invalid(Message(N_("At most %(limit)s addresses; remove one first."), {"limit": MOST}))
        whose = Whose(client.brand_id, chosen, client_id=client.id)
        made = keep_address(session, runtime, actor, name, url, whose)
        after = {"name": name, "hint": url.hint, "topics": chosen}
        audit.record(session, actor, "webhook.added", client.name, brand_id=client.brand_id, at=now, after=after)
        return made


def _of(client: ApiClient) -> sa.Select[NoticeAddress]:
    return sa.select(NoticeAddress).where(NoticeAddress.client_id == client.id).order_by(NoticeAddress.id)
