"""Those who look after jobs see them by state, have one done again, or not at all."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from structlog.testing import capture_logs

from engine import job_list
from engine.clock import ManualClock
from engine.database import reading, writing
from engine.jobs import drain, enqueue
from engine.models import JobStatus

CLOCK = ManualClock()


def put(engine: sa.Engine, name: str = "note") -> int:
    with writing(engine) as session, session.begin():
        enqueue(session, name, {}, run_at=CLOCK.now())
    return seen(engine)[0].id


def seen(engine: sa.Engine, **how: Any) -> list[job_list.Listed]:
    with reading(engine) as session:
        return list(job_list.listed(session, **how))


def failing(_args: dict[str, Any]) -> None:
    raise RuntimeError("no answer")


def run_out(engine: sa.Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr("engine.jobs.MAX_ATTEMPTS", 1)
    with capture_logs():
        drain(engine, {"note": failing, "other": lambda _args: None}, CLOCK)


def test_jobs_are_counted_by_name_and_state_and_listed_newest_first(engine: sa.Engine, monkeypatch: Any) -> None:
    first, second = put(engine), put(engine, "other")
    run_out(engine, monkeypatch)
    third = put(engine)
    with reading(engine) as session:
        assert job_list.by_state(session) == {("note", "failed"): 1, ("other", "done"): 1, ("note", "queued"): 1}
    assert [job.id for job in seen(engine)] == [third, second, first]
    assert [job.id for job in seen(engine, limit=1, after=third)] == [second]
    (failed,) = seen(engine, state=JobStatus.FAILED)
    assert (failed.id, failed.name, failed.attempts, "no answer" in failed.last_error) == (first, "note", 1, True)


def test_a_job_that_failed_for_good_is_done_when_somebody_has_it_done_again(
    engine: sa.Engine, monkeypatch: Any
) -> None:
    number = put(engine)
    run_out(engine, monkeypatch)
    with writing(engine) as session, session.begin():
        assert job_list.retry(session, number, CLOCK.now())
    assert drain(engine, {"note": lambda _args: None}, CLOCK) == 1
    assert seen(engine)[0].status is JobStatus.DONE
    with writing(engine) as session, session.begin():
        assert not job_list.retry(session, number, CLOCK.now())


def test_a_cancelled_job_is_not_done_unless_it_is_asked_for_again(engine: sa.Engine) -> None:
    number = put(engine)
    with writing(engine) as session, session.begin():
        assert job_list.cancel(session, number, CLOCK.now())
        assert not job_list.cancel(session, number, CLOCK.now())
    assert drain(engine, {}, CLOCK) == 0
    with writing(engine) as session, session.begin():
        assert job_list.retry(session, number, CLOCK.now())
    assert drain(engine, {"note": lambda _args: None}, CLOCK) == 1


def test_jobs_are_found_by_their_keys(engine: sa.Engine) -> None:
    with writing(engine) as session, session.begin():
        for key in ("a", "b"):
            enqueue(session, "note", {}, run_at=CLOCK.now(), key=key)
    with reading(engine) as session:
        assert job_list.by_key(session, ["b", "c"]) == {"b": JobStatus.QUEUED}
        assert job_list.by_key(session, []) == {}
