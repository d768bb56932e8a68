"""Owns having uploads and pictures read by processes that may be lost: few at once, each for so long, and what to say
of the lost.

One keeper per serving process. It starts the nursery when first asked, again when that is gone, and in a forked process
one of its own.
"""

from __future__ import annotations

import atexit
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from engine.definitions import Report
from engine.definitions.report import FILE
from engine.expressions import N_, Message
from tickets.errors import Busy
from tickets.evidence.pictures import BROKEN, Picture
from tickets.uploads.answer import Broken, decode
from tickets.uploads.child import MEMORY, SECONDS
from tickets.uploads.line import Closed, Kind, receive, send
from tickets.uploads.reading import Newest, Reading, Upload

log = structlog.get_logger()

AT_ONCE = 2
WAITING = 2
"""Uploads that wait for a turn; a server's other threads stay free for everybody else."""
PICTURES_WAITING = 24
"""Pictures that wait for theirs: a look takes a tenth of a second."""
PATIENCE = 15.0
"""Seconds an upload waits for its turn."""
STARTING = 30.0
"""Seconds the nursery may take to start on a busy machine."""
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZDIR", "PYTHONTZPATH")
"""Of the environment; what is left out may hold secrets."""


class _Lost(Exception):
    """The process that read is no more; `begun` says whether it had begun, `file` what it last looked at."""

    def __init__(self, *, begun: bool, file: str = "", reason: str = "") -> None:
        super().__init__(reason)
        self.begun, self.file, self.reason = begun, file, reason


@dataclass
class _Nursery:
    """The process readers are born from, and the socket it is spoken to over."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    owner: int

    @classmethod
    def start(cls) -> _Nursery:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(place).absolute()) for place in sys.path)
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "tickets.uploads.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        threading.Thread(target=process.wait, name="uploads-nursery", daemon=True).start()  # leaves no zombie
        return cls(process, control, os.getpid())

    def is_mine(self) -> bool:
        return self.owner == os.getpid() and self.process.returncode is None

    def close(self) -> None:
        self.control.close()
        if self.owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=5)


@dataclass
class Keeper:
    """A `Reader` that reads elsewhere. Raises `Busy` where too many uploads are being read already."""

    seconds: float = SECONDS
    memory: int = MEMORY
    patience: float = PATIENCE
    _nursery: _Nursery | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    _places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE + WAITING))
    _looks: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    _lookers: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE + PICTURES_WAITING)
    )

    def __call__(self, upload: Upload, newest: Newest) -> Reading:
        with self._turn(self._places, self._turns):
            for _ in range(2):  # a nursery may go just when it is asked
                try:
                    return self._read(upload, newest)
                except _Lost as lost:
                    if lost.begun:
                        log.error("upload reader lost", file=lost.file, reason=lost.reason)
                        return _refused("reader-broke", _BROKE, lost.file)
        log.error("upload reader does not start")
        raise _busy()

    def look(self, content: bytes) -> Picture:
        """A picture looked at elsewhere; `BROKEN` where that takes too much. Raises `Busy`."""
        with self._turn(self._lookers, self._looks):
            for _ in range(2):
                try:
                    with self._lend() as line:
                        return _look(line, content, self.seconds)
                except _Lost as lost:
                    if lost.begun:
                        log.warning("picture reader lost", reason=lost.reason)
                        return BROKEN
        log.error("upload reader does not start")
        raise _busy()

    def close(self) -> None:
        """Ends the nursery and whatever it is reading; another is started when it is asked again."""
        with self._lock:
            nursery, self._nursery = self._nursery, None
        if nursery is not None:
            nursery.close()

    @contextmanager
    def _turn(self, places: threading.BoundedSemaphore, turns: threading.BoundedSemaphore) -> Iterator[None]:
        if not places.acquire(blocking=False):
            raise _busy()
        try:
            if not turns.acquire(timeout=self.patience):
                raise _busy()
            try:
                yield
            finally:
                turns.release()
        finally:
            places.release()

    def _read(self, upload: Upload, newest: Newest) -> Reading:
        lent = time.monotonic()
        with self._lend() as line:
            return _Conversation(line, self.seconds, lent).hold(upload, newest)

    def _lend(self) -> socket.socket:
        """Our end of a line to a new reader."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            if self._nursery is None or not self._nursery.is_mine():
                if self._nursery is not None:
                    self._nursery.control.close()
                self._nursery = _Nursery.start()
                atexit.unregister(self.close)
                atexit.register(self.close)
            try:
                said = f"{self.seconds} {self.memory}".encode()
                socket.send_fds(self._nursery.control, [said], [theirs.fileno()])
            except OSError:
                ours.close()
                self._nursery.control.close()
                self._nursery = None
                raise _Lost(begun=False) from None
        return ours


