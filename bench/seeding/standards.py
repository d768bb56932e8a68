"""Owns a group with standards under way: 5,000 classes at 300 campuses over a year, some late, waived or checked."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

import migrations
from bench.seeding.bulk import Bulk, Row, Table, filling, json, moment
from bench.seeding.founding import LARGE, NOW, SMALL, Kind, founded
from bench.seeding.town import Town
from engine.database import NEVER

SEED = 20261123
CLASSES = 5000
MONTHS = 12
AT_ONCE = 20_000
TABLES = {
    "subject": Table(
        "subject",
        "id public_id brand_id place_id kind external_id name responsible_id attributes created_at updated_at".split(),
    ),
    "occurrence": Table(
        "standard_occurrence",
        "id public_id brand_id place_id standard_id subject_id period starts_at state ticket_id created_at".split(),
    ),
    "record": Table(
        "standard_step_record",
        "id brand_id place_id standard_id step_id occurrence_id subject_id due_at opened_at done_at done_by_id "
        "waiver_id turn valid_from valid_to".split(),
    ),
    "waiver": Table(
        "standard_waiver",
        "id public_id brand_id place_id standard_id occurrence_id starts_on ends_on reason state asked_at "
        "asked_by_id decided_at decided_by_id".split(),
    ),
    "check": Table(
        "spot_check",
        "id public_id brand_id place_id standard_id starts_on ends_on size seed drawn_at drawn_by_id".split(),
    ),
    "checked": Table(
        "spot_check_step",
        "id public_id brand_id place_id check_id record_id verdict reason judged_at judged_by_id".split(),
    ),
    "instance": Table(
        "process_instance",
        "id public_id brand_id definition_id business_key revision codec_version state status started_at "
        "ended_at".split(),
    ),
    "ticket": Table(
        "ticket",
        "id public_id number brand_id place_id type_id definition_id instance_id title requester_id owner_id "
        "subject_id status data created_at updated_at closed_at".split(),
    ),
}
SAID = ("停课一周", "场地装修", "家长要求改期", "老师病假")
FAULTS = ("照片里没有家长", "签到表是空的", "纪要与会议不符")


@dataclass
class Mill:
    """Makes classes and all that became of their standards; hands rows on table by table."""

    bulk: Bulk
    chance: random.Random
    town: Town
    kinds: Sequence[Kind]
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})
    made: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))

    def run(self, classes: int) -> None:
        first = (NOW - timedelta(days=30 * MONTHS)).replace(hour=1, minute=0)
        checks = [self._check(kind, month) for kind in self.kinds for month in range(MONTHS)]
        for number in range(classes):
            campus = self.town.campuses[number % len(self.town.campuses)]
            subject = self._class(number, campus)
            begun = first + timedelta(days=self.chance.randrange(0, 40))
            care = min(0.99, max(0.4, self.chance.gauss(0.86, 0.1)))
            self._occurrences(subject, campus, begun, care, checks)
            if len(self.rows["record"]) >= AT_ONCE:
                self.flush()
        self.flush()

    def flush(self) -> None:
        for name, table in TABLES.items():
            if self.rows[name]:
                self.bulk.insert(table, self.rows[name])
                self.rows[name] = []

    def _occurrences(self, subject: int, campus: int, begun: datetime, care: float, checks: Sequence[int]) -> None:
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
        brand, chance = self.town.brand_of[campus], self.chance
        row_id = self._next("occurrence")
        begun = starts <= NOW and chance.random() < 0.5 + care / 2
        ticket = self._ticket(kind, subject, campus, starts) if begun and chance.random() < 0.1 else None
        state = "planned" if not begun else "running" if starts > NOW - timedelta(days=30) else "done"
        at = moment(starts)
        self.rows["occurrence"].append(
            (row_id, public_id(starts, 1, row_id), brand, campus, kind.id, subject, period, at, state, ticket, at)
        )
        waived = self._waiver(kind, campus, row_id, starts) if chance.random() < 0.02 else None
        for step, days in kind.steps:
            due = starts + timedelta(days=days, hours=10)
            facts = (brand, campus, kind.id, step, row_id, subject)
            self._step(facts, starts, due, care if begun else 0.0, waived, checks)

    def _step(
        self,
        facts: tuple[int, ...],
        starts: datetime,
        due: datetime,
        care: float,
        waived: int | None,
        checks: Sequence[int],
    ) -> None:
        """One row, or more: waived later, put off, or failed by a check and done again."""
        chance = self.chance
        valid, turn = starts, 1
        if waived is not None:
            valid = self._record(facts, due, None, None, None, turn, valid, starts + timedelta(days=2))
        elif chance.random() < 0.03:
            later = due + timedelta(days=chance.randrange(1, 9))
            valid = self._record(facts, due, None, None, None, turn, valid, due - timedelta(days=1))
            due = later
        opened, done = self._moments(due, care if waived is None else 0.0)
        if done is not None and done < NOW - timedelta(days=4) and chance.random() < 0.045:
            valid, turn = self._looked_at(facts, due, opened, done, valid, checks)
            opened, done = (valid, valid + timedelta(days=2)) if turn > 1 and chance.random() < 0.7 else (opened, done)
            if turn > 1 and (opened is None or opened < valid):
                opened, done = valid, None
            if turn == 1:
                return
        self._record(facts, due, opened, done, waived, turn, valid, NEVER)

    def _moments(self, due: datetime, care: float) -> tuple[datetime | None, datetime | None]:
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
        facts: tuple[int, ...],
        due: datetime,
        opened: datetime | None,
        done: datetime,
        valid: datetime,
        checks: Sequence[int],
    ) -> tuple[datetime, int]:
        """Drawn by a check; a fifth fails, and is to be done again from then on."""
        chance = self.chance
        judged = done + timedelta(days=chance.randrange(1, 4))
        failed = chance.random() < 0.2
        until = judged if failed else NEVER
        self._record(facts, due, opened, done, None, 1, valid, until)
        row_id = self._next("checked")
        verdict, reason = ("failed", chance.choice(FAULTS)) if failed else ("passed", "")
        whose = self.town.by_role["hq_operations"][0]
        check = checks[min(len(checks) - 1, max(0, (done - (NOW - timedelta(days=365))).days // 31))]
        self.rows["checked"].append(
            (
                *(row_id, public_id(judged, 2, row_id), facts[0], facts[1], check, self.made["record"]),
                *(verdict, reason, moment(judged), whose),
            )
        )
        return judged, 2 if failed else 1

    def _record(
        self,
        facts: tuple[int, ...],
        due: datetime,
        opened: datetime | None,
        done: datetime | None,
        waiver: int | None,
        turn: int,
        valid: datetime,
        until: datetime,
    ) -> datetime:
        done_by = self.town.heads[facts[1]] if done else None
        self.rows["record"].append(
            (
                *(self._next("record"), *facts, moment(due), _said(opened), _said(done)),
                *(done_by, waiver, turn, moment(valid), moment(until)),
            )
        )
        return until

    def _class(self, number: int, campus: int) -> int:
        row_id = self._next("subject")
        head, at = self.town.heads[campus], moment(NOW - timedelta(days=400))
        name = f"{('启蒙', '自然拼读', '机器人入门', '国画启蒙')[number % 4]} {chr(65 + number % 6)}{number}"
        brand = self.town.brand_of[campus]
        self.rows["subject"].append(
            (
                *(row_id, public_id(NOW, 3, row_id), brand, campus, "class", f"K-{number + 1:05d}", name, head),
                *(json({"students": 8 + number % 9}), at, at),
            )
        )
        return row_id

    def _waiver(self, kind: Kind, campus: int, occurrence: int, starts: datetime) -> int:
        row_id, at = self._next("waiver"), moment(starts + timedelta(days=1))
        days = (starts.date().isoformat(), (starts.date() + timedelta(days=60)).isoformat())
        asked = self.town.heads[campus]
        self.rows["waiver"].append(
            (
                *(row_id, public_id(starts, 4, row_id), self.town.brand_of[campus], campus, kind.id, occurrence, *days),
                *(self.chance.choice(SAID), "approved", at, asked, at, self.town.by_role["hq_operations"][0]),
            )
        )
        return row_id

    def _check(self, kind: Kind, month: int) -> int:
        row_id, at = self._next("check"), NOW - timedelta(days=31 * (MONTHS - month))
        days = (at.date().isoformat(), (at.date() + timedelta(days=30)).isoformat())
        group, who = self.town.group, self.town.by_role["hq_operations"][0]
        self.rows["check"].append(
            (row_id, public_id(at, 5, row_id), group, group, kind.id, *days, 5, str(row_id), moment(at), who)
        )
        return row_id

    def _ticket(self, kind: Kind, subject: int, campus: int, starts: datetime) -> int:
        row_id, at, brand = self._next("ticket"), moment(starts), self.town.brand_of[campus]
        closed = moment(starts + timedelta(days=40)) if starts < NOW - timedelta(days=45) else None
        head, number = self.town.heads[campus], f"{kind.prefix}-{30000 + row_id}"
        self.rows["instance"].append(
            (
                *(row_id, public_id(starts, 6, row_id), brand, kind.definition_id, number, 1, 1, b""),
                *("completed" if closed else "active", at, closed),
            )
        )
        self.rows["ticket"].append(
            (
                *(
                    row_id,
                    public_id(starts, 7, row_id),
                    number,
                    brand,
                    campus,
                    kind.type_id,
                    kind.definition_id,
                    row_id,
                ),
                *(kind.name, head, head, subject, "closed" if closed else "in_progress", "{}", at, at, closed),
            )
        )
        return row_id

    def _next(self, table: str) -> int:
        self.made[table] += 1
        return self.made[table]


def seed(url: str, classes: int = CLASSES) -> None:
    """Fills an empty database."""
    began = time.monotonic()
    migrations.upgrade(url)
    chance = random.Random(SEED)
    town, kinds = founded(url, chance, SMALL if classes < 1000 else LARGE)
    with filling(sa.make_url(url)) as bulk:
        mill = Mill(bulk, chance, town, kinds)
        mill.run(classes)
    counts = ", ".join(f"{count:,} {name}s" for name, count in mill.made.items())
    print(f"{time.monotonic() - began:6.0f} s  {counts}", file=sys.stderr, flush=True)


def _said(at: datetime | None) -> str | None:
    return None if at is None else moment(at)


def public_id(at: datetime, table: int, row_id: int) -> str:
    """A UUIDv7 of a row in a table."""
    return f"{int(at.timestamp() * 1000):012x}7000{0x8000000000000000 + (table << 50) + row_id:016x}"
