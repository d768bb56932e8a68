"""Owns what is written down of a standard's occurrences, by subject and period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.standards.tables import Occurrence, Progress, Standard


@dataclass(frozen=True, slots=True)
class Kept:
    """An occurrence as it is written down."""

    id: int
    period: str
    starts_at: datetime
    state: str
    place_id: int
    ticket_id: int | None
    launch_id: int | None

    @property
    def waits(self) -> bool:
        """Whether it has not begun, and the trigger says when it will."""
        return self.state == Progress.PLANNED and self.launch_id is None

    @property
    def may_return(self) -> bool:
        return self.state == Progress.CANCELLED and self.ticket_id is None

    @property
    def may_begin(self) -> bool:
        """Whether it may begin by hand: it waits, was called off, or could not start."""
        return self.ticket_id is None and (self.waits or self.state in OVER)


OVER = (Progress.CANCELLED, Progress.FAILED)
KeptOf = dict[int, dict[str, Kept]]


def kept_of(session: Session, standard: Standard, *subjects: sa.ColumnElement[bool]) -> KeptOf:
    """By subject and period; `subjects` are criteria of Occurrence."""
    columns = [getattr(Occurrence, name) for name in Kept.__slots__]
    query = sa.select(Occurrence.subject_id, *columns).where(Occurrence.standard_id == standard.id, *subjects)
    kept: KeptOf = {}
    for subject_id, *values in session.execute(query):
        row = Kept(*values)
        kept.setdefault(subject_id, {})[row.period] = row
    return kept
