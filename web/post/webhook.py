"""Owns sending a message to a webhook: one POST of JSON, to the very address that was checked, following nothing."""

from __future__ import annotations

import http.client
import socket
from threading import Timer
from urllib.parse import urlsplit

import orjson

from tickets.notices.deliveries import Letter
from web.post.reach import Inside, addresses, port_of
from web.post.smtp import Refused, Unreachable
from web.post.sockets import encrypted, hang_up
from web.post.wording import said

TIMEOUT = 10
"""Seconds for connecting and for each part of an answer."""
LONGEST = 30
"""Seconds for the whole of an answer: one that drips would keep all other messages waiting."""


def post(letter: Letter, link: str, *, private: bool) -> None:
    """Raises Unreachable, Refused. The header Idempotency-Key is the delivery's: a receiver can tell a second one."""
    parts = urlsplit(letter.to)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": letter.key,
        "User-Agent": "Gongdan",
        "Connection": "close",
    }
    connection = _connect(letter.to, private=private)
    over = Timer(LONGEST, hang_up, (connection.sock,))
    over.daemon = True
    over.start()
    try:
        connection.request("POST", path, _body(letter, link), headers)
        status = connection.getresponse().status
    except (http.client.HTTPException, OSError) as error:
        raise Unreachable(f"The webhook did not answer: {type(error).__name__}") from None
    finally:
        over.cancel()
        connection.close()
    if status in (408, 425, 429) or status >= 500:
        raise Unreachable(f"The webhook answered {status}")
    if not 200 <= status < 300:
        raise Refused(f"The webhook answered {status}")


def _body(letter: Letter, link: str) -> bytes:
    return orjson.dumps(
        {
            "id": letter.key,
            "event": letter.event,
            "at": letter.at,
            "ticket": letter.number or None,
            "ticket_id": letter.about_id if letter.number else None,
            "title": letter.title,
            "text": said(letter),
            "url": link,
        },
        option=orjson.OPT_UTC_Z,
    )


def _connect(url: str, *, private: bool) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host, port = parts.hostname or "", port_of(url)
    try:
        found = addresses(host, port, private=private)
    except Inside:
        raise Refused("The webhook's address lies inside a private network") from None
    except OSError:
        raise Unreachable("The webhook's name is unknown") from None
    try:
        sock: socket.socket = socket.create_connection((found[0], port), TIMEOUT)
        if parts.scheme == "https":
            sock = encrypted(sock, host)
    except OSError as error:
        raise Unreachable(f"The webhook can't be reached: {type(error).__name__}") from None
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    connection.sock = sock
    return connection
