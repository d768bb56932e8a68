"""Owns asking for a page as somebody who has signed in, and what that costs: time, processor time, statements."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from bench import http
from bench.seeding.group import NOW
from engine.clock import ManualClock
from engine.database import create_engine
from tickets.demo import PASSWORD
from tickets.runtime import Runtime
from web import create_app
from web.config import Config
from web.opening import settle

WARM = 10


@dataclass(frozen=True)
class Visit:
    """Who asks for which address."""

    login: str
    address: str


@dataclass(frozen=True)
class Cost:
    """Of one request; `processor` is this process's share, which on PostgreSQL leaves the database's out."""

    wall: float
    processor: float
    statements: int


@dataclass
class Bench:
    """The application on a seeded database, and everybody who has signed in so far."""

    runtime: Runtime
    app: APIFlask
    browsers: dict[str, FlaskClient] = field(default_factory=dict)
    statements: int = 0

    def browser(self, login: str) -> FlaskClient:
        if login not in self.browsers:
            client = self.app.test_client()
            token = http.token(client.get("/login").text)
            answer = client.post("/login", data={"csrf_token": token, "login": login, "password": PASSWORD})
            if answer.status_code != 303:
                raise SystemExit(f"{login} can't sign in: {answer.status}")
            self.browsers[login] = client
        return self.browsers[login]

    def ask(self, visit: Visit) -> Cost:
        """One request, its times in milliseconds."""
        client = self.browser(visit.login)
        self.statements = 0
        wall, processor = perf_counter(), thread_time()
        answer = client.get(visit.address, buffered=True)
        cost = Cost((perf_counter() - wall) * 1000, (thread_time() - processor) * 1000, self.statements)
        if answer.status_code != 200:
            raise SystemExit(f"{visit.address} answers {visit.login} with {answer.status}")
        return cost

    def rows(self, **tables: Any) -> dict[str, int]:
        """How many rows each of these models has, by the name it is given."""
        with self.runtime.reading() as session:
            counts = {name: sa.select(sa.func.count()).select_from(table) for name, table in tables.items()}
            return {name: session.scalars(query).one() for name, query in counts.items()}

    def measure(self, visits: Sequence[Visit], requests: int) -> dict[str, float | int]:
        """The visits in turn, again and again; the first round is not counted."""
        turns = cycle(visits)
        for _ in range(min(requests, max(WARM, len(visits)))):
            self.ask(next(turns))
        costs = [self.ask(next(turns)) for _ in range(requests)]
        return {
            "p50_ms": _part([cost.wall for cost in costs], 50),
            "p95_ms": _part([cost.wall for cost in costs], 95),
            "cpu_p95_ms": _part([cost.processor for cost in costs], 95),
            "statements": max(cost.statements for cost in costs),
        }

    def count(self, _connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        self.statements += not text.startswith("BEGIN")


def _part(times: Sequence[float], percent: int) -> float:
    """So many percent of the times are at most this long."""
    return round(sorted(times)[min(len(times) - 1, len(times) * percent // 100)], 1)


@contextmanager
def opened(url: str) -> Iterator[Bench]:
    """The application on a database."""
    database = create_engine(url)
    with tempfile.TemporaryDirectory() as folder:
        runtime = Runtime(database, Path(folder) / "files", ManualClock(NOW))
        config = Config(data_folder=Path(folder), database_url=url, secret_key="bench" * 8)
        bench = Bench(runtime, create_app(runtime, config))
        settle()
        sa.event.listen(database, "before_cursor_execute", bench.count)
        yield bench
    database.dispose()
