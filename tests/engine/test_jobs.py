"""Jobs: in the transaction or not at all, each key once, again when they fail or their worker dies."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from engine.clock import ManualClock
from engine.database import reading, writing
from engine.jobs import LEASE, MAX_ATTEMPTS, Handler, Request, drain, enqueue, enqueue_all, give_back
from engine.models import Job, JobStatus


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def put(engine: sa.Engine, clock: ManualClock, name: str = "note", *, key: str | None = None, **args: Any) -> None:
    with writing(engine) as session, session.begin():
        enqueue(session, name, args, run_at=clock.now(), key=key)


def rows(engine: sa.Engine) -> list[Job]:
    with reading(engine) as session:
        return list(session.scalars(sa.select(Job).order_by(Job.id)))


def quietly(engine: sa.Engine, handlers: Mapping[str, Handler], clock: ManualClock) -> int:
    with capture_logs():
        return drain(engine, handlers, clock)


def failing(_args: dict[str, Any]) -> None:
    raise RuntimeError("no answer")


def test_a_job_exists_if_and_only_if_its_transaction_commits(engine: sa.Engine, clock: ManualClock) -> None:
    with writing(engine) as session:
        session.begin()
        enqueue(session, "note", {"a": 1}, run_at=clock.now())
        session.rollback()
    assert rows(engine) == []
    put(engine, clock, a=1)
    (job,) = rows(engine)
    assert (job.name, job.args, job.status, job.attempts) == ("note", {"a": 1}, JobStatus.QUEUED, 0)


def test_a_key_is_kept_once_and_jobs_without_a_key_are_all_kept(engine: sa.Engine, clock: ManualClock) -> None:
    for _ in range(2):
        put(engine, clock, key="k", n=1)
        put(engine, clock, n=2)
    assert [job.key for job in rows(engine)] == ["k", None, None]


def test_a_known_key_leaves_the_rest_of_the_transaction_alone(engine: sa.Engine, clock: ManualClock) -> None:
    put(engine, clock, key="k")
    with writing(engine) as session, session.begin():
        enqueue_all(session, "note", [Request({"n": n}, f"k{n}" if n else "k") for n in range(3)], run_at=clock.now())
        enqueue(session, "other", {}, run_at=clock.now())
    assert [(job.name, job.key) for job in rows(engine)] == [
        *[("note", "k"), ("note", "k1"), ("note", "k2"), ("other", None)]
    ]


def test_jobs_run_when_due_the_oldest_first_each_once(engine: sa.Engine, clock: ManualClock) -> None:
    seen: list[int] = []
    for number, minutes in enumerate((5, 0, 3)):
        with writing(engine) as session, session.begin():
            enqueue(session, "note", {"n": number}, run_at=clock.now() + timedelta(minutes=minutes))
    handlers: dict[str, Handler] = {"note": lambda args: seen.append(args["n"])}
    assert (drain(engine, handlers, clock), seen) == (1, [1])
    clock.advance(timedelta(minutes=10))
    assert (drain(engine, handlers, clock), seen) == (2, [1, 2, 0])
    assert drain(engine, handlers, clock) == 0
    assert {job.status for job in rows(engine)} == {JobStatus.DONE}


def test_a_drain_runs_so_many_and_no_more(engine: sa.Engine, clock: ManualClock) -> None:
    for _ in range(5):
        put(engine, clock)
    assert drain(engine, {"note": lambda _: None}, clock, limit=3) == 3


def test_a_failing_job_is_tried_again_later_each_time_and_then_given_up(engine: sa.Engine, clock: ManualClock) -> None:
    put(engine, clock)
    waits = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert quietly(engine, {"note": failing}, clock) == 1
        (job,) = rows(engine)
        assert (job.attempts, job.locked_until) == (attempt, None)
        assert "no answer" in job.last_error
        waits.append((job.run_at - clock.now()).total_seconds())
        assert quietly(engine, {"note": failing}, clock) == 0
        clock.advance(job.run_at - clock.now())
    assert waits == sorted(waits)
    assert waits[0] == 2
    assert job.status is not JobStatus.QUEUED
    assert job.status == JobStatus.FAILED
    assert drain(engine, {"note": failing}, clock) == 0


def test_a_failure_is_forgotten_when_the_job_succeeds_later(engine: sa.Engine, clock: ManualClock) -> None:
    put(engine, clock)
    quietly(engine, {"note": failing}, clock)
    clock.advance(timedelta(minutes=1))
    assert drain(engine, {"note": lambda _: None}, clock) == 1
    assert [job.status for job in rows(engine)] == [JobStatus.DONE]


def test_one_bad_job_does_not_stop_the_others(engine: sa.Engine, clock: ManualClock) -> None:
    done: list[dict[str, Any]] = []
    put(engine, clock, "bad")
    put(engine, clock, "unknown")
    put(engine, clock, "good")
    assert quietly(engine, {"bad": failing, "good": done.append}, clock) == 3
    assert [job.status for job in rows(engine)] == [JobStatus.QUEUED, JobStatus.QUEUED, JobStatus.DONE]
    assert done == [{}]


class Dies(BaseException):
    """As when the process is killed: nothing after it runs."""


def dying(_args: dict[str, Any]) -> None:
    raise Dies


def test_the_job_of_a_worker_that_died_is_taken_over_when_its_lease_is_over(
    engine: sa.Engine, clock: ManualClock
) -> None:
    put(engine, clock)
    with pytest.raises(Dies):
        drain(engine, {"note": dying}, clock)
    assert drain(engine, {"note": lambda _: None}, clock) == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert drain(engine, {"note": lambda _: None}, clock) == 1
    assert [(job.status, job.attempts) for job in rows(engine)] == [(JobStatus.DONE, 2)]


def test_who_alone_drains_takes_up_at_once_what_the_one_before_had_in_hand(
    engine: sa.Engine, clock: ManualClock
) -> None:
    put(engine, clock)
    with pytest.raises(Dies):
        drain(engine, {"note": dying}, clock)
    give_back(engine)
    assert drain(engine, {"note": lambda _: None}, clock) == 1
    assert [(job.status, job.attempts) for job in rows(engine)] == [(JobStatus.DONE, 2)]


def test_a_job_that_kills_every_worker_is_given_up(engine: sa.Engine, clock: ManualClock) -> None:
    put(engine, clock)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Dies):
            drain(engine, {"note": dying}, clock)
        clock.advance(LEASE + timedelta(seconds=1))
    drain(engine, {"note": dying}, clock)
    (job,) = rows(engine)
    assert (job.status, job.locked_until) == (JobStatus.FAILED, None)
    assert "died" in job.last_error
    assert drain(engine, {"note": dying}, clock) == 0


@pytest.mark.parametrize("outcome", ["fails", "succeeds"])
def test_a_worker_that_lost_its_lease_changes_nothing(engine: sa.Engine, clock: ManualClock, outcome: str) -> None:
    """It is slow, not dead: another has taken over and is not done."""
    put(engine, clock)

    def slow(_args: dict[str, Any]) -> None:
        clock.advance(LEASE + timedelta(seconds=1))
        with pytest.raises(Dies):
            drain(engine, {"note": dying}, clock)
        if outcome == "fails":
            raise RuntimeError("too late")

    quietly(engine, {"note": slow}, clock)
    (job,) = rows(engine)
    assert (job.status, job.attempts, job.last_error) == (JobStatus.RUNNING, 2, "")
    assert job.locked_until is not None


def test_many_workers_run_each_job_once(engine: sa.Engine, clock: ManualClock) -> None:
    with writing(engine) as session, session.begin():
        enqueue_all(session, "note", [Request({"n": number}) for number in range(40)], run_at=clock.now())
    seen: list[int] = []
    ready = threading.Barrier(4)

    def work(_number: int) -> int:
        ready.wait()
        return drain(engine, {"note": lambda args: seen.append(args["n"])}, clock)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 40
    assert sorted(seen) == list(range(40))
    assert {job.status for job in rows(engine)} == {JobStatus.DONE}


def test_thousands_are_enqueued_in_a_few_statements(engine: sa.Engine, clock: ManualClock) -> None:
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: statements.append(statement))
    with writing(engine) as session, session.begin():
        enqueue_all(session, "note", [Request({"n": n}, f"k{n}") for n in range(1200)], run_at=clock.now())
        enqueue_all(session, "note", [], run_at=clock.now())
    assert sum(statement.startswith("INSERT") for statement in statements) == 3
    assert len(rows(engine)) == 1200
