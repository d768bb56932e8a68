"""Owns the steps of a standard: rows kept as the live version of its ticket type says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions.stored import Compiled, load
from engine.models import ProcessDefinition
from tickets.places import Place, PlaceKind
from tickets.standards.said import SaidStep, steps_said
from tickets.standards.tables import Standard, StandardStep
from tickets.types import TicketType


def live_type(session: Session, type_key: str, brand_id: int) -> TicketType | None:
    """The type that tickets of this key run on in a brand: its own (a variant), else the group's; None where none is.

    One that is switched off hides no other.
    """
    group = sa.select(Place.id).where(Place.kind == PlaceKind.GROUP).scalar_subquery()
    query = (
        sa.select(TicketType)
        .where(TicketType.key == type_key, TicketType.active, TicketType.brand_id.in_([brand_id, group]))
        .order_by(sa.case((TicketType.brand_id == brand_id, 0), else_=1), TicketType.id)
    )
    return session.scalars(query.limit(1)).first()


def compiled_of(session: Session, definition_id: int) -> Compiled:
    """What the version stores."""
    return load(
        session.scalars(sa.select(ProcessDefinition.compiled).where(ProcessDefinition.id == definition_id)).one()
    )


def sync(session: Session, standard: Standard, said: Sequence[SaidStep]) -> bool:
    """Makes its rows say what the version says; whether that changes what is planned.

    A step that the version has no more stays as a row, and is not active.
    """
    kept = {row.key: row for row in session.scalars(sa.select(StandardStep).where(_of(standard)))}
    changed = False
    for position, step in enumerate(said, 1):
        row = kept.pop(step.key, None)
        if row is None:
            row = StandardStep(standard_id=standard.id, key=step.key)
            session.add(row)
            changed = True
        changed = changed or not row.active or row.deadline != step.deadline
        row.name, row.names, row.position = step.name, dict(step.names), position
        row.mandatory, row.deadline, row.active = step.mandatory, step.deadline, True
    for row in kept.values():
        changed = changed or row.active
        row.active = False
    session.flush()
    return changed


def _of(standard: Standard) -> sa.ColumnElement[bool]:
    return StandardStep.standard_id == standard.id


def steps_of(session: Session, standard_id: int) -> Sequence[StandardStep]:
    """Its active steps in order."""
    query = sa.select(StandardStep).where(StandardStep.standard_id == standard_id, StandardStep.active)
    return session.scalars(query.order_by(StandardStep.position, StandardStep.id)).all()


def deployed(session: Session, key: str, brand_id: int, compiled: Compiled, now: datetime) -> None:
    """A version has been published: the standards that run on it take its steps over, and plan by them from now on.

    A standard takes its steps from its own place's type: a brand's variant changes the brand's standards only.
    """
    from tickets.standards import ordering  # planning needs the steps

    rows = session.scalars(sa.select(Standard).where(Standard.type_key == key)).all()
    for standard in rows:
        kind = live_type(session, key, standard.brand_id)
        if kind is not None and kind.brand_id == brand_id and sync(session, standard, steps_said(compiled)):
            ordering.order(session, standard, now)
