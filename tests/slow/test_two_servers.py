"""Two servers and a worker on one PostgreSQL: each sees at once what the others did, and all survive its absence."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from engine import jobs
from engine.database import create_engine
from tests.cast import Cast, enter
from tests.engine import build
from tests.engine.queued import until
from tests.outage import away
from tests.slow.server import Server, gunicorn, running, worker
from tests.slow.test_kill import token
from tests.tickets import play
from tickets.tokens import ApiToken

pytestmark = pytest.mark.slow

ROUNDS = 6
LONG = play.files(
    build.start(camunda__formRef="ask"),
    *(play.staff(f"t{n}", camunda__formRef="ask") for n in range(ROUNDS)),
    build.catch("wait", build.timer("after", "PT1S")),
    build.service("inform"),
    play.staff("last"),
    build.end(),
    build.chain("begin", *(f"t{n}" for n in range(ROUNDS)), "wait", "inform", "last", "done"),
    key="long",
    forms={"ask": [play.text("word")]},
)
"""A person's steps one after another, a timer, a job, and a person's step."""


@dataclass
class House:
    """Everything that runs."""

    cast: Cast
    url: str
    servers: tuple[Server, Server]
    worker: Server
    lina: str
    zhoulan: str

    def call(self, which: int, method: str, path: str, body: Any = None, *, by: str = "") -> tuple[int, Any]:
        """What one of the servers answers."""
        status, said, _ = ask(self.servers[which], method, f"/api/v1{path}", body, by or self.lina)
        return status, orjson.loads(said) if said else None


def ask(server: Server, method: str, path: str, body: Any, by: str) -> tuple[int, bytes, dict[str, str]]:
    headers = {"Authorization": f"Bearer {by}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, orjson.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


@pytest.fixture
def house(make_database: Callable[[str], str], tmp_path: Path) -> Iterator[House]:
    url = make_database("postgresql")
    database = create_engine(url)
    cast = enter(jobs.queued(database), tmp_path)
    assert play.Play(cast).upload(LONG).report.accepted
    servers = (gunicorn(tmp_path, url, 1), gunicorn(tmp_path, url, 2))
    beside = worker(tmp_path, url)
    with ExitStack() as stack:
        stack.enter_context(running(*servers, beside))
        yield House(cast, url, servers, beside, token(cast, "lina"), token(cast, "zhoulan"))
    database.dispose()


def test_each_sees_at_once_what_another_did_and_all_end_when_they_are_asked_to(house: House) -> None:
    status, filed = house.call(0, "POST", "/tickets", {"type": "long", "data": {"word": "x"}}, by=house.zhoulan)
    assert status == 201, filed
    path = f"/tickets/{filed['number']}"
    for turn in range(ROUNDS):
        (task,) = house.call(turn % 2, "GET", path)[1]["tasks"]
        done = house.call((turn + 1) % 2, "POST", f"/tasks/{task['id']}/complete", {"values": {"word": str(turn)}})
        assert done[0] == 200, done
        assert house.call(turn % 2, "POST", f"/tasks/{task['id']}/complete", {"values": {"word": "again"}})[0] == 409
    until(lambda: house.call(0, "GET", path)[1]["tasks"])
    (task,) = house.call(1, "GET", path)[1]["tasks"]
    assert house.call(0, "POST", f"/tasks/{task['id']}/complete", {"values": {}})[0] == 200
    assert house.call(1, "GET", path)[1]["tasks"] == []
    for which in (0, 1):
        assert house.call(which, "GET", path, by=house.zhoulan)[0] == 200
    with house.cast.runtime.writing() as session, session.begin():
        session.execute(sa.delete(ApiToken).where(ApiToken.person_id == house.cast.people["zhoulan"]))
    for which in (0, 1):
        assert house.call(which, "GET", path, by=house.zhoulan)[0] == 401
    assert [each.stop() for each in (*house.servers, house.worker)] == [0, 0, 0]


def test_while_the_database_is_away_they_say_so_and_afterwards_they_go_on(house: House) -> None:
    status, filed = house.call(0, "POST", "/tickets", {"type": "long", "data": {"word": "x"}}, by=house.zhoulan)
    assert status == 201
    path = f"/tickets/{filed['number']}"
    (task,) = house.call(0, "GET", path)[1]["tasks"]
    for _ in range(2):
        with away(house.url):
            for server in house.servers:
                for _again in range(3):
                    code, said, headers = ask(server, "GET", f"/api/v1{path}", None, house.lina)
                    assert (code, headers["Retry-After"]) == (503, "5"), said
                    assert ask(server, "GET", "/login", None, "")[0] in (200, 503)
                assert ask(server, "GET", "/healthz", None, "")[0] == 200
                assert ask(server, "GET", "/readyz", None, "")[0] == 503
        for which in (0, 1):
            assert house.call(which, "GET", path)[0] == 200
    while task:
        code, said = house.call(1, "POST", f"/tasks/{task['id']}/complete", {"values": {"word": "y"}})
        assert code == 200, said
        task = next(iter(house.call(0, "GET", path)[1]["tasks"]), None)
    until(lambda: house.call(0, "GET", path)[1]["tasks"])
    assert house.worker.alive()
