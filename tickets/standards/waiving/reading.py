"""Owns the list of waivers, and those that hold for a ticket or a subject: they are always to be seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER, shared_alias
from engine.expressions import N_
from tickets.access import Actor
from tickets.errors import NotFound
from tickets.organising.reach import places_within
from tickets.paging import EPOCH, Page, Position, read_cursor, write_cursor
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place
from tickets.standards.naming import Named, names_of
from tickets.standards.tables import Occurrence, Standard, StandardStep, StepRecord, Waiver, WaiverState
from tickets.standards.triggers import ONCE
from tickets.standards.waiving.asking import visible_waivers
from tickets.standards.waiving.effect import Reach, count_reached
from tickets.subjects import Subject
from tickets.ticket import Ticket

SHOWN = 50
MOST_COUNTED = 99


class Stage(StrEnum):
    """The list's tabs."""

    ASKED = "asked"
    RUNNING = "running"
    OVER = "over"


STATES: dict[Stage, tuple[str, ...]] = {
    Stage.ASKED: (WaiverState.ASKED.value,),
    Stage.RUNNING: (WaiverState.APPROVED.value,),
    Stage.OVER: (WaiverState.REFUSED.value, WaiverState.ENDED.value),
}


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """A waiver with its names, how many steps it holds for now, and what the reader may do with it."""

    waiver: Waiver
    standard: Named
    standard_id: UUID
    step: Named | None
    place: Named
    subject: str
    subject_id: UUID | None
    ticket: str
    period: str
    asked_by: str
    decided_by: str
    ended_by: str
    steps: int
    may_decide: bool
    may_end: bool
    would_hold_for: int = 0
    """Steps, of one that is asked for; said of a single one alone, with what they are called (`would_be`)."""
    would_be: Sequence[Named] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to."""

    stage: Stage | None = None
    place: UUID | None = None
    standard: UUID | None = None


def waivers(
    session: Session, actor: Actor, filters: Filters, *, cursor: str | None = None, limit: int = SHOWN
) -> Page[WaiverRow]:
    """Those that they asked for or that hold where standards are theirs to see; the newest first."""
    query = _WAIVERS.where(visible_waivers(actor)).order_by(Waiver.id.desc()).limit(limit + 1)
    if filters.stage is not None:
        query = query.where(Waiver.state.in_(STATES[filters.stage]))
    if filters.standard is not None:
        query = query.where(Standard.public_id == filters.standard)
    if filters.place is not None:
        above = sa.select(Place.path).where(Place.public_id == filters.place).scalar_subquery()
        query = query.where(Place.path.startswith(above))
    if (position := read_cursor(cursor)) is not None:
        query = query.where(Waiver.id < position.id)
    found = session.execute(query).all()
    more = write_cursor(Position(EPOCH, found[limit - 1][0].id)) if len(found) > limit else None
    return Page(tuple(_rows(session, actor, found[:limit])), more)


def waiver_row(session: Session, actor: Actor, waiver_id: UUID) -> WaiverRow:
    """One of them; asked for, with how many and which steps it would hold for. Raises NotFound."""
    found = session.execute(_WAIVERS.where(visible_waivers(actor), Waiver.public_id == waiver_id)).all()
    if not found:
        raise NotFound(N_("This waiver"))
    row = _rows(session, actor, found)[0]
    if row.waiver.state != WaiverState.ASKED:
        return row
    place = session.get_one(Place, row.waiver.place_id)
    count, names = count_reached(session, Reach.of(row.waiver, place))
    return replace(row, would_hold_for=count, would_be=names)


_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
"""A period that is a day or a month: beside a ticket it would read as a date of its own."""


@dataclass(frozen=True, slots=True)
class OfTicket:
    """What a ticket is of its standard: the stage it is for, if its period has a name, and its waivers."""

    stage: str
    waivers: Sequence[WaiverRow]


def of_ticket(session: Session, actor: Actor, number: str) -> OfTicket | None:
    """What steps of the ticket's occurrence are waived, or asked to be; whoever sees the ticket sees them.

    None for a ticket that no standard began.
    """
    occurrence = sa.select(Occurrence.id, Occurrence.period).join(Ticket, Ticket.id == Occurrence.ticket_id)
    found = session.execute(occurrence.where(Ticket.number == number)).first()
    if found is None:
        return None
    occurrence_id, period = found
    held = sa.select(StepRecord.waiver_id).where(
        StepRecord.occurrence_id == occurrence_id, StepRecord.valid_to == NEVER, StepRecord.waiver_id.is_not(None)
    )
    asked = sa.and_(Waiver.occurrence_id == occurrence_id, Waiver.state == WaiverState.ASKED)
    query = _WAIVERS.where(sa.or_(Waiver.id.in_(held), asked)).order_by(Waiver.id.desc()).limit(SHOWN)
    waivers = _rows(session, actor, session.execute(query).all())
    return OfTicket("" if period in (ONCE, number) or _DAY.fullmatch(period) else period, waivers)


def of_subject(session: Session, actor: Actor, subject_id: int) -> Sequence[WaiverRow]:
    """What is waived or asked for of a subject's steps to come; whoever sees the subject sees it."""
    held = sa.select(StepRecord.waiver_id).where(
        StepRecord.subject_id == subject_id,
        StepRecord.valid_to == NEVER,
        StepRecord.waiver_id.is_not(None),
    )
    mine = sa.and_(Waiver.subject_id == subject_id, Waiver.state.in_((WaiverState.ASKED, WaiverState.APPROVED)))
    running = sa.and_(Waiver.id.in_(held), Waiver.state == WaiverState.APPROVED)
    query = _WAIVERS.where(sa.or_(running, mine)).order_by(Waiver.id.desc()).limit(SHOWN)
    return _rows(session, actor, session.execute(query).all())


