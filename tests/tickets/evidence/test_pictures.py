"""Looking at pictures: thumbnails that tell nothing, times as cameras say them, and pictures made to do harm."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.tickets.evidence.shots import photo
from tickets.evidence.pictures import BROKEN, SIDE, look
from tickets.uploads.keeper import Keeper


def small(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(look(content).thumbnail))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_webp(kind: str) -> None:
    shown = small(photo(size=(1600, 900), kind=kind))
    assert (shown.format, max(shown.size)) == ("WEBP", SIDE)


def test_a_thumbnail_stands_as_the_photo_was_held() -> None:
    assert small(photo(size=(400, 200), orientation=6)).size == (200, 400)


def test_a_thumbnail_tells_nothing_of_the_camera_or_the_place() -> None:
    content = photo("2026:11:23 09:00:00", gps=True)
    assert b"SECRET-CAMERA" in content
    thumbnail = look(content).thumbnail
    assert b"SECRET-CAMERA" not in thumbnail
    assert b"EXIF" not in thumbnail.upper()
    assert not Image.open(io.BytesIO(thumbnail)).getexif()


def test_the_camera_says_when_it_was_taken() -> None:
    assert look(photo("2026:11:23 09:00:00")).taken == "2026-11-23T09:00:00"
    assert look(photo("2026:11:23 09:00:00", offset="+08:00")).taken == "2026-11-23T09:00:00+08:00"
    assert look(photo()).taken == ""


@pytest.mark.parametrize(
    "said", ["", "0000:00:00 00:00:00", "    :  :     :  :  ", "2026:13:45 99:00:00", "1970:01:01 00:00:00", "x" * 5000]
)
def test_a_time_that_is_none_is_none(said: str) -> None:
    assert look(photo(said)).taken == ""
    assert look(photo(said)).thumbnail


@pytest.mark.parametrize("offset", ["+99:99", "now", "+8", "\x00"])
def test_an_offset_that_is_none_is_left_out(offset: str) -> None:
    assert look(photo("2026:11:23 09:00:00", offset=offset)).taken in ("2026-11-23T09:00:00", "")


def png(width: int, height: int, *, rows: bytes = b"") -> bytes:
    """A PNG that claims a size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows or b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def hostile() -> Iterator[tuple[str, bytes]]:
    good = photo("2026:11:23 09:00:00", size=(300, 200))
    yield "cut off", good[: len(good) // 2]
    yield "a bomb", png(60_000, 60_000)
    yield "a long bomb", png(2_000_000_000, 1)
    yield "no rows", png(1000, 1000)
    yield "only a head", b"\xff\xd8\xff\xe0" + b"\0" * 32
    yield "a PDF that says it is a JPEG", b"\xff\xd8\xff%PDF-1.4\n"
    yield "markup", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n"
    yield "nothing", b""


@pytest.mark.parametrize(
    ("name", "content"), list(hostile()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_no_whole_picture_has_no_thumbnail(name: str, content: bytes) -> None:
    assert look(content) == BROKEN, name


@given(st.integers(0, 600), st.binary(min_size=1, max_size=8))
def test_a_picture_with_wrong_bytes_never_fails(place: int, wrong: bytes) -> None:
    good = bytearray(photo("2026:11:23 09:00:00", offset="+08:00", number=7))
    good[place : place + len(wrong)] = wrong
    look(bytes(good))


def test_pictures_are_looked_at_in_a_process_of_their_own() -> None:
    keeper = Keeper()
    try:
        here = look(content := photo("2026:11:23 09:00:00", size=(2000, 1000)))
        assert keeper.look(content) == here
        assert keeper.look(png(60_000, 60_000)) == BROKEN
        assert keeper.look(b"") == BROKEN
    finally:
        keeper.close()
