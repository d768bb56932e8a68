"""Owns what every part of a departure is told, and how it writes down what it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.actor import Actor
from tickets.departing.model import ChangeKind, Departure, DepartureChange, Outcome
from tickets.runtime import Runtime
from tickets.timeline import TimelineEvent


@dataclass(frozen=True, slots=True)
class Leave:
    """One batch of a departure or of its undoing; no actor: who marked it has left too."""

    runtime: Runtime
    departure: Departure
    actor: Actor | None
    now: datetime

    @property
    def leaver_id(self) -> int:
        return self.departure.person_id


@dataclass(frozen=True, slots=True)
class Moved:
    """A row changed, with its columns before and after."""

    kind: ChangeKind
    row_id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    ticket_id: int | None = None


def keep(session: Session, leave: Leave, moved: Sequence[Moved]) -> int:
    """Writes down what was changed, in one statement after all of it was written; how many rows."""
    tickets = sorted({each.ticket_id for each in moved if each.ticket_id is not None})
    marks = last_events(session, tickets)
    rows = [
        {
            "departure_id": leave.departure.id,
            "kind": each.kind.value,
            "row_id": each.row_id,
            "ticket_id": each.ticket_id,
            "before": plain(each.before),
            "after": plain(each.after),
            "mark": marks.get(each.ticket_id or 0, 0),
            "outcome": Outcome.OPEN.value,
            "reason": "",
        }
        for each in moved
    ]
    if rows:
        session.connection().execute(sa.insert(DepartureChange), rows)
    return len(rows)


def last_events(session: Session, tickets: Sequence[int]) -> dict[int, int]:
    """The last event of each ticket's timeline."""
    last = sa.select(TimelineEvent.ticket_id, sa.func.max(TimelineEvent.id))
    found = session.execute(last.where(TimelineEvent.ticket_id.in_(tickets)).group_by(TimelineEvent.ticket_id))
    return dict(found.all())


def plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps them: moments as text."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in columns.items()}


def moment(text: Any) -> datetime | None:
    """A moment kept as text."""
    return datetime.fromisoformat(text) if text else None
