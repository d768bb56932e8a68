"""Runs the measurement: traffic while processes are killed and PostgreSQL is restarted, then the verdict, as JSON."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from bench.faults import scene as scenes
from bench.faults.clients import Client, Kept
from bench.faults.machines import Machines, Postgres, environment, on_postgresql, on_sqlite
from bench.faults.receiver import receiving
from bench.faults.verdict import Verdict, at_rest, echoed, judge
from engine.database import Away, create_engine
from engine.jobs import queued
from tickets.runtime import Runtime

CLIENTS = 4
SLOWEST = 90.0
"""Seconds that are waited for a recovery, and for what clients have begun."""
DRAIN = 400.0
"""Seconds until nothing is left to be done: a job that died with its process rests until its lease is over."""


def main() -> None:
    """The figures, as one line of JSON at the end; the exit status says whether all is as it must be."""
    wanted = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends too
    figures = [measure(kind, wanted) for kind in (wanted.database or ["sqlite", "postgresql"])]
    print(orjson.dumps(figures[0] if len(figures) == 1 else {"runs": figures}).decode())
    sys.exit(not all(one["ok"] for one in figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON (it is all there is)")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--restarts", type=int, default=3, help="of PostgreSQL; every second as a crash")
    parser.add_argument("--seed", type=int, default=20261122, help="of the dice that choose whom to kill")
    parser.add_argument("--keep", help="a folder for data and logs, which stay")
    return parser.parse_args()


def measure(kind: str, wanted: argparse.Namespace) -> dict[str, Any]:
    """One run on that kind of database."""
    with ExitStack() as stack:
        folder = Path(wanted.keep or tempfile.mkdtemp(prefix="gongdan-faults-")) / kind
        if not wanted.keep:
            stack.callback(shutil.rmtree, folder.parent, ignore_errors=True)
        folder.mkdir(parents=True)
        server = Postgres(folder / "server") if kind == "postgresql" else None
        url = f"sqlite:///{folder / 'gongdan.db'}"
        if server is not None:
            stack.callback(server.stop)
            url = server.start()
        received = stack.enter_context(receiving())
        scene, port = scenes.prepare(folder, url, received.address), _free_port()
        settings = environment(folder, url, port)
        units = on_postgresql(settings, folder) if server is not None else on_sqlite(settings, folder, port)
        machines = Machines(units, random.Random(wanted.seed))
        stack.callback(machines.stop)
        database = queued(create_engine(url))
        stack.callback(database.dispose)
        run = Run(scene, port, Runtime(database, folder / "files"), machines, server)
        return run.play(kind, wanted, received.keys)


class Run:
    """One run: the clients' traffic, the faults with a probe after each, the drain and the verdict."""

    def __init__(
        self, scene: scenes.Scene, port: int, runtime: Runtime, machines: Machines, server: Postgres | None
    ) -> None:
        self.scene, self.port, self.runtime = scene, port, runtime
        self.machines, self.server = machines, server
        self.kept, self.over, self.giving_up = Kept(), threading.Event(), threading.Event()
        self.serials: Iterator[int] = count(1)
        self.recoveries: list[dict[str, Any]] = []

    def play(self, kind: str, wanted: argparse.Namespace, received: dict[str, int]) -> dict[str, Any]:
        begun = time.monotonic()
        self.machines.start()
        self._recover("start", time.monotonic())
        threads = [threading.Thread(target=self._client().run, daemon=True) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        self._faults(wanted.kills, wanted.restarts if self.server is not None else 0)
        self.over.set()
        self._end(threads)
        drained = _until(lambda: at_rest(self.runtime), DRAIN)
        self.machines.stop()
        verdict = judge(self.runtime, self.kept, received)
        restarts = wanted.restarts if self.server is not None else 0
        return {"database": kind, "kills": wanted.kills, "restarts": restarts} | self._report(
            verdict, received, drained=drained, begun=begun
        )

    def _report(self, verdict: Verdict, received: dict[str, int], *, drained: bool, begun: float) -> dict[str, Any]:
        """What came of it, in numbers; `ok` if nothing was lost, doubled or wrong, and it was soon up again."""
        statuses = self.kept.statuses
        seconds = [one["seconds"] for one in self.recoveries[1:]]
        faulty = sum(number for status, number in statuses.items() if status >= 500 and status != 503)
        wrong = [*verdict.lost, *verdict.doubled, *verdict.differences, *verdict.left_over, *self.kept.surprises]
        return {
            "ok": not wrong and not faulty and drained and max(seconds, default=0) <= 30,
            "acknowledged": self.kept.acknowledged,
            "lost": len(verdict.lost),
            "doubled": len(verdict.doubled),
            "http_5xx_other_than_503": faulty,
            "http_503": statuses[503],
            "not_answered": statuses[0],
            "sent_again": self.kept.retried,
            "recovery_s": seconds,
            "recovery_s_max": max(seconds, default=0),
            "recoveries": self.recoveries,
            "differences": len(verdict.differences),
            "left_over": len(verdict.left_over),
            "drained": drained,
            "messages_received": len(received),
            "messages_received_again": sum(number - 1 for number in received.values()),
            "statuses": {str(status): number for status, number in sorted(statuses.items())},
            "surprises": len(self.kept.surprises),
            "seconds": round(time.monotonic() - begun),
            "wrong": wrong[:20],
        }

    def _client(self, kept: Kept | None = None) -> Client:
        return Client(self.scene, self.port, kept or self.kept, self.serials, self.over, self.giving_up)

    def _faults(self, kills: int, restarts: int) -> None:
        """In an order that the dice choose; after each the next comes once all works again, or a moment after."""
        dice = self.machines.dice
        faults: list[Callable[[], str]] = [self.machines.kill_one] * kills
        for number in range(restarts):
            mode = "immediate" if number % 2 else "fast"
            faults.insert(dice.randrange(len(faults) + 1), lambda mode=mode: self._restart(mode))  # type: ignore[misc]  # a default binds it
        for fault in faults:
            at = time.monotonic()
            what = fault()
            self._recover(what, at)
            time.sleep(dice.uniform(0, 1.5))

    def _restart(self, mode: str) -> str:
        assert self.server is not None
        self.server.restart(mode)
        return f"postgresql {mode}"

    def _recover(self, what: str, since: float) -> None:
        """Until a request, a timer and a job succeed that begin after the fault."""
        probe, serial = self._client(), str(next(self.serials))
        over = threading.Timer(SLOWEST, self.giving_up.set) if what != "start" else None
        if over is not None:
            over.start()
        probe.one(serial)
        answered = round(time.monotonic() - since, 1)
        _until(lambda: echoed(self.runtime, serial), SLOWEST)
        if over is not None:
            over.cancel()
        seconds = round(time.monotonic() - since, 1)
        self.recoveries.append({"what": what, "requests": answered, "seconds": seconds})
        print(f"{what}: requests after {answered} s, timers and jobs after {seconds} s", file=sys.stderr, flush=True)

    def _end(self, threads: list[threading.Thread]) -> None:
        """What clients have begun they bring to its end, but not for ever."""
        until = time.monotonic() + SLOWEST
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            self.kept.surprises.append("a client was still waiting in the end")
            self.giving_up.set()
            for thread in threads:
                thread.join()


def _until(true: Callable[[], bool], seconds: float) -> bool:
    """Wait for it; a database that is away just now is asked again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if true():
                return True
        except Away:
            pass
        time.sleep(0.2)
    return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
