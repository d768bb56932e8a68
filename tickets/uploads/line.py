"""Owns the line between who wants an upload read and who reads it: frames of a kind and bytes, over a pair of sockets.

What the reading process says is data and nothing else: it may have been taken over by what it read.
"""

from __future__ import annotations

import socket
import struct
from enum import IntEnum

MOST = 96 * 1024 * 1024
"""Bytes of a frame: an upload has 20 MB, its definitions and forms together are smaller than four times that."""
_HEAD = struct.Struct("!BI")
_CHUNK = 1 << 20


class Kind(IntEnum):
    """What a frame says."""

    UPLOAD = 1
    """To the reader: what is to be read."""
    BEGUN = 2
    FILE = 3
    """From the reader: the path that it looks at from now on."""
    NEWEST = 4
    """From the reader: the id of a process that the upload calls; answered by FOUND, empty for none."""
    FOUND = 5
    DONE = 6
    TOO_MUCH = 7
    """From the reader: there is not memory enough."""
    BROKE = 8
    """From the reader: what it failed of, for our log alone."""
    PICTURE = 9
    """To the reader: a picture to be looked at instead."""


class Closed(Exception):
    """Nobody is at the other end any more, or it says what is no frame."""


def send(line: socket.socket, kind: Kind, content: bytes = b"") -> None:
    """Raises `Closed`, and OSError where the line's time-out is over."""
    try:
        line.sendall(_HEAD.pack(kind, len(content)))
        line.sendall(content)
    except (BrokenPipeError, ConnectionResetError):
        raise Closed from None


def receive(line: socket.socket) -> tuple[Kind, bytes]:
    """The next frame. Raises `Closed`, and TimeoutError where the line's time-out is over."""
    number, length = _HEAD.unpack(_exactly(line, _HEAD.size))
    if length > MOST or number not in _KINDS:
        raise Closed
    return Kind(number), _exactly(line, length)


def _exactly(line: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        try:
            chunk = line.recv(min(count - len(found), _CHUNK))
        except ConnectionResetError:
            raise Closed from None
        if not chunk:
            raise Closed
        found += chunk
    return bytes(found)


_KINDS = frozenset(Kind)
