"""Owns making a call that a service task waits for: worked out once, sent, tried again, and its one effect.

The job runs at least once. What is sent is kept before it is sent and the key goes with it, so a call repeated after a
crash is the same to the other side; the step is done once, since the token waits only once.
"""

from __future__ import annotations

import secrets as chance
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calling import Answered, Asking, Done, Erred, asking, call_at, meaning
from engine.definitions.call_check import secrets_in
from engine.expressions import N_, Message
from engine.instances import NotWaiting
from engine.step import StepFailed, Uncaught
from tickets.case import Case, case_of_instance
from tickets.cause import Cause
from tickets.connectors.asking import JOB, later
from tickets.connectors.outgoing import NotSent, Outgoing, host_of, outgoing
from tickets.connectors.sealing import Keyring
from tickets.connectors.secret import opened, used
from tickets.connectors.stand_ins import StandIns, masked
from tickets.connectors.tables import CallState, ConnectorCall
from tickets.driving import drive
from tickets.incidents import open_incident
from tickets.inserts import insert_unless_there
from tickets.runtime import Runtime
from tickets.steps import read_live, world_of

Send = Callable[[Outgoing], "Sent"]
"""Makes the call, once, and never raises but NotSent: what goes wrong on the way is in the answer."""
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same call may do better a moment later."""
LONGEST_PAUSE = timedelta(hours=1)
TOLD = 300
"""Characters of an answer that an error repeats."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer, and how long the other side asks to be left alone."""

    answered: Answered
    pause: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A call as it is kept; `attempts` were made before."""

    asked: Asking
    stand_ins: StandIns
    attempts: int


def call(runtime: Runtime, keyring: Keyring, send: Send, args: Mapping[str, Any]) -> None:
    """The job of one attempt."""
    instance_id, ref = args["instance_id"], args["ref"]
    try:
        case, kept = _take_up(runtime, instance_id, ref)
    except NotWaiting:
        return
    except _Stuck as stuck:
        _stop(runtime, stuck.case, args, stuck.error, CallState.REFUSED)
        return
    if kept is None:
        _drive(runtime, case, args, Done({}), Answered(0))
        return
    _attempt(runtime, keyring, send, args, case, kept)


class _Stuck(Exception):
    """What is to be sent can't be worked out."""

    def __init__(self, case: Case, error: StepFailed) -> None:
        super().__init__(str(error))
        self.case, self.error = case, error


def _take_up(runtime: Runtime, instance_id: int, ref: str) -> tuple[Case, _Kept | None]:
    """What is to be sent: as it is kept or, the first time, as the process's data has it. Raises NotWaiting, _Stuck."""
    with runtime.reading() as session:
        case = case_of_instance(session, instance_id)
        if case is None:
            raise NotWaiting(ref)
        live, world = read_live(session, runtime, case), world_of(session, case, runtime)
        token, said = call_at(live, ref)
        kept = _kept(session, instance_id, ref)
        if kept is not None:
            return case, kept
        stand_ins = StandIns(f"gd{chance.token_hex(16)}", secrets_in(said))
        try:
            asked = asking(live, ref, world=world, stand_ins=stand_ins.texts())
        except StepFailed as error:
            raise _Stuck(case, error) from None
    kept = _Kept(asked, stand_ins, 0)
    return case, _keep(runtime, case, ref, token.task_spec.element, kept)


def _kept(session: Session, instance_id: int, ref: str) -> _Kept | None:
    query = sa.select(ConnectorCall.request, ConnectorCall.attempts, ConnectorCall.key)
    row = session.execute(query.where(*_of(instance_id, ref))).one_or_none()
    if row is None or row.request is None:
        return None
    names = frozenset(row.request["secrets"])
    asked = Asking(**{**row.request["asked"], "key": row.key})
    return _Kept(asked, StandIns(row.request["mark"], names), row.attempts)


def _keep(runtime: Runtime, case: Case, ref: str, element: str, kept: _Kept) -> _Kept:
    """Written before it is sent, so that whoever comes after a crash sends the same with the same key."""
    now, asked = runtime.clock.now(), kept.asked
    request = {"asked": asdict(asked), "mark": kept.stand_ins.mark, "secrets": sorted(kept.stand_ins.names)}
    key = asked.key or f"{case.number}-{case.instance_id}-{ref}"
    values = {
        "brand_id": case.site.brand_id,
        "ticket_id": case.ticket_id,
        "element": element,
        "method": asked.method,
        "host": kept.stand_ins.put(host_of(asked.url), dict.fromkeys(kept.stand_ins.names, "•••")),
        "key": key,
        "request": request,
        "state": CallState.WAITING,
        "attempts": 0,
        "trouble": "",
        "created_at": now,
        "at": now,
    }
    with runtime.writing() as session, session.begin():
        insert_unless_there(session, ConnectorCall, instance_id=case.instance_id, ref=ref, **values)
        missing = sa.and_(*_of(case.instance_id, ref), ConnectorCall.request.is_(None))
        session.execute(sa.update(ConnectorCall).where(missing).values(values))
    with runtime.reading() as session:
        return _kept(session, case.instance_id, ref) or kept


