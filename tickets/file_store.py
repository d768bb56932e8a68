"""Owns the bytes of files: a folder outside the web root in which each content lies once, under its SHA-256."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class Readable(Protocol):
    """Whatever bytes come from: an upload, an open file."""

    def read(self, size: int, /) -> bytes: ...


class TooLarge(Exception):
    """The stream holds more than `limit` bytes; it was not read on."""


@dataclass(frozen=True, slots=True)
class Put:
    """What was put: its SHA-256 in hex, its size in bytes, its first bytes."""

    digest: str
    size: int
    head: bytes


class FileStore:
    """Files on disk: `sha256/ab/cd/<digest>`. Several processes may use one folder at once.

    Beside them, under the same digest, what is made of a content and can be made again: its thumbnail.
    """

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "sha256"
        self._thumbnails = folder / "thumbnails"
        self._incoming = folder / "incoming"

    def put(self, stream: Readable, *, limit: int) -> Put:
        """Keep a stream's bytes: all of them, safely on disk, or none. Raises TooLarge beyond `limit` bytes."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb") as incoming:
                put = _copy(stream, incoming, limit)
                incoming.flush()
                os.fsync(incoming.fileno())
            self._move_in(Path(name), put.digest)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return put

    def open(self, digest: str) -> BinaryIO:
        """The bytes; raises FileNotFoundError when they are not here."""
        return self._path(digest).open("rb")

    def thumbnail(self, digest: str) -> bytes | None:
        """What was kept as the thumbnail of a content: empty where it can have none, None where nobody tried yet."""
        try:
            return self._path(digest, self._thumbnails).read_bytes()
        except FileNotFoundError:
            return None

    def keep_thumbnail(self, digest: str, content: bytes) -> None:
        """Keep the thumbnail of a content, whole or not at all; an empty one says that it can have none."""
        target = self._path(digest, self._thumbnails)
        self._incoming.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        with os.fdopen(handle, "wb") as incoming:
            incoming.write(content)
        Path(name).replace(target)

    def contents(self) -> Iterator[tuple[str, int]]:
        """Digest and size of all that is here, by digest; what comes or goes meanwhile may be missing."""
        for folder in sorted(self._blobs.glob("??/??")):
            for path in sorted(folder.iterdir()):
                with suppress(FileNotFoundError):
                    yield path.name, path.stat().st_size

    def sweep(self, before: float, used: Callable[[Sequence[str]], set[str]]) -> int:
        """Remove contents put before `before` (seconds since 1970) that are not `used`, and broken-off uploads.

        `used` gets up to 500 digests at a time and gives those still wanted. Gives how many contents went.
        """
        for path in self._incoming.glob("*"):
            if _put_at(path) < before:
                path.unlink(missing_ok=True)
        old = [path for path in self._blobs.glob("??/??/*") if _put_at(path) < before]
        return sum(self._remove(old[start : start + 500], before, used) for start in range(0, len(old), 500))

    def _move_in(self, incoming: Path, digest: str) -> None:
        target = self._path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._locked(fcntl.LOCK_SH):
            incoming.replace(target)  # also over the same content: it is new again, so no sweep takes it
        _sync_folder(target.parent)

    def _remove(self, paths: Sequence[Path], before: float, used: Callable[[Sequence[str]], set[str]]) -> int:
        with self._locked(fcntl.LOCK_EX):  # nobody puts the same content between the look and the removal
            wanted = used([path.name for path in paths])
            orphans = [path for path in paths if path.name not in wanted and _put_at(path) < before]
            for path in orphans:
                path.unlink(missing_ok=True)
                self._path(path.name, self._thumbnails).unlink(missing_ok=True)
        return len(orphans)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self._blobs.mkdir(parents=True, exist_ok=True)
        with (self._blobs / ".lock").open("a") as lock:
            fcntl.flock(lock, how)
            yield

    def _path(self, digest: str, folder: Path | None = None) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise FileNotFoundError(f"not a digest: {digest!r}")
        return (folder or self._blobs) / digest[:2] / digest[2:4] / digest


_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 256 * 1024
_HEAD = 8192


def _copy(stream: Readable, incoming: BinaryIO, limit: int) -> Put:
    sha256, size, head = hashlib.sha256(), 0, b""
    while chunk := stream.read(min(_CHUNK, limit - size + 1)):
        size += len(chunk)
        if size > limit:
            raise TooLarge
        if len(head) < _HEAD:
            head += chunk[: _HEAD - len(head)]
        sha256.update(chunk)
        incoming.write(chunk)
    return Put(sha256.hexdigest(), size, head)


def _put_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another sweep was quicker
        return float("inf")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
