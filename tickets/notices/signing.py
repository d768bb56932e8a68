"""Owns the signing of webhooks, by Standard Webhooks 1.0.0: a receiver can tell that one is ours, whole and new.

The secret is sealed beside the address, like those of connectors, and made when somebody first asks for it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.access import Actor
from tickets.connectors.sealing import Keyring, Unopenable
from tickets.errors import Conflict, Invalid
from tickets.notices.addresses import find_address
from tickets.notices.models import NoticeAddress
from tickets.notices.urls import AddressKind
from tickets.runtime import Runtime

PREFIX = "whsec_"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Seal:
    """A webhook's secret as it is kept, and what it is tied to."""

    sealed: bytes
    brand_id: int
    name: str

    def open(self, keyring: Keyring) -> str:
        """Raises Unopenable."""
        return keyring.open(self.sealed, brand_id=self.brand_id, name=self.name)


def signature(secret: str, message_id: str, at: int, body: bytes) -> str:
    """The header `webhook-signature` of a message sent at that second since 1970; `secret` is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((message_id.encode(), str(at).encode(), body))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def secret_of(runtime: Runtime, keyring: Keyring, actor: Actor, public_id: UUID) -> str:
    """What the messages to a webhook are signed with, from the first time that it is asked for; each look is audited.

    Raises NotFound, Invalid where the address is a robot's, Conflict where the key that sealed it is gone.
    """
    with runtime.writing() as session, session.begin():
        address = find_address(session, actor, public_id)
        if address.kind != AddressKind.WEBHOOK:
            raise Invalid(
                Message(N_("Only messages to a webhook are signed; group robots check theirs in other ways."))
            )
        session.refresh(address, with_for_update=True)  # of two who ask first at once both get the same
        now = runtime.clock.now()
        audit.record(session, actor, "webhook.secret_shown", address.name, brand_id=address.brand_id, at=now)
        if address.sealed is None:
            secret = PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
            address.sealed = keyring.seal(secret, brand_id=address.brand_id, name=_name(address))
        return _opened(keyring, Seal(address.sealed, address.brand_id, _name(address)))


def seal_of(address: NoticeAddress) -> Seal | None:
    """None where nobody has asked for its secret yet: its messages are not signed."""
    return Seal(address.sealed, address.brand_id, _name(address)) if address.sealed is not None else None


def webhook_secrets(session: Session) -> Iterator[tuple[NoticeAddress, str]]:
    """The addresses that have a secret, each with what it is tied to."""
    rows = session.scalars(sa.select(NoticeAddress).where(NoticeAddress.sealed.is_not(None)).order_by(NoticeAddress.id))
    return ((row, _name(row)) for row in rows)


def _name(address: NoticeAddress) -> str:
    return f"webhook {address.public_id}"


def _opened(keyring: Keyring, seal: Seal) -> str:
    try:
        return seal.open(keyring)
    except Unopenable:
        text = N_(
            "Its secret can't be opened: the installation's key has changed. Remove the webhook and add it again."
        )
        raise Conflict(Message(text)) from None
