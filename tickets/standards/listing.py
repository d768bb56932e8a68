"""Owns the list of standards: what runs, what is due soon, what could not be started; at the reader's places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from engine.expressions import N_, Message
from tickets.access import Actor, Permission, Scope
from tickets.errors import Forbidden
from tickets.organising.reach import places_within
from tickets.places import Place, PlaceKind
from tickets.standards.scope import visible_standards
from tickets.standards.tables import Occurrence, Progress, Standard, StandardStep, StepRecord
from tickets.types import TicketType

SOON = timedelta(days=7)
MOST = 200


@dataclass(frozen=True, slots=True)
class StandardRow:
    """A standard with its names and counts: `due` are steps that fall due within a week, `late` those that have not
    been done and fell due in the week before.
    """

    standard: Standard
    place: Place
    name: str
    names: Mapping[str, str]
    manages: bool
    steps: int = 0
    running: int = 0
    planned: int = 0
    failed: int = 0
    next_at: datetime | None = None
    due: int = 0
    late: int = 0


def check_may_see(actor: Actor) -> None:
    """Raises Forbidden for those whose roles show them no standards."""
    if not (actor.may(Permission.SEE_STANDARDS) or actor.may(Permission.MANAGE_STANDARDS)):
        raise Forbidden(Message(N_("Your roles don't show you standards; ask headquarters or your administrator.")))


def standard_list(session: Session, actor: Actor, now: datetime) -> list[StandardRow]:
    """The standards they see, those switched on first; five statements. Raises Forbidden."""
    check_may_see(actor)
    query = (
        sa.select(Standard, Place)
        .join(Place, Place.id == Standard.place_id)
        .where(visible_standards(actor))
        .order_by(Standard.active.desc(), Place.path, Standard.type_key, Standard.id)
        .limit(MOST)
    )
    rows = session.execute(query).all()
    ids = [standard.id for standard, _ in rows]
    if not ids:
        return []
    names = type_names(session, {(standard.type_key, standard.brand_id) for standard, _ in rows})
    steps = _steps(session, ids)
    states = _states(session, actor, ids)
    due = _due(session, actor, ids, now)
    return [
        StandardRow(
            standard,
            place,
            *names.get((standard.type_key, standard.brand_id), (standard.type_key, {})),
            manages=manages(actor, place),
            steps=steps.get(standard.id, 0),
            running=states.get((standard.id, Progress.RUNNING), (0, None))[0],
            planned=states.get((standard.id, Progress.PLANNED), (0, None))[0],
            failed=states.get((standard.id, Progress.FAILED), (0, None))[0],
            next_at=states.get((standard.id, Progress.PLANNED), (0, None))[1],
            due=due.get(standard.id, (0, 0))[0],
            late=due.get(standard.id, (0, 0))[1],
        )
        for standard, place in rows
    ]


def manages(actor: Actor, place: Place) -> bool:
    """Whether they may change and launch what is set up for this place."""
    return actor.covers(Permission.MANAGE_STANDARDS, brand_id=place.brand_id, place_path=place.path)


def type_names(session: Session, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, Mapping[str, str]]]:
    """What the types are called, by key and brand: the brand's own, else the group's."""
    keys = sorted({key for key, _ in wanted})
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).scalar_subquery()
    query = sa.select(TicketType.key, TicketType.brand_id, TicketType.name, TicketType.names, group)
    rows = session.execute(query.where(TicketType.key.in_(keys))).all()
    root = rows[0][4] if rows else 0
    known = {(key, brand_id): (name, names) for key, brand_id, name, names, _ in rows}
    found = {(key, brand_id): known.get((key, brand_id)) or known.get((key, root)) for key, brand_id in wanted}
    return {key: value for key, value in found.items() if value is not None}


def within(actor: Actor, column: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """On a query with places: those that the reader's roles reach."""
    grants = (*actor.having(Permission.SEE_STANDARDS), *actor.having(Permission.MANAGE_STANDARDS))
    if any(grant.scope is Scope.GROUP for grant in grants):
        return sa.true()
    seen = places_within(actor, Permission.SEE_STANDARDS, Permission.MANAGE_STANDARDS)
    return column.in_(sa.select(Place.id).where(seen).correlate(None))


def _steps(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = sa.select(StandardStep.standard_id, sa.func.count()).where(
        StandardStep.standard_id.in_(ids), StandardStep.active
    )
    return dict(session.execute(query.group_by(StandardStep.standard_id)).all())


def _states(session: Session, actor: Actor, ids: Sequence[int]) -> dict[tuple[int, str], tuple[int, datetime | None]]:
    """How many occurrences are in each state that asks for somebody, and when the first of them begins."""
    query = (
        sa.select(Occurrence.standard_id, Occurrence.state, sa.func.count(), sa.func.min(Occurrence.starts_at))
        .where(
            Occurrence.standard_id.in_(ids),
            Occurrence.state.in_([Progress.RUNNING, Progress.PLANNED, Progress.FAILED]),
            within(actor, Occurrence.place_id),
        )
        .group_by(Occurrence.standard_id, Occurrence.state)
    )
    return {(ident, state): (number, first) for ident, state, number, first in session.execute(query)}


def _due(session: Session, actor: Actor, ids: Sequence[int], now: datetime) -> dict[int, tuple[int, int]]:
    """How many steps fall due within a week, and fell due in the week before; neither done nor waived."""
    soon = sa.func.sum(sa.case((StepRecord.due_at >= now, 1), else_=0))
    late = sa.func.sum(sa.case((StepRecord.due_at < now, 1), else_=0))
    query = (
        sa.select(StepRecord.standard_id, soon, late)
        .where(
            StepRecord.standard_id.in_(ids),
            StepRecord.due_at >= now - SOON,
            StepRecord.due_at < now + SOON,
            StepRecord.done_at.is_(None),
            StepRecord.waiver_id.is_(None),
            StepRecord.valid_to == NEVER,
            within(actor, StepRecord.place_id),
        )
        .group_by(StepRecord.standard_id)
    )
    return {ident: (int(some), int(others)) for ident, some, others in session.execute(query)}
