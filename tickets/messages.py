"""Owns messages: one reaches what waits for its name and key, starts what begins with it, or is kept for a week."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine import instances
from engine.expressions import N_, Message
from engine.models import Effect, MessageSubscription, PendingMessage
from engine.step import StepFailed
from forms.plain import is_plain
from tickets.access import Actor, Permission, Scope, visible_subjects
from tickets.apply import DoneBefore, apply, once
from tickets.case import About, Case, about, case_of, site_of
from tickets.cause import Cause
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.filing import Filing, start_ticket
from tickets.incidents import open_incident
from tickets.inserts import insert_unless_there
from tickets.numbers import next_number
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.steps import Plan, at_of, blueprint_of, run_step, take_live, world_of
from tickets.subjects import Subject
from tickets.texts import line_problem
from tickets.ticket import Ticket
from tickets.types import TicketType

KEPT = timedelta(days=7)
MAX_NAME = 255
MAX_PAYLOAD = 64 * 1024


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


@dataclass(frozen=True)
class Delivery:
    """What became of a message: the ticket it reached or started, or None when it is kept for one to come."""

    number: str | None
    started: bool = False


def send(
    runtime: Runtime, actor: Actor, *, name: str, key: str, payload: Mapping[str, Any], subject_id: UUID | None = None
) -> Delivery:
    """A message from a person or another system. Raises Forbidden, Invalid, NotFound.

    It stays within the subject's brand, else the sender's; one from the group itself is looked for in every brand.
    """
    if not actor.may(Permission.SEND_MESSAGES):
        raise Forbidden(Message(N_("Your roles don't let you send events; ask an administrator.")))
    parcel = _checked(name, key, payload)
    if subject_id is None:
        everywhere = any(grant.scope is Scope.GROUP for grant in actor.having(Permission.SEND_MESSAGES))
        return deliver(runtime, actor, parcel, Whither(actor.brand_id, actor.place_id, everywhere=everywhere))
    with runtime.reading() as session:
        found = about(session, Subject.public_id == subject_id, visible_subjects(actor))
    if found is None:
        raise NotFound(N_("This subject"))
    subject, brand_id, place_id = found
    return deliver(runtime, actor, parcel, Whither(brand_id, place_id, subject))


def _checked(name: str, key: str, payload: Mapping[str, Any]) -> Parcel:
    for text in (name, key) if key else (name,):
        if problem := line_problem(text, MAX_NAME):
            raise Invalid(Message(N_("An event's name or key can't be kept: %(problem)s"), {"problem": problem}))
    if not is_plain(payload):
        raise Invalid(Message(N_("The payload holds values that can't be kept, or is nested too deeply.")))
    if len(orjson.dumps(payload)) > MAX_PAYLOAD:
        raise Invalid(Message(N_("The payload is larger than %(limit)s KB."), {"limit": MAX_PAYLOAD // 1024}))
    return Parcel(name, key, dict(payload))


def deliver(runtime: Runtime, actor: Actor | None, parcel: Parcel, whither: Whither, *, keep: bool = True) -> Delivery:
    """To every ticket that waits for it; else it starts the types that begin with it; else it is kept 7 days.

    A job's parcel has an effect key: what was delivered of it when the job ran before is not delivered again.
    """
    parts = _parts(runtime, parcel)
    if parts & {parcel.part("done"), parcel.part("kept")}:
        return Delivery(None)
    delivery = _hand_over(runtime, actor, parcel, whither, parts=parts, keep=keep)
    if parcel.effect:
        with runtime.writing() as session, session.begin():
            insert_unless_there(session, Effect, key=parcel.part("done"), at=runtime.clock.now())
    return delivery


def _hand_over(
    runtime: Runtime, actor: Actor | None, parcel: Parcel, whither: Whither, *, parts: frozenset[str], keep: bool
) -> Delivery:
    """`parts` were delivered before a crash; what began then must not be reached now, as if it had waited before."""
    if not any(part.startswith(parcel.part("started")) for part in parts):
        waiting = _waiting(runtime, whither, parcel)
        part = parcel.shared(waiting)
        numbers = [number for one in waiting if (number := _reach(runtime, actor, one, part)) is not None]
        if numbers or parts:
            return Delivery(numbers[0] if numbers else None)
    with runtime.reading() as session:
        starts = _starts(session, whither.brand_id, parcel.name)
    part = parcel.shared(starts)
    started = [_start(runtime, actor, kind, element, part, whither) for kind, element in starts]
    if started:
        return Delivery(next(filter(None, started), None), started=True)
    if keep:
        _keep(runtime, whither.brand_id, parcel)
    return Delivery(None)


def deliver_pending(runtime: Runtime, pending_id: int, instance_id: int, *, left: int | None = None) -> None:
    """A message that came before anybody waited for it: now this instance does."""
    with runtime.reading() as session:
        message = session.get(PendingMessage, pending_id)
    if message is None or message.expires_at <= runtime.clock.now():
        return
    parcel = Parcel(message.name, message.key, message.payload, pending_id=pending_id, left=left)
    if _reach(runtime, None, instance_id, parcel) is not None:
        with runtime.writing() as session, session.begin():
            _take(session, parcel)


def forget_expired(runtime: Runtime) -> int:
    """Drops kept messages whose week is over; how many."""
    with runtime.writing() as session, session.begin():
        gone = sa.delete(PendingMessage).where(PendingMessage.expires_at <= runtime.clock.now())
        return len(session.scalars(gone.returning(PendingMessage.id)).all())


def _parts(runtime: Runtime, parcel: Parcel) -> frozenset[str]:
    """The parts of this delivery that are written: each has its own key, which begins with the effect's."""
    if not parcel.effect:
        return frozenset()
    query = sa.select(Effect.key).where(Effect.key.startswith(parcel.part(""), autoescape=True))
    with runtime.reading() as session:
        return frozenset(session.scalars(query))


