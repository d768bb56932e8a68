"""What the demo's people have done by the time it is first looked at."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.clock import ManualClock
from tests.tickets.play import SHIPPED
from tickets.demo import load_demo
from tickets.demo.history import live_through
from tickets.demo.past import Past
from tickets.demo.stories import STORIES
from tickets.demo.story import Did
from tickets.deploying import deploy
from tickets.life.models import TicketRating
from tickets.runtime import Runtime
from tickets.service.tables import BusinessCalendar, ServicePolicy
from tickets.ticket import Status, Ticket
from tickets.timeline import TimelineEvent
from tickets.urges import Urge


@pytest.mark.parametrize("hour", [1, 20])
def test_the_past_of_the_demo_has_tickets_in_every_state_by_whatever_hour_it_starts(
    engine: sa.Engine, tmp_path: Path, hour: int
) -> None:
    now = datetime(2026, 11, 22, hour, 17, tzinfo=UTC)
    runtime = Runtime(engine, tmp_path, ManualClock(now))
    load_demo(runtime)
    files = {path.name: path.read_bytes() for path in (SHIPPED / "crash_report").iterdir()}
    assert deploy(runtime, None, files).report.accepted
    live_through(runtime)
    with runtime.reading() as session:
        states = Counter(session.scalars(sa.select(Ticket.status)))
        assert sum(states.values()) == len(STORIES)
        assert set(states) == set(Status) - {Status.UNASSIGNED}
        last = session.scalars(sa.select(sa.func.max(TimelineEvent.at))).one()
        assert last <= now
        for table, told in ((TicketRating, Did.RATE), (Urge, Did.URGE)):
            done = sum(act.did is told for story in STORIES for act in story.acts)
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == done
        assert session.scalar(sa.select(sa.func.count()).select_from(BusinessCalendar)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(ServicePolicy)) == 2


def test_days_of_the_past_are_worked_ones() -> None:
    monday_morning = Past(datetime(2026, 10, 12, 2, 0, tzinfo=UTC))
    assert monday_morning.moment("1 09:30") == datetime(2026, 10, 10, 1, 30, tzinfo=UTC), "made up for a holiday"
    assert monday_morning.moment("2 18:00") == datetime(2026, 10, 9, 10, 0, tzinfo=UTC)
    assert monday_morning.moment("3 09:00") == datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
    assert monday_morning.moment("4 09:00") == datetime(2026, 9, 30, 1, 0, tzinfo=UTC), (
        "the national holiday is left out"
    )
    monday_evening = Past(datetime(2026, 10, 12, 12, 0, tzinfo=UTC))
    assert monday_evening.moment("1 09:30") == datetime(2026, 10, 12, 1, 30, tzinfo=UTC)
    assert monday_evening.moment("25") == datetime(2026, 10, 12, 11, 35, tzinfo=UTC)
