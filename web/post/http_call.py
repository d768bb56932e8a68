"""Owns sending a connector's call: to the address that was checked, in the time it has, reading no more than 1 MB.

Each redirect is looked at as the first address was; to another host go no secrets, no body and no header of the call.
"""

from __future__ import annotations

import http.client
import socket
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from math import inf
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from engine.calling import Answered
from engine.expressions import N_, EvaluationError, Message, to_json
from tickets.connectors.calls import Sent
from tickets.connectors.outgoing import NotSent, Outgoing
from tickets.connectors.stand_ins import changed
from web.post.allowed import Allowed
from web.post.reach import Inside
from web.post.sockets import encrypted, hang_up

MOST = 1024 * 1024
"""Bytes of an answer, unpacked."""
PIECE = 64 * 1024
KNOCKING = 5
"""Seconds for connecting to an address while there are others to try."""
MOST_REDIRECTS = 3
MOVED = frozenset({301, 302, 303, 307, 308})
SAME_METHOD = frozenset({307, 308})
READING = frozenset({"GET", "HEAD"})
MOST_HEADER = 2000
FORGOTTEN = frozenset({"set-cookie", "set-cookie2", "connection", "keep-alive", "transfer-encoding"})
INSIDE = N_(
    "“%(host)s” lies inside a private network, or its port is none that may be called. An operator can allow it."
)


class _TooLarge(Exception):
    """The answer is larger than may be read."""


class _Unreadable(Exception):
    """The answer is not what it says it is."""


def send(allowed: Allowed, going: Outgoing) -> Sent:
    """Make the call. Raises NotSent where it may not be made; all else that goes wrong is in the answer."""
    deadline = monotonic() + going.timeout
    try:
        for _ in range(MOST_REDIRECTS + 1):
            answered, pause, location = _ask(allowed, going, deadline)
            onward = _onward(going, answered, location)
            if onward is None:
                return Sent(answered, pause)
            going = onward
    except TimeoutError:
        return Sent(Answered(0, trouble="timeout"))
    except _TooLarge:
        return Sent(Answered(0, trouble="too_large"))
    except _Unreadable:
        return Sent(Answered(0, trouble="unreadable"))
    except (http.client.HTTPException, OSError):
        return Sent(Answered(0, trouble="timeout" if monotonic() >= deadline else "network"))
    return Sent(answered)


