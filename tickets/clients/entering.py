"""Owns how a client enters: as an actor with its scopes at its place, within its networks, pace and ticket types."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.actor import Actor, Grant, load_actor
from tickets.clients.client import ApiCall, ApiClient, permissions_of
from tickets.permissions import Scope
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime

KEPT = timedelta(days=30)
"""How long calls are kept."""
MOST_CALLED = 300
_SCOPES = {PlaceKind.GROUP.value: Scope.GROUP, PlaceKind.BRAND.value: Scope.BRAND}


@dataclass(frozen=True, slots=True)
class Entering:
    """A client at the door: whom it acts as, from where and how often it may come."""

    client_id: int
    actor: Actor
    addresses: tuple[str, ...]
    per_minute: int

    def comes_from(self, address: str | None) -> bool:
        """Whether it may call from this address."""
        if not self.addresses:
            return True
        try:
            known = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        return any(known in ipaddress.ip_network(network) for network in self.addresses)


def client_of(session: Session, client_id: int, now: datetime) -> Entering | None:
    """The client of a good token, unless it is disabled or its time is over."""
    good = sa.or_(ApiClient.expires_at.is_(None), ApiClient.expires_at > now)
    query = sa.select(ApiClient, Place).join(Place, Place.id == ApiClient.place_id)
    found = session.execute(query.where(ApiClient.id == client_id, ApiClient.disabled_at.is_(None), good)).one_or_none()
    if found is None:
        return None
    client, place = found
    account = load_actor(session, client.person_id, via="api")
    if account is None:
        return None
    only = frozenset(client.types) if client.types else None
    actor = replace(account, grants=(_grant(client, place),), only_types=only)
    return Entering(client.id, actor, tuple(client.addresses), client.per_minute)


def note_call(runtime: Runtime, client_id: int, called: str, *, status: int, address: str | None) -> None:
    """Keep that the client called `called`, as in "POST /api/v1/tickets", for whoever looks after it."""
    row = {"client_id": client_id, "at": runtime.clock.now(), "called": called[:MOST_CALLED], "status": status}
    with runtime.writing() as session, session.begin():
        session.execute(sa.insert(ApiCall), [{**row, "address": (address or "")[:64]}])


def forget_calls(session: Session, now: datetime) -> None:
    """Drop calls nobody looks at any more."""
    session.execute(sa.delete(ApiCall).where(ApiCall.at < now - KEPT))


def _grant(client: ApiClient, place: Place) -> Grant:
    return Grant(
        permissions=permissions_of(client.scopes),
        scope=_SCOPES.get(place.kind, Scope.CAMPUS),
        place_id=place.id,
        place_path=place.path,
        brand_id=place.brand_id,
        role_key="client",
        role_names=("接入系统", "Client"),
    )
