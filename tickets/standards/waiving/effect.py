"""Owns what a waiver makes of step records, those there are and those planned later: rows end, others begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from tickets.places import Place
from tickets.standards.naming import Named
from tickets.standards.tables import StandardStep, StepRecord, Waiver, WaiverState

MOST = 500
"""Running waivers of one standard that are looked at; more would be no standard."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a running waiver holds for: steps that fall due from `begins` until before `ends`."""

    waiver_id: int
    standard_id: int
    step_id: int | None
    subject_id: int | None
    occurrence_id: int | None
    place_path: str
    begins: datetime
    ends: datetime

    @classmethod
    def of(cls, waiver: Waiver, place: Place) -> Reach:
        zone = ZoneInfo(place.time_zone)
        first, after = waiver.starts_on, waiver.ends_on + timedelta(days=1)
        return cls(
            waiver.id,
            waiver.standard_id,
            waiver.step_id,
            waiver.subject_id,
            waiver.occurrence_id,
            place.path,
            datetime(first.year, first.month, first.day, tzinfo=zone),
            datetime(after.year, after.month, after.day, tzinfo=zone),
        )

    def holds(self, *, step_id: int, subject_id: int, occurrence_id: int, place_path: str, due_at: datetime) -> bool:
        """Whether it is for this step of this occurrence."""
        return (
            self.step_id in (None, step_id)
            and self.subject_id in (None, subject_id)
            and self.occurrence_id in (None, occurrence_id)
            and place_path.startswith(self.place_path)
            and self.begins <= due_at < self.ends
        )


def running_waivers(session: Session, standard_id: int) -> Sequence[Reach]:
    """Those of a standard that hold, the first approved first: read once where many steps are planned."""
    query = (
        sa.select(Waiver, Place)
        .join(Place, Place.id == Waiver.place_id)
        .where(Waiver.standard_id == standard_id, Waiver.state == WaiverState.APPROVED)
        .order_by(Waiver.decided_at, Waiver.id)
        .limit(MOST)
    )
    return [Reach.of(waiver, place) for waiver, place in session.execute(query)]


def waived(
    running: Sequence[Reach],
    *,
    step_id: int,
    subject_id: int,
    occurrence_id: int,
    place_path: str,
    due_at: datetime,
) -> int | None:
    """The waiver that a step planned now begins with (`StepRecord.waiver_id`), of `running_waivers`."""
    about: dict[str, Any] = {"step_id": step_id, "subject_id": subject_id, "occurrence_id": occurrence_id}
    holding = (each for each in running if each.holds(**about, place_path=place_path, due_at=due_at))
    return next((each.waiver_id for each in holding), None)


def is_waived(session: Session, task_id: int) -> bool:
    """Whether the step that this task (`UserTask.id`) stands for need not be done, so its evidence may be missing."""
    return waiver_of(session, task_id) is not None


def waiver_of(session: Session, task_id: int) -> int | None:
    """The waiver of the step that this task stands for, while it is not done."""
    return session.scalar(_OF_TASK, {"of_task": task_id})


_OF_TASK = (
    sa.select(StepRecord.waiver_id)
    .where(
        StepRecord.task_id == sa.bindparam("of_task"),
        StepRecord.valid_to == NEVER,
        StepRecord.done_at.is_(None),
        StepRecord.waiver_id.is_not(None),
    )
    .limit(1)
)


def apply_waiver(session: Session, reach: Reach, now: datetime) -> int:
    """Steps that are not done and fall due in its days are waived from now on; how many."""
    return _change(session, _reached(reach), reach.waiver_id, now)


def count_reached(session: Session, reach: Reach) -> tuple[int, Sequence[Named]]:
    """How many steps it would waive if it were approved now, and what they are called, each name once."""
    undone = (StepRecord.valid_to == NEVER, StepRecord.done_at.is_(None), *_reached(reach))
    count = sa.func.count(StepRecord.id)
    counted = (
        sa.select(StandardStep.name, StandardStep.names, count)
        .join(StepRecord, StepRecord.step_id == StandardStep.id)
        .where(*undone)
        .group_by(StandardStep.id)
        .order_by(StandardStep.id)
    )
    rows = session.execute(counted).all()
    return sum(many for _, _, many in rows), [Named(name, names) for name, names, _ in rows]


def _reached(reach: Reach) -> list[sa.ColumnElement[bool]]:
    below = sa.select(Place.id).where(Place.path.startswith(reach.place_path))
    criteria = [
        StepRecord.standard_id == reach.standard_id,
        StepRecord.due_at >= reach.begins,
        StepRecord.due_at < reach.ends,
        StepRecord.place_id.in_(below),
        StepRecord.waiver_id.is_(None),
    ]
    only = {name: getattr(reach, name) for name in ("step_id", "subject_id", "occurrence_id")}
    return criteria + [getattr(StepRecord, name) == wanted for name, wanted in only.items() if wanted is not None]


def still_due(session: Session, occurrence_id: int, step_id: int | None) -> Sequence[datetime] | None:
    """When those steps of an occurrence that are neither done nor waived fall due; None if none is known of yet."""
    query = sa.select(StepRecord.due_at, StepRecord.done_at, StepRecord.waiver_id).where(
        StepRecord.occurrence_id == occurrence_id,
        StepRecord.valid_to == NEVER,
        *([StepRecord.step_id == step_id] if step_id is not None else []),
    )
    rows = session.execute(query.order_by(StepRecord.due_at)).all()
    return [due for due, done, waiver in rows if done is None and waiver is None] if rows else None


def lift_waiver(session: Session, waiver_id: int, now: datetime) -> int:
    """Steps that fall due from now on are to be done again; those that were due in the waived days stay waived."""
    standard = sa.select(Waiver.standard_id).where(Waiver.id == waiver_id).scalar_subquery()
    criteria = [StepRecord.standard_id == standard, StepRecord.due_at > now, StepRecord.waiver_id == waiver_id]
    return _change(session, criteria, None, now)


def cover_again(session: Session, standard_id: int, now: datetime) -> None:
    """What another waiver holds for too goes on being waived by that."""
    for reach in running_waivers(session, standard_id):
        if reach.ends > now:
            apply_waiver(session, reach, now)


def _change(session: Session, criteria: list[sa.ColumnElement[bool]], waiver_id: int | None, now: datetime) -> int:
    """The current rows that fit end, and others with that waiver begin; how many. They are held, so that none is done
    in between: it would stay beside its own copy.
    """
    fits = sa.and_(StepRecord.valid_to == NEVER, StepRecord.done_at.is_(None), *criteria)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(StepRecord.id).where(fits).order_by(StepRecord.id).with_for_update())
    table = StepRecord.__table__
    kept = [column for column in table.c if column.name not in ("id", "waiver_id", "valid_from", "valid_to")]
    given = [sa.literal(waiver_id, sa.BigInteger), sa.literal(now, table.c.valid_from.type)]
    rows = sa.select(*kept, *given, sa.literal(NEVER, table.c.valid_to.type)).where(fits)
    names = [*(column.name for column in kept), "waiver_id", "valid_from", "valid_to"]
    connection.execute(sa.insert(StepRecord).from_select(names, rows, include_defaults=False))
    return connection.execute(sa.update(StepRecord).where(fits).values(valid_to=now)).rowcount
