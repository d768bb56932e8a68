"""Owns who gets a message: the tickets that wait for its name and key."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import EventType, MessageSubscription, PendingMessage
from tickets.access import Actor
from tickets.apply import DoneBefore
from tickets.case import About
from tickets.cause import Cause
from tickets.driving import Given, drive
from tickets.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way."""

    name: str
    key: str
    payload: dict[str, Any]
    effect: str = ""
    pending_id: int = 0
    """Its row, if it was kept: whoever is reached takes it."""
    left: int | None = None
    """How many jobs may still follow from it, if a process sent it."""

    def part(self, what: str) -> str:
        """The effect key of one part of its delivery; empty when it may be delivered again."""
        return f"{self.effect}/{what}" if self.effect else ""

    def shared(self, receivers: Sized) -> Parcel:
        """As each of them gets it."""
        return replace(self, left=self.left // max(len(receivers), 1)) if self.left is not None else self


@dataclass(frozen=True, slots=True)
class Whither:
    """Within which brand a message is looked for, and where and about what a ticket that it starts is."""

    brand_id: int
    place_id: int
    subject: About | None = None
    everywhere: bool = False
    """In every brand: it comes from the group."""


def waiting(runtime: Runtime, whither: Whither, parcel: Parcel) -> list[int]:
    """The ids of the instances that wait for it."""
    query = (
        sa.select(MessageSubscription.instance_id)
        .where(
            sa.true() if whither.everywhere else MessageSubscription.brand_id == whither.brand_id,
            MessageSubscription.kind == EventType.MESSAGE,
            MessageSubscription.name == parcel.name,
            MessageSubscription.key == parcel.key,
            MessageSubscription.instance_id.is_not(None),
        )
        .order_by(MessageSubscription.id)
    )
    with runtime.reading() as session:
        return [one for one in dict.fromkeys(session.scalars(query)) if one is not None]


def reach(runtime: Runtime, actor: Actor | None, instance_id: int, parcel: Parcel) -> str | None:
    """Moves one waiting ticket on; its number, or None if it no longer waits."""
    cause = Cause(actor, effect=parcel.part(f"reached/{instance_id}"), left=parcel.left)

    def take_first(session: Session) -> None:
        if parcel.pending_id and not take(session, parcel):
            raise DoneBefore(parcel.name)

    find = partial(_first_wait, instance_id=instance_id, parcel=parcel)
    return drive(runtime, "message", instance_id, find, cause=cause, write_first=take_first)


def _first_wait(session: Session, *, instance_id: int, parcel: Parcel) -> Given | None:
    wanted = sa.select(MessageSubscription).where(
        MessageSubscription.instance_id == instance_id,
        MessageSubscription.kind == EventType.MESSAGE,
        MessageSubscription.name == parcel.name,
        MessageSubscription.key == parcel.key,
    )
    wait = session.scalars(wanted.order_by(MessageSubscription.id)).first()
    if wait is None:
        return None
    return {"ref": wait.ref, "slot": wait.slot, "payload": parcel.payload, "name": parcel.name}


def take(session: Session, parcel: Parcel) -> bool:
    """Whether the message was still kept; now it is not."""
    kept = sa.delete(PendingMessage).where(PendingMessage.id == parcel.pending_id)
    return session.connection().execute(kept).rowcount == 1
