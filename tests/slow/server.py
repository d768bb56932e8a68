"""`gongdan` as an operator runs it: a process of its own with its own folder; stopped, killed, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("gongdan")
READY = 60
"""Seconds that a start may take on a busy machine."""


def gongdan(folder: Path, *arguments: str | Path, url: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it printed and its exit code."""
    command = [PROGRAM, *arguments]
    return subprocess.run(
        command, env=environment(folder, url), capture_output=True, text=True, cwd=folder, check=False, timeout=READY
    )


def environment(folder: Path, url: str = "") -> dict[str, str]:
    """The variables of a fresh installation in that folder; SQLite there unless another database is named."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GONGDAN_")}
    given = {"GONGDAN_DATA": str(folder), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return {**ours, **given, **({"GONGDAN_DATABASE_URL": url} if url else {})}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Server:
    """`gongdan run` on a port of its own, or another program; it may be killed and started as often as one likes."""

    folder: Path
    url: str = ""
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    command: tuple[str, ...] = ()
    """Another program than `gongdan run`."""
    sign: str = ""
    """By what is seen that it is ready; its address if not said."""
    said: list[str] = field(default_factory=list)
    """All that it printed, over all its starts."""
    _process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        """True; fails when it ended though nobody asked it to."""
        assert self._process
        code = self._process.poll()
        assert code is None, f"it ended by itself with {code}"
        return True

    def start(self) -> None:
        """Come back when it says that it serves."""
        command = [*(self.command or (str(PROGRAM), "run", "--port", str(self.port))), *self.options]
        self._process = subprocess.Popen(
            command,
            env={**environment(self.folder, self.url), "GONGDAN_PORT": str(self.port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
        )
        serves = threading.Event()
        self._reader = threading.Thread(target=self._listen, args=(self._process, serves))
        self._reader.start()
        assert serves.wait(READY), "it never served:\n" + "".join(self.said)
        assert self._process.poll() is None, "it ended at once:\n" + "".join(self.said)

    def kill(self) -> None:
        """As when the power goes: it has no chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        return self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def end(self) -> None:
        """Kill it if it still runs."""
        if self._process and self._process.poll() is None:
            self.kill()

    def _end(self, how: signal.Signals) -> int:
        assert self._process
        assert self._reader
        self._process.send_signal(how)
        code = self._process.wait(READY)
        self._reader.join()
        return code

    def _listen(self, process: subprocess.Popen[str], serves: threading.Event) -> None:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                self.said.append(line)
                if (self.sign or self.address) in line:
                    serves.set()
        serves.set()  # it has ended: whoever waits looks why


def worker(folder: Path, url: str, *options: str) -> Server:
    """`gongdan worker`, not started yet."""
    return Server(folder, url, options, command=(str(PROGRAM), "worker"), sign="Timers and jobs run")


def gunicorn(folder: Path, url: str, processes: int = 2) -> Server:
    """What only serves, in several processes, not started yet."""
    program = PROGRAM.with_name("gunicorn")
    command = (str(program), "-c", "python:web.gunicorn_settings", "-w", str(processes), "web.wsgi:application()")
    return Server(folder, url, command=command, sign="Listening at")


@contextmanager
def running(*programs: Server) -> Iterator[None]:
    """They are started; what is left of them in the end is killed."""
    try:
        for program in programs:
            program.start()
        yield
    finally:
        for program in programs:
            program.end()
            sys.stdout.writelines(program.said)  # shown when the test fails


@contextmanager
def serving(folder: Path, url: str = "", *options: str) -> Iterator[Server]:
    """A started server; what is left of it in the end is killed."""
    server = Server(folder, url, options)
    server.start()
    try:
        yield server
    finally:
        server.end()
        sys.stdout.writelines(server.said)  # shown when the test fails
