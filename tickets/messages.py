"""Owns messages: one reaches what waits for its name and key, starts what begins with it, or is kept for a week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import instances
from engine.expressions import N_, Message
from engine.models import Effect, MessageSubscription, PendingMessage
from engine.step import StepFailed
from tickets.access import Actor, Permission, visible_subjects
from tickets.apply import DoneBefore, apply, once
from tickets.case import About, Case, about, case_of, site_of
from tickets.cause import Cause
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.filing import Filing, start_ticket
from tickets.incidents import open_incident
from tickets.numbers import next_number
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.steps import Plan, at_of, blueprint_of, run_step, take_live, world_of
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.types import TicketType

KEPT = timedelta(days=7)
MAX_PAYLOAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way."""

    name: str
    key: str
    payload: dict[str, Any]
    effect: str = ""

    def part(self, to: object) -> str:
        """The effect key of its delivery to one receiver; empty when it may be delivered again."""
        return f"{self.effect}/{to}" if self.effect else ""


@dataclass(frozen=True, slots=True)
class Whither:
    """Within which brand a message is looked for, and where and about what a ticket that it starts is."""

    brand_id: int
    place_id: int
    subject: About | None = None


@dataclass(frozen=True)
class Delivery:
    """What became of a message: the ticket it reached or started, or None when it is kept for one to come."""

    number: str | None
    started: bool = False


