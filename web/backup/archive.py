"""Owns the archive: a gzipped tar whose first member says what it is and whose last one lists every hash."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

FORMAT = 1
ABOUT, SEALS = "about.json", "seals.json"
FILES = "files/"
CHUNK = 1024 * 1024
SMALL = 64 * 1024 * 1024
"""The most that a description or the list of hashes may be long."""


class Damaged(Exception):
    """An archive that can't be restored; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class About:
    """What an archive holds: of which release and revision of the database, of which kind, made when (ISO)."""

    format: int
    release: str
    revision: str
    kind: str
    made_at: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Writer:
    """Adds members one after another and keeps nothing of them but their hashes."""

    tar: tarfile.TarFile
    seals: dict[str, str] = field(default_factory=dict)
    files: int = 0
    file_bytes: int = 0
    _chain: Any = field(default_factory=hashlib.sha256)

    def add(self, name: str, content: bytes) -> None:
        """A member that fits into memory."""
        self.add_stream(name, io.BytesIO(content), len(content))

    def add_stream(self, name: str, stream: IO[bytes], size: int) -> None:
        """A member of this size. Raises OSError when the stream ends before."""
        sealed = _Sealing(stream)
        self._put(name, sealed, size)
        self.seals[name] = sealed.digest

    def add_file(self, digest: str, stream: IO[bytes], size: int) -> None:
        """An uploaded file, whose name is its hash; it is counted, and its name goes into one hash of them all."""
        self._put(FILES + digest, stream, size)
        self.files, self.file_bytes = self.files + 1, self.file_bytes + size
        self._chain.update(digest.encode())

    def seal(self) -> None:
        """The last member: without it an archive is taken for broken off."""
        files = {"count": self.files, "bytes": self.file_bytes, "chain": self._chain.hexdigest()}
        content = orjson.dumps({"members": self.seals, "files": files})
        self._put(SEALS, io.BytesIO(content), len(content))

    def _put(self, name: str, stream: Any, size: int) -> None:
        facts = tarfile.TarInfo(name)
        facts.size, facts.mode = size, 0o600
        self.tar.addfile(facts, stream)
        self.tar.members.clear()  # type: ignore[attr-defined]  # it would remember every member


class _Sealing:
    """Reads on, and hashes what was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._sha256 = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self._sha256.update(content)
        return content

    @property
    def digest(self) -> str:
        return self._sha256.hexdigest()


@contextmanager
def writing(path: Path, about: About) -> Iterator[Writer]:
    """A new archive that only its owner reads; it has its name once it is whole. Raises FileExistsError, OSError."""
    if path.exists():
        raise FileExistsError(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            packed = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=3)
            with packed, tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                writer = Writer(tar)
                writer.add(ABOUT, orjson.dumps(asdict(about)))
                yield writer
                writer.seal()
            file.flush()
            os.fsync(file.fileno())
        _name(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _name(unfinished: Path, path: Path) -> None:
    """For good, and never in the place of another that was made meanwhile."""
    os.link(unfinished, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class Member:
    """One member while it is read; `stream` ends with it."""

    name: str
    size: int
    stream: IO[bytes]


def members(path: Path) -> Generator[Member, None, None]:
    """Every member in its order, the description first. Raises Damaged."""
    with _readable(), tarfile.open(path, mode="r|gz") as tar:
        while (facts := tar.next()) is not None:
            stream = tar.extractfile(facts) if facts.isreg() else None
            if stream is None or not NAME.fullmatch(facts.name):
                raise Damaged(f"it holds “{facts.name[:80]}”, which is not ours")
            yield Member(facts.name, facts.size, stream)
            tar.members.clear()  # type: ignore[attr-defined]  # it would remember every member


@contextmanager
def _readable() -> Iterator[None]:
    """What reading an archive brings about that is cut off or something else."""
    try:
        yield
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        raise Damaged("it is cut off or no archive of Gongdan's") from error


NAME = re.compile(
    r"about\.json|seals\.json|database\.sqlite|sequences\.json|tables/[a-z0-9_]+/\d{6}|files/[0-9a-f]{64}"
)


def read_about(path: Path) -> About:
    """What an archive says it is, without looking further. Raises Damaged."""
    with closing(members(path)) as found:
        first = next(found, None)
        if first is None or first.name != ABOUT:
            raise Damaged("it does not begin as an archive of Gongdan's")
        return _about(small(first))


def _about(content: bytes) -> About:
    try:
        about = About(**orjson.loads(content))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise Damaged("its description can't be read") from error
    if about.format != FORMAT:
        raise Damaged(f"it is of format {about.format}, and this release reads {FORMAT}")
    return about


def check(path: Path) -> About:
    """Read all of it and compare every hash with the list at its end; what it is. Raises Damaged."""
    with _readable():
        return _checked(path)


def _checked(path: Path) -> About:
    seals: dict[str, str] = {}
    chain, files, total, listed = hashlib.sha256(), 0, 0, None
    about = read_about(path)
    for member in members(path):
        if listed is not None:
            raise Damaged("something follows its list of hashes")
        if member.name == SEALS:
            listed = orjson.loads(small(member))
            continue
        digest = _digest(member)
        if member.name.startswith(FILES):
            if digest != member.name.removeprefix(FILES):
                raise Damaged(f"the file {member.name} is not what it was")
            chain.update(digest.encode())
            files, total = files + 1, total + member.size
        elif member.name in seals:
            raise Damaged(f"{member.name} is in it twice")
        else:
            seals[member.name] = digest
    if listed is None:
        raise Damaged("it ends before its list of hashes")
    wanted = {"members": seals, "files": {"count": files, "bytes": total, "chain": chain.hexdigest()}}
    if listed != wanted:
        raise Damaged("a part of it is missing or not what it was")
    return about


def small(member: Member) -> bytes:
    """All of a member that fits into memory. Raises Damaged."""
    if member.size > SMALL:
        raise Damaged(f"{member.name} is too large")
    return member.stream.read()


def _digest(member: Member) -> str:
    sha256 = hashlib.sha256()
    while chunk := member.stream.read(CHUNK):
        sha256.update(chunk)
    return sha256.hexdigest()
