"""Owns the verbs of clients: make, change, disable and enable one, issue and revoke its tokens; all audited."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission
from tickets.clients.client import ApiClient, permissions_of
from tickets.clients.facts import ClientInvalid, Facts, check, end_of, networks, place_id
from tickets.errors import Conflict, Forbidden, NotFound
from tickets.organising.permission_words import WORDS
from tickets.organising.reach import brands_within
from tickets.people import Person
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.tokens import ApiToken, new_token

MOST_TOKENS = 5
ROTATION = timedelta(hours=24)
"""How long the older tokens still work when a new one is issued."""


def create(runtime: Runtime, actor: Actor, facts: Facts) -> tuple[UUID, str]:
    """A new client: its public id, and its first token, which is shown this once. Raises Forbidden, ClientInvalid."""
    check(facts)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        place = _place(session, actor, facts)
        person = _account(session, facts, place, now)
        client = ApiClient(brand_id=place.brand_id, person_id=person.id, created_at=now)
        _set(client, facts, place)
        session.add(client)
        session.flush()
        _record(session, actor, client, "client.created", now, after=_plain(client))
        return client.public_id, _issue(session, client, person, now)


def change(runtime: Runtime, actor: Actor, public_id: UUID, facts: Facts) -> None:
    """Change what a client is and may; it holds for the next call. Raises NotFound, Forbidden, ClientInvalid."""
    check(facts)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        client = client_for(session, actor, public_id)
        place = _place(session, actor, facts)
        if place.brand_id != client.brand_id:
            raise ClientInvalid({"place": Message(N_("A client stays in its brand; make a new one for another."))})
        before = _plain(client)
        _set(client, facts, place)
        session.get_one(Person, client.person_id).name = client.name
        after = _plain(client)
        different = [name for name in after if after[name] != before[name]]
        if different:
            told = {"before": {name: before[name] for name in different}}
            _record(session, actor, client, "client.changed", now, after={n: after[n] for n in different}, **told)


def disable(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """At once no call of the client is let in. Twice is fine."""
    _switch(runtime, actor, public_id, off=True)


def enable(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Its calls are let in again."""
    _switch(runtime, actor, public_id, off=False)


def issue(runtime: Runtime, actor: Actor, public_id: UUID) -> str:
    """One more token, shown this once; those before end a day later, so that the system can be switched over."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        client = client_for(session, actor, public_id)
        _check_within(session, actor, client)
        live = session.scalars(_live_tokens(client, now)).all()
        if len(live) >= MOST_TOKENS:
            raise Conflict(Message(N_("The client has %(most)s tokens; revoke one first."), {"most": MOST_TOKENS}))
        for token in live:
            token.expires_at = min(token.expires_at or now + ROTATION, now + ROTATION)
        text = _issue(session, client, session.get_one(Person, client.person_id), now)
        _record(session, actor, client, "client.token_issued", now, after={"tokens": len(live) + 1})
        return text


def revoke(runtime: Runtime, actor: Actor, public_id: UUID, token_id: UUID) -> None:
    """End one token at once. Twice is fine."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        client = client_for(session, actor, public_id)
        wanted = (ApiToken.client_id == client.id, ApiToken.public_id == token_id)
        token = session.scalar(sa.select(ApiToken).where(*wanted).with_for_update())
        if token is None:
            raise NotFound(N_("This token"))
        if token.revoked_at is None:
            token.revoked_at = now
            _record(session, actor, client, "client.token_revoked", now, before={"token": token.name})


