"""Measures how late timers fire that are all due at one moment: several `gongdan worker`, one durable PostgreSQL.

Late is from that moment until the commit by which the ticket has gone on, as PostgreSQL's own clock noted it. The
workers have fired a few timers before, as any that has run for a while.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

import migrations
from bench.faults.machines import DURABLE, PROGRAMS, Unit, environment
from engine.clock import SystemClock
from engine.database import create_engine
from engine.jobs import queued
from engine.models import StepInput, Timer
from forms import Form, Submission, parse_json
from tests import postgres  # the tests know how to start one
from tests.engine import build  # and how to write small processes
from tests.tickets.play import files
from tickets import beat, work
from tickets.actor import load_actor
from tickets.demo import load_organisation
from tickets.deploying import deploy
from tickets.filing import file_ticket
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.timeline import PENDING, TimelineEvent

WAITING = files(
    build.start(),
    build.catch("wait", build.timer("after", "P1D")),
    build.end(),
    build.chain("begin", "wait", "done"),
    key="waiting",
)
SETTINGS = {**DURABLE, "track_commit_timestamp": "on"}
WARM = 60
"""Timers that are due before it counts."""
AHEAD = timedelta(seconds=4)
"""From when the due time is set: the workers sleep meanwhile."""
IN_TIME = 2.0
"""Seconds: none may be later."""
PATIENCE = 120.0
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """The figures, as JSON or a line each."""
    parser = argparse.ArgumentParser(prog="python -m bench.timers", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--timers", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=3)
    wanted = parser.parse_args()
    found = figures(wanted.timers, wanted.processes)
    if wanted.json:
        print(orjson.dumps(found).decode())
        return
    for name, value in found.items():
        print(f"{name:<28}{value}")


def figures(timers: int, processes: int) -> dict[str, Any]:
    """Fills a new database, starts the workers, lets a few timers be due, then all the others at one moment."""
    with tempfile.TemporaryDirectory(prefix="gongdan-timers-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        url = stack.enter_context(_server(folder / "server"))
        migrations.upgrade(url)
        runtime = Runtime(queued(create_engine(url)), folder / "files")
        stack.callback(runtime.database.dispose)
        _fill(runtime, timers + WARM)
        units = [
            Unit(f"worker{n}", [PROGRAMS / "gongdan", "worker"], _settings(folder, url), folder)
            for n in range(processes)
        ]
        for unit in units:
            unit.start()
            stack.callback(_end, unit)
        for unit in units:
            _until(lambda unit=unit: "Timers and jobs run" in unit.log.read_text())
        _fire(runtime, WARM)
        _until(lambda: _at_rest(runtime))
        used = _used(folder, units)
        due_at = _fire(runtime, timers)
        spent = _used(folder, units) - used
        _until(lambda: _at_rest(runtime))
        after = _used(folder, units) - used - spent
        late = _lateness(runtime, due_at, timers)
        return {
            "timers": timers,
            "processes": processes,
            "cores": os.cpu_count(),
            **late,
            "ok": not late["fired_twice"] and not late["not_fired"] and late["late_max_s"] <= IN_TIME,
            "cpu_ms_each": round(spent * 1000 / timers, 2),
            "consequences_cpu_ms_each": round(after * 1000 / timers, 2),
        }


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The URL of a new database on a server whose data are safe against a crash, and which notes when it commits."""
    folder.mkdir()
    folder.chmod(0o711)
    url = sa.make_url(postgres.start(folder, SETTINGS))
    try:
        database = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with database.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE timers"))
        database.dispose()
        yield url.set(database="timers").render_as_string(hide_password=False)
    finally:
        postgres.stop(folder, "fast")


def _settings(folder: Path, url: str) -> dict[str, str]:
    return environment(folder, url, port=1)  # nobody listens there


def _fill(runtime: Runtime, number: int) -> None:
    """Tickets that wait for a timer each, and nothing left to be done for them."""
    with runtime.writing() as session, session.begin():
        load_organisation(session, SystemClock().now())
    deployed = deploy(runtime, None, WAITING)
    assert deployed.report.accepted, [str(problem.problem) for problem in deployed.report.problems]
    with runtime.reading() as session:
        person_id = session.scalars(sa.select(Person.id).where(Person.login == "zhoulan")).one()
        actor = load_actor(session, person_id)
    assert actor is not None

    def read(form: Form, before: Any) -> Submission:
        return parse_json(form, {}, now=runtime.clock.now(), values_before=before)

    for _ in range(number):
        file_ticket(runtime, actor, type_key="waiting", answer=read)
    beat.settle(runtime)
    work.keep_house_once(runtime)  # or the first worker does it at once
    with runtime.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def _fire(runtime: Runtime, number: int) -> datetime:
    """Lets so many timers be due at one moment and waits until they have fired; the moment."""
    due_at = datetime.now(UTC) + AHEAD
    some = sa.select(Timer.id).order_by(Timer.id).limit(number)
    with runtime.writing() as session, session.begin():
        left = (session.scalar(sa.select(sa.func.count(Timer.id))) or 0) - number
        session.execute(sa.update(Timer).where(Timer.id.in_(some)).values(due_at=due_at))
    time.sleep(AHEAD.total_seconds())
    _until(lambda: _count(runtime, Timer.id) == left)
    return due_at


def _at_rest(runtime: Runtime) -> bool:
    with runtime.looking() as session:
        return session.scalar(sa.select(TimelineEvent.id).where(PENDING).limit(1)) is None


def _count(runtime: Runtime, column: sa.SQLColumnExpression[int]) -> int:
    with runtime.looking() as session:
        return session.scalar(sa.select(sa.func.count(column))) or 0


def _lateness(runtime: Runtime, due_at: datetime, timers: int) -> dict[str, Any]:
    """Of the steps that timers drove after that moment; each instance has one."""
    committed = sa.func.pg_xact_commit_timestamp(sa.literal_column("step_input.xmin"))
    query = sa.select(StepInput.instance_id, committed).where(StepInput.kind == "timer", StepInput.at >= due_at)
    with runtime.reading() as session:
        found = session.execute(query).all()
    late = sorted((moment - due_at).total_seconds() for _, moment in found)
    fired = Counter(instance_id for instance_id, _ in found)
    return {
        "late_p50_s": round(statistics.median(late), 3),
        "late_p95_s": round(late[int(len(late) * 0.95)], 3),
        "late_max_s": round(late[-1], 3),
        "fired_twice": sum(times > 1 for times in fired.values()),
        "not_fired": timers - len(fired),
    }


def _used(folder: Path, units: Sequence[Unit]) -> float:
    """Seconds of processor time of the workers and of PostgreSQL's processes, those that have ended among them."""
    server = int((folder / "server" / "postgresql" / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    pids = [server, *map(int, children), *(pid for unit in units for pid in unit.pids())]
    return sum(map(_seconds, pids))


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def _until(holds: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"It did not come to that within {PATIENCE:.0f} seconds.")
        time.sleep(0.1)


def _end(unit: Unit) -> None:
    if unit.process is not None and not unit.ended():
        unit.process.terminate()
        unit.process.wait(60)


if __name__ == "__main__":
    main()