@dataclass
class _Conversation:
    """One upload's: what the reader is told and says."""

    line: socket.socket
    seconds: float
    lent: float
    """When the line was: whoever is ended for taking too long began later than that."""
    file: str = ""

    def hold(self, upload: Upload, newest: Newest) -> Reading:
        """What came of it. Raises `_Lost`."""
        _begin(self.line)
        until = time.monotonic() + self.seconds
        try:
            send(self.line, Kind.UPLOAD, pickle.dumps(upload))
            while True:
                self.line.settimeout(max(until + 1 - time.monotonic(), 0.01))
                kind, content = receive(self.line)
                if kind is Kind.DONE:
                    return decode(content)
                if kind is Kind.TOO_MUCH:
                    return _refused("too-much-memory", _TOO_MUCH, self.file)
                self._answer(kind, content, newest)
        except (Closed, Broken, OSError, UnicodeDecodeError) as error:  # a TimeoutError is an OSError
            if time.monotonic() >= self.lent + self.seconds:
                return _refused("too-slow", _TOO_SLOW, self.file)
            raise _Lost(begun=True, file=self.file, reason=repr(error)) from None

    def _answer(self, kind: Kind, content: bytes, newest: Newest) -> None:
        if kind is Kind.FILE:
            self.file = content.decode()
        elif kind is Kind.NEWEST:
            send(self.line, Kind.FOUND, newest(content.decode()) or b"")
        elif kind is Kind.BROKE:
            raise _Lost(begun=True, file=self.file, reason=content.decode("utf-8", "replace"))
        else:
            raise Closed


def _begin(line: socket.socket) -> None:
    line.settimeout(STARTING)
    try:
        if receive(line)[0] is not Kind.BEGUN:
            raise Closed
    except (Closed, OSError):
        raise _Lost(begun=False) from None


def _look(line: socket.socket, content: bytes, seconds: float) -> Picture:
    """What came of looking; what the reader says is data, checked as such. Raises `_Lost`."""
    _begin(line)
    line.settimeout(seconds + 1)
    try:
        send(line, Kind.PICTURE, content)
        kind, said = receive(line)
        if kind is Kind.TOO_MUCH:
            return BROKEN
        taken, _, thumbnail = said.partition(b"\0")
        if kind is not Kind.DONE or len(taken) > _LONGEST_TIME or len(thumbnail) > _LARGEST_THUMBNAIL:
            raise Closed
        return Picture(thumbnail, taken.decode("ascii"))
    except (Closed, OSError, UnicodeDecodeError) as error:
        raise _Lost(begun=True, reason=repr(error)) from None


_LONGEST_TIME = 40
_LARGEST_THUMBNAIL = 2 * 1024 * 1024
_TOO_SLOW = N_("Reading the upload takes longer than it may; it was stopped, and nothing of it was kept.")
_TOO_MUCH = N_("Reading the upload takes more memory than it may; it was stopped, and nothing of it was kept.")
_BROKE = N_("Reading the upload broke off; nothing of it was kept.")
_SMALLER = N_("Split this file into smaller processes, or upload fewer files at once; if it is small, report this.")


def _refused(code: str, problem: str, file: str) -> Reading:
    report = Report(file=file)
    report.error(code, FILE, problem, _SMALLER)
    return Reading(report)


def _busy() -> Busy:
    return Busy(Message(N_("Other uploads are being checked just now; send yours again in a moment.")))
