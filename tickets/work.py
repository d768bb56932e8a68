"""Owns what jobs do: service tasks' answers, what processes throw, and what follows from a changed contract."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from engine import jobs
from engine.jobs import Handler
from engine.models import Effect
from tickets import aftermath, departing, rebuilding, received_events, services, signals, version_moves
from tickets.apply import DoneBefore, once
from tickets.assigning import absences
from tickets.case import about
from tickets.cause import Cause
from tickets.clients.entering import forget_calls
from tickets.connectors import asking
from tickets.driving import drive
from tickets.exporting import exports
from tickets.exporting.job import run as make_export
from tickets.files import sweep
from tickets.idempotency import forget_old
from tickets.messages import deliver, deliver_pending, forget_expired
from tickets.notices import keeping, spreading
from tickets.organising import people_import, tidying
from tickets.receivers import Parcel, Whither
from tickets.runtime import Runtime
from tickets.service import recounting
from tickets.standards import launching, ordering, planning
from tickets.standards.waiving import deciding as waivers
from tickets.subjects import Subject

CONTRACT = "subject.student.contract"
CONTRACT_CHANGED = "subject.student.contract_changed"
KEEP_JOBS = timedelta(days=90)
"""So long it is known which jobs were done, and their keys."""
KEEP_UPLOADS = timedelta(days=30)
"""Drafts may hold files that no ticket has yet."""


def handlers(runtime: Runtime) -> Mapping[str, Handler]:
    """What each kind of job does; every one may run more than once and has its effect once."""
    return {
        "service": lambda args: _answer_service(runtime, args),
        "message": lambda args: _send(runtime, args),
        "pending_message": lambda args: deliver_pending(
            runtime, args["pending_id"], args["instance_id"], left=args.get("left")
        ),
        "signal": lambda args: signals.spread(runtime, args),
        "signal.heard": lambda args: signals.hear(runtime, args),
        "signal.start": lambda args: signals.start(runtime, args),
        aftermath.JOB: lambda args: aftermath.again(runtime, args["event_id"]),
        departing.JOB: lambda args: departing.run(runtime, args["departure_id"]),
        people_import.JOB: lambda args: people_import.run(runtime, args["import_id"]),
        departing.UNDO_JOB: lambda args: departing.run_back(runtime, args["departure_id"]),
        recounting.JOB: lambda args: recounting.recount(runtime, args),
        rebuilding.JOB: lambda args: rebuilding.rebuild(runtime, args),
        exports.JOB: lambda args: make_export(runtime, args["export_id"]),
        exports.SWEEP: lambda _args: exports.sweep(runtime),
        ordering.JOB: lambda args: planning.run(runtime, args),
        launching.JOB: lambda args: launching.run(runtime, args),
        waivers.JOB: lambda args: waivers.over(runtime, args),
        absences.JOB: lambda args: absences.begins(runtime, args),
        version_moves.JOB: lambda args: version_moves.run(runtime, args),
        "subject.contract": lambda args: _contract_changed(runtime, args),
    }


def drain(runtime: Runtime) -> int:
    """Runs the jobs that are due; how many ran. What is sent out to people has a drain of its own (`web.post`)."""
    return jobs.drain(runtime.database, handlers(runtime), runtime.clock, besides=(spreading.JOB, asking.JOB))


def _answer_service(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """A service task that nothing is connected to is done at once and gives nothing; its upload warned of it."""
    given = {"ref": args["ref"], "values": services.answer(runtime, args.get("topic", ""), args["instance_id"])}
    drive(runtime, "job", args["instance_id"], lambda _: given, cause=Cause(None, left=args.get("left")))


def _send(runtime: Runtime, args: Mapping[str, Any]) -> None:
    parcel = Parcel(args["name"], args["key"], args["payload"], args["effect"], left=args.get("left"))
    deliver(runtime, None, parcel, Whither(args["brand_id"], args["place_id"]), keep=args.get("keep", True))


def _contract_changed(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """A student has a contract end, or another one: what was begun for the old one ends, the new one begins.

    What has changed again by now is left to the job of that change.
    """
    with runtime.reading() as session:
        found = about(session, Subject.id == args["subject_id"])
    if found is None:
        return
    subject, brand_id, place_id = found
    whither = Whither(brand_id, place_id, subject)
    payload = {"contract_end": args["contract_end"], "previous": args["previous"]}
    effect = f"contract:{subject.id}:{args['contract_end']}:{args['previous']}:{args['changed_at']}"
    if args["previous"]:
        changed = Parcel(CONTRACT_CHANGED, subject.external_id, payload, f"{effect}:changed")
        deliver(runtime, None, changed, whither, keep=False)
    if subject.contract_end and subject.contract_end.isoformat() == args["contract_end"]:
        deliver(runtime, None, Parcel(CONTRACT, subject.external_id, payload, effect), whither, keep=False)


def hand_over(runtime: Runtime) -> None:
    """Where jobs are Procrastinate's, those that wait in the table become its: of an older release, or of the demo."""
    if jobs.are_queued(runtime.database):
        from engine import job_queue

        with runtime.writing() as session, session.begin():
            job_queue.take_over(session, outside={spreading.JOB, asking.JOB}, now=runtime.clock.now())


def keep_house_once(runtime: Runtime) -> None:
    """Keep the house unless another process does so tonight."""
    now = runtime.clock.now()
    with suppress(DoneBefore):
        with runtime.writing() as session, session.begin():
            once(session, Cause(None, effect=f"house:{now:%Y-%m-%d}"), now)
        keep_house(runtime)


def keep_house_late(runtime: Runtime) -> None:
    """Keep the house where nobody has for a day: the machine was off at night, or is every night."""
    since = runtime.clock.now() - timedelta(days=1)
    kept = sa.select(Effect.key).where(Effect.key.between("house:", "house;"), Effect.at > since)
    with runtime.reading() as session:
        lately = session.scalar(kept.limit(1))
    if lately is None:
        keep_house_once(runtime)


def keep_house(runtime: Runtime) -> None:
    """Once a day: drops what nobody asks for any more: messages, answers, calls, notices, uploads never attached."""
    forget_expired(runtime)
    with runtime.writing() as session, session.begin():
        forget_old(session, runtime.clock.now())
        tidying.forget_old(session, runtime.clock.now())
        forget_calls(session, runtime.clock.now())
        asking.forget_old(session, runtime.clock.now())
        received_events.forget_old(session, runtime.clock.now())
        jobs.forget(session, runtime.clock.now() - KEEP_JOBS)
    keeping.forget_old(runtime)
    planning.plan_due(runtime)
    sweep(runtime, KEEP_UPLOADS)
