"""Nothing that was acknowledged is lost, and nothing happens twice, however often the server is killed at work."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import undefer

from engine import job_list
from engine.clock import ManualClock
from engine.database import create_engine
from engine.jobs import queued
from engine.models import ElementVisit, JobStatus, StepInput, TaskStatus, Timer, UserTask
from tests.cast import Cast, enter
from tests.databases import Kind
from tests.engine import build
from tests.slow.server import Server, serving
from tests.tickets import play
from tickets import work
from tickets.case import case_of
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.steps import read_live
from tickets.ticket import Ticket
from tickets.timeline import EventKind, TimelineEvent
from tickets.timers import tick
from tickets.tokens import issue_token

pytestmark = pytest.mark.slow

KILLS = 5
BETWEEN = 20
"""Acknowledged completions between two kills."""
CALLERS = 3
PATIENCE = 120
"""Seconds that the server may take to come to rest."""

STEADY = play.files(
    build.start(camunda__formRef="ask"),
    play.staff("first", camunda__formRef="tell"),
    build.catch("wait", build.timer("after", "PT1S")),
    build.service("inform"),
    play.staff("second"),
    build.end(),
    build.chain("begin", "first", "wait", "inform", "second", "done"),
    key="steady",
    forms={"ask": [play.text("serial")], "tell": [play.text("answer")]},
)
"""A person's step, a timer, a job, and a person's step again."""


class Unanswered(Exception):
    """The server went away before it answered: what it did is not known."""


@dataclass
class Caller:
    """Files and completes over HTTP, one after another, and writes down what was acknowledged."""

    port: int
    requester: str
    worker: str
    serials: Iterator[int]
    stop: threading.Event
    filed: dict[str, str] = field(default_factory=dict)
    completed: dict[str, str] = field(default_factory=dict)
    """By ticket number: the serial it was filed with, the answer its first task was completed with."""
    surprises: list[str] = field(default_factory=list)

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self._one()
            except Unanswered:
                self.stop.wait(0.05)

    def _one(self) -> None:
        serial = str(next(self.serials))
        filed = self._call(self.requester, "POST", "/tickets", {"type": "steady", "data": {"serial": serial}}, 201)
        number = filed["number"]
        self.filed[number] = serial
        (task,) = self._call(self.worker, "GET", f"/tickets/{number}", None, 200)["tasks"]
        answer = f"answer to {serial}"
        self._call(self.worker, "POST", f"/tasks/{task['id']}/complete", {"values": {"answer": answer}}, 200)
        self.completed[number] = answer

    def _call(self, token: str, method: str, path: str, body: Any, wanted: int) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, f"/api/v1{path}", orjson.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered from error
        finally:
            connection.close()
        if answer.status != wanted:
            self.surprises.append(f"{method} {path}: {answer.status} {said.decode()}")
            raise Unanswered
        return orjson.loads(said)


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    kind: Kind, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = make_database(kind)
    database = queued(create_engine(url))
    cast = enter(database, tmp_path)
    assert play.Play(cast).upload(STEADY).report.accepted
    with serving(tmp_path, url) as server:
        callers = traffic_with_kills(server, token(cast, "zhoulan"), token(cast, "lina"))
        until(lambda: server.alive() and at_rest(cast.runtime))
        assert completed(server, callers)
        assert server.stop() == 0
    assert "Traceback" not in "".join(server.said), "".join(server.said)
    later = Runtime(database, tmp_path / "files", ManualClock(datetime.now(UTC) + timedelta(minutes=10)))
    settle(later)
    check_tickets(later, callers)
    check_steps(later)
    check_states(later)
    database.dispose()


def traffic_with_kills(server: Server, requester: str, worker: str) -> Sequence[Caller]:
    """A steady stream of filings and completions, during which the server is killed and started again."""
    serials, stop = count(1), threading.Event()
    callers = [Caller(server.port, requester, worker, serials, stop) for _ in range(CALLERS)]
    threads = [threading.Thread(target=caller.run) for caller in callers]
    for thread in threads:
        thread.start()
    try:
        for kill in range(KILLS + 1):
            enough = (kill + 1) * BETWEEN
            until(lambda: completed(server, callers) >= enough)  # noqa: B023 - called at once
            if kill < KILLS:
                server.kill()
                server.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return callers


def completed(server: Server, callers: Sequence[Caller]) -> int:
    """How many completions were acknowledged so far; fails when something else happened."""
    assert server.alive()
    surprises = [surprise for caller in callers for surprise in caller.surprises]
    assert surprises == []
    return sum(len(caller.completed) for caller in callers)


def check_tickets(runtime: Runtime, callers: Sequence[Caller]) -> None:
    """Every acknowledged filing and completion is there, with what was sent, once."""
    filed = {number: serial for caller in callers for number, serial in caller.filed.items()}
    answered = {number: answer for caller in callers for number, answer in caller.completed.items()}
    assert len(answered) >= KILLS * BETWEEN
    first = sa.and_(UserTask.instance_id == Ticket.instance_id, UserTask.element == "first")
    query = sa.select(Ticket, UserTask).join(UserTask, first).options(undefer(Ticket.data), undefer(UserTask.submitted))
    with runtime.reading() as session:
        rows = {ticket.number: (ticket, task) for ticket, task in session.execute(query)}
        told = Counter(
            session.scalars(sa.select(TimelineEvent.ticket_id).where(TimelineEvent.kind == EventKind.COMPLETED))
        )
    assert filed.keys() <= rows.keys()
    assert {number: rows[number][0].data["serial"] for number in filed} == filed
    serials = Counter(ticket.data["serial"] for ticket, _ in rows.values())
    assert serials.most_common(1)[0][1] == 1, "one filing made two tickets"
    for number, answer in answered.items():
        ticket, task = rows[number]
        assert task.status == TaskStatus.COMPLETED
        assert (task.submitted or {}).get("answer") == answer
        assert told[ticket.id] == 1, f"the timeline of {number} tells of {told[ticket.id]} completions"


def check_steps(runtime: Runtime) -> None:
    """No task, timer or job happened twice, and none is left behind."""
    with runtime.reading() as session:
        tasks = Counter(map(tuple, session.execute(sa.select(UserTask.instance_id, UserTask.element))))
        visits = Counter(map(tuple, session.execute(sa.select(ElementVisit.instance_id, ElementVisit.element))))
        done = session.scalars(sa.select(UserTask.instance_id).where(UserTask.status == TaskStatus.COMPLETED)).all()
        kinds = Counter(map(tuple, session.execute(sa.select(StepInput.instance_id, StepInput.kind))))
        left = session.scalar(sa.select(sa.func.count()).select_from(Timer).where(Timer.instance_id.is_not(None)))
        jobs = {status for _, status in job_list.by_state(session)}
    assert set(tasks.values()) == {1}
    assert set(visits.values()) == {1}
    assert set(kinds.values()) == {1}
    assert left == 0
    assert jobs == {JobStatus.DONE}
    for instance in done:
        passed = [element for element in ("first", "wait", "inform") if visits[instance, element]]
        assert passed == ["first", "wait", "inform"]
        assert tasks[instance, "second"] == 1


def check_states(runtime: Runtime) -> None:
    """Every stored state can be read by a process that has never seen it."""
    with runtime.reading() as session:
        for ticket in session.scalars(sa.select(Ticket)):
            case = case_of(session, Ticket.id == ticket.id)
            assert case
            assert read_live(session, runtime, case)


def at_rest(runtime: Runtime) -> bool:
    """Whether no timer is due and no job waits, nor is in the hand of a server that was killed."""
    with runtime.reading() as session:
        timers = session.scalar(sa.select(Timer.id).where(Timer.instance_id.is_not(None)).limit(1))
        jobs = {status for _, status in job_list.by_state(session)}
    return timers is None and not jobs & {JobStatus.QUEUED, JobStatus.RUNNING}


def settle(runtime: Runtime) -> None:
    """Ten minutes later whatever a killed server still held has been given up, and is done by another."""
    while tick(runtime) + work.drain(runtime):
        runtime.clock.advance(timedelta(seconds=2))  # type: ignore[attr-defined]  # it is a ManualClock


def token(cast: Cast, login: str) -> str:
    """A token of the API that acts as that person, good by the machine's clock."""
    with cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, cast.people[login])
        return issue_token(session, person, "kill test", now=datetime.now(UTC))


def until(true: Callable[[], bool]) -> None:
    """Wait for it, but not for ever."""
    looks, pause = PATIENCE * 20, threading.Event()
    while not true():
        assert looks, "it never came true"
        looks -= 1
        pause.wait(0.05)
