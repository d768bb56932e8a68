"""Owns loading the wide demo's organisation and subjects into an empty installation."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tickets.demo.cast import give_phones, load_organisation, load_subjects
from tickets.demo.organisation import ALL_PEOPLE, ALL_PLACES
from tickets.demo.subjects import all_subjects
from tickets.places import Place
from tickets.runtime import Runtime

HOME = ZoneInfo("Asia/Shanghai")
BACK = timedelta(days=92)
"""So long ago the demo's people begin."""


def load_people(runtime: Runtime) -> bool:
    """Places and people, in one transaction; False, and nothing is done, in an installation that has places."""
    began = runtime.clock.now() - BACK
    with runtime.writing() as session, session.begin():
        if session.scalar(sa.select(Place.id).limit(1)) is not None:
            return False
        load_organisation(session, began, ALL_PLACES, ALL_PEOPLE)
        give_phones(session, ALL_PEOPLE)
        return True


def load_all_subjects(runtime: Runtime) -> None:
    """Students, classes and products as of the beginning; their dates count from the real today."""
    today = runtime.clock.now().astimezone(HOME).date()
    with runtime.writing() as session, session.begin():
        load_subjects(session, runtime.clock.now() - BACK, all_subjects(today), today=today)
