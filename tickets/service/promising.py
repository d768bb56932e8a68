"""Owns when a ticket filed now is due by what is promised of it."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from engine.database import NEVER
from engine.step import StepFailed, World
from engine.timing import NotATime
from tickets.service.policies import Terms
from tickets.service.reckoning import Course
from tickets.service.tables import ClockKind


class DueTimes(TypedDict):
    """Columns of a ticket."""

    due_at: datetime
    response_due_at: datetime | None


def due_times(terms: Terms, world: World) -> DueTimes:
    """By when it is to be replied to and resolved. Raises StepFailed where the type's file says what can't be."""
    response, resolution = (_due(terms, kind, world) for kind in (ClockKind.RESPONSE, ClockKind.RESOLUTION))
    return {"due_at": resolution, "response_due_at": None if response == NEVER else response}


def _due(terms: Terms, kind: ClockKind, world: World) -> datetime:
    if kind not in terms.spans:
        return NEVER
    course = Course(world.now, world.zone, world.calendar if terms.working else None)
    try:
        return course.reaches(course.length(terms.spans[kind])) or NEVER
    except NotATime as error:
        if terms.policy_id is not None:  # a brand's calendar without working time; its page says so
            return NEVER
        raise StepFailed(_SETTING[kind], error.message) from None


_SETTING = {ClockKind.RESPONSE: "sla.first_response", ClockKind.RESOLUTION: "sla.resolution"}