def send(
    runtime: Runtime, actor: Actor, *, name: str, key: str, payload: Mapping[str, Any], subject_id: UUID | None = None
) -> Delivery:
    """A message from a person or another system, within the sender's brand. Raises Forbidden, Invalid, NotFound."""
    if not actor.may(Permission.SEND_MESSAGES):
        raise Forbidden(Message(N_("Your roles don't let you send events; ask an administrator.")))
    if not 0 < len(name) <= 255 or len(key) > 255:
        raise Invalid(Message(N_("An event has a name and a key of at most 255 characters.")))
    if len(orjson.dumps(dict(payload))) > MAX_PAYLOAD:
        raise Invalid(Message(N_("The payload is larger than %(limit)s KB."), {"limit": MAX_PAYLOAD // 1024}))
    subject = None
    if subject_id is not None:
        with runtime.reading() as session:
            subject = about(session, Subject.public_id == subject_id, visible_subjects(actor))
        if subject is None:
            raise NotFound(N_("This subject"))
    about_subject, brand_id, place_id = subject or (None, actor.brand_id, actor.place_id)
    whither = Whither(brand_id, place_id, about_subject)
    return deliver(runtime, actor, Parcel(name, key, dict(payload)), whither)


def deliver(runtime: Runtime, actor: Actor | None, parcel: Parcel, whither: Whither, *, keep: bool = True) -> Delivery:
    """To every ticket that waits for it; else it starts the types that begin with it; else it is kept 7 days.

    What a job has delivered before, by the parcel's effect key, is not delivered again.
    """
    if parcel.effect and _delivered(runtime, parcel.effect):
        return Delivery(None)
    waiting = _waiting(runtime, whither.brand_id, parcel)
    numbers = [number for one in waiting if (number := _reach(runtime, actor, one, parcel)) is not None]
    if numbers:
        return Delivery(numbers[0])
    with runtime.reading() as session:
        starts = _starts(session, whither.brand_id, parcel.name)
    started = [_start(runtime, actor, kind, element, parcel, whither) for kind, element in starts]
    if started:
        return Delivery(started[0], started=True)
    if keep:
        _keep(runtime, whither.brand_id, parcel)
    return Delivery(None)


def deliver_pending(runtime: Runtime, pending_id: int) -> None:
    """A message that came before anybody waited for it: now somebody does."""
    with runtime.reading() as session:
        message = session.get(PendingMessage, pending_id)
    if message is None or message.expires_at <= runtime.clock.now():
        return
    parcel = Parcel(message.name, message.key, message.payload, f"pending:{pending_id}")
    for instance_id in _waiting(runtime, message.brand_id, parcel):
        if _reach(runtime, None, instance_id, parcel) is not None:
            with runtime.writing() as session, session.begin():
                session.execute(sa.delete(PendingMessage).where(PendingMessage.id == pending_id))
            return


def forget_expired(runtime: Runtime) -> int:
    """Drops kept messages whose week is over; how many."""
    with runtime.writing() as session, session.begin():
        gone = sa.delete(PendingMessage).where(PendingMessage.expires_at <= runtime.clock.now())
        return len(session.scalars(gone.returning(PendingMessage.id)).all())


def _waiting(runtime: Runtime, brand_id: int, parcel: Parcel) -> list[int]:
    query = sa.select(MessageSubscription.instance_id).where(
        MessageSubscription.brand_id == brand_id,
        MessageSubscription.name == parcel.name,
        MessageSubscription.key == parcel.key,
        MessageSubscription.instance_id.is_not(None),
    )
    with runtime.reading() as session:
        return [one for one in dict.fromkeys(session.scalars(query)) if one is not None]


def _delivered(runtime: Runtime, effect: str) -> bool:
    """Whether any part of this delivery was written: each has its own key beginning with the effect's."""
    query = sa.select(Effect.key).where(Effect.key.startswith(effect + "/", autoescape=True)).limit(1)
    with runtime.reading() as session:
        return session.scalar(query) is not None


def _reach(runtime: Runtime, actor: Actor | None, instance_id: int, parcel: Parcel) -> str | None:
    """Moves one waiting ticket on; its number, or None if it no longer waits."""
    kept: dict[str, Any] = {}

    def plan(session: Session) -> Plan:
        case = case_of(session, Ticket.instance_id == instance_id)
        waiting = session.scalars(
            sa.select(MessageSubscription)
            .where(
                MessageSubscription.instance_id == instance_id,
                MessageSubscription.name == parcel.name,
                MessageSubscription.key == parcel.key,
            )
            .order_by(MessageSubscription.id)
        ).first()
        if case is None or waiting is None:
            raise instances.NotWaiting(parcel.name)
        kept.update(case=case, ref=waiting.ref, slot=waiting.slot)
        blueprint = blueprint_of(session, runtime, case.definition_id)
        live, world = take_live(session, runtime, case), world_of(session, case, runtime)
        step = instances.deliver(
            live, at_of(case), ref=waiting.ref, slot=waiting.slot, payload=parcel.payload, world=world
        )
        return Plan(case, step, blueprint)

    def write(session: Session, planned: Plan) -> str:
        apply(session, planned, Cause(actor, effect=parcel.part(instance_id)))
        return planned.case.number

    try:
        return run_step(runtime, plan, write)
    except (instances.NotWaiting, DoneBefore):
        return None
    except StepFailed as error:
        case: Case = kept["case"]
        given = {"ref": kept["ref"], "slot": kept["slot"], "payload": parcel.payload}
        open_incident(runtime, actor, case, error, kind="message", payload=given)
        return case.number


def _starts(session: Session, brand_id: int, name: str) -> list[tuple[TicketType, str]]:
    """The types that begin with this message, with the start event: the brand's own version instead of the group's."""
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).scalar_subquery()
    query = (
        sa.select(TicketType, MessageSubscription.element)
        .join(MessageSubscription, MessageSubscription.definition_id == TicketType.definition_id)
        .where(
            MessageSubscription.name == name,
            MessageSubscription.key.is_(None),
            TicketType.active,
            sa.or_(TicketType.brand_id == brand_id, TicketType.brand_id == group),
        )
        .order_by(sa.case((TicketType.brand_id == brand_id, 1), else_=0))
    )
    return list({kind.key: (kind, element) for kind, element in session.execute(query)}.values())


def _start(
    runtime: Runtime,
    actor: Actor | None,
    kind: TicketType,
    element: str,
    parcel: Parcel,
    whither: Whither,
) -> str:
    with runtime.reading() as session:
        site = site_of(session, whither.place_id)
    filing = Filing(
        kind=kind,
        site=site,
        requester=None,
        subject=whither.subject,
        data=parcel.payload,
        title="",
        start_id=element,
        number=next_number(runtime, kind.prefix),
        public=False,
        cause=parcel.name,
        effect=parcel.part(kind.key),
    )
    return start_ticket(runtime, actor, filing)


def _keep(runtime: Runtime, brand_id: int, parcel: Parcel) -> None:
    now = runtime.clock.now()
    message = PendingMessage(brand_id=brand_id, name=parcel.name, key=parcel.key, payload=parcel.payload)
    message.received_at, message.expires_at = now, now + KEPT
    with runtime.writing() as session, session.begin():
        once(session, Cause(None, effect=parcel.part("kept")), now)
        session.add(message)