def count_to_decide(session: Session, actor: Actor) -> int:
    """How many wait for this person's decision; counted up to a hundred."""
    waiting = (
        sa.select(Waiver.id)
        .join(Place, Place.id == Waiver.place_id)
        .where(
            Waiver.state == WaiverState.ASKED.value,
            Waiver.asked_by_id != actor.person_id,
            places_within(actor, Permission.WAIVE),
        )
        .limit(MOST_COUNTED)
    )
    return session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0


_Asker, _Decider, _Ender = (shared_alias(Person, name) for name in ("asker", "decider", "ender"))
_WAIVERS = (
    sa.select(Waiver, Standard.public_id, Standard.type_key, StandardStep.name, StandardStep.names, Place)
    .add_columns(Subject.name, Subject.public_id, Ticket.number, Occurrence.period)
    .add_columns(_Asker.name, _Decider.name, _Ender.name)
    .join(Standard, Standard.id == Waiver.standard_id)
    .join(Place, Place.id == Waiver.place_id)
    .join(_Asker, _Asker.id == Waiver.asked_by_id)
    .outerjoin(StandardStep, StandardStep.id == Waiver.step_id)
    .outerjoin(Subject, Subject.id == Waiver.subject_id)
    .outerjoin(Occurrence, Occurrence.id == Waiver.occurrence_id)
    .outerjoin(Ticket, Ticket.id == Occurrence.ticket_id)
    .outerjoin(_Decider, _Decider.id == Waiver.decided_by_id)
    .outerjoin(_Ender, _Ender.id == Waiver.ended_by_id)
)


def _rows(session: Session, actor: Actor, found: Sequence[Any]) -> list[WaiverRow]:
    if not found:
        return []
    names = names_of(session, {row[2] for row in found})
    ids = [row[0].id for row in found]
    counted = (
        sa.select(StepRecord.waiver_id, sa.func.count())
        .where(StepRecord.standard_id.in_({row[0].standard_id for row in found}), StepRecord.valid_to == NEVER)
        .where(StepRecord.waiver_id.in_(ids))
        .group_by(StepRecord.waiver_id)
    )
    steps = {row[0]: row[1] for row in session.execute(counted)}
    return [_row(actor, names, steps.get(each[0].id, 0), each) for each in found]


def _row(actor: Actor, names: Any, steps: int, found: Any) -> WaiverRow:
    waiver, standard_id, key, step, step_names, place, subject, subject_id, number, period, *people = found
    decides = actor.covers(Permission.WAIVE, brand_id=place.brand_id, place_path=place.path)
    own = waiver.asked_by_id == actor.person_id
    open_ = waiver.state in (WaiverState.ASKED, WaiverState.APPROVED)
    asked_by, decided_by, ended_by = (name or "" for name in people)
    return WaiverRow(
        waiver=waiver,
        standard=names[key],
        standard_id=standard_id,
        step=Named(step, step_names) if step is not None else None,
        place=Named(place.name, place.names),
        subject=subject or "",
        subject_id=subject_id,
        ticket=number or "",
        period=period or "",
        asked_by=asked_by,
        decided_by=decided_by,
        ended_by=ended_by,
        steps=steps,
        may_decide=decides and not own and waiver.state == WaiverState.ASKED,
        may_end=open_ and (own or (decides and waiver.state == WaiverState.APPROVED)),
    )
