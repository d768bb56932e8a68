"""Owns what standards' rows refer to: places, people, the shipped types, and a standard of each with its steps."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.seeding.town import Town, build
from engine.clock import ManualClock
from engine.database import create_engine
from tickets.deploying import deploy
from tickets.runtime import Runtime
from tickets.standards.tables import Standard, StandardStep
from tickets.types import TicketType

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
LARGE = {"campuses": 300, "people": 1500}
SMALL = {"campuses": 30, "people": 150}
"""For fewer than 1,000 classes."""
STEPS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "class_kickoff": (
        *(("invite", "邀请家长", 3), ("check", "物料与教室", 5), ("hold", "开班典礼", 7)),
        *(("feedback", "家长反馈", 9), ("verify", "总部复核", 12)),
    ),
    "parent_meeting": (
        *(("schedule", "约定时间", 3), ("agenda", "准备议程", 6), ("hold", "召开家长会", 15)),
        *(("summary", "会议纪要", 18), ("follow_up", "跟进", 25)),
    ),
    "stage_assessment": (("test", "阶段测试", 5), ("score", "评分", 8), ("report", "测评报告", 14)),
}
"""Of each standard its steps: key, name, and the day of the occurrence by which it is due."""


@dataclass(frozen=True)
class Kind:
    """A standard with its steps' ids and the type that its tickets are of."""

    id: int
    type_id: int
    definition_id: int
    prefix: str
    name: str
    steps: tuple[tuple[int, int], ...]
    """Id, and the day by which it is due."""


def founded(url: str, chance: random.Random, sizes: dict[str, int]) -> tuple[Town, list[Kind]]:
    """Places, people, the shipped types, and a standard of each for the whole group."""
    database = create_engine(url)
    with tempfile.TemporaryDirectory() as folder:
        runtime = Runtime(database, Path(folder), ManualClock(NOW))
        with runtime.writing() as session, session.begin():
            if session.scalar(sa.select(Standard.id).limit(1)) is not None:
                raise SystemExit("This database has standards already; name an empty one.")
            town = build(session, chance, NOW, **sizes)
        for key in STEPS:
            shipped = [each for each in (files("processes") / key).iterdir() if each.is_file()]
            report = deploy(runtime, None, {each.name: each.read_bytes() for each in shipped}).report
            if not report.accepted:
                raise SystemExit("\n".join(str(problem.problem) for problem in report.problems))
        with runtime.writing() as session, session.begin():
            kinds = [_kind(session, town, key) for key in STEPS]
    database.dispose()
    return town, kinds


def _kind(session: Session, town: Town, key: str) -> Kind:
    kind = session.scalars(sa.select(TicketType).where(TicketType.key == key)).one()
    facts: dict[str, Any] = {"brand_id": town.group, "place_id": town.group, "type_key": key}
    standard = session.scalar(sa.select(Standard).where(Standard.type_key == key)) or Standard(
        **facts,
        subject_kind="class",
        trigger="created",
        begins_on=date(2025, 11, 1),
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(standard)
    session.flush()
    steps = []
    for position, (step_key, name, days) in enumerate(STEPS[key]):
        step = StandardStep(standard_id=standard.id, key=step_key, name=name, position=position, deadline=f"P{days}D")
        session.add(step)
        session.flush()
        steps.append((step.id, days))
    return Kind(standard.id, kind.id, kind.definition_id, kind.prefix, kind.name, tuple(steps))
