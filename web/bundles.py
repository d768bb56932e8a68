"""Owns what an upload of a ticket type may be: loose files or archives of them, taken apart within limits."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Protocol

from engine.expressions import N_, Message
from tickets.errors import Invalid

MAX_FILES = 200
MAX_ENTRIES = 1000
"""Entries of an archive, its folders and junk included."""
MAX_BYTES = 20 * 1024 * 1024
MAX_RATIO = 200
"""How much larger than its packed form a file may be; BPMN packs about 15 times."""
PROCESSES = (".bpmn", ".bpmn2", ".bpmn20.xml")
SUFFIXES = (*PROCESSES, ".dmn", ".form", ".json")
ARCHIVES = (".zip", ".bar")
"""A .bar, as Flowable and Activiti pack what belongs together, is a ZIP too."""
JUNK = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db"})

_TOO_MANY_FILES = N_("An upload holds at most %(count)s files; send them in parts.")
_TOO_MANY_BYTES = N_("Unpacked, the upload is larger than %(size)s MB; send it in parts.")
_BAD_NAME = N_("The file name “%(name)s” leaves the archive or is not a name; use plain relative names.")
_BAD_PACKING = N_("“%(path)s” is packed in an unusual way; pack it as an ordinary ZIP (deflate).")
_RATIO_FLOOR = 64 * 1024
_ENTRY = b"PK\x01\x02"
_CHUNK = 64 * 1024
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


class BundleRefused(Invalid):
    """The upload cannot be taken apart safely; `message` says which limit it breaks and what to send instead."""

    def __init__(self, text: str, **params: object) -> None:
        super().__init__(Message(text, params))


class BundleTooLarge(BundleRefused):
    """More files or bytes than an upload may hold (413)."""


class Upload(Protocol):
    """One file of a form, as werkzeug gives it."""

    @property
    def filename(self) -> str | None: ...

    @property
    def stream(self) -> IO[bytes]: ...


@dataclass
class Bundle:
    """The files of an upload by path, and the paths left aside because no ticket type is made of such files."""

    files: dict[str, bytes] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    _bytes: int = 0

    def add(self, path: str, chunks: Iterable[bytes]) -> None:
        """Keep a file, counting its bytes as they come. Raises `BundleRefused`."""
        if path in self.files:
            raise BundleRefused(N_("The file “%(path)s” is in the upload twice; send it once."), path=path)
        if len(self.files) == MAX_FILES:
            raise BundleTooLarge(_TOO_MANY_FILES, count=MAX_FILES)
        content = bytearray()
        for chunk in chunks:
            self._bytes += len(chunk)
            if self._bytes > MAX_BYTES:
                raise BundleTooLarge(_TOO_MANY_BYTES, size=MAX_BYTES // 1024 // 1024)
            content += chunk
        self.files[path] = bytes(content)


def unpack(uploads: Iterable[Upload]) -> Bundle:
    """The BPMN, DMN and form files of the uploads, archives taken apart. Raises `BundleRefused`."""
    bundle = Bundle()
    for upload in uploads:
        name = PurePosixPath((upload.filename or "").replace("\\", "/")).name
        if _is_archive(name, upload.stream):
            _unpack_archive(bundle, upload.stream, name)
        elif name:
            _take(bundle, _safe_path(name), _chunks(upload.stream))
    if not bundle.files:
        raise BundleRefused(N_("There is no .bpmn, .dmn or .form file in the upload; choose at least one."))
    return bundle


def _is_archive(name: str, stream: IO[bytes]) -> bool:
    start = stream.read(4)
    stream.seek(0)
    return name.lower().endswith(ARCHIVES) or start == b"PK\x03\x04"


def _take(bundle: Bundle, path: str, chunks: Iterable[bytes]) -> None:
    if path.lower().endswith(SUFFIXES):
        bundle.add(path, chunks)
    else:
        bundle.skipped.append(path)


def _unpack_archive(bundle: Bundle, stream: IO[bytes], name: str) -> None:
    _count_entries(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            for entry in archive.infolist():
                if not entry.filename:
                    raise zipfile.BadZipFile
                if entry.is_dir():
                    continue
                path = _safe_path(_entry_name(entry))
                if not JUNK.intersection(PurePosixPath(path).parts):
                    _check_entry(entry, path)
                    _take(bundle, path, _entry_chunks(archive, entry, path))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise BundleRefused(N_("“%(name)s” is not a whole ZIP archive; pack it again."), name=name) from None


def _count_entries(stream: IO[bytes]) -> None:
    """Refuse an archive of very many entries before the reader makes an object of each."""
    raw = stream.read(MAX_BYTES + 1)
    stream.seek(0)
    if len(raw) > MAX_BYTES or raw.count(_ENTRY) > MAX_ENTRIES:
        raise BundleTooLarge(_TOO_MANY_FILES, count=MAX_FILES)


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The name as it was written: packers on Chinese Windows write GBK, others UTF-8 without saying so."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _safe_path(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    strange = not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
    if strange or len(str(path)) > 255 or not str(path).isprintable():
        raise BundleRefused(_BAD_NAME, name=name[:80])
    return str(path)


def _check_entry(entry: zipfile.ZipInfo, path: str) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise BundleRefused(N_("“%(path)s” is locked with a password; pack it without one."), path=path)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BundleRefused(N_("“%(path)s” is a link, not a file; pack the file itself."), path=path)
    if entry.compress_type not in _PACKINGS:
        raise BundleRefused(_BAD_PACKING, path=path)


def _entry_chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Iterator[bytes]:
    """The unpacked bytes; what the entry says of its size is not believed."""
    limit = max(entry.compress_size * MAX_RATIO, _RATIO_FLOOR)
    size = 0
    with archive.open(entry) as packed:
        for chunk in _chunks(packed):
            size += len(chunk)
            if size > limit:
                raise BundleTooLarge(N_("“%(path)s” grows too much when unpacked; send it unpacked."), path=path)
            yield chunk


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk
