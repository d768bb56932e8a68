"""Owns messages: one reaches what waits for its name and key, starts what begins with it, or is kept for a week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine import jobs
from engine.expressions import N_, Message
from engine.models import Effect, EventType, PendingMessage
from forms.plain import is_plain
from tickets.access import Actor, Permission, Scope, visible_subjects
from tickets.apply import once
from tickets.beginnings import Begins, Occasion, begin, begun_by, named_by
from tickets.case import about
from tickets.cause import Cause
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.inserts import insert_unless_there
from tickets.places import Place, PlaceKind
from tickets.receivers import Parcel, Whither, reach, take, waiting
from tickets.runtime import Runtime
from tickets.subjects import Subject
from tickets.texts import line_problem

KEPT = timedelta(days=7)
LOOK_AGAIN = timedelta(seconds=10)
MAX_NAME = 255
MAX_PAYLOAD = 64 * 1024


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
    parcel, runtime = _once(checked(name, key, payload), runtime)
    if subject_id is None:
        everywhere = any(grant.scope is Scope.GROUP for grant in actor.having(Permission.SEND_MESSAGES))
        return deliver(runtime, actor, parcel, Whither(actor.brand_id, actor.place_id, everywhere=everywhere))
    with runtime.reading() as session:
        found = about(session, Subject.public_id == subject_id, visible_subjects(actor))
    if found is None:
        raise NotFound(N_("This subject"))
    subject, brand_id, place_id = found
    return deliver(runtime, actor, parcel, Whither(brand_id, place_id, subject))


def _once(parcel: Parcel, runtime: Runtime) -> tuple[Parcel, Runtime]:
    """What is sent by a request that is to be done once has an effect of its own: it may have several receivers."""
    hold = runtime.hold
    if hold is None:
        return parcel, runtime
    return replace(parcel, effect=hold.effect), replace(runtime, hold=None)


def checked(name: str, key: str, payload: Mapping[str, Any]) -> Parcel:
    """What somebody sends, if it can be kept. Raises Invalid."""
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
        found = waiting(runtime, whither, parcel)
        part = parcel.shared(found)
        numbers = [number for one in found if (number := reach(runtime, actor, one, part)) is not None]
        if numbers or parts:
            return Delivery(numbers[0] if numbers else None)
    with runtime.reading() as session:
        types = begun_by(session, EventType.MESSAGE, whither.brand_id, parcel.name)
        names = [named_by(session, runtime, begins, parcel.name) for begins in types]
    part = parcel.shared(types)
    started = [
        begin(runtime, actor, begins, _occasion(begins, named, part, whither))
        for begins, named in zip(types, names, strict=True)
    ]
    if started:
        return Delivery(next(filter(None, started), None), started=True)
    if keep:
        _keep(runtime, whither.brand_id, parcel)
    return Delivery(None)


def _occasion(begins: Begins, named: tuple[str, Mapping[str, str]], parcel: Parcel, whither: Whither) -> Occasion:
    return Occasion(
        whither.place_id,
        *named,
        data=parcel.payload,
        subject=whither.subject,
        effect=parcel.part(f"started/{begins.kind.id}"),
        left=parcel.left,
    )


def deliver_pending(
    runtime: Runtime, pending_id: int, instance_id: int | None = None, *, left: int | None = None
) -> None:
    """A message that came before anybody waited for it: now this instance does; without one, whoever does by now."""
    with runtime.reading() as session:
        message = session.get(PendingMessage, pending_id)
        if message is None or message.expires_at <= runtime.clock.now():
            return
        everywhere = session.get_one(Place, message.brand_id).kind == PlaceKind.GROUP
    parcel = Parcel(message.name, message.key, message.payload, pending_id=pending_id, left=left)
    whither = Whither(message.brand_id, message.brand_id, everywhere=everywhere)
    for one in [instance_id] if instance_id is not None else waiting(runtime, whither, parcel):
        if reach(runtime, None, one, parcel) is not None:
            with runtime.writing() as session, session.begin():
                take(session, parcel)
            return


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


def _keep(runtime: Runtime, brand_id: int, parcel: Parcel) -> None:
    """Keeps it for a week. Who began to wait at this very moment saw nothing kept: a little later a job looks again."""
    now = runtime.clock.now()
    message = PendingMessage(brand_id=brand_id, name=parcel.name, key=parcel.key, payload=parcel.payload)
    message.received_at, message.expires_at = now, now + KEPT
    with runtime.writing() as session, session.begin():
        once(session, Cause(None, effect=parcel.part("kept")), now)
        session.add(message)
        session.flush()
        job = {"pending_id": message.id, "instance_id": None}
        jobs.enqueue(session, "pending_message", job, run_at=now + LOOK_AGAIN, key=f"pending:{message.id}")
