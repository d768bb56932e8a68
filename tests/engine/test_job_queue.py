"""Jobs in Procrastinate's tables: the same port, the same promises, and workers that may die or lose the database."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from procrastinate import App
from structlog.testing import capture_logs

from engine import job_list, jobs
from engine.database import reading, writing
from engine.job_worker import Lane
from engine.jobs import NotNow, Request, queued, tabled
from engine.models import Job, JobKey, JobStatus
from tests.engine.queued import CLOCK, put, seen, until, working

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def database(engine: sa.Engine) -> sa.Engine:
    return queued(engine)


def nothing(_args: dict[str, Any]) -> None:
    pass


def test_a_job_exists_if_and_only_if_its_transaction_commits(database: sa.Engine) -> None:
    with writing(database) as session:
        session.begin()
        jobs.enqueue(session, "note", {"a": 1}, run_at=CLOCK.now(), key="k")
        session.rollback()
    assert not seen(database)
    put(database, "note", Request({"a": 1}, "k"))
    (job,) = seen(database)
    assert (job.name, job.status, job.attempts, job.key) == ("note", JobStatus.QUEUED, 0, "k")
    with reading(database) as session:
        assert jobs.args_of(session, "k") == {"a": 1}
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_a_key_is_kept_once_and_the_rest_of_the_transaction_stands(database: sa.Engine) -> None:
    put(database, "note", Request({}, "k"))
    put(database, "note", *[Request({"n": n}, key) for n, key in enumerate(["k", "a", None, "a", None])])
    assert [job.key for job in seen(database)] == ["k", "a", None, None]


def test_jobs_are_found_by_their_keys(database: sa.Engine) -> None:
    put(database, "note", Request({}, "a"), Request({}, "b"))
    with reading(database) as session:
        assert job_list.by_key(session, ["b", "c"]) == {"b": JobStatus.QUEUED}


def test_two_who_enqueue_the_same_keys_at_once_add_one_job_each(database: sa.Engine) -> None:
    names = [f"k{number}" for number in range(50)]

    def enqueue(order: list[str]) -> None:
        put(database, "note", *[Request({}, name) for name in order])

    threads = [threading.Thread(target=enqueue, args=[order]) for order in (names, names[::-1], names)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(job.key) for job in seen(database, limit=200)) == sorted(names)


def test_thousands_are_enqueued_in_a_few_statements(database: sa.Engine) -> None:
    statements: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *given: statements.append(given[2]))
    put(database, "note", *[Request({"n": n}, f"k{n}") for n in range(1200)])
    assert len(statements) <= 4
    with reading(database) as session:
        assert job_list.by_state(session) == {("note", "queued"): 1200}


def test_jobs_are_done_when_they_are_due_each_once(database: sa.Engine) -> None:
    done: Counter[int] = Counter()
    put(database, "note", *[Request({"n": n}) for n in range(40)])
    put(database, "note", Request({"n": 100}), after=timedelta(seconds=1))
    put(database, "note", Request({"n": 101}), after=timedelta(hours=1))
    with working(database, {"note": lambda args: done.update([args["n"]])}):
        until(lambda: len(done) == 41)
        put(database, "note", Request({"n": 200}))
        until(lambda: done[200])
    assert set(done.values()) == {1}
    assert Counter(job.status for job in seen(database, limit=100)) == {JobStatus.DONE: 42, JobStatus.QUEUED: 1}


def test_jobs_of_one_line_are_done_one_after_another_in_their_order(database: sa.Engine) -> None:
    done: list[int] = []
    busy = threading.Lock()

    def alone(args: dict[str, Any]) -> None:
        assert busy.acquire(blocking=False)
        done.append(args["n"])
        busy.release()

    for number in range(12):
        put(database, "note", Request({"n": number}, line="one"))
    with working(database, {"note": alone}):
        until(lambda: len(done) == 12)
    assert done == list(range(12))


def test_what_waits_for_servers_outside_keeps_nothing_else_waiting(database: sa.Engine) -> None:
    hang, done = threading.Event(), threading.Event()
    put(database, "mail", *[Request({})] * 9, queue=jobs.OUTSIDE)
    put(database, "note", Request({}))

    def mail(_args: dict[str, Any]) -> None:
        hang.wait(60)

    with working(
        database, {"mail": mail, "note": lambda _args: done.set()}, [Lane(jobs.WORK, 1), Lane(jobs.OUTSIDE, 2)]
    ):
        assert done.wait(20)
        hang.set()
    assert {job.status for job in seen(database)} <= {JobStatus.DONE, JobStatus.QUEUED}


def test_a_job_that_fails_comes_again_and_is_given_up_in_the_end(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", 2)
    tries: Counter[str] = Counter()

    def fail(_args: dict[str, Any]) -> None:
        tries["fail"] += 1
        raise RuntimeError("no answer")

    def wait(_args: dict[str, Any]) -> None:
        tries["wait"] += 1
        if tries["wait"] == 1:
            raise NotNow("away")

    put(database, "fail", Request({}))
    put(database, "wait", Request({}))
    with capture_logs() as logs, working(database, {"fail": fail, "wait": wait}):
        until(lambda: tries == {"fail": 2, "wait": 2})
        until(lambda: {job.status for job in seen(database)} == {JobStatus.DONE, JobStatus.FAILED})
    failed, waited = seen(database)
    assert (failed.status, failed.attempts, failed.last_error) == (JobStatus.FAILED, 2, "RuntimeError('no answer')")
    assert waited.status is JobStatus.DONE
    assert [line["event"] for line in logs].count("job failed") == 2


def test_those_who_look_after_jobs_have_them_done_again_or_not_at_all(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", 1)
    broken = threading.Event()
    broken.set()

    def fail(_args: dict[str, Any]) -> None:
        if broken.is_set():
            raise RuntimeError("no answer")

    put(database, "note", Request({}))
    put(database, "note", Request({}), after=timedelta(hours=1))
    now = CLOCK.now()
    with capture_logs(), working(database, {"note": fail}):
        until(lambda: seen(database, state=JobStatus.FAILED))
        (first,), (second,) = seen(database, state=JobStatus.FAILED), seen(database, state=JobStatus.QUEUED)
        assert [job.id for job in seen(database, limit=1, after=second.id)] == [first.id]
        broken.clear()
        with writing(database) as session, session.begin():
            assert job_list.retry(session, first.id, now)
            assert job_list.cancel(session, second.id, now)
            assert not job_list.cancel(session, second.id, now)
        until(lambda: seen(database, state=JobStatus.DONE))
    with writing(database) as session, session.begin():
        assert not job_list.retry(session, first.id, now)
        assert job_list.retry(session, second.id, now)
        assert job_list.by_state(session) == {("note", "done"): 1, ("note", "queued"): 1}


def test_done_jobs_are_dropped_in_time_with_their_keys(database: sa.Engine) -> None:
    put(database, "note", Request({}, "old"), after=timedelta(days=-100))
    put(database, "note", Request({}, "new"))
    with working(database, {"note": nothing}):
        until(lambda: len(seen(database, state=JobStatus.DONE)) == 2)
    with writing(database) as session, session.begin():
        jobs.forget(session, CLOCK.now() - timedelta(days=90))
        assert session.scalars(sa.select(JobKey.key)).all() == ["new"]
    assert [job.key for job in seen(database)] == ["new"]


def test_a_stop_lets_run_what_runs_and_takes_no_more(database: sa.Engine) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(_args: dict[str, Any]) -> None:
        started.set()
        assert go_on.wait(30)

    put(database, "note", Request({}))
    with working(database, {"note": slow}, [Lane(jobs.WORK, 1)]) as crew:
        assert started.wait(20)
        put(database, "note", Request({}))
        assert not crew.stop(0.5)
        go_on.set()
    assert [job.status for job in seen(database)] == [JobStatus.DONE, JobStatus.QUEUED]


def test_whatever_breaks_while_it_opens_or_closes_the_crew_begins_anew(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, breaks = threading.Event(), iter(["open", "close"])
    opened, closed = App.open_async, App.close_async

    async def open_async(app: App, *args: Any) -> Any:
        if next(breaks, None) == "open":
            raise RuntimeError("a driver's surprise")
        return await opened(app, *args)

    async def close_async(app: App) -> None:
        await closed(app)
        if next(breaks, None) == "close":
            raise TypeError("another")

    monkeypatch.setattr(App, "open_async", open_async)
    monkeypatch.setattr(App, "close_async", close_async)
    put(database, "note", Request({}))
    with capture_logs() as logs, working(database, {"note": lambda _args: done.set()}):
        assert done.wait(20)
    assert [line["event"] for line in logs].count("jobs begin anew") == 1


def test_the_error_kept_of_a_job_says_no_secrets(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", 1)

    def fail(_args: dict[str, Any]) -> None:
        raise RuntimeError("https://qyapi.example/cgi-bin/webhook/send?key=abc-123 DETAIL:  Key (phone)=(138)")

    put(database, "note", Request({}))
    put(tabled(database), "note", Request({}))
    with capture_logs():
        jobs.drain(tabled(database), {"note": fail}, CLOCK)
        with working(database, {"note": fail}):
            until(lambda: seen(database)[0].status is JobStatus.FAILED)
    for job in (*seen(database), *seen(tabled(database))):
        assert (job.status, "qyapi.example" in job.last_error) == (JobStatus.FAILED, True)
        assert not any(secret in job.last_error for secret in ("abc-123", "138"))


def test_jobs_kept_in_the_table_stay_there(database: sa.Engine) -> None:
    put(tabled(database), "note", Request({}, "k"))
    assert not seen(database)
    assert [job.key for job in seen(tabled(database))] == ["k"]
