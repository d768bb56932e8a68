"""Owns running trials in child processes, a file each, that are stopped at a limit of time, memory or work."""

from __future__ import annotations

import gc
import os
import resource
import selectors
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
import structlog
from sqlalchemy import event

from engine.clock import ManualClock
from engine.database import create_engine
from tickets.demo import load_demo
from tickets.runtime import Runtime
from tickets.trial.finding import Found
from tickets.trial.outcome import LATE, Outcome, Walk
from tickets.trial.stage import Stage
from tickets.trial.trying import Trial
from tickets.trial.warming import warm_up

log = structlog.get_logger()

LIMIT = 9.4
"""Seconds from the start of a file's process until it is stopped from outside."""
ENOUGH = 7.5
"""Seconds after which it begins nothing new by itself."""
MEMORY = 512 * 1024**2
WORK = 12
"""Seconds of processor time."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only the folder in which a private one is made
_CHUNK = 1 << 20
TEMPLATE = "template.db"


Migrate = Callable[[str], None]
"""Brings the database of a URL to the newest version."""


class Stages:
    """Databases by copying one that holds the demo's people: a folder of them, gone in the end."""

    def __init__(self, migrate: Migrate) -> None:
        quick = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix="gongdan-try-", dir=quick))
        self.template = self.folder / TEMPLATE
        self._database = self.template
        self.engine = create_engine(f"sqlite:///{self.template}")
        event.listen(self.engine, "do_connect", self._lead)
        event.listen(self.engine, "connect", _hurry)
        try:
            self._prepare(migrate)
        except BaseException:
            self.close()
            raise

    def _prepare(self, migrate: Migrate) -> None:
        """The template; and a first trial, whose statements, once compiled, every child inherits."""
        migrate(f"sqlite:///{self.template}")
        load_demo(Runtime(self.engine, self.folder, ManualClock()))
        self.engine.dispose()  # closed, a database is one file
        warm_up(self.enter(self.folder / "first"))
        self.engine.dispose()
        gc.freeze()

    def close(self) -> None:
        gc.unfreeze()
        self.engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    def enter(self, folder: Path) -> Stage:
        """A stage of one's own in that folder, which is made."""
        folder.mkdir()
        self.engine.dispose(close=False)
        self._database = folder / "trial.db"
        shutil.copyfile(self.template, self._database)
        return Stage.enter(self.engine, folder / "files", ManualClock())

    def _lead(self, _dialect: sa.Dialect, _record: Any, arguments: list[Any], _options: dict[str, Any]) -> None:
        """The engine is made before the copies are, so that what it has learnt serves them all."""
        arguments[0] = str(self._database)


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@dataclass
class _Child:
    """A process that tries one file, and what it has told so far."""

    number: int
    outcome: Outcome
    pid: int
    pipe: int
    folder: Path
    began: float
    told: bytearray = field(default_factory=bytearray)
    done: bool = False

    def hear(self) -> bool:
        """Reads what it says; False when it says no more."""
        heard = os.read(self.pipe, _CHUNK)
        self.told += heard
        *lines, rest = self.told.split(b"\n")
        self.told = bytearray(rest)
        for line in lines:
            self._learn(orjson.loads(line))
        return bool(heard)

    def end(self, *, late: bool) -> Outcome:
        """Its process is over, by itself or by us; what is known of the file."""
        if late:
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.outcome.seconds = time.monotonic() - self.began
        if late and self.outcome.accepted:
            self.outcome.notes = [*dict.fromkeys((*self.outcome.notes, LATE))]
        elif not self.done:
            _give_up(self.outcome, late=late, status=status)
        return self.outcome

    def _learn(self, facts: dict[str, Any]) -> None:
        self.done = facts.pop("done")
        walks = [Walk(**{**walk, "visited": tuple(walk["visited"])}) for walk in facts.pop("walks")]
        for name, value in {**facts, "walks": walks}.items():
            setattr(self.outcome, name, value)


_BROKE = "The trial of this file broke off:"
_SMALLER = "Split the file into smaller processes; if it is small, report this."


def _give_up(outcome: Outcome, *, late: bool, status: int) -> None:
    if late:
        problem = "Reading the file takes longer than a trial may."
    else:
        problem = f"{_BROKE} {os.waitstatus_to_exitcode(status)}"
    outcome.refuse(problem, _SMALLER)


@dataclass
class Children:
    """Tries files side by side and gives what came of each, in their order."""

    stages: Stages
    at_once: int
    _running: dict[int, _Child] = field(default_factory=dict)
    _done: dict[int, Outcome] = field(default_factory=dict)

    def run(self, files: Iterable[Found]) -> Iterator[Outcome]:
        """The outcomes in the order of the files, each as soon as those before it are known."""
        waiting, following, begun, over = iter(files), 0, 0, False
        try:
            while not over or self._running or self._done:
                while not over and len(self._running) < self.at_once and begun - following < 50 * self.at_once:
                    found = next(waiting, None)
                    if found is None:
                        over = True
                        break
                    self._begin(begun, found)
                    begun += 1
                self._wait()
                while following in self._done:
                    yield self._done.pop(following)
                    following += 1
        finally:
            for child in list(self._running.values()):
                self._end(child, late=True)

    def _begin(self, number: int, found: Found) -> None:
        hear, tell = os.pipe()
        folder = self.stages.folder / str(number)
        pid = os.fork()
        if pid == 0:
            os.close(hear)
            _be_child(self.stages, found, folder, tell)
        os.close(tell)
        self._running[hear] = _Child(number, Outcome(found.name), pid, hear, folder, time.monotonic())

    def _wait(self) -> None:
        """Until some child says something, or has to stop."""
        if not self._running:
            return
        with selectors.DefaultSelector() as selector:
            for pipe in self._running:
                selector.register(pipe, selectors.EVENT_READ)
            first = min(child.began for child in self._running.values())
            ready = selector.select(max(first + LIMIT - time.monotonic(), 0))
        for key, _ in ready:
            child = self._running[key.fd]
            if not child.hear():
                self._end(child, late=False)
        for child in list(self._running.values()):
            if time.monotonic() - child.began >= LIMIT:
                self._end(child, late=True)

    def _end(self, child: _Child, *, late: bool) -> None:
        del self._running[child.pipe]
        self._done[child.number] = child.end(late=late)


def _be_child(stages: Stages, found: Found, folder: Path, tell: int) -> None:
    """Tries the file and never returns."""
    code, began, outcome = 1, time.monotonic(), Outcome(found.name)
    try:
        _limit()
        Trial(stages.enter(folder), outcome, began + ENOUGH, lambda now: _tell(tell, now, done=False)).run(found)
        _tell(tell, outcome, done=True)
        code = 0
    except Exception as error:  # whatever else happens to one file is told of that file, and the others are tried
        log.exception("trial broke", file=found.name)
        outcome.refuse(f"{_BROKE} {type(error).__name__}: {error}"[:500], _SMALLER)
        _tell(tell, outcome, done=True)
    finally:
        os._exit(code)


def _limit() -> None:
    """What a hostile file may cost; and nothing it makes libraries say belongs into the report."""
    memory = _taken() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (WORK, WORK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)


def _taken() -> int:
    """The bytes of memory that this process was born with: whoever tries files may have done much before."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 0


def _tell(pipe: int, outcome: Outcome, *, done: bool) -> None:
    facts = {**outcome.facts(), "runs": outcome.runs, "publishable": outcome.publishable, "done": done}
    for worked_out in ("file", "ended", "covered", "seconds"):
        del facts[worked_out]
    line = orjson.dumps(facts) + b"\n"
    while line:
        line = line[os.write(pipe, line) :]
