"""Owns starting a ticket by an event: a message, a signal or the clock starts a type at one of its start events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, aliased

from engine.models import EventType, MessageSubscription
from tickets import lineage
from tickets.access import Actor
from tickets.apply import DoneBefore
from tickets.case import About, site_of
from tickets.filing import Filing, start_ticket
from tickets.numbers import next_number
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.steps import blueprint_of
from tickets.types import TicketType

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Begins:
    """A ticket type and the start event at which something starts it."""

    kind: TicketType
    element: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """What starts it, where and about what, with which data; `effect` is written with it, so that it is done once."""

    place_id: int
    cause: str
    cause_names: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    subject: About | None = None
    effect: str = ""
    left: int | None = None


def begun_by(session: Session, event: EventType, brand_id: int, name: str) -> list[Begins]:
    """The types that begin with this event: the brand's own, and those only the group has; each at one start event."""
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).scalar_subquery()
    own = aliased(TicketType)
    hidden = sa.exists().where(own.brand_id == brand_id, own.key == TicketType.key, own.active)
    query = (
        sa.select(TicketType, MessageSubscription.element)
        .join(MessageSubscription, MessageSubscription.definition_id == TicketType.definition_id)
        .where(
            MessageSubscription.kind == event,
            MessageSubscription.name == name,
            MessageSubscription.key.is_(None),
            TicketType.active,
            sa.or_(TicketType.brand_id == brand_id, sa.and_(TicketType.brand_id == group, ~hidden)),
        )
        .order_by(TicketType.id, MessageSubscription.id)
    )
    first = {kind.id: Begins(kind, element) for kind, element in reversed(session.execute(query).all())}
    return list(reversed(first.values()))


def named_by(session: Session, runtime: Runtime, begins: Begins, event: str) -> tuple[str, Mapping[str, str]]:
    """What people call the event that a type begins with: as its start event does, else by the event's own name."""
    node = blueprint_of(session, runtime, begins.kind.definition_id).compiled.process.node(begins.element)
    return (node.name, node.names) if node is not None and node.name else (event, {})


def begin(
    runtime: Runtime,
    actor: Actor | None,
    begins: Begins,
    occasion: Occasion,
    *,
    write_first: Callable[[Session], None] = lambda _: None,
) -> str | None:
    """Starts a ticket without a requester; its number, or None if it was started before or must not be. Raises Invalid.

    `write_first` joins the transaction that writes the ticket and may raise DoneBefore.
    """
    with runtime.reading() as session:
        site = site_of(session, occasion.place_id)
        full = lineage.is_full(session, occasion.effect, runtime.clock.now())
    if full:
        log.warning("nothing more is started of what was thrown", type=begins.kind.key, effect=occasion.effect)
        return None
    filing = Filing(
        kind=begins.kind,
        site=site,
        requester=None,
        subject=occasion.subject,
        data=dict(occasion.data),
        title="",
        start_id=begins.element,
        number=next_number(runtime, begins.kind.prefix),
        public=False,
        cause=occasion.cause,
        cause_names=occasion.cause_names,
        effect=occasion.effect,
        left=occasion.left,
        write_first=write_first,
    )
    try:
        return start_ticket(runtime, actor, filing)
    except DoneBefore:
        return None
