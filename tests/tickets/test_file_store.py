"""The bytes of files on disk, their names and their types."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.file_store import FileStore, TooLarge
from tickets.file_types import SAFE_TYPES, UNKNOWN, file_name, type_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class Endless(io.RawIOBase):
    """A stream without an end that counts what was read of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.taken += size
        return b"x" * size


class Broken(io.RawIOBase):
    """A stream whose sender goes away."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def age(folder: Path, seconds: float) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (path.stat().st_mtime - seconds,) * 2)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def test_bytes_are_found_again_by_their_digest_and_lie_there_once(store: FileStore, tmp_path: Path) -> None:
    content = os.urandom(700_000)
    put = store.put(io.BytesIO(content), limit=1_000_000)
    again = store.put(io.BytesIO(content), limit=1_000_000)
    assert put == again
    assert (put.digest, put.size) == (hashlib.sha256(content).hexdigest(), 700_000)
    assert put.head == content[:8192]
    assert files_in(tmp_path) == [put.digest]
    with store.open(put.digest) as stream:
        assert stream.read() == content


def test_a_stream_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(store: FileStore, tmp_path: Path) -> None:
    assert store.put(io.BytesIO(b"x" * 1000), limit=1000).size == 1000
    with pytest.raises(TooLarge):
        store.put(io.BytesIO(b"y" * 1001), limit=1000)
    assert len(files_in(tmp_path)) == 1


def test_a_stream_over_the_limit_is_not_read_on(store: FileStore, tmp_path: Path) -> None:
    stream = Endless()
    with pytest.raises(TooLarge):
        store.put(stream, limit=1_000_000)
    assert stream.taken == 1_000_001
    assert files_in(tmp_path) == []


def test_a_broken_off_upload_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        store.put(Broken(), limit=1000)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, "0" * 64])
def test_what_is_no_digest_of_ours_opens_nothing(store: FileStore, digest: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(digest)


def test_a_sweep_takes_what_is_old_and_unused_and_what_was_broken_off(store: FileStore, tmp_path: Path) -> None:
    old, used = (store.put(io.BytesIO(text), limit=10).digest for text in (b"old", b"used"))
    (tmp_path / "incoming" / "half").write_bytes(b"ha")
    age(tmp_path, 1000)
    new = store.put(io.BytesIO(b"new"), limit=10).digest
    before = (tmp_path / "sha256" / new[:2] / new[2:4] / new).stat().st_mtime - 500
    assert store.sweep(before, lambda digests: {used} & set(digests)) == 1
    assert files_in(tmp_path) == sorted([used, new])
    assert old not in files_in(tmp_path)


def test_bytes_put_again_while_a_sweep_looks_stay(store: FileStore, tmp_path: Path) -> None:
    digest = store.put(io.BytesIO(b"again"), limit=10).digest
    age(tmp_path, 1000)
    before = (tmp_path / "sha256" / digest[:2] / digest[2:4] / digest).stat().st_mtime + 500
    putting = []

    def used(_: Sequence[str]) -> set[str]:
        putting.append(pool.submit(store.put, io.BytesIO(b"again"), limit=10))
        return set()

    with ThreadPoolExecutor(1) as pool:
        store.sweep(before, used)
        putting[0].result()
    assert files_in(tmp_path) == [digest]


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "<xml/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 32, "image/jpeg"),
        (PDF, "application/pdf"),
        (zipped("a.txt"), "application/zip"),
        ("纯文本\n第二行\t结束".encode(), "text/plain"),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", "text/plain"),
        (("字" * 4000).encode()[:8192], "text/plain"),
        (b'{"level": 3, "price": "< 5"}', "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UNKNOWN),
        (b"  \n<!DOCTYPE html><script>alert(1)</script>", UNKNOWN),
        (b"<?xml version='1.0'?><a/>", UNKNOWN),
        (b"hello <script>alert(1)</script>", UNKNOWN),
        ("文本".encode("gbk"), UNKNOWN),
        ("<html>".encode("utf-16"), UNKNOWN),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 64, UNKNOWN),
        (b"MZ\x90\0" + b"\0" * 64, UNKNOWN),
        (b"text with a \0 byte", UNKNOWN),
        (b"text with an escape \x1b[31m", UNKNOWN),
    ],
)
def test_a_type_is_told_by_content(content: bytes, expected: str) -> None:
    assert type_of(content) == expected


@given(st.binary(max_size=300))
def test_any_bytes_have_a_safe_type(content: bytes) -> None:
    assert type_of(content) in SAFE_TYPES | {UNKNOWN, "text/plain"}


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("闪退 截图.PNG", "闪退 截图.PNG"),
        ("C:\\Users\\li\\报告.docx", "报告.docx"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        (".png", "png"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("a\0b\ud800.png", "ab.png"),
        ('a<b>"c"|d?*.txt', "a_b__c__d__.txt"),
        ("CON.txt", "_CON.txt"),
        ("name. . .", "name"),
        ("一\u3000二\xa0三.txt", "一 二 三.txt"),
        ("e\u0301.txt", "é.txt"),
        ("字" * 300 + ".xlsx", "字" * 65 + ".xlsx"),
        ("a" * 300 + ".tar.gz", "a" * 117 + ".gz"),
        ("x." + "y" * 300, "x." + "y" * 118),
    ],
)
def test_a_name_is_safe_to_show_and_to_save_under(given_name: str, expected: str) -> None:
    assert file_name(given_name) == expected


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_stays_itself(given_name: str) -> None:
    name = file_name(given_name)
    assert name
    assert name.isprintable()
    assert len(name) <= 120
    assert len(name.encode()) <= 200
    assert not set(name) & set('/\\<>:"|?*')
    assert name not in {".", ".."}
    assert file_name(name) == name