def _attempt(runtime: Runtime, keyring: Keyring, send: Send, args: Mapping[str, Any], case: Case, kept: _Kept) -> None:
    asked = kept.asked
    try:
        with runtime.reading() as session:
            found = opened(session, keyring, kept.stand_ins.names, case.site)
        going = outgoing(asked, kept.stand_ins, found)
        used(runtime, kept.stand_ins.names, case.site)
        began = monotonic()
        sent = send(going)
    except NotSent as refused:
        _stop(runtime, case, args, StepFailed(args["element"], refused.reason), CallState.REFUSED)
        return
    answered = _clean(sent.answered, going.hidden)
    seen = {"attempts": kept.attempts + 1, "status": answered.status, "trouble": answered.trouble}
    seen |= {"ms": int((monotonic() - began) * 1000), "at": runtime.clock.now(), "host": going.host}
    if _may_do_better(answered) and kept.attempts < asked.retries:
        _again(runtime, args, seen, sent.pause)
        return
    _note(runtime, args, seen)
    _conclude(runtime, case, args, answered, going.host)


def _may_do_better(answered: Answered) -> bool:
    return answered.trouble in ("network", "timeout") or answered.status in AGAIN


def _again(runtime: Runtime, args: Mapping[str, Any], seen: Mapping[str, Any], pause: timedelta | None) -> None:
    """Later each time, or when the other side said."""
    attempts, now = seen["attempts"], runtime.clock.now()
    wait = max(timedelta(seconds=2**attempts), min(pause or timedelta(), LONGEST_PAUSE))
    with runtime.writing() as session, session.begin():
        session.execute(sa.update(ConnectorCall).where(*_of(args["instance_id"], args["ref"])).values(**seen))
        later(session, args, mark=f"{_stamp(now)}:{attempts}", at=now + wait)


def _conclude(runtime: Runtime, case: Case, args: Mapping[str, Any], answered: Answered, host: str) -> None:
    """What the answer means is looked at with the data of this moment; it has its effect once."""
    told = _told(answered)
    try:
        with runtime.reading() as session:
            now_case = case_of_instance(session, case.instance_id) or case
            live, world = read_live(session, runtime, now_case), world_of(session, now_case, runtime)
            found = meaning(live, args["ref"], answered, told=told, world=world)
    except NotWaiting:
        _note(runtime, args, {"state": CallState.DONE, "request": None})
        return
    except StepFailed as error:
        _stop(runtime, case, args, error, CallState.FAILED)
        return
    _drive(runtime, case, args, found, answered, host)


def _drive(
    runtime: Runtime, case: Case, args: Mapping[str, Any], found: Done | Erred, answered: Answered, host: str = ""
) -> None:
    ref, cause = args["ref"], Cause(None, left=args.get("left"))
    over = {"state": CallState.DONE if isinstance(found, Done) else CallState.ERROR, "request": None}
    if isinstance(found, Done):
        kind, given = "job", {"ref": ref, "values": found.values}
    else:
        kind, given = "fail", {"ref": ref, "code": found.code, "message": found.message, "values": {}}

    def uncaught(_case: Case, _error: Uncaught) -> None:
        failed = StepFailed(args["element"], _reason(answered, host))
        _stop(runtime, case, args, failed, CallState.FAILED)
        over.clear()

    drive(runtime, kind, case.instance_id, lambda _: given, cause=cause, uncaught=uncaught)
    if over:
        _note(runtime, args, over)


def _stop(runtime: Runtime, case: Case, args: Mapping[str, Any], error: StepFailed, state: CallState) -> None:
    """An incident, from which the same call can be tried again."""
    payload = {"ref": args["ref"], "element": args["element"], "left": args.get("left")}
    open_incident(runtime, None, case, error, kind=JOB, payload=payload)
    _note(runtime, args, {"state": state})


def _note(runtime: Runtime, args: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    with runtime.writing() as session, session.begin():
        session.execute(sa.update(ConnectorCall).where(*_of(args["instance_id"], args["ref"])).values(**values))


def _of(instance_id: int, ref: str) -> tuple[sa.ColumnElement[bool], ...]:
    return ConnectorCall.instance_id == instance_id, ConnectorCall.ref == ref


def _clean(answered: Answered, hidden: tuple[str, ...]) -> Answered:
    """What comes back without the secrets that went out: whoever answers may repeat what was asked."""
    headers, body = masked(dict(answered.headers), hidden), masked(answered.body, hidden)
    return Answered(answered.status, headers, body, answered.trouble)


def _told(answered: Answered) -> str:
    """What an error event tells of the answer."""
    body = answered.body
    text = body if isinstance(body, str) else _message_in(body)
    return " ".join(filter(None, (f"HTTP {answered.trouble or answered.status}", " ".join(text.split())[:TOLD])))


def _message_in(body: Any) -> str:
    """The words by which most systems say what is wrong."""
    for name in ("message", "detail", "error_description", "error", "title", "msg", "reason"):
        found = body.get(name) if isinstance(body, Mapping) else None
        if isinstance(found, Mapping):
            return _message_in(found)
        if found:
            return str(found)
    return ""


def _reason(answered: Answered, host: str) -> Message:
    if answered.trouble:
        return Message(_TROUBLES[answered.trouble], {"host": host})
    text = N_("%(host)s refused the call: %(told)s")
    return Message(text, {"host": host, "told": _told(answered)})


_TROUBLES: Mapping[str, str] = {
    "network": N_("%(host)s can't be reached."),
    "timeout": N_("%(host)s did not answer in time."),
    "too_large": N_("%(host)s answered with more than 1 MB."),
    "unreadable": N_("%(host)s answered with something that can't be read."),
}
"""What went wrong where there is no answer, in words."""


def _stamp(now: datetime) -> str:
    return now.isoformat(timespec="milliseconds")
