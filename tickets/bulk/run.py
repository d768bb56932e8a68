"""Owns running a verb on many tickets, once per key: some may be refused, and each of those says why."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId
from engine.expressions import N_, Message
from engine.record import Stale
from tickets.access import Actor
from tickets.bulk.verbs import BULK, Act, BulkVerb, Given
from tickets.errors import Conflict, DomainError, Invalid, NotFound
from tickets.inserts import insert_unless_there
from tickets.runtime import Runtime

AT_ONCE = 200
"""Tickets in one action."""
KEPT = timedelta(hours=24)
Say = Callable[[Message], str]
"""Words a message for the reader: what is kept of a run is read by nobody else."""


class BulkRun(Base):
    """What one bulk action did. `rows` holds a number and, where it was refused, why; `key` came with its form."""

    __tablename__ = "bulk_run"
    __table_args__ = (sa.UniqueConstraint("person_id", "key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[uuid.UUID]
    brand_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    verb: Mapped[str] = mapped_column(sa.String(24))
    rows: Mapped[list[Any]]
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ticket that stayed as it was, and why, in the reader's words."""

    number: str
    why: str


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What came of it. `finished` is False when the process that ran it died on the way."""

    verb: BulkVerb
    done: tuple[str, ...]
    refused: tuple[Refusal, ...]
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selected row: a ticket's number, in an inbox with the task that waits there."""

    number: str
    task: uuid.UUID | None = None


def run_bulk(
    runtime: Runtime, actor: Actor, key: uuid.UUID, verb: str, rows: Sequence[str | Chosen], given: Given, *, say: Say
) -> BulkOutcome:
    """Do it, each ticket in a transaction of its own. The same key again does nothing and gives the first outcome.

    `rows` are numbers, or rows of an inbox for the verbs that are of tasks.

    Raises Invalid (no ticket, too many, no such verb, a value missing) and Conflict (the first is still at it).
    """
    chosen = BULK.get(verb)
    if chosen is None:
        raise Invalid(Message(N_("There is no such action; choose one of the bar.")))
    wanted = _wanted(chosen, rows)
    if not wanted:
        raise Invalid(Message(N_("Select at least one ticket first.")))
    if len(wanted) > AT_ONCE:
        text = N_("At most %(limit)s tickets go at once; you selected %(count)s.")
        raise Invalid(Message(text, {"limit": AT_ONCE, "count": len(wanted)}))
    if not _hold(runtime, actor, key, verb):
        return _again(runtime, actor, key)
    try:
        prepared = chosen.prepare(runtime, actor, given)
    except DomainError:
        _give_up(runtime, actor, key)
        raise
    came = [_one(runtime, actor, prepared, row, say) for row in wanted]
    _keep(runtime, actor, key, came)
    return _outcome(chosen, came)


def outcome_of(session: Session, actor: Actor, key: uuid.UUID) -> BulkOutcome:
    """What a run of theirs did. Raises NotFound."""
    run = session.scalar(sa.select(BulkRun).where(BulkRun.person_id == actor.person_id, BulkRun.key == key))
    if run is None or run.verb not in BULK:
        raise NotFound(N_("This result"))
    return _outcome(BULK[run.verb], run.rows, finished=run.finished_at is not None)


Row = list[str]


def _wanted(verb: BulkVerb, rows: Sequence[str | Chosen]) -> tuple[Chosen, ...]:
    """Each once. Raises Invalid for a row without a task where the verb needs one."""
    every = [Chosen(row) if isinstance(row, str) else row for row in rows]
    if not verb.of_tasks:
        return tuple(dict.fromkeys(Chosen(row.number) for row in every))
    if any(row.task is None for row in every):
        raise Invalid(Message(N_("This is done to tasks: select them in the inbox, under “My tasks”.")))
    return tuple(dict.fromkeys(every))


def _one(runtime: Runtime, actor: Actor, verb: Act, row: Chosen, say: Say) -> Row:
    try:
        verb(runtime, actor, str(row.task) if row.task else row.number)
    except DomainError as refused:
        return [row.number, say(refused.message)]
    except Stale:
        return [row.number, say(Message(N_("Somebody else changed it at the same moment; try it again.")))]
    return [row.number, ""]


def _outcome(verb: BulkVerb, rows: Sequence[Row], *, finished: bool = True) -> BulkOutcome:
    done = tuple(number for number, why in rows if not why)
    return BulkOutcome(verb, done, tuple(Refusal(number, why) for number, why in rows if why), finished)


def _hold(runtime: Runtime, actor: Actor, key: uuid.UUID, verb: str) -> bool:
    """Whether this key is new; what was kept too long goes."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        session.execute(sa.delete(BulkRun).where(BulkRun.started_at < now - KEPT))
        values = {"brand_id": actor.brand_id, "verb": verb, "rows": [], "started_at": now}
        return insert_unless_there(session, BulkRun, person_id=actor.person_id, key=key, **values)


def _again(runtime: Runtime, actor: Actor, key: uuid.UUID) -> BulkOutcome:
    with runtime.reading() as session:
        outcome = outcome_of(session, actor, key)
    if not outcome.finished:
        raise Conflict(Message(N_("The same action is still under way; look at the list again in a moment.")))
    return outcome


def _keep(runtime: Runtime, actor: Actor, key: uuid.UUID, rows: Sequence[Row]) -> None:
    with runtime.writing() as session, session.begin():
        mine = sa.update(BulkRun).where(BulkRun.person_id == actor.person_id, BulkRun.key == key)
        session.execute(mine.values(rows=list(rows), finished_at=runtime.clock.now()))


def _give_up(runtime: Runtime, actor: Actor, key: uuid.UUID) -> None:
    with runtime.writing() as session, session.begin():
        session.execute(sa.delete(BulkRun).where(BulkRun.person_id == actor.person_id, BulkRun.key == key))
