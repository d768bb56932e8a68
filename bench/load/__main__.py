"""Measures the whole over HTTP on PostgreSQL: a load of tickets filed, claimed and completed, and of pages read.

Two web processes by gunicorn with the shipped settings and one worker serve; what is committed is on the disk (fsync).
The load comes from a process of its own, whose processor time is counted apart. First `mixed`: each ticket is filed
over the API, found in the inbox, claimed, and its four tasks are completed in turn, two from their page and two over
the API, each of these after reading the ticket. Then `completing`: tasks completed over the API, each as the answer to
the one before says. `completions_per_core_s` counts completions by the processor seconds of the web processes, in which
the engine runs, and everything else that they answered meanwhile is paid from the same seconds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from bench.load import machine
from bench.load.machine import Machine
from bench.load.scene import Scene
from engine.database import create_engine
from engine.models import TaskStatus, UserTask
from tickets.ticket import Ticket

SECONDS, THREADS, WEB_PROCESSES = 60.0, 12, 2


def figures(folder: Path, *, seconds: float, completing: float, threads: int, web: int) -> dict[str, Any]:
    """What the module prints."""
    with machine.running(folder, web_processes=web) as (running, scene):
        _play(running, scene, "mixed", min(5.0, seconds), threads)  # caches fill, statements are compiled
        before = _counted(running.url)
        found = {name: _play(running, scene, name, length, threads) for name, length in _plays(seconds, completing)}
        after = _counted(running.url)
    done = {what: sum(one["done"].get(what, 0) for one in found.values()) for what in after}
    in_database = {what: after[what] - before[what] for what in after}
    faulty = sum(count for one in found.values() for status, count in one["statuses"].items() if status >= "5")
    surprises = [text for one in found.values() for text in one.pop("surprises")]
    return {
        "postgresql": dict(machine.SETTINGS),
        "web_processes": web,
        "clients": threads,
        **found,
        "acknowledged": done,
        "in_database": in_database,
        "http_5xx": faulty,
        "surprises": surprises,
        "ok": done == in_database and not faulty and not surprises,
    }


def _plays(seconds: float, completing: float) -> list[tuple[str, float]]:
    return [("mixed", seconds), *([("completing", completing)] if completing else [])]


def _play(running: Machine, scene: Scene, name: str, seconds: float, threads: int) -> dict[str, Any]:
    told = {"play": name, "seconds": seconds, "threads": threads, "port": running.port, **vars(scene)}
    with subprocess.Popen(
        [sys.executable, "-m", "bench.load.clients"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as clients:
        assert clients.stdin is not None
        assert clients.stdout is not None
        clients.stdin.write(orjson.dumps(told) + b"\n")
        clients.stdin.flush()
        clients.stdout.readline()
        before = running.used()
        clients.stdin.write(b"go\n")
        clients.stdin.flush()
        seen = orjson.loads(clients.stdout.readline())
        after = running.used()
    return _told(seen, {part: after[part] - before[part] for part in after})


def _told(seen: Mapping[str, Any], used: Mapping[str, float]) -> dict[str, Any]:
    """Rates by the clock and by processor time."""
    done, seconds = seen["done"], seen["seconds"]
    requests = sum(map(len, seen["times"].values()))
    return {
        "seconds": round(seconds, 1),
        "tickets_per_s": round(done.get("filed", 0) / seconds, 1),
        "completions_per_s": round(done.get("completed", 0) / seconds, 1),
        "requests_per_s": round(requests / seconds, 1),
        "completions_per_core_s": round(done.get("completed", 0) / used["web"], 1),
        "requests_per_core_s": round(requests / used["web"], 1),
        "cpu_s": {**{part: round(value, 1) for part, value in used.items()}, "clients": round(seen["cpu_s"], 1)},
        "done": done,
        "ms": {kind: _parts(times) for kind, times in sorted(seen["times"].items())},
        "statuses": seen["statuses"],
        "surprises": seen["surprises"],
    }


def _parts(times: Sequence[float]) -> dict[str, float | int]:
    ordered = sorted(times)
    parts = {
        f"p{percent}": round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1)
        for percent in (50, 95, 99)
    }
    return {"count": len(ordered), **parts}


def _counted(url: str) -> dict[str, int]:
    """What the database holds."""
    database = create_engine(url)
    wanted = {
        "filed": sa.select(sa.func.count()).select_from(Ticket),
        "completed": sa.select(sa.func.count()).where(UserTask.status == TaskStatus.COMPLETED),
    }
    with database.connect() as connection:
        found = {name: int(connection.scalar(query) or 0) for name, query in wanted.items()}
    database.dispose()
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.load", description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--json", action="store_true", help="one JSON object on one line, the last on stdout")
    arguments.add_argument("--seconds", type=float, default=SECONDS, help="of the mixed load")
    arguments.add_argument(
        "--completing", type=float, default=SECONDS, help="seconds of completions alone; 0 leaves out"
    )
    arguments.add_argument("--clients", type=int, default=THREADS)
    arguments.add_argument("--web", type=int, default=WEB_PROCESSES, help="web processes")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="gongdan-load-") as name:
        settings = {"completing": given.completing, "threads": given.clients, "web": given.web}
        found = figures(Path(name), seconds=given.seconds, **settings)
    print(orjson.dumps(found, option=0 if given.json else orjson.OPT_INDENT_2).decode())
    sys.exit(not found["ok"])


if __name__ == "__main__":
    main()
