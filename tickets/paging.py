"""Owns keyset paging: a page of rows and the opaque cursor that says after which row the next one begins."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

PAGE_LIMIT = 200

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order; `next_cursor` is None on the last page."""

    rows: tuple[Row, ...]
    next_cursor: str | None


class Position(NamedTuple):
    """The sort key of a page's last row; lists sorted by id alone leave `due` at the epoch."""

    due: datetime
    id: int


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = struct.Struct(">qq")


def write_cursor(position: Position) -> str:
    """URL-safe, 22 characters."""
    microseconds = (position.due - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_SHAPE.pack(microseconds, position.id)).decode().rstrip("=")


def read_cursor(text: str | None) -> Position | None:
    """The position, or None (the first page) when there is no cursor or it was tampered with."""
    try:
        packed = base64.b64decode((text or "").encode("ascii") + b"==", altchars=b"-_", validate=True)
        microseconds, row_id = _SHAPE.unpack(packed)
        return Position(EPOCH + timedelta(microseconds=microseconds), row_id)
    except (binascii.Error, struct.error, OverflowError, UnicodeEncodeError):
        return None


def clamped(limit: int) -> int:
    """Between 1 and PAGE_LIMIT rows."""
    return max(1, min(limit, PAGE_LIMIT))
