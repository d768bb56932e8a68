"""A launch for 5,000 classes whose server is killed half-way goes on where it stopped: 5,000 instances, none twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import pytest
import sqlalchemy as sa

from engine.clock import SystemClock
from engine.database import NEVER, create_engine, new_public_id
from engine.jobs import queued
from engine.models import ProcessInstance, UserTask
from tests.cast import Cast, enter
from tests.databases import Kind
from tests.slow.server import serving
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus
from tickets.runtime import Runtime
from tickets.standards import launching, planning
from tickets.standards.setting_up import Wanted, set_up
from tickets.standards.tables import Launch, Occurrence, Progress, Standard, StepRecord
from tickets.subjects import Subject
from tickets.ticket import Ticket

pytestmark = pytest.mark.slow

CLASSES = 5_000
PATIENCE = 600
"""Seconds."""


def add_classes(cast: Cast) -> None:
    """At all campuses in turn."""
    campuses = ["sz-nanshan", "gz-tianhe", "cd-gaoxin"]
    brands = ["qinghe", "qinghe", "kapok"]
    now = cast.runtime.clock.now()
    rows = [
        {
            "public_id": new_public_id(),
            "brand_id": cast.places[brands[number % 3]],
            "place_id": cast.places[campuses[number % 3]],
            "kind": "class",
            "external_id": f"C-{number:05}",
            "name": f"第 {number} 班",
            "attributes": {"start_date": "2026-09-01"},
            "created_at": now - timedelta(days=90),
            "updated_at": now,
        }
        for number in range(CLASSES)
    ]
    with cast.runtime.writing() as session, session.begin():
        session.execute(sa.insert(Subject), rows)


def launched(cast: Cast) -> Standard:
    """The group's standard, set up for what comes and launched for what is there."""
    campus = Campus(Play(cast))
    campus.define()
    wanted = Wanted("kickoff", campus.place("qiming"), begins_on=date(2199, 1, 1))
    standard = set_up(cast.runtime, cast.chenxiao, wanted)
    launching.launch(cast.runtime, cast.chenxiao, standard.public_id)
    return standard


@pytest.mark.parametrize("kind", list(Kind))
def test_a_launch_that_is_killed_half_way_starts_every_class_once(
    kind: Kind, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = make_database(kind)
    database = queued(create_engine(url))
    cast = enter(database, tmp_path)
    cast.runtime = Runtime(database, tmp_path / "files", SystemClock(), reader=cast.runtime.reader)
    add_classes(cast)
    begun = perf_counter()
    standard = launched(cast)

    def started() -> int:
        with cast.runtime.reading() as session:
            return session.scalars(sa.select(sa.func.count()).select_from(Ticket)).one()

    def done() -> bool:
        with cast.runtime.reading() as session:
            return session.scalars(sa.select(Launch.state)).one() == Progress.DONE

    with serving(tmp_path, url) as server:
        until(lambda: started() >= CLASSES // 2)
        server.kill()
        half = started()
        server.start()
        until(done)
        took = perf_counter() - begun
        assert server.stop() == 0
    print(f"{kind}: {CLASSES} classes in {took:.1f} s, killed at {half}")  # noqa: T201 - the figure asked for
    assert half < CLASSES
    check(cast.runtime, standard)
    with cast.runtime.reading() as session:
        assert session.scalars(sa.select(Standard.planned_until)).one() is not None
    assert planning.plan_standard(cast.runtime, standard.id) == 0
    database.dispose()


def check(runtime: Runtime, standard: Standard) -> None:
    """Of each class one occurrence, one ticket, one instance, one first task, and the records of both steps."""
    with runtime.reading() as session:

        def count(query: sa.Select[int]) -> int:
            return session.scalars(query).one()

        of_tickets = sa.select(sa.func.count(sa.distinct(Ticket.subject_id)))
        assert count(sa.select(sa.func.count()).select_from(Ticket)) == CLASSES
        assert count(of_tickets) == CLASSES
        assert count(sa.select(sa.func.count()).select_from(ProcessInstance)) == CLASSES
        assert count(sa.select(sa.func.count()).select_from(UserTask)) == CLASSES
        running = sa.select(sa.func.count(sa.distinct(Occurrence.ticket_id))).where(
            Occurrence.standard_id == standard.id, Occurrence.state == Progress.RUNNING, Occurrence.period == "once"
        )
        assert count(running) == CLASSES
        opened = sa.select(sa.func.count()).select_from(StepRecord).where(StepRecord.valid_to == NEVER)
        assert count(opened) == 2 * CLASSES
        assert count(opened.where(StepRecord.opened_at.is_not(None), StepRecord.task_id.is_not(None))) == CLASSES
        launch = session.scalars(sa.select(Launch)).one()
        assert (launch.total, launch.started, launch.skipped, launch.failed) == (CLASSES, CLASSES, 0, 0)


def until(true: Callable[[], bool]) -> None:
    """Wait for it, but not for ever."""
    pause = threading.Event()
    for _ in range(PATIENCE * 5):
        if true():
            return
        pause.wait(0.2)
    pytest.fail("it never came true")
