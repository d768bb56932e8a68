"""Owns what the process of one upload or picture does: it puts itself within limits, reads, tells, and is over."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import socket
import traceback
from collections.abc import Iterator, Mapping

from tickets.evidence.pictures import look
from tickets.uploads import answer
from tickets.uploads.line import Closed, Kind, receive, send
from tickets.uploads.reading import Upload, read_here

SECONDS = 10
MEMORY = 512 * 1024 * 1024
MOST_TOLD = 2_000
FILES = 64
"""Open files: modules that are loaded late, and the zones of places."""


class _Told(Mapping[str, bytes]):
    """The files, telling which one is looked at: if that is the last of it, one knows which to mend."""

    def __init__(self, files: Mapping[str, bytes], line: socket.socket) -> None:
        self._files, self._line = files, line
        self._last = ""

    def __getitem__(self, path: str) -> bytes:
        content = self._files[path]
        if path != self._last:
            self._last = path
            send(self._line, Kind.FILE, path.encode())
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def be_child(line: socket.socket, seconds: float = SECONDS, memory: int = MEMORY) -> None:
    """Reads the upload that comes over the line, and tells over it what became of it. Ends the process."""
    code = 1
    try:
        limit(seconds, memory)
        _read(line)
        code = 0
    except MemoryError:
        send(line, Kind.TOO_MUCH)
    except Closed:
        pass  # nobody wants to know any more
    except Exception:  # noqa: BLE001 - whatever else: it is this upload's alone, and its keeper logs it
        send(line, Kind.BROKE, traceback.format_exc()[-MOST_TOLD:].encode("utf-8", "replace"))
    finally:
        os._exit(code)


def limit(seconds: float, memory: int) -> None:
    """From now on the system itself ends this process over its time, and gives it no more memory or files.

    The alarm has no handler: no code of ours or of a library needs to run for it.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    work = max(int(seconds), 1)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, work),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))


def _read(line: socket.socket) -> None:
    send(line, Kind.BEGUN)
    kind, content = receive(line)
    if kind is Kind.PICTURE:  # its decoders may use threads
        picture = look(content)
        send(line, Kind.DONE, picture.taken.encode() + b"\0" + picture.thumbnail)
        return
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    wanted: Upload = pickle.loads(content)  # noqa: S301 - it comes from our own process; nothing pickled goes back

    def newest(process_id: str) -> bytes | None:
        send(line, Kind.NEWEST, process_id.encode())
        return receive(line)[1] or None

    reading = read_here(Upload(_Told(wanted.files, line), wanted.world, lenient=wanted.lenient), newest)
    send(line, Kind.DONE, answer.encode(reading))
