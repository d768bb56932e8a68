"""Owns what one thing costs where little and where much is open: measured in turn, by processor time and statements."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time_ns

import sqlalchemy as sa

from bench import http
from bench.asking.browser import Bench
from bench.growth import scene
from engine.clock import ManualClock
from engine.models import TaskStatus, UserTask
from tickets import beat
from tickets.ticket import Ticket
from web import create_app
from web.config import Config

FIRES = 10
"""Timers that come due between two ticks."""
WORKER = "lina"
CLAIMED = 60


@dataclass
class Side:
    """One of the two installations: its clock stands where the first tickets' timers come due."""

    bench: Bench
    clock: ManualClock
    token: str = ""
    tasks: list[str] = field(default_factory=list)
    """Tasks that are still to be completed, from all over the installation."""
    tickets: list[str] = field(default_factory=list)
    server: list[Path] = field(default_factory=list)
    """Where the kernel tells what the database's own processes have used."""

    def get(self, address: str) -> None:
        answer = self.bench.browser(WORKER).get(address, buffered=True)
        assert answer.status_code == 200, f"{address}: {answer.status}"

    def complete(self) -> None:
        body = {"csrf_token": self.token, "answer": "重启后还是一样。"}
        answer = self.bench.browser(WORKER).post(f"/tasks/{self.tasks.pop()}/complete", data=body)
        assert answer.status_code == 303, answer.status

    def file(self) -> None:
        actor = scene.requesters(self.bench.runtime)[0]
        scene.file_one(self.bench.runtime, actor, 0)

    def fire(self) -> None:
        """A tick at which some timers are due."""
        self.clock.advance(FIRES * scene.EACH)
        assert beat.moments(self.bench.runtime) == FIRES

    def tick(self) -> None:
        """A tick at which nothing is due."""
        assert beat.beat(self.bench.runtime) == 0

    def follow(self) -> None:
        """What comes after the commits: notices, the search."""
        beat.settle(self.bench.runtime)

    def used(self) -> int:
        """Nanoseconds of processor time that we and our database have used so far."""
        return process_time_ns() + sum(map(_nanoseconds, self.server))


THINGS: Mapping[str, Callable[[Side], None]] = {
    "tick_with_nothing_due": Side.tick,
    "tick_with_10_timers": Side.fire,
    "completion": Side.complete,
    "filing": Side.file,
    "consequences": Side.follow,
    "inbox_of_roles": lambda side: side.get("/inbox?view=roles"),
    "inbox_of_mine": lambda side: side.get("/inbox?view=mine"),
    "ticket_page": lambda side: side.get(f"/tickets/{side.tickets.pop()}"),
    "list_of_open_tickets": lambda side: side.get("/tickets?status=in_progress&status=offered"),
}
"""In their order, in which each leaves to the next what it looks for; the first finds nothing to do."""


def opened(url: str, folder: Path, *, rounds: int) -> Side:
    """The installation at the moment from which its timers come due, and who works in it signed in."""
    runtime = scene.opened(url, scene.BEGIN + scene.WAITS - timedelta(milliseconds=1))
    assert isinstance(runtime.clock, ManualClock)
    config = Config(data_folder=folder, database_url=url, secret_key="bench" * 8)
    side = Side(Bench(runtime, create_app(runtime, config)), runtime.clock)
    sa.event.listen(runtime.database, "before_cursor_execute", side.bench.count)
    _choose(side, rounds)
    page = side.bench.browser(WORKER).get("/inbox?view=roles").text
    side.token = http.token(page)
    for task in [side.tasks.pop() for _ in range(CLAIMED)]:
        side.bench.browser(WORKER).post(f"/tasks/{task}/claim", data={"csrf_token": side.token})
    side.follow()
    if runtime.database.dialect.name == "postgresql":
        side.server = _backends(runtime.database)
    return side


def compare(few: Side, many: Side, rounds: int) -> dict[str, dict[str, float | int]]:
    """Each thing by name: medians in milliseconds with few and with many, how much more that is, statements of each."""
    spent: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in THINGS}
    statements: dict[str, tuple[list[int], list[int]]] = {name: ([], []) for name in THINGS}
    for turn in range(rounds):
        for name, do in THINGS.items():
            for place in (0, 1) if turn % 2 else (1, 0):
                side = (few, many)[place]
                side.bench.statements, before = 0, side.used()
                do(side)
                spent[name][place].append((side.used() - before) / 1e6)
                statements[name][place].append(side.bench.statements)
    return {name: _compared(*spent[name], *statements[name]) for name in THINGS}


def _compared(
    few: Sequence[float], many: Sequence[float], few_sent: Sequence[int], many_sent: Sequence[int]
) -> dict[str, float | int]:
    low, high = median(few), median(many)
    return {
        "few_cpu_ms": round(low, 3),
        "many_cpu_ms": round(high, 3),
        "ratio": round(high / low, 3),
        "few_statements": max(few_sent),
        "many_statements": max(many_sent),
    }


def _choose(side: Side, rounds: int) -> None:
    """Tasks and tickets by chance, from all that no measured tick moves on."""
    open_first = sa.select(UserTask.public_id, Ticket.number).join(Ticket, Ticket.instance_id == UserTask.instance_id)
    criteria = (UserTask.element == "first", UserTask.status == TaskStatus.OPEN)
    with side.bench.runtime.reading() as session:
        rows = session.execute(open_first.where(*criteria).order_by(UserTask.id).offset(rounds * FIRES)).all()
    wanted = 2 * rounds + CLAIMED
    if len(rows) < wanted:
        raise SystemExit(f"{len(rows)} tickets are too few for {rounds} rounds; {wanted} are needed.")
    chosen = random.Random(7).sample(rows, wanted)
    side.tasks = [str(row[0]) for row in chosen[: rounds + CLAIMED]]
    side.tickets = [str(row[1]) for row in chosen[rounds + CLAIMED :]]


def _backends(database: sa.Engine) -> list[Path]:
    with database.connect() as connection:
        pids = connection.scalars(sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).all()
    return [Path(f"/proc/{pid}/schedstat") for pid in pids]


def _nanoseconds(path: Path) -> int:
    with suppress(OSError):
        return int(path.read_text().split()[0])
    return 0