def _waiting(runtime: Runtime, whither: Whither, parcel: Parcel) -> list[int]:
    query = (
        sa.select(MessageSubscription.instance_id)
        .where(
            sa.true() if whither.everywhere else MessageSubscription.brand_id == whither.brand_id,
            MessageSubscription.name == parcel.name,
            MessageSubscription.key == parcel.key,
            MessageSubscription.instance_id.is_not(None),
        )
        .order_by(MessageSubscription.id)
    )
    with runtime.reading() as session:
        return [one for one in dict.fromkeys(session.scalars(query)) if one is not None]


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
        if parcel.pending_id and not _take(session, parcel):
            raise DoneBefore(parcel.name)
        apply(session, planned, Cause(actor, effect=parcel.part(f"reached/{instance_id}"), left=parcel.left))
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


def _take(session: Session, parcel: Parcel) -> bool:
    """Whether the message was still kept; now it is not."""
    kept = sa.delete(PendingMessage).where(PendingMessage.id == parcel.pending_id)
    return session.connection().execute(kept).rowcount == 1


def _starts(session: Session, brand_id: int, name: str) -> list[tuple[TicketType, str]]:
    """The types that begin with this message, with the start event: the brand's own, and those only the group has."""
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).scalar_subquery()
    own = aliased(TicketType)
    hidden = sa.exists().where(own.brand_id == brand_id, own.key == TicketType.key, own.active)
    query = (
        sa.select(TicketType, MessageSubscription.element)
        .join(MessageSubscription, MessageSubscription.definition_id == TicketType.definition_id)
        .where(
            MessageSubscription.name == name,
            MessageSubscription.key.is_(None),
            TicketType.active,
            sa.or_(TicketType.brand_id == brand_id, sa.and_(TicketType.brand_id == group, ~hidden)),
        )
        .order_by(TicketType.id, MessageSubscription.id)
    )
    first = {kind.id: (kind, element) for kind, element in reversed(session.execute(query).all())}
    return list(reversed(first.values()))


def _start(
    runtime: Runtime,
    actor: Actor | None,
    kind: TicketType,
    element: str,
    parcel: Parcel,
    whither: Whither,
) -> str | None:
    """Its new ticket's number; None if that was started when the job ran before."""
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
        effect=parcel.part(f"started/{kind.key}"),
        left=parcel.left,
    )
    try:
        return start_ticket(runtime, actor, filing)
    except DoneBefore:
        return None


def _keep(runtime: Runtime, brand_id: int, parcel: Parcel) -> None:
    now = runtime.clock.now()
    message = PendingMessage(brand_id=brand_id, name=parcel.name, key=parcel.key, payload=parcel.payload)
    message.received_at, message.expires_at = now, now + KEPT
    with runtime.writing() as session, session.begin():
        once(session, Cause(None, effect=parcel.part("kept")), now)
        session.add(message)