def managed(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of ApiClient: those whose brand the actor manages. Raises Forbidden for those who manage none."""
    if not actor.may(Permission.MANAGE_ACCESS):
        raise Forbidden(Message(N_("Your roles don't let you manage the access of other systems.")))
    return brands_within(actor, Permission.MANAGE_ACCESS, ApiClient.brand_id)


def _switch(runtime: Runtime, actor: Actor, public_id: UUID, *, off: bool) -> None:
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        client = client_for(session, actor, public_id)
        if (client.disabled_at is not None) is off:
            return
        if not off:
            _check_within(session, actor, client)
        client.disabled_at = now if off else None
        _record(session, actor, client, "client.disabled" if off else "client.enabled", now)


def client_for(session: Session, actor: Actor, public_id: UUID) -> ApiClient:
    """One that the actor manages, locked. Raises Forbidden, NotFound."""
    wanted = sa.select(ApiClient).where(ApiClient.public_id == public_id, managed(actor)).with_for_update()
    client = session.scalar(wanted)
    if client is None:
        raise NotFound(N_("This client"))
    return client


def _place(session: Session, actor: Actor, facts: Facts) -> Place:
    """Where the client is to belong; nobody gives a client what they don't have there themselves."""
    managed(actor)
    place = session.scalar(sa.select(Place).where(Place.public_id == place_id(facts)))
    if place is None or not _covers(actor, Permission.MANAGE_ACCESS, place):
        raise ClientInvalid({"place": Message(N_("There is no such place among those you manage; choose another."))})
    if lacking := _lacking(actor, facts.scopes, place):
        raise ClientInvalid({"scopes": Message(_BEYOND, {"lacking": lacking})})
    return place


def _check_within(session: Session, actor: Actor, client: ApiClient) -> None:
    """Raises Forbidden: who holds a client's token does whatever the client may."""
    if lacking := _lacking(actor, client.scopes, session.get_one(Place, client.place_id)):
        raise Forbidden(Message(_BEYOND, {"lacking": lacking}))


def _lacking(actor: Actor, scopes: Iterable[str], place: Place) -> tuple[Message, ...]:
    """The permissions that the actor does not have there, in words."""
    return tuple(Message(WORDS[each][0]) for each in sorted(permissions_of(scopes)) if not _covers(actor, each, place))


_BEYOND = N_("You can't give away what you may not do there yourself: %(lacking)s.")


def _covers(actor: Actor, permission: Permission, place: Place) -> bool:
    return actor.covers(permission, brand_id=place.brand_id, place_path=place.path)


def _account(session: Session, facts: Facts, place: Place, now: datetime) -> Person:
    """The account that the client acts as: nobody can sign in with it."""
    person = Person(
        brand_id=place.brand_id,
        place_id=place.id,
        login=f"client-{secrets.token_hex(6)}",
        name=facts.name.strip(),
        title="",
        is_client=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def _set(client: ApiClient, facts: Facts, place: Place) -> None:
    client.name, client.contact, client.place_id = facts.name.strip(), facts.contact.strip(), place.id
    client.scopes, client.types = sorted(set(facts.scopes)), sorted(set(facts.types))
    client.addresses, client.per_minute = networks(facts.addresses), int(facts.per_minute)
    client.expires_at = end_of(facts.last_day, ZoneInfo(place.time_zone))


def _plain(client: ApiClient) -> dict[str, Any]:
    names = ("name", "contact", "place_id", "scopes", "types", "addresses", "per_minute")
    ends = client.expires_at.isoformat() if client.expires_at else None
    return {name: getattr(client, name) for name in names} | {"expires_at": ends}


def _live_tokens(client: ApiClient, now: datetime) -> sa.Select[ApiToken]:
    good = sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)
    return sa.select(ApiToken).where(ApiToken.client_id == client.id, ApiToken.revoked_at.is_(None), good)


def _issue(session: Session, client: ApiClient, person: Person, now: datetime) -> str:
    text, digest = new_token()
    shown = f"{text[:8]}…{text[-4:]}"
    token = ApiToken(brand_id=client.brand_id, person_id=person.id, client_id=client.id, name=shown, digest=digest)
    token.created_at = now
    session.add(token)
    return text


def _record(
    session: Session,
    actor: Actor,
    client: ApiClient,
    action: str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    brand_id = client.brand_id
    audit.record(session, actor, action, client.name, brand_id=brand_id, at=now, before=before, after=after)
