"""Owns one row of each table of standards: what it holds, and handing rows on to the database table by table."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from bench.seeding.bulk import Bulk, Row, Table, json, moment
from bench.seeding.founding import NOW, Kind
from bench.seeding.town import Town

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


class Cell(NamedTuple):
    """Which step of which occurrence a record is of."""

    brand: int
    campus: int
    standard: int
    step: int
    occurrence: int
    subject: int


@dataclass
class Rows:
    """What is made and not yet handed on; each method adds a row and gives its id."""

    bulk: Bulk
    chance: random.Random
    town: Town
    waiting: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})
    made: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))

    def flush(self) -> None:
        for name, table in TABLES.items():
            if self.waiting[name]:
                self.bulk.insert(table, self.waiting[name])
                self.waiting[name] = []

    def school_class(self, number: int, campus: int) -> int:
        row_id = self._next("subject")
        head, at = self.town.heads[campus], moment(NOW - timedelta(days=400))
        name = f"{('启蒙', '自然拼读', '机器人入门', '国画启蒙')[number % 4]} {chr(65 + number % 6)}{number}"
        brand = self.town.brand_of[campus]
        self.waiting["subject"].append(
            (
                *(row_id, public_id(NOW, 3, row_id), brand, campus, "class", f"K-{number + 1:05d}", name, head),
                *(json({"students": 8 + number % 9}), at, at),
            )
        )
        return row_id

    def occurrence(self, kind: Kind, subject: int, campus: int, period: str, starts: datetime, *, begun: bool) -> int:
        """A tenth of those begun has its ticket."""
        row_id = self._next("occurrence")
        ticket = self._ticket(kind, subject, campus, starts) if begun and self.chance.random() < 0.1 else None
        state = "planned" if not begun else "running" if starts > NOW - timedelta(days=30) else "done"
        brand, at = self.town.brand_of[campus], moment(starts)
        self.waiting["occurrence"].append(
            (row_id, public_id(starts, 1, row_id), brand, campus, kind.id, subject, period, at, state, ticket, at)
        )
        return row_id

    def waiver(self, kind: Kind, campus: int, occurrence: int, starts: datetime) -> int:
        row_id, at = self._next("waiver"), moment(starts + timedelta(days=1))
        days = (starts.date().isoformat(), (starts.date() + timedelta(days=60)).isoformat())
        asked = self.town.heads[campus]
        self.waiting["waiver"].append(
            (
                *(row_id, public_id(starts, 4, row_id), self.town.brand_of[campus], campus, kind.id, occurrence, *days),
                *(self.chance.choice(SAID), "approved", at, asked, at, self.town.by_role["hq_operations"][0]),
            )
        )
        return row_id

    def check(self, kind: Kind, at: datetime) -> int:
        row_id = self._next("check")
        days = (at.date().isoformat(), (at.date() + timedelta(days=30)).isoformat())
        group, who = self.town.group, self.town.by_role["hq_operations"][0]
        self.waiting["check"].append(
            (row_id, public_id(at, 5, row_id), group, group, kind.id, *days, 5, str(row_id), moment(at), who)
        )
        return row_id

    def checked(self, cell: Cell, check: int, record: int, judged: datetime, *, failed: bool) -> int:
        row_id = self._next("checked")
        verdict, reason = ("failed", self.chance.choice(FAULTS)) if failed else ("passed", "")
        self.waiting["checked"].append(
            (
                *(row_id, public_id(judged, 2, row_id), cell.brand, cell.campus, check, record),
                *(verdict, reason, moment(judged), self.town.by_role["hq_operations"][0]),
            )
        )
        return row_id

    def record(
        self,
        cell: Cell,
        due: datetime,
        valid: tuple[datetime, datetime],
        *,
        opened: datetime | None = None,
        done: datetime | None = None,
        waiver: int | None = None,
        turn: int = 1,
    ) -> int:
        row_id, done_by = self._next("record"), self.town.heads[cell.campus] if done else None
        self.waiting["record"].append(
            (
                *(row_id, *cell, moment(due), _said(opened), _said(done)),
                *(done_by, waiver, turn, moment(valid[0]), moment(valid[1])),
            )
        )
        return row_id

    def _ticket(self, kind: Kind, subject: int, campus: int, starts: datetime) -> int:
        row_id, at, brand = self._next("ticket"), moment(starts), self.town.brand_of[campus]
        closed = moment(starts + timedelta(days=40)) if starts < NOW - timedelta(days=45) else None
        head, number = self.town.heads[campus], f"{kind.prefix}-{30000 + row_id}"
        self.waiting["instance"].append(
            (
                *(row_id, public_id(starts, 6, row_id), brand, kind.definition_id, number, 1, 1, b""),
                *("completed" if closed else "active", at, closed),
            )
        )
        self.waiting["ticket"].append(
            (
                *(row_id, public_id(starts, 7, row_id), number, brand, campus, kind.type_id, kind.definition_id),
                *(row_id, kind.name, head, head, subject, "closed" if closed else "in_progress", "{}", at, at, closed),
            )
        )
        return row_id

    def _next(self, table: str) -> int:
        self.made[table] += 1
        return self.made[table]


def _said(at: datetime | None) -> str | None:
    return None if at is None else moment(at)


def public_id(at: datetime, table: int, row_id: int) -> str:
    """A UUIDv7 of a row in a table."""
    return f"{int(at.timestamp() * 1000):012x}7000{0x8000000000000000 + (table << 50) + row_id:016x}"
