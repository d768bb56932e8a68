"""What is due is divided among processes: nobody takes what another is at, and a dead one's is free at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from engine.claims import Kind, claim, hold
from engine.database import reading, writing
from engine.models import Timer

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
DUE = sa.select(Timer.id, Timer.element).order_by(Timer.due_at, Timer.id)


@pytest.fixture
def timers(engine: sa.Engine) -> list[int]:
    """Six timers, two of each brand."""
    with writing(engine) as session, session.begin():
        rows = [Timer(brand_id=n // 2, ref="", element=f"e{n}", due_at=NOON, slot=0) for n in range(6)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def test_the_first_are_taken_in_their_order(engine: sa.Engine, timers: list[int]) -> None:
    with reading(engine) as session:
        taken = claim(session, DUE, Kind.TIMERS, Timer.brand_id, limit=3)
    assert taken == [(timers[n], f"e{n}") for n in range(3)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_one_is_at_another_passes_over_until_it_is_done(engine: sa.Engine, timers: list[int]) -> None:
    with reading(engine) as first, reading(engine) as second, reading(engine) as third:
        assert [number for number, _ in claim(first, DUE, Kind.TIMERS, Timer.brand_id, limit=1)] == timers[:1]
        assert [number for number, _ in claim(second, DUE, Kind.TIMERS, Timer.brand_id, limit=9)] == timers[2:]
        assert claim(third, DUE, Kind.TIMERS, Timer.brand_id, limit=9) == []
        assert len(claim(third, DUE, Kind.DEADLINES, Timer.brand_id, limit=9)) == 6
        first.rollback()
        assert [number for number, _ in claim(third, DUE, Kind.TIMERS, Timer.brand_id, limit=9)] == timers[:2]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_held_is_passed_over(engine: sa.Engine, timers: list[int]) -> None:
    with reading(engine) as first, reading(engine) as second:
        hold(first, Kind.TIMERS, 0)
        assert [number for number, _ in claim(second, DUE, Kind.TIMERS, Timer.brand_id, limit=9)] == timers[2:]
