"""Reads clients for those who manage them: the list, one with its tokens, and what it called lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.access import Actor, Permission
from tickets.clients.client import ApiCall, ApiClient
from tickets.clients.managing import managed
from tickets.clients.webhooks import Sent, latest, webhooks_of
from tickets.errors import NotFound
from tickets.notices.models import NoticeAddress
from tickets.places import Place
from tickets.tokens import ApiToken
from tickets.types import TicketType

CALLS = 100
MOST_CLIENTS = 500
MOST_PLACES = 2000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client in the list; `last_call` None: it never called."""

    client: ApiClient
    place: Place
    last_call: datetime | None

    def state(self, now: datetime) -> str:
        """`on`, `off`, or `over` when its time is."""
        if self.client.disabled_at is not None:
            return "off"
        return "over" if self.client.expires_at and self.client.expires_at <= now else "on"


@dataclass(frozen=True, slots=True)
class ClientPage:
    """One client; `calls` and what it was `sent` newest first, `called` and `refused` counted over the last day."""

    row: ClientRow
    tokens: Sequence[ApiToken]
    calls: Sequence[ApiCall]
    called: int
    refused: int
    webhooks: Sequence[NoticeAddress]
    sent: Sequence[Sent]


def client_list(session: Session, actor: Actor) -> list[ClientRow]:
    """The clients this person manages, by name. Raises Forbidden."""
    return [ClientRow(*row) for row in session.execute(_rows(actor).order_by(ApiClient.name, ApiClient.id))]


def client_page(session: Session, actor: Actor, public_id: UUID, now: datetime) -> ClientPage:
    """One client with its tokens and calls. Raises Forbidden, NotFound."""
    found = session.execute(_rows(actor).where(ApiClient.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound(N_("This client"))
    row = ClientRow(*found)
    mine = ApiCall.client_id == row.client.id
    tokens = sa.select(ApiToken).where(ApiToken.client_id == row.client.id).order_by(ApiToken.id.desc()).limit(20)
    calls = sa.select(ApiCall).where(mine).order_by(ApiCall.id.desc()).limit(CALLS)
    refusals = sa.func.count().filter(ApiCall.status >= 400)
    counted = sa.select(sa.func.count(), refusals).where(mine, ApiCall.at > now - DAY)
    called, refused = session.execute(counted).one()
    heard = webhooks_of(session, row.client), latest(session, row.client)
    return ClientPage(row, session.scalars(tokens).all(), session.scalars(calls).all(), called, refused, *heard)


def places_for(session: Session, actor: Actor) -> Sequence[Place]:
    """Where a client may belong: the places the actor manages the access of, from the top."""
    managed(actor)
    rows = session.scalars(sa.select(Place).order_by(Place.path).limit(MOST_PLACES))
    wanted = Permission.MANAGE_ACCESS
    return [place for place in rows if actor.covers(wanted, brand_id=place.brand_id, place_path=place.path)]


def types_for(session: Session, brand_id: int, root_id: int) -> Sequence[TicketType]:
    """The ticket types of a brand and of the group, the brand's own first where both have one of a key."""
    here = TicketType.brand_id.in_((brand_id, root_id))
    rows = session.scalars(sa.select(TicketType).where(here, TicketType.active).order_by(TicketType.name)).all()
    own = {kind.key for kind in rows if kind.brand_id == brand_id}
    return [kind for kind in rows if kind.brand_id == brand_id or kind.key not in own]


def _rows(actor: Actor) -> sa.Select[ApiClient, Place, datetime]:
    newest = sa.select(ApiCall.at).where(ApiCall.client_id == ApiClient.id).order_by(ApiCall.id.desc()).limit(1)
    last = newest.correlate(ApiClient).scalar_subquery()
    query = sa.select(ApiClient, Place, last).join(Place, Place.id == ApiClient.place_id)
    return query.where(managed(actor)).limit(MOST_CLIENTS)
