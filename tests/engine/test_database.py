"""The connection to both databases: how transactions begin, and what columns keep."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from engine.clock import ManualClock, SystemClock
from engine.database import new_public_id, reading, writing
from engine.models import Effect, Job

NOON = datetime(2026, 11, 20, 4, 0, 0, 123456, tzinfo=UTC)


def put(engine: sa.Engine, key: str, at: datetime = NOON) -> None:
    with writing(engine) as session, session.begin():
        session.add(Effect(key=key, at=at))


def test_a_moment_comes_back_as_it_was_in_utc(engine: sa.Engine) -> None:
    put(engine, "a", NOON.astimezone(timezone(timedelta(hours=8))))
    with reading(engine) as session:
        found = session.scalars(sa.select(Effect.at)).one()
    assert (found, found.tzinfo) == (NOON, UTC)


def test_a_moment_without_a_zone_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(StatementError, match="time zone"):
        put(engine, "a", NOON.replace(tzinfo=None))


def test_values_come_back_as_they_were(engine: sa.Engine) -> None:
    values = {"text": "姓名 “x” 😀", "whole": 2**53, "part": 0.1, "yes": True, "none": None, "list": [[], {"a": {}}]}
    with writing(engine) as session, session.begin():
        session.add(Job(name="x", args=values, run_at=NOON, created_at=NOON))
    with reading(engine) as session:
        assert session.scalars(sa.select(Job.args)).one() == values


def test_a_writer_that_reads_first_waits_for_another_and_sees_what_it_wrote(engine: sa.Engine) -> None:
    """On SQLite a transaction that begins as a reader and writes later fails at once when another wrote meanwhile."""
    put(engine, "n", NOON)
    inside, seen = threading.Event(), []

    def second() -> None:
        inside.wait(10)
        with writing(engine) as session, session.begin():
            found = session.scalars(sa.select(Effect).where(Effect.key == "n").with_for_update()).one()
            seen.append(found.at)
            found.at += timedelta(hours=1)

    other = threading.Thread(target=second)
    other.start()
    with writing(engine) as session, session.begin():
        found = session.scalars(sa.select(Effect).where(Effect.key == "n").with_for_update()).one()
        inside.set()
        found.at += timedelta(hours=1)
    other.join(20)
    assert seen == [NOON + timedelta(hours=1)]
    with reading(engine) as session:
        assert session.scalars(sa.select(Effect.at)).one() == NOON + timedelta(hours=2)


def test_readers_are_not_kept_waiting_by_a_writer(engine: sa.Engine) -> None:
    put(engine, "a")
    with writing(engine) as writer, writer.begin():
        writer.add(Effect(key="b", at=NOON))
        writer.flush()
        with reading(engine) as session:
            assert session.scalars(sa.select(Effect.key)).all() == ["a"]


def test_public_ids_grow_with_time() -> None:
    ids = [new_public_id() for _ in range(100)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 100
    assert {found.version for found in ids} == {7}


def test_a_clock_of_a_test_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(NOON)
    assert clock.now() == clock.now() == NOON
    assert clock.advance(timedelta(days=1)) == clock.now() == NOON + timedelta(days=1)
    assert SystemClock().now().tzinfo is UTC
