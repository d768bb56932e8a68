"""Owns starting what is due: an occurrence's ticket about its subject, without a requester, exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from engine.claims import Kind, claim
from engine.database import Away
from engine.expressions import N_, Message
from tickets.access import Actor
from tickets.apply import DoneBefore
from tickets.beginnings import Begins, Occasion, begin
from tickets.case import About, about
from tickets.errors import Conflict, DomainError, NotFound
from tickets.places import Place
from tickets.runtime import Runtime
from tickets.standards.recording import effect_of
from tickets.standards.said import start_element
from tickets.standards.scope import check_may_manage, find_standard
from tickets.standards.steps import live_type
from tickets.standards.tables import Occurrence, Progress, Standard
from tickets.standards.triggers import Facts, is_active
from tickets.standards.writing import end_records
from tickets.steps import blueprint_of
from tickets.subjects import Subject
from tickets.types import TicketType

log = structlog.get_logger()

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Due:
    """An occurrence whose time has come."""

    id: int
    standard_id: int
    subject_id: int
    period: str


def tick(runtime: Runtime) -> int:
    """Starts what is due now, soonest first; how many were dealt with. What a launch started is left to it."""
    due = _DUE.where(Occurrence.starts_at <= runtime.clock.now())
    with runtime.reading() as session:
        rows = [Due(*row) for row in claim(session, due, Kind.STANDARDS, Occurrence.id, limit=AT_ONCE)]
        for row in rows:
            start(runtime, row)
    return len(rows)


COLUMNS: tuple[Any, ...] = tuple(getattr(Occurrence, name) for name in Due.__slots__)
_DUE = (
    sa.select(*COLUMNS)
    .where(Occurrence.state == sa.literal_column("'planned'"), Occurrence.launch_id.is_(None))
    .order_by(Occurrence.starts_at, Occurrence.id)
)
"""A literal, since a database uses the partial index of planned ones only where it sees one."""


def start(runtime: Runtime, due: Due) -> str | None:
    """Starts its ticket; the number, or None where it was started before or must not be.

    What fails is kept with its reason; nothing of it is written but that.
    """
    try:
        return _start(runtime, due)
    except Away:
        raise
    except DomainError as error:
        failed(runtime, due.id, error.message)
    except Exception:  # one bad occurrence must not stop the others; it is logged and kept with the others that failed
        log.exception("occurrence failed", occurrence=due.id, standard=due.standard_id)
        failed(runtime, due.id, Message(N_("The program made a mistake here; its log says which. Try again.")))
    return None


def _start(runtime: Runtime, due: Due) -> str | None:
    with runtime.reading() as session:
        standard = session.get_one(Standard, due.standard_id)
        found = about(session, Subject.id == due.subject_id, Subject.erased_at.is_(None))
        if found is None or not _still_applies(session, standard, due, runtime.clock.now()):
            call_off(runtime, due.id)
            return None
        subject, brand_id, place_id = found
        begins = _begins(session, runtime, standard, brand_id)
    occasion = _occasion(begins.kind, due, subject, place_id)
    return begin(runtime, None, begins, occasion, write_first=lambda writing: _take(writing, due))


def _take(session: Session, due: Due) -> None:
    """It begins in this transaction, which also writes its ticket; whoever comes second raises DoneBefore."""
    mine = sa.update(Occurrence).where(Occurrence.id == due.id, Occurrence.state == Progress.PLANNED)
    if session.connection().execute(mine.values(state=Progress.RUNNING.value)).rowcount != 1:
        raise DoneBefore(effect_of(due.id))


def _still_applies(session: Session, standard: Standard, due: Due, now: datetime) -> bool:
    """Whether it is switched on and the subject still there; conditions are looked at when it is planned."""
    query = (
        sa.select(Subject.created_at, Subject.contract_end, Subject.attributes, Place.time_zone, Place.closed_at)
        .join(Place, Place.id == Subject.place_id)
        .where(Subject.id == due.subject_id)
    )
    created_at, contract_end, attributes, zone, closed_at = session.execute(query).one()
    facts = Facts(created_at, contract_end, attributes, ZoneInfo(zone))
    return standard.active and closed_at is None and is_active(facts, now)


def _begins(session: Session, runtime: Runtime, standard: Standard, brand_id: int) -> Begins:
    """The type of the subject's brand, else the group's, and where it begins. Raises Conflict."""
    kind = live_type(session, standard.type_key, brand_id)
    if kind is None:
        text = N_("No ticket type “%(type)s” is published and switched on for this brand; publish it, then try again.")
        raise Conflict(Message(text, {"type": standard.type_key}))
    element = start_element(blueprint_of(session, runtime, kind.definition_id).compiled.process)
    if element is None:
        text = N_(
            "“%(type)s” has no plain start event, nor one of the message standard.start; add one, then try again."
        )
        raise Conflict(Message(text, {"type": kind.name}))
    return Begins(kind, element)


def _occasion(kind: TicketType, due: Due, subject: About, place_id: int) -> Occasion:
    return Occasion(
        place_id,
        cause=kind.name,
        cause_names=dict(kind.names),
        data={"standard_period": due.period},
        subject=subject,
        effect=effect_of(due.id),
    )


def failed(runtime: Runtime, occurrence_id: int, reason: Message) -> None:
    """Kept with its reason, until somebody tries again."""
    mine = (Occurrence.id == occurrence_id, Occurrence.state == Progress.PLANNED)
    with runtime.writing() as session, session.begin():
        values = {"state": Progress.FAILED.value, "reason": kept(reason)}
        session.execute(sa.update(Occurrence).where(*mine).values(**values))


def call_off(runtime: Runtime, occurrence_id: int) -> None:
    """Its subject is there no more, or the standard is switched off: it does not begin."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        mine = (Occurrence.id == occurrence_id, Occurrence.state == Progress.PLANNED)
        gone = sa.update(Occurrence).where(*mine).values(state=Progress.CANCELLED.value)
        if session.connection().execute(gone).rowcount == 1:
            end_records(session.connection(), [occurrence_id], now)


def try_again(runtime: Runtime, actor: Actor, standard_id: UUID, occurrence_ids: Sequence[UUID] = ()) -> int:
    """Lets what failed begin again, all of the standard's without ids; how many. Raises NotFound, Forbidden."""
    with runtime.writing() as session, session.begin():
        standard = find_standard(session, actor, standard_id)
        check_may_manage(session, actor, standard.place_id)
        query = sa.update(Occurrence).where(
            Occurrence.standard_id == standard.id, Occurrence.state == Progress.FAILED, Occurrence.ticket_id.is_(None)
        )
        if occurrence_ids:
            query = query.where(Occurrence.public_id.in_(occurrence_ids))
        again = query.values(state=Progress.PLANNED.value, reason="", launch_id=None)
        done = session.connection().execute(again).rowcount
        if occurrence_ids and not done:
            raise NotFound(N_("What failed"))
        return done


def kept(reason: Message) -> str:
    """A reason as the column keeps it, to be worded in the reader's language."""
    params = {name: str(value) for name, value in reason.params.items()}
    return orjson.dumps({"text": reason.text, "params": params}).decode()


def reason_of(text: str) -> Message | None:
    """The reason that the column keeps; None for none."""
    if not text:
        return None
    told = orjson.loads(text)
    return Message(told["text"], told["params"])
