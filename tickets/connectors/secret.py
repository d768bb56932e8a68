"""Owns the verbs of secrets: make, replace, delete one, all audited; and opening them for a call, nowhere else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions.call_check import NAME
from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor, Permission, Scope
from tickets.case import Site
from tickets.connectors.outgoing import NotSent
from tickets.connectors.sealing import Keyring, Unopenable
from tickets.connectors.tables import ConnectorSecret
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime

LEAST, MOST = 8, 4000
"""Characters of a secret: a shorter one could not be hidden in what comes back without hiding all else."""
MOST_ABOUT = 200
MOST_SECRETS = 500
"""Of a brand."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A secret as it was typed; `brand` is the public id of a brand or of the group."""

    brand: str
    name: str
    value: str
    about: str = ""


class SecretInvalid(Invalid):
    """Refused; `errors` says why, by field."""

    def __init__(self, errors: dict[str, Message]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


def create(runtime: Runtime, keyring: Keyring, actor: Actor, wanted: Wanted) -> UUID:
    """Keep a new secret; its public id. Raises Forbidden, SecretInvalid."""
    now = runtime.clock.now()
    name, about = wanted.name.strip(), wanted.about.strip()
    with runtime.writing() as session, session.begin():
        brand = _brand(session, actor, wanted.brand)
        errors = {**_wrong_name(name), **_wrong_value(wanted.value), **_wrong_about(about)}
        if brand is None:
            errors["brand"] = Message(N_("Choose the group or one of the brands whose connectors you manage."))
        if errors or brand is None:
            raise SecretInvalid(errors)
        _check_room(session, brand.id, name)
        secret = ConnectorSecret(brand_id=brand.id, name=name, about=about, created_at=now, updated_at=now)
        secret.sealed = keyring.seal(wanted.value, brand_id=brand.id, name=name)
        secret.updated_by_id = actor.person_id
        session.add(secret)
        session.flush()
        audit.record(session, actor, "secret.created", name, brand_id=brand.id, at=now)
        return secret.public_id


def replace(runtime: Runtime, keyring: Keyring, actor: Actor, public_id: UUID, value: str, about: str) -> None:
    """Another value under the same name, for the next call on; an empty one stays as it is.

    Raises NotFound, Forbidden, SecretInvalid.
    """
    now = runtime.clock.now()
    errors = {**(_wrong_value(value) if value else {}), **_wrong_about(about.strip())}
    with runtime.writing() as session, session.begin():
        secret = _secret(session, actor, public_id)
        if errors:
            raise SecretInvalid(errors)
        was, secret.about = secret.about, about.strip()
        if value:
            secret.sealed = keyring.seal(value, brand_id=secret.brand_id, name=secret.name)
            secret.updated_at, secret.updated_by_id = now, actor.person_id
        _note_change(session, actor, secret, was, now, replaced=bool(value))


def _note_change(
    session: Session, actor: Actor, secret: ConnectorSecret, was: str, now: datetime, *, replaced: bool
) -> None:
    """What was changed is in the audit log: the value without saying it, the note as it was and is."""
    before, after = ({"about": was}, {"about": secret.about}) if secret.about != was else ({}, {})
    if replaced or after:
        action, brand_id = "secret.replaced" if replaced else "secret.changed", secret.brand_id
        audit.record(session, actor, action, secret.name, brand_id=brand_id, at=now, before=before, after=after)


def delete(runtime: Runtime, actor: Actor, public_id: UUID) -> None:
    """Forget it; calls that need it stop with an incident from then on. Raises NotFound, Forbidden."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        secret = _secret(session, actor, public_id)
        audit.record(session, actor, "secret.deleted", secret.name, brand_id=secret.brand_id, at=now)
        session.delete(secret)


def sealed_secrets(session: Session) -> Iterator[tuple[ConnectorSecret, str]]:
    """All of them, each with what it is tied to, by name."""
    rows = session.scalars(sa.select(ConnectorSecret).order_by(ConnectorSecret.name, ConnectorSecret.id))
    return ((row, row.name) for row in rows)


def opened(session: Session, keyring: Keyring, names: Collection[str], site: Site) -> dict[str, str]:
    """The values that a call of a ticket there needs: its brand's, else the group's. Raises NotSent."""
    rows = session.scalars(sa.select(ConnectorSecret).where(_for(names, site))).all() if names else []
    found = {row.name: row for row in sorted(rows, key=lambda row: row.brand_id == site.brand_id)}
    if missing := sorted(set(names) - found.keys()):
        raise NotSent(
            Message(N_("The secret “%(name)s” is missing here; an administrator adds it."), {"name": missing[0]})
        )
    try:
        return {name: keyring.open(row.sealed, brand_id=row.brand_id, name=name) for name, row in found.items()}
    except Unopenable:
        text = N_("A secret can't be opened: the installation's key has changed. Put the old key back, or replace it.")
        raise NotSent(Message(text)) from None


def used(runtime: Runtime, names: Collection[str], site: Site) -> None:
    """Remember when they were used; once a minute is enough."""
    if not names:
        return
    now = runtime.clock.now()
    stale = sa.or_(
        ConnectorSecret.last_used_at.is_(None), ConnectorSecret.last_used_at < now.replace(second=0, microsecond=0)
    )
    own = sa.exists().where(_OWN.c.brand_id == site.brand_id, _OWN.c.name == ConnectorSecret.name)
    hidden = sa.and_(ConnectorSecret.brand_id != site.brand_id, own)
    with runtime.writing() as session, session.begin():
        mark = sa.update(ConnectorSecret).where(_for(names, site), stale, ~hidden)
        session.execute(mark.values(last_used_at=now), execution_options={"synchronize_session": False})


def managed(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of ConnectorSecret: those of the brands whose connectors the actor manages. Raises Forbidden."""
    brands = brands_of(actor)
    return sa.true() if brands is None else ConnectorSecret.brand_id.in_(brands)


def brands_of(actor: Actor) -> list[int] | None:
    """The brands whose connectors the actor manages; None: all, and the group's. Raises Forbidden."""
    grants = actor.having(Permission.MANAGE_CONNECTORS)
    if not grants:
        raise Forbidden(Message(N_("Your roles don't let you manage connectors; ask an administrator.")))
    if any(grant.scope is Scope.GROUP for grant in grants):
        return None
    return sorted({grant.brand_id for grant in grants if grant.scope is Scope.BRAND})


_OWN = ConnectorSecret.__table__.alias("own_secret")


def _for(names: Collection[str], site: Site) -> sa.ColumnElement[bool]:
    return sa.and_(ConnectorSecret.name.in_(names), ConnectorSecret.brand_id.in_((site.brand_id, site.root_id)))


def _brand(session: Session, actor: Actor, public_id: str) -> Place | None:
    brands = brands_of(actor)
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    kinds = (PlaceKind.GROUP, PlaceKind.BRAND)
    theirs = sa.true() if brands is None else Place.id.in_(brands)
    return session.scalar(sa.select(Place).where(Place.public_id == wanted, Place.kind.in_(kinds), theirs))


def _secret(session: Session, actor: Actor, public_id: UUID) -> ConnectorSecret:
    query = sa.select(ConnectorSecret).where(ConnectorSecret.public_id == public_id, managed(actor))
    found = session.scalar(query.with_for_update())
    if found is None:
        raise NotFound(N_("This secret"))
    return found


def _check_room(session: Session, brand_id: int, name: str) -> None:
    names = session.scalars(sa.select(ConnectorSecret.name).where(ConnectorSecret.brand_id == brand_id)).all()
    if name in names:
        raise SecretInvalid({"name": Message(N_("There is a secret of this name already; replace its value."))})
    if len(names) >= MOST_SECRETS:
        raise Conflict(Message(N_("There are %(most)s secrets here; delete some first."), {"most": MOST_SECRETS}))


def _wrong_name(name: str) -> dict[str, Message]:
    if NAME.fullmatch(name):
        return {}
    return {
        "name": Message(N_("Write letters, digits and _ only, as in coupon_key: expressions name it secrets.NAME."))
    }


def _wrong_value(value: str) -> dict[str, Message]:
    if LEAST <= len(value) <= MOST and not _CONTROL.search(value):
        return {}
    text = N_("A secret has %(least)s to %(most)s characters in one line.")
    return {"value": Message(text, {"least": LEAST, "most": MOST})}


def _wrong_about(about: str) -> dict[str, Message]:
    return {} if len(about) <= MOST_ABOUT else {"about": Message(N_("That is too long; write at most 200 characters."))}
