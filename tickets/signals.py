"""Owns signals: one is heard by all that wait for it just then, each once, and starts types that begin with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.database import new_public_id
from engine.expressions import N_, Message
from engine.models import EventType, MessageSubscription
from tickets.access import Actor, Permission, Scope, load_actor
from tickets.apply import DoneBefore, once
from tickets.beginnings import Begins, Occasion, begin, begun_by, named_by
from tickets.cause import Cause
from tickets.driving import Given, drive
from tickets.errors import Forbidden
from tickets.idempotency import mark
from tickets.messages import checked
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.types import TicketType

FEW = 20
"""Jobs that may follow in each ticket that hears what a person, a timer or another system has set going."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How many tickets a signal goes to, and how many it starts."""

    waiting: int
    starting: int


@dataclass(frozen=True, slots=True)
class Call:
    """A signal on its way, from a place of a brand; who sent it, or which instance threw it and has heard it."""

    name: str
    payload: Mapping[str, Any]
    brand_id: int
    place_id: int
    effect: str
    sender: Mapping[str, Any] | None = None
    """Who sent it, if no process threw it: the person's id, and via what."""
    thrower: int | None = None
    everywhere: bool = False
    left: int | None = None
    """How many jobs may still follow from it, if a process threw it; `fresh`: it was not set going by jobs."""
    fresh: bool = False

    def share(self, hearers: int) -> int | None:
        """How many jobs may follow in each of them."""
        if self.left is None:
            return None
        return max((self.left - hearers) // max(hearers, 1), FEW if self.fresh else 0)


def send(runtime: Runtime, actor: Actor, *, name: str, payload: Mapping[str, Any]) -> Heard:
    """A signal from a person or another system, to their brand, or from the group to all. Raises Forbidden, Invalid."""
    if not actor.may(Permission.SEND_MESSAGES):
        raise Forbidden(Message(N_("Your roles don't let you send events; ask an administrator.")))
    parcel = checked(name, "", payload)
    call = Call(
        parcel.name,
        parcel.payload,
        actor.brand_id,
        actor.place_id,
        effect=f"signal:{new_public_id()}",
        sender={"id": actor.person_id, "via": actor.via},
        everywhere=any(grant.scope is Scope.GROUP for grant in actor.having(Permission.SEND_MESSAGES)),
    )
    with runtime.writing() as session, session.begin():
        jobs.enqueue(session, "signal", asdict(call), run_at=runtime.clock.now(), key=call.effect)
        once(session, Cause(None, effect=call.effect), runtime.clock.now())
        mark(session)
        return _spread(session, call, runtime.clock.now())


def spread(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """What a process has thrown goes to all others: one job for each, all in one transaction, and that once."""
    with runtime.writing() as session, session.begin():
        try:
            once(session, Cause(None, effect=args["effect"]), runtime.clock.now())
        except DoneBefore:
            return
        everywhere = session.get_one(Place, args["brand_id"]).kind == PlaceKind.GROUP
        _spread(session, Call(**{**args, "everywhere": everywhere}), runtime.clock.now())


def hear(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """One ticket hears it wherever it waited for it then; a wait that is over by now is passed over."""
    with runtime.reading() as session:
        call = _call(session, args)
        cause = Cause(_sender(session, call), left=args["left"])
    for ref, slot in args["waits"]:
        given = {"ref": ref, "slot": slot, "payload": call.payload, "name": call.name}

        def still_waits(session: Session, given: Given = given) -> Given | None:
            query = sa.select(MessageSubscription.id).where(
                MessageSubscription.instance_id == args["instance_id"],
                MessageSubscription.kind == EventType.SIGNAL,
                MessageSubscription.ref == given["ref"],
                MessageSubscription.slot == given["slot"],
            )
            return given if session.scalar(query) is not None else None

        drive(runtime, "signal", args["instance_id"], still_waits, cause=cause)


def start(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """A type that begins with it begins."""
    with runtime.reading() as session:
        call, kind = _call(session, args), session.get_one(TicketType, args["type_id"])
        sender, begins = _sender(session, call), Begins(kind, args["element"])
        named = named_by(session, runtime, begins, call.name)
    effect = _started(call, kind.id)
    occasion = Occasion(call.place_id, *named, data=call.payload, effect=effect, left=args["left"])
    begin(runtime, sender, begins, occasion)


def _spread(session: Session, call: Call, now: datetime) -> Heard:
    """A job for each who hears it. They find what was sent in the job that sent it: there may be many of them."""
    waits, types = _waiting(session, call), begun_by(session, EventType.SIGNAL, call.brand_id, call.name)
    sent = {"call": call.effect, "left": call.share(len(waits) + len(types))}
    hearing = [
        jobs.Request(
            {**sent, "instance_id": number, "waits": found}, f"{call.effect}/heard/{number}", f"instance:{number}"
        )
        for number, found in waits.items()
    ]
    starting = [
        jobs.Request({**sent, "type_id": begins.kind.id, "element": begins.element}, _started(call, begins.kind.id))
        for begins in types
    ]
    jobs.enqueue_all(session, "signal.heard", hearing, run_at=now)
    jobs.enqueue_all(session, "signal.start", starting, run_at=now)
    return Heard(len(waits), len(types))


def _started(call: Call, type_id: int) -> str:
    return f"{call.effect}/started/{type_id}"


def _call(session: Session, args: Mapping[str, Any]) -> Call:
    return Call(**jobs.args_of(session, args["call"]))


def _waiting(session: Session, call: Call) -> dict[int, list[tuple[str, int]]]:
    """Where each instance waits for it: of the same brand and the group; of every brand, if it comes from the group."""
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP)
    within = sa.or_(MessageSubscription.brand_id == call.brand_id, MessageSubscription.brand_id.in_(group))
    query = (
        sa.select(MessageSubscription.instance_id, MessageSubscription.ref, MessageSubscription.slot)
        .where(
            MessageSubscription.kind == EventType.SIGNAL,
            MessageSubscription.name == call.name,
            MessageSubscription.instance_id.is_not(None),
            MessageSubscription.instance_id.is_distinct_from(call.thrower),
            sa.true() if call.everywhere else within,
        )
        .order_by(MessageSubscription.instance_id, MessageSubscription.id)
    )
    rows: Iterable[Any] = session.execute(query)
    return {number: [(row.ref, row.slot) for row in found] for number, found in groupby(rows, lambda row: row[0])}


def _sender(session: Session, call: Call) -> Actor | None:
    return load_actor(session, call.sender["id"], via=call.sender["via"]) if call.sender is not None else None