def _ask(allowed: Allowed, going: Outgoing, deadline: float) -> tuple[Answered, timedelta | None, str]:
    connection = _connect(allowed, going.url, deadline)
    over = Timer(max(deadline - monotonic(), 0.01), hang_up, (connection.sock,))
    over.daemon = True
    over.start()
    try:
        parts = urlsplit(going.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(going.method, path, going.body, _headers(going))
        response = connection.getresponse()
        headers = _kept(response)
        body = _body(response, headers, going.method)
    finally:
        over.cancel()
        connection.close()
    if monotonic() >= deadline:
        raise TimeoutError  # the line was cut, and what had come by then may look whole
    return Answered(response.status, headers, body), _pause(headers), response.headers.get("Location", "")


def _headers(going: Outgoing) -> dict[str, str]:
    own = {
        "User-Agent": "Gongdan",
        "Accept": "application/json, text/plain;q=0.9, */*;q=0.5",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    said = {name.lower() for name in going.headers}
    key = {"Idempotency-Key": going.key} if going.key else {}
    return {name: text for name, text in own.items() if name.lower() not in said} | dict(going.headers) | key


def _connect(allowed: Allowed, url: str, deadline: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        found = allowed.addresses(host, port)
    except (Inside, UnicodeError):
        raise NotSent(Message(INSIDE, {"host": (parts.hostname or "")[:100]})) from None
    sock = _reach(found, port, deadline)
    if parts.scheme == "https":
        sock = encrypted(sock, host)
    connection = http.client.HTTPConnection(host, port, timeout=_left(deadline))
    if port == (443 if parts.scheme == "https" else 80):
        connection.port = 80  # left out of the Host header, as the scheme's own
    connection.sock = sock
    return connection


def _reach(found: list[str], port: int, deadline: float) -> socket.socket:
    """A line to the first of the checked addresses that takes it."""
    *others, last = found
    for address in others:
        with suppress(OSError):
            return _line_to(address, port, deadline, at_most=KNOCKING)
    return _line_to(last, port, deadline)


def _line_to(address: str, port: int, deadline: float, *, at_most: float = inf) -> socket.socket:
    """Connected within so many seconds; what is said over it then has all the time that is left."""
    sock = socket.create_connection((address, port), min(_left(deadline), at_most))
    sock.settimeout(_left(deadline))
    return sock


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _onward(going: Outgoing, answered: Answered, location: str) -> Outgoing | None:
    """The call that a redirect asks for; None: the answer is what it is."""
    if answered.status not in MOVED or not location:
        return None
    try:
        url = urljoin(going.url, location).partition("#")[0]
    except ValueError:
        return None
    if any(form in url for form in going.hidden):
        raise NotSent(Message(N_("The other side redirects the call and repeats a secret in the address.")))
    if not _is_address(url):
        return None
    changes = answered.status not in SAME_METHOD and going.method not in READING
    if changes and answered.status != 303:
        return None  # what was to change something is not made a question
    onward = replace(going, url=url)
    if changes:
        onward = replace(onward, method="GET", body=None, headers=_without_body(going.headers))
    if _origin(url) == _origin(going.url):
        return onward
    return replace(onward, headers={}, key="") if onward.method in READING and onward.body is None else None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and "@" not in parts.netloc and url.isascii() and url.isprintable() and " " not in url


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _without_body(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in headers.items() if not name.lower().startswith("content-")}


def _kept(response: http.client.HTTPResponse) -> dict[str, str]:
    """The answer's headers as data, by their names in small letters; cookies are nobody's here."""
    pairs = ((name.lower(), text) for name, text in response.headers.items())
    return {_clean(name): _clean(text[:MOST_HEADER]) for name, text in pairs if name not in FORGOTTEN}


def _body(response: http.client.HTTPResponse, headers: Mapping[str, str], method: str) -> Any:
    """Data if it is JSON, else text, null if there is none."""
    content = b"" if method == "HEAD" else _unpacked(response, headers.get("content-encoding", ""))
    if not content.strip():
        return None
    kind = headers.get("content-type", "").lower()
    if kind.partition(";")[0].strip().endswith(("/json", "+json")):
        with suppress(orjson.JSONDecodeError):
            return _as_data(orjson.loads(content))
    return _clean(_decoded(content, kind))


def _unpacked(response: http.client.HTTPResponse, encoding: str) -> bytes:
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return _read(response)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _Unreadable
    packed, found = zlib.decompressobj(47 if "gzip" in encoding else 15), bytearray()
    try:
        while piece := response.read(PIECE):
            found += packed.decompress(piece, MOST + 1 - len(found))
            if len(found) > MOST:
                raise _TooLarge
        whole = packed.eof
    except zlib.error:
        raise _Unreadable from None
    if not whole:
        raise _Unreadable
    return bytes(found)


def _read(response: http.client.HTTPResponse) -> bytes:
    found = bytearray()
    while piece := response.read(PIECE):
        found += piece
        if len(found) > MOST:
            raise _TooLarge
    if response.length:
        raise http.client.IncompleteRead(bytes(found), response.length)
    return bytes(found)


def _decoded(content: bytes, kind: str) -> str:
    charset = next((part.partition("=")[2] for part in kind.split(";") if part.strip().startswith("charset=")), "")
    try:
        return content.decode(charset.strip(" \"'") or "utf-8", errors="replace")
    except (LookupError, UnicodeError):
        return content.decode(errors="replace")


def _as_data(value: Any) -> Any:
    """What a process can hold."""
    try:
        return to_json(changed(value, _clean))
    except (EvaluationError, RecursionError):
        raise _Unreadable from None


def _clean(text: str) -> str:
    """A text that JSON and a database hold."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _pause(headers: Mapping[str, str]) -> timedelta | None:
    """How long Retry-After asks to wait: seconds, or until a date by the other side's own clock."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit() and len(said) < 8:
        return timedelta(seconds=int(said))
    try:
        until, now = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return max(until.replace(tzinfo=UTC) - now.replace(tzinfo=UTC), timedelta())
