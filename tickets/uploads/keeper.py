"""Owns having uploads and pictures read by processes that may be lost: few at once, each for so long.

One keeper per serving process. It starts the nursery when first asked, again when that is gone or hangs, and in a
forked process one of its own.
"""

from __future__ import annotations

import atexit
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from engine.expressions import N_, Message
from tickets.errors import Busy
from tickets.evidence.pictures import BROKEN, Picture
from tickets.uploads.child import MEMORY, SECONDS
from tickets.uploads.conversation import BROKE_OFF, Conversation, Lost, look_at, refused
from tickets.uploads.line import Closed, Kind, receive
from tickets.uploads.nursing import Nursery
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
ANSWERING = 10.0
"""Seconds a nursery that has answered before may take to give birth; one that takes longer hangs."""


@dataclass
class Keeper:
    """A `Reader` that reads elsewhere. Raises `Busy` where too many uploads are being read already."""

    seconds: float = SECONDS
    memory: int = MEMORY
    patience: float = PATIENCE
    starting: float = STARTING
    answering: float = ANSWERING
    _nursery: Nursery | None = None
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
                except Lost as lost:
                    if lost.begun:
                        log.error("upload reader lost", file=lost.file, reason=lost.reason)
                        return refused("reader-broke", BROKE_OFF, lost.file)
        log.error("upload reader does not start")
        raise _busy()

    def look(self, content: bytes) -> Picture:
        """A picture looked at elsewhere; `BROKEN` where that takes too much. Raises `Busy`."""
        with self._turn(self._lookers, self._looks):
            for _ in range(2):
                try:
                    with self._born() as line:
                        return look_at(line, content, self.seconds)
                except Lost as lost:
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
        with self._born() as line:
            return Conversation(line, self.seconds, lent).hold(upload, newest)

    @contextmanager
    def _born(self) -> Iterator[socket.socket]:
        """Our end of a line to a new reader, which has begun. Raises `Lost`, of a reader that has not."""
        ours, nursery = self._lend()
        with ours:
            ours.settimeout(self.answering if nursery.answered else self.starting)
            try:
                if receive(ours)[0] is not Kind.BEGUN:
                    raise Closed
            except TimeoutError:
                log.error("upload nursery hangs", pid=nursery.process.pid)
                self._drop(nursery)
                raise Lost(begun=False) from None
            except (Closed, OSError):
                raise Lost(begun=False) from None
            nursery.answered = True
            yield ours

    def _lend(self) -> tuple[socket.socket, Nursery]:
        """Our end of a line to a reader that is to be born, and whom that was asked of."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            nursery = self._nursery = self._nursery_at_hand()
            try:
                said = f"{self.seconds} {self.memory}".encode()
                socket.send_fds(nursery.control, [said], [theirs.fileno()])
            except OSError:
                ours.close()
                nursery.kill()
                self._nursery = None
                raise Lost(begun=False) from None
        return ours, nursery

    def _nursery_at_hand(self) -> Nursery:
        """The one there is; another where it is gone."""
        if self._nursery is not None:
            if self._nursery.is_mine():
                return self._nursery
            self._nursery.control.close()
        atexit.unregister(self.close)
        atexit.register(self.close)
        return Nursery.start(self.answering)

    def _drop(self, nursery: Nursery) -> None:
        """Ends one that hangs; others may have seen it hang too, and have another already."""
        with self._lock:
            nursery.kill()
            if self._nursery is nursery:
                self._nursery = None


def _busy() -> Busy:
    return Busy(Message(N_("Other uploads are being checked just now; send yours again in a moment.")))
