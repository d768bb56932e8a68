"""Owns when the steps of an occurrence are due, by its start and its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from tickets.runtime import Calendars
from tickets.standards.said import due_after, steps_said
from tickets.standards.steps import compiled_of, live_type, steps_of
from tickets.standards.tables import Standard, StandardStep
from tickets.standards.waiving.effect import running_waivers


class Dates:
    """When the steps of an occurrence are due, by its start and its place."""

    def __init__(self, session: Session, calendars: Calendars, standard: Standard) -> None:
        self.steps: Sequence[StandardStep] = steps_of(session, standard.id)
        self._calendars = calendars
        self._working = _working(session, standard)
        self.waivers = running_waivers(session, standard.id)
        self._known: dict[tuple[datetime, int], dict[int, datetime]] = {}

    def due(self, starts_at: datetime, place_id: int, zone: ZoneInfo) -> dict[int, datetime]:
        """By step id; a step without a deadline is never due."""
        key = (starts_at, place_id)
        if key not in self._known:
            self._known[key] = {step.id: self._one(step, starts_at, place_id, zone) for step in self.steps}
        return self._known[key]

    def _one(self, step: StandardStep, starts_at: datetime, place_id: int, zone: ZoneInfo) -> datetime:
        calendar = self._calendars(place_id) if step.key in self._working else None
        return due_after(step.deadline, starts_at, zone, calendar)


def _working(session: Session, standard: Standard) -> frozenset[str]:
    """The steps whose deadlines count working time."""
    kind = live_type(session, standard.type_key, standard.brand_id)
    if kind is None:
        return frozenset()
    return frozenset(step.key for step in steps_said(compiled_of(session, kind.definition_id)) if step.working)
