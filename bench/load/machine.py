"""Owns the programs of the measurement, PostgreSQL's too, and what processor time each of them has used."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from bench.faults.machines import DURABLE, PROGRAMS, Postgres, Unit, environment
from bench.load.scene import Scene, prepare

SETTINGS = DURABLE
TICKS = os.sysconf("SC_CLK_TCK")
READY = 60.0


@dataclass(frozen=True)
class Machine:
    """Everything runs."""

    url: str
    port: int
    web: Unit
    worker: Unit
    postgres: Path

    def used(self) -> dict[str, float]:
        """Seconds of processor time by part, children and those that have ended among them."""
        server = int((self.postgres / "postgresql" / "data" / "postmaster.pid").read_text().split()[0])
        assert self.web.process is not None
        assert self.worker.process is not None
        parts = {"web": self.web.process.pid, "worker": self.worker.process.pid, "postgresql": server}
        return {name: sum(map(_seconds, _family(pid))) for name, pid in parts.items()}


@contextmanager
def running(folder: Path, *, web_processes: int) -> Iterator[tuple[Machine, Scene]]:
    """PostgreSQL with what is committed on the disk, gunicorn with the shipped settings, and one worker."""
    with ExitStack() as stack:
        database = Postgres(folder / "server")
        stack.callback(database.stop)
        url = database.start()
        scene, port = prepare(url), _free_port()
        settings = {**environment(folder, url, port), "WEB_CONCURRENCY": str(web_processes)}
        gunicorn = ["-m", "gunicorn", "--config", "python:web.gunicorn_settings", "web.wsgi:application()"]
        web = Unit("web", [sys.executable, *gunicorn], settings, folder)
        worker = Unit("worker", [PROGRAMS / "gongdan", "worker"], settings, folder)
        for unit in (web, worker):
            unit.start()
            stack.callback(_end, unit)
        _wait(web, port, web_processes)
        yield Machine(url, port, web, worker, folder / "server"), scene


def _wait(web: Unit, port: int, web_processes: int) -> None:
    until = monotonic() + READY
    while monotonic() < until:
        if len(web.pids()) > web_processes:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                pass
            else:
                sleep(2.0)  # the others are loading still
                return
        sleep(0.2)
    raise SystemExit(f"It does not serve: see {web.log}:\n{web.log.read_text()[-2000:]}")


def _end(unit: Unit) -> None:
    if unit.process is not None and not unit.ended():
        unit.process.terminate()
        unit.process.wait(60)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *map(int, children.read_text().split())]


def _seconds(pid: int) -> float:
    """Its own, and of its children those that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
