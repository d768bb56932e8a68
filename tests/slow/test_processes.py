"""Several processes on one PostgreSQL: each timer and each job once and in time, also when some of them die."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import job_list, jobs
from engine.clock import SystemClock
from engine.database import NEVER, create_engine, reading, writing
from engine.jobs import Request
from engine.models import Effect, ElementVisit, InstanceStatus, JobStatus, ProcessInstance, StepInput, Timer
from tests.cast import Cast, enter
from tests.engine import build
from tests.engine.queued import put, seen
from tests.engine.queued import until as soon
from tests.slow.server import Server, running, worker
from tests.slow.test_kill import until
from tests.tickets import play
from tickets import work

pytestmark = pytest.mark.slow

TIMERS = 1000
SPREAD = timedelta(seconds=40)
IN_TIME = timedelta(seconds=2)
RECOVERED = 30.0
WAITING = play.files(
    build.start(),
    build.catch("wait", build.timer("after", "PT1H")),
    build.end(),
    build.chain("begin", "wait", "done"),
    key="waiting",
)


@pytest.fixture
def url(make_database: Callable[[str], str]) -> str:
    return make_database("postgresql")


@pytest.fixture
def database(url: str) -> Iterator[sa.Engine]:
    made = create_engine(url)
    yield jobs.queued(made)
    made.dispose()


@pytest.fixture
def cast(database: sa.Engine, tmp_path: Path) -> Cast:
    return enter(database, tmp_path)


def test_a_thousand_timers_fire_once_each_and_in_time_with_three_processes(
    cast: Cast, url: str, tmp_path: Path
) -> None:
    wait_for(cast, TIMERS)
    with running(*(worker(tmp_path, url) for _ in range(3))):
        due = spread(cast, SPREAD)
        until(lambda: not count(cast, Timer.id))
    fired = fired_at(cast)
    late = sorted(fired[instance] - moment for instance, moment in due.items())
    said = f"the latest {late[-1]}, half of them {late[len(late) // 2]}"
    sys.stdout.write(f"{said}\n")
    assert late[0] >= timedelta(0)
    assert late[-1] <= IN_TIME, said
    check_once(cast)


def test_a_thousand_timers_due_at_one_moment_fire_once_each(cast: Cast, url: str, tmp_path: Path) -> None:
    wait_for(cast, TIMERS)
    with running(*(worker(tmp_path, url) for _ in range(3))):
        due = spread(cast, timedelta(0))
        until(lambda: not count(cast, Timer.id))
    fired = fired_at(cast)
    late = [fired[instance] - moment for instance, moment in due.items()]
    sys.stdout.write(f"all after {max(late)}; `python -m bench.timers` measures it\n")
    assert min(late) >= timedelta(0)
    check_once(cast)


def test_the_jobs_of_a_killed_process_are_done_by_another_each_effect_once(
    database: sa.Engine, url: str, tmp_path: Path
) -> None:
    put(database, "slow", *[Request({"key": f"k{n}"}) for n in range(4)])
    doomed, other = crew(tmp_path, url, 600), crew(tmp_path, url, 0)
    with running(doomed):
        soon(lambda: len(effects(database, "begun")) == 4)
        with running(other):
            doomed.kill()
            soon(lambda: len(effects(database, "done")) == 4, RECOVERED)
            soon(lambda: len(seen(database, state=JobStatus.DONE)) == 4)
    assert effects(database, "done") == {f"k{n}": 1 for n in range(4)}
    assert effects(database, "begun") == {f"k{n}": 2 for n in range(4)}
    assert [job.attempts for job in seen(database)] == [2] * 4


def test_a_job_that_takes_long_is_not_taken_for_a_dead_one(database: sa.Engine, url: str, tmp_path: Path) -> None:
    put(database, "slow", Request({"key": "k"}))
    with running(crew(tmp_path, url, 25), crew(tmp_path, url, 25)):
        soon(lambda: effects(database, "done"), 60)
        soon(lambda: seen(database, state=JobStatus.DONE))
    assert effects(database, "begun") == {"k": 1}


def test_a_job_that_kills_every_process_is_given_up(database: sa.Engine, url: str, tmp_path: Path) -> None:
    put(database, "slow", Request({"key": "k"}))
    with writing(database) as session, session.begin():
        session.execute(sa.text("UPDATE procrastinate_jobs SET attempts = :n"), {"n": jobs.MAX_ATTEMPTS - 1})
    doomed = crew(tmp_path, url, 600)
    with running(doomed):
        soon(lambda: effects(database, "begun"))
        doomed.kill()
        with running(crew(tmp_path, url, 0)):
            soon(lambda: seen(database, state=JobStatus.FAILED), RECOVERED)
    with reading(database) as session:
        assert [job.last_error for job in job_list.listed(session)] == ["Every worker that ran it died."]


def crew(folder: Path, url: str, seconds: float) -> Server:
    """A process that does jobs which take so long; not started yet."""
    command = (sys.executable, "-m", "tests.slow.crew", url, str(seconds))
    return Server(folder, url, command=command, sign="ready")


def effects(database: sa.Engine, kind: str) -> dict[str, int]:
    """How often each job was begun, or done."""
    with reading(database) as session:
        keys = session.scalars(sa.select(Effect.key).where(Effect.key.startswith(f"{kind}:")))
        return Counter(key.split(":")[1] for key in keys)


def wait_for(cast: Cast, number: int) -> None:
    """So many instances that wait for a timer; nothing else is left to be done."""
    walk = play.Play(cast)
    assert walk.upload(WAITING).report.accepted
    for _ in range(number):
        walk.file("zhoulan", "waiting")
    walk.settle()
    work.keep_house_once(replace(cast.runtime, clock=SystemClock()))  # or who starts first does it at once
    with cast.runtime.writing() as session, session.begin():  # the cast lives in the past: not before all are ready
        session.execute(sa.update(Timer).values(due_at=NEVER))


def spread(cast: Cast, over: timedelta) -> dict[int, datetime]:
    """Let the timers be due one after another, soon; when, by instance."""
    begin = datetime.now(UTC) + timedelta(seconds=3)
    with cast.runtime.writing() as session, session.begin():
        found = session.execute(sa.select(Timer.id, Timer.instance_id).order_by(Timer.id)).all()
        due = {row.id: begin + over * place / len(found) for place, row in enumerate(found)}
        session.execute(sa.update(Timer), [{"id": number, "due_at": moment} for number, moment in due.items()])
    return {row.instance_id: due[row.id] for row in found}


def fired_at(cast: Cast) -> dict[int, datetime]:
    with cast.runtime.reading() as session:
        left = sa.select(ElementVisit.instance_id, ElementVisit.left_at).where(ElementVisit.element == "wait")
        return {row.instance_id: row.left_at for row in session.execute(left)}


def check_once(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        steps = Counter(session.scalars(sa.select(StepInput.instance_id).where(StepInput.kind == "timer")))
        ended = sa.select(sa.func.count()).where(ProcessInstance.status == InstanceStatus.COMPLETED)
        assert session.scalar(ended) == TIMERS
    assert (len(steps), set(steps.values())) == (TIMERS, {1})


def count(cast: Cast, column: sa.SQLColumnExpression[int]) -> int:
    with cast.runtime.reading() as session:
        return session.scalar(sa.select(sa.func.count(column))) or 0
