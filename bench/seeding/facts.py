"""Owns what a made-up ticket is: drawn by lot, so that types, places, statuses and moments are spread as in life."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from bench.seeding import words
from bench.seeding.bulk import moment
from bench.seeding.kinds import WEIGHTS, Kind, filled
from bench.seeding.town import Town
from tickets.ticket import Priority, Status

SPAN = timedelta(days=3 * 365)
"""The oldest ticket is so old; they come evenly."""
OPEN_SHARE = 0.1
NEWEST = 1.5 * OPEN_SHARE
"""The share of all tickets among which most open ones are."""
OPEN_AMONG_NEWEST = 0.62
_OPEN = (
    (Status.UNASSIGNED, 3),
    (Status.OFFERED, 12),
    (Status.IN_PROGRESS, 60),
    (Status.AWAITING_REQUESTER, 12),
    (Status.SUSPENDED, 5),
    (Status.RESOLVED, 8),
)
_OPEN_NAMES = [status.value for status, _ in _OPEN]
_OPEN_WEIGHTS = list(accumulate(weight for _, weight in _OPEN))
_PRIORITIES = [each.value for each in Priority]
_PRIORITY_WEIGHTS = list(accumulate((3, 12, 70, 15)))
_KIND_WEIGHTS = list(accumulate(WEIGHTS))


@dataclass(frozen=True, slots=True)
class Facts:
    """One ticket; `at` it was filed, `end` it was closed (or it is now). Moments in `stamp` and below are as stored."""

    id: int
    kind: Kind
    campus: int
    brand: int
    status: str
    requester: int
    owner: int | None
    title: str
    said: Sequence[str]
    data: Mapping[str, Any]
    at: datetime
    stamp: str
    end: str
    due: str

    @property
    def is_open(self) -> bool:
        return self.status not in (Status.CLOSED.value, Status.WITHDRAWN.value)

    @property
    def ended(self) -> str | None:
        return None if self.is_open else self.end

    @property
    def number(self) -> str:
        return f"{self.kind.prefix}-{30000 + self.id}"

    def public_id(self, table: int) -> str:
        """A UUIDv7 of this ticket's row in a table."""
        return f"{int(self.at.timestamp() * 1000):012x}7000{0x8000000000000000 + (table << 50) + self.id:016x}"


@dataclass(frozen=True)
class Lot:
    """Draws tickets; the same ones whenever `chance` begins the same."""

    chance: random.Random
    town: Town
    kinds: Sequence[Kind]
    now: datetime

    def draw(self, row_id: int, share: float) -> Facts:
        """The ticket with this id, before which `share` of all were filed."""
        chance, town = self.chance, self.town
        kind = chance.choices(self.kinds, cum_weights=_KIND_WEIGHTS)[0]
        campus = self._campus()
        at = self.now - SPAN * (1 - share) - timedelta(seconds=2)
        status = self._status(share)
        requester = chance.choice(town.teachers[campus])
        owner = None if status in (Status.UNASSIGNED, Status.OFFERED) else self.worker(kind, campus)
        said, title = words.story(chance), chance.choice(words.TITLES)
        data = self._data(kind, "，".join(said))
        end = min(at + timedelta(hours=chance.uniform(1, 200)), self.now)
        due = at + timedelta(hours=chance.choice((8, 24, 48, 72, 120, 240)))
        if status in _OPEN_NAMES:  # most are still in time
            due = self.now + timedelta(hours=chance.uniform(-30, 170))
        moments = (at, moment(at), moment(end), moment(due))
        return Facts(row_id, kind, campus, town.brand_of[campus], status, requester, owner, title, said, data, *moments)

    def worker(self, kind: Kind, campus: int) -> int:
        """Somebody who works on tickets of this kind there."""
        town = self.town
        if kind.role == "consultant":
            return self.chance.choice(town.consultants[campus])
        return town.heads[campus] if kind.role == "campus_head" else self.chance.choice(town.by_role[kind.role])

    def priority(self) -> str:
        return self.chance.choices(_PRIORITIES, cum_weights=_PRIORITY_WEIGHTS)[0]

    def _campus(self) -> int:
        """Some campuses have many more than others."""
        chance, campuses = self.chance, self.town.campuses
        busy = campuses[min(int(chance.expovariate(3.0) * len(campuses) / 3), len(campuses) - 1)]
        return chance.choice(campuses) if chance.random() < 0.7 else busy

    def _status(self, share: float) -> str:
        elsewhere = (OPEN_SHARE - OPEN_AMONG_NEWEST * NEWEST) / (1 - NEWEST)
        if self.chance.random() < (OPEN_AMONG_NEWEST if share > 1 - NEWEST else elsewhere):
            return self.chance.choices(_OPEN_NAMES, cum_weights=_OPEN_WEIGHTS)[0]
        return Status.WITHDRAWN.value if self.chance.random() < 0.04 else Status.CLOSED.value

    def _data(self, kind: Kind, detail: str) -> dict[str, Any]:
        chance = self.chance
        if kind.key != "crash_report":
            return {**filled(kind.key, chance.randrange(4096)), "detail": detail}
        given = {"phone_model": chance.choice(words.MODELS), "app_version": chance.choice(words.VERSIONS)}
        given |= {"os": chance.choice(("ios", "ipados", "android", "harmonyos")), "what_happened": detail}
        return {**kind.data, **given, "affected_students": chance.randrange(1, 30)}
