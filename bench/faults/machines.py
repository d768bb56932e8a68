"""Owns the processes: started, killed at random, started again by a supervisor; and PostgreSQL, restarted."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from tests import postgres  # the tests know how to start one

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
DURABLE: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
}
"""As an operator would have it: what is acknowledged is on the disk."""


@dataclass
class Unit:
    """One program that is kept running; `starts` counts how often it was begun."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    folder: Path
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        self.starts += 1

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def pids(self) -> list[int]:
        """The program's and those of its children, such as gunicorn's workers."""
        if self.process is None or self.ended():
            return []
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        below = children.read_text().split() if children.exists() else []
        return [self.process.pid, *map(int, below)]


@dataclass
class Machines:
    """All units and who watches over them."""

    units: Sequence[Unit]
    dice: random.Random
    _over: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def start(self) -> None:
        for unit in self.units:
            unit.start()
        self._watch = threading.Thread(target=self._supervise, daemon=True)
        self._watch.start()

    def kill_one(self) -> str:
        """`kill -9` of one of the processes, whichever; its name."""
        running = [(unit, pid) for unit in self.units for pid in unit.pids()]
        if not running:
            return "nothing"
        unit, pid = self.dice.choice(running)
        os.kill(pid, signal.SIGKILL)
        return unit.name if unit.process is not None and pid == unit.process.pid else f"{unit.name}'s child"

    def stop(self) -> None:
        """Ask all to end; who does not within a while is killed."""
        self._over.set()
        if self._watch is not None:
            self._watch.join()
        for unit in self.units:
            if unit.process is not None and not unit.ended():
                unit.process.terminate()
        for unit in self.units:
            if unit.process is not None:
                try:
                    unit.process.wait(60)
                except subprocess.TimeoutExpired:
                    unit.process.kill()
                    unit.process.wait()

    def _supervise(self) -> None:
        """As systemd would: what has ended is begun again a moment later."""
        while not self._over.wait(0.5):
            for unit in self.units:
                if unit.ended():
                    unit.start()


def on_sqlite(environment: Mapping[str, str], folder: Path, port: int) -> list[Unit]:
    """One process that does everything."""
    return [Unit("run", [PROGRAMS / "gongdan", "run", "--port", str(port)], environment, folder)]


def on_postgresql(environment: Mapping[str, str], folder: Path) -> list[Unit]:
    """Two processes that serve and two that work."""
    serving = ["-m", "gunicorn", "--config", "python:web.gunicorn_settings", "web.wsgi:application()"]
    web = Unit("web", [sys.executable, *serving], {**environment, "WEB_CONCURRENCY": "2"}, folder)
    works = [Unit(f"worker{n}", [PROGRAMS / "gongdan", "worker"], environment, folder) for n in (1, 2)]
    return [web, *works]


def environment(folder: Path, url: str, port: int) -> dict[str, str]:
    """The settings of all of them."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GONGDAN_")}
    return {
        **ours,
        "GONGDAN_DATA": str(folder),
        "GONGDAN_DATABASE_URL": url,
        "GONGDAN_HOST": "127.0.0.1",
        "GONGDAN_PORT": str(port),
        "GONGDAN_PRIVATE_ADDRESSES": "yes",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


@dataclass
class Postgres:
    """A server of its own, whose data are safe against a crash."""

    folder: Path

    def start(self) -> str:
        """The URL of a new database on it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for above in (self.folder, *self.folder.parents):
            if above != Path("/") and not above.stat().st_mode & 0o001:
                above.chmod(above.stat().st_mode | 0o011)
        url = sa.make_url(postgres.start(self.folder, DURABLE))
        database = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with database.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE faults"))
        database.dispose()
        return url.set(database="faults").render_as_string(hide_password=False)

    def restart(self, mode: str, away: float = 2.0) -> None:
        """Stop it and start it again; "immediate" is how a crash looks to it."""
        postgres.stop(self.folder, mode)
        time.sleep(away)
        postgres.start(self.folder, DURABLE)

    def stop(self) -> None:
        postgres.stop(self.folder, "fast")
