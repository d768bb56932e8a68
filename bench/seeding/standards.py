"""Owns a group with standards under way: 5,000 classes at 300 campuses over a year, some late, waived or checked."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

import migrations
from bench.seeding.bulk import filling
from bench.seeding.founding import LARGE, NOW, SMALL, Kind, founded
from bench.seeding.standard_rows import Cell, Rows
from engine.database import NEVER

SEED = 20261123
CLASSES = 5000
MONTHS = 12
AT_ONCE = 20_000


def seed(url: str, classes: int = CLASSES) -> None:
    """Fills an empty database."""
    began = time.monotonic()
    migrations.upgrade(url)
    chance = random.Random(SEED)
    town, kinds = founded(url, chance, SMALL if classes < 1000 else LARGE)
    with filling(sa.make_url(url)) as bulk:
        rows = Rows(bulk, chance, town)
        Mill(rows, chance, kinds).run(classes)
    counts = ", ".join(f"{count:,} {name}s" for name, count in rows.made.items())
    print(f"{time.monotonic() - began:6.0f} s  {counts}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Mill:
    """Makes classes and all that became of their standards."""

    rows: Rows
    chance: random.Random
    kinds: Sequence[Kind]

    def run(self, classes: int) -> None:
        first = (NOW - timedelta(days=30 * MONTHS)).replace(hour=1, minute=0)
        checks = [
            self.rows.check(kind, NOW - timedelta(days=31 * (MONTHS - month)))
            for kind in self.kinds
            for month in range(MONTHS)
        ]
        campuses = self.rows.town.campuses
        for number in range(classes):
            campus = campuses[number % len(campuses)]
            subject = self.rows.school_class(number, campus)
            begun = first + timedelta(days=self.chance.randrange(0, 40))
            care = min(0.99, max(0.4, self.chance.gauss(0.86, 0.1)))
            self._occurrences(subject, campus, begun, care, checks)
            if len(self.rows.waiting["record"]) >= AT_ONCE:
                self.rows.flush()
        self.rows.flush()

    def _occurrences(self, subject: int, campus: int, begun: datetime, care: float, checks: Sequence[int]) -> None:
        """A kick-off, a meeting a month, and four assessments."""
        kickoff, meeting, assessment = self.kinds
        self._occurrence(kickoff, subject, campus, "once", begun, care, checks[:MONTHS])
        year, month = begun.year, begun.month
        for number in range(MONTHS + 1):
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
            starts = datetime(year, month, 1, 1, tzinfo=UTC)
            if starts < NOW + timedelta(days=5) and number < MONTHS:
                period = f"{year}-{month:02d}"
                self._occurrence(meeting, subject, campus, period, starts, care, checks[MONTHS : 2 * MONTHS])
        for stage in range(1, 5):
            starts = begun + timedelta(days=80 * stage)
            self._occurrence(assessment, subject, campus, f"stage-{stage}", starts, care, checks[2 * MONTHS :])

    def _occurrence(
        self,
        kind: Kind,
        subject: int,
        campus: int,
        period: str,
        starts: datetime,
        care: float,
        checks: Sequence[int],
    ) -> None:
        begun = starts <= NOW and self.chance.random() < 0.5 + care / 2
        occurrence = self.rows.occurrence(kind, subject, campus, period, starts, begun=begun)
        waived = self.rows.waiver(kind, campus, occurrence, starts) if self.chance.random() < 0.02 else None
        for step, days in kind.steps:
            due = starts + timedelta(days=days, hours=10)
            cell = Cell(self.rows.town.brand_of[campus], campus, kind.id, step, occurrence, subject)
            if waived is None:
                self._step(cell, starts, due, care if begun else 0.0, checks)
            else:
                self._waived(cell, starts, due, waived)

    def _waived(self, cell: Cell, starts: datetime, due: datetime, waiver: int) -> None:
        """It was to be done for two days."""
        since = starts + timedelta(days=2)
        self.rows.record(cell, due, (starts, since))
        opened, done = self._moments(due, 0.0)
        self.rows.record(cell, due, (since, NEVER), opened=opened, done=done, waiver=waiver)

    def _step(self, cell: Cell, starts: datetime, due: datetime, care: float, checks: Sequence[int]) -> None:
        """One row, or more: put off, or failed by a check and done again."""
        valid = starts
        if self.chance.random() < 0.03:
            later, until = due + timedelta(days=self.chance.randrange(1, 9)), due - timedelta(days=1)
            self.rows.record(cell, due, (valid, until))
            due, valid = later, until
        opened, done = self._moments(due, care)
        if done is not None and done < NOW - timedelta(days=4) and self.chance.random() < 0.045:
            self._looked_at(cell, due, opened, done, valid, checks)
        else:
            self.rows.record(cell, due, (valid, NEVER), opened=opened, done=done)

    def _moments(self, due: datetime, care: float) -> tuple[datetime | None, datetime | None]:
        """When it is opened and when it is done."""
        chance = self.chance
        opened = due - timedelta(hours=chance.randrange(20, 100))
        if not care or opened > NOW:
            return None, None
        done = due - timedelta(hours=chance.randrange(1, 19))
        if chance.random() > care:
            done = due + timedelta(hours=chance.randrange(1, 200)) if chance.random() < 0.6 else NEVER
        return opened, done if done <= NOW else None

    def _looked_at(
        self,
        cell: Cell,
        due: datetime,
        opened: datetime | None,
        done: datetime,
        valid: datetime,
        checks: Sequence[int],
    ) -> None:
        """Drawn by a check; a fifth fails, and is to be done again from then on."""
        chance = self.chance
        judged = done + timedelta(days=chance.randrange(1, 4))
        failed = chance.random() < 0.2
        record = self.rows.record(cell, due, (valid, judged if failed else NEVER), opened=opened, done=done)
        check = checks[min(len(checks) - 1, max(0, (done - (NOW - timedelta(days=365))).days // 31))]
        self.rows.checked(cell, check, record, judged, failed=failed)
        if failed:
            again = judged + timedelta(days=2) if chance.random() < 0.7 else None
            self.rows.record(cell, due, (judged, NEVER), opened=judged, done=again, turn=2)
