"""Owns what every verb is given: the database, the clock, the file store and the hot instances; one per process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import Clock, SystemClock
from engine.database import looking, reading, writing
from engine.spiff.hot import HotInstances
from engine.timing import Calendar
from tickets.evidence.pictures import Picture
from tickets.uploads.keeper import Keeper
from tickets.uploads.reading import Reader

Calendars = Callable[[int], Calendar | None]


def _around_the_clock(_place_id: int) -> Calendar | None:
    return None


_KEEPER = Keeper()


@dataclass(frozen=True, slots=True)
class Hold:
    """A request that holds its Idempotency-Key, since when; what it does is marked in the transaction that does it."""

    person_id: int
    key: str
    since: datetime

    @property
    def effect(self) -> str:
        """The effect key of what it asks for, where that is done in several transactions."""
        return f"request:{hashlib.sha256(f'{self.person_id} {self.key}'.encode()).hexdigest()}"


@dataclass(frozen=True)
class Runtime:
    """Passed explicitly to verbs; nothing below `web/` finds it by itself."""

    database: sa.Engine
    files_folder: Path
    clock: Clock = field(default_factory=SystemClock)
    hot: HotInstances = field(default_factory=HotInstances)
    max_file_bytes: int = 25 * 1024 * 1024
    calendars: Calendars = _around_the_clock
    """The working time of a place, by its id; None where every hour counts."""
    reader: Reader = field(default_factory=lambda: _KEEPER)
    """Reads uploads; in a process of its own unless somebody decides otherwise."""
    pictures: Callable[[bytes], Picture] = field(default_factory=lambda: _KEEPER.look)
    """Looks at pictures, likewise."""
    hold: Hold | None = None
    """The request for which this is, if it is to be done once (`tickets.idempotency.mark`)."""

    def reading(self) -> Session:
        return self._knowing(reading(self.database))

    def looking(self) -> Session:
        return self._knowing(looking(self.database))

    def writing(self) -> Session:
        return self._knowing(writing(self.database))

    def _knowing(self, session: Session) -> Session:
        session.info[_CALENDARS] = self.calendars
        session.info[_HOLD] = self.hold
        return session


_CALENDARS = "gongdan.calendars"
_HOLD = "gongdan.hold"


def calendar_of(session: Session, place_id: int) -> Calendar | None:
    """The working time of a place, as the runtime that opened the session knows it; None where every hour counts."""
    calendars: Calendars = session.info.get(_CALENDARS, _around_the_clock)
    return calendars(place_id)


def hold_of(session: Session) -> Hold | None:
    """The request for which the runtime has opened the session, if that is to be done once."""
    held: Hold | None = session.info.get(_HOLD)
    return held
