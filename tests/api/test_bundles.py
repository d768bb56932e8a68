"""Uploads of ticket types: what is taken apart, and which bombs and slips are refused."""

from __future__ import annotations

import io
import stat
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from web.bundles import MAX_BYTES, MAX_ENTRIES, MAX_FILES, BundleRefused, BundleTooLarge, unpack


@dataclass
class Sent:
    filename: str | None
    stream: IO[bytes]


def sent(name: str, content: bytes) -> Sent:
    return Sent(name, io.BytesIO(content))


def archive(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in entries:
            written.writestr(name, content)
    return packed.getvalue()


def test_loose_files_keep_their_bytes() -> None:
    bundle = unpack([sent("a.bpmn", b"<a/>"), sent("报修.form", b"{}"), sent("x/table.DMN", b"<d/>")])
    assert bundle.files == {"a.bpmn": b"<a/>", "报修.form": b"{}", "table.DMN": b"<d/>"}


def test_an_archive_keeps_its_folders_and_leaves_junk() -> None:
    raw = archive(("p/a.bpmn", b"<a/>"), ("p/README.md", b"hi"), ("__MACOSX/p/._a.bpmn", b"x"), ("p/.DS_Store", b""))
    bundle = unpack([sent("p.zip", raw)])
    assert bundle.files == {"p/a.bpmn": b"<a/>"}
    assert bundle.skipped == ["p/README.md"]


def test_an_archive_is_known_by_its_bytes() -> None:
    assert unpack([sent("a.bpmn", archive(("b.bpmn", b"<b/>")))]).files == {"b.bpmn": b"<b/>"}


@pytest.mark.parametrize("name", ["p.zip", "p.ZIP", "p.bar"])
def test_an_archive_may_be_a_bar_and_hold_forms_in_json(name: str) -> None:
    raw = archive(("a.bpmn", b"<a/>"), ("form-models/ask.json", b"{}"))
    assert unpack([sent(name, raw)]).files == {"a.bpmn": b"<a/>", "form-models/ask.json": b"{}"}


@pytest.mark.parametrize("name", ["p.zip", "p.bar"])
def test_what_is_only_called_an_archive_is_refused(name: str) -> None:
    with pytest.raises(BundleRefused, match="not a whole ZIP"):
        unpack([sent(name, b"{}")])


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_written_on_chinese_windows_are_read(encoding: str) -> None:
    name = "报修.bpmn".encode(encoding)
    raw = archive(("x" * len(name), b"<a/>")).replace(b"x" * len(name), name)
    assert unpack([sent("p.zip", raw)]).files == {"报修.bpmn": b"<a/>"}


@pytest.mark.parametrize(
    "name", ["../a.bpmn", "/etc/a.bpmn", "..\\a.bpmn", "C:\\a.bpmn", "a/../../b.bpmn", "a\nb.bpmn"]
)
def test_a_name_that_leaves_the_archive_is_refused(name: str) -> None:
    with pytest.raises(BundleRefused, match="leaves the archive"):
        unpack([sent("p.zip", archive((name, b"<a/>")))])


def test_a_bomb_is_refused() -> None:
    with pytest.raises(BundleTooLarge, match="grows too much"):
        unpack([sent("p.zip", archive(("a.bpmn", b"\0" * 5_000_000)))])


def test_a_size_that_lies_is_not_believed() -> None:
    raw = bytearray(archive(("a.bpmn", b"\0" * 5_000_000)))
    for at in (raw.find(b"PK\x03\x04") + 22, raw.find(b"PK\x01\x02") + 24):
        raw[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(BundleRefused):
        unpack([sent("p.zip", bytes(raw))])


def test_too_many_files_are_refused() -> None:
    entries = [(f"{n}.bpmn", b"") for n in range(MAX_FILES + 1)]
    with pytest.raises(BundleTooLarge, match="at most 200 files"):
        unpack([sent("p.zip", archive(*entries))])


def test_very_many_entries_are_refused_unread() -> None:
    entries = [(f"{n}/", b"") for n in range(MAX_ENTRIES + 1)]
    with pytest.raises(BundleTooLarge):
        unpack([sent("p.zip", archive(*entries))])


def test_too_many_bytes_in_loose_files_are_refused() -> None:
    with pytest.raises(BundleTooLarge, match="larger than 20 MB"):
        unpack([sent("a.bpmn", b"a" * MAX_BYTES), sent("b.bpmn", b"b")])


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("a.bpmn")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(BundleRefused, match="is a link"):
        unpack([sent("p.zip", archive((link, b"/etc/passwd")))])


def test_a_locked_archive_is_refused() -> None:
    raw = bytearray(archive(("a.bpmn", b"<a/>")))
    for at in (raw.find(b"PK\x03\x04") + 6, raw.find(b"PK\x01\x02") + 8):
        raw[at] |= 1
    with pytest.raises(BundleRefused, match="locked with a password"):
        unpack([sent("p.zip", bytes(raw))])


def test_the_same_path_twice_is_refused() -> None:
    with pytest.raises(BundleRefused, match="twice"):
        unpack([sent("a.bpmn", b"1"), sent("a.bpmn", b"2")])


@pytest.mark.parametrize("uploads", [[], [("", b"")], [("notes.txt", b"x")], [("p.zip", archive())]])
def test_an_upload_without_a_process_says_what_to_choose(uploads: list[tuple[str, bytes]]) -> None:
    with pytest.raises(BundleRefused, match="choose at least one"):
        unpack([sent(*upload) for upload in uploads])


WHOLE = archive(("a.bpmn", b"<a/>" * 50), ("b.form", b"{}"))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
@example(131, 0).via("a name that is empty")
def test_a_damaged_archive_is_read_or_refused(at: int, byte: int) -> None:
    damaged = WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]
    with suppress(BundleRefused):
        assert unpack([sent("p.zip", damaged)]).files


@given(st.integers(4, len(WHOLE) - 1))
def test_half_an_archive_is_refused(length: int) -> None:
    with pytest.raises(BundleRefused):
        unpack([sent("p.zip", WHOLE[:length])])
