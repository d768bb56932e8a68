"""Owns the nursery's process as its keeper has it: started with nothing it should not have, listened to, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger()

CLOSING = 5.0
"""Seconds it may take to go by itself."""
MOST_LINES = 200
"""Of a nursery's complaints that are logged."""
LONGEST_LINE = 2_000
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZDIR", "PYTHONTZPATH")
"""Of the environment; what is left out may hold secrets."""


@dataclass
class Nursery:
    """The process readers are born from, and the socket it is spoken to over."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    owner: int
    answered: bool = False

    @classmethod
    def start(cls, patience: float) -> Nursery:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(place).absolute()) for place in sys.path)
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "tickets.uploads.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        control.settimeout(patience)
        threading.Thread(target=_attend, args=(process,), name="uploads-nursery", daemon=True).start()
        return cls(process, control, os.getpid())

    def is_mine(self) -> bool:
        return self.owner == os.getpid() and self.process.returncode is None

    def close(self) -> None:
        self.control.close()
        if self.owner == os.getpid():
            try:
                self.process.wait(timeout=CLOSING)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def kill(self) -> None:
        """Ends it, whatever it is doing; readers it has given birth to go on."""
        self.control.close()
        if self.is_mine():
            self.process.kill()


def _attend(process: subprocess.Popen[bytes]) -> None:
    """Logs what it complains of until it has ended, and leaves no zombie."""
    assert process.stderr is not None
    with process.stderr as complaints:
        for told, line in enumerate(iter(lambda: complaints.readline(LONGEST_LINE), b"")):
            if told < MOST_LINES:
                log.warning("upload nursery complains", pid=process.pid, line=line.decode("utf-8", "replace").rstrip())
    process.wait()
