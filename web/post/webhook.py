"""Owns sending a message to a webhook: one signed POST of JSON to the very address that was checked."""

from __future__ import annotations

import http.client
import socket
import time
from threading import Timer
from urllib.parse import urlsplit

import orjson

from engine.expressions import N_
from tickets.notices.deliveries import Letter
from tickets.notices.signing import signature
from web.post.reach import Inside, addresses, port_of
from web.post.smtp import Refused, Unreachable
from web.post.sockets import encrypted, hang_up
from web.post.trouble import because
from web.post.wording import said

TIMEOUT = 10
"""Seconds for connecting and for each part of an answer."""
LONGEST = 30
"""Seconds for the whole of an answer: one that drips would keep all other messages waiting."""


def post(letter: Letter, link: str, *, private: bool, secret: str = "") -> None:
    """Raises Unreachable, Refused. The id is the delivery's, so that a receiver can tell a second one."""
    parts = urlsplit(letter.to)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    body = _body(letter, link)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": letter.key,
        **_signed(secret, letter.key, body),
        "User-Agent": "Gongdan",
        "Connection": "close",
    }
    connection = _connect(letter.to, private=private)
    over = Timer(LONGEST, hang_up, (connection.sock,))
    over.daemon = True
    over.start()
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (http.client.HTTPException, OSError) as error:
        raise Unreachable(because(N_("The webhook did not answer"), type(error).__name__)) from None
    finally:
        over.cancel()
        connection.close()
    if status in (408, 425, 429) or status >= 500:
        raise Unreachable(because(N_("The webhook answered with an error"), status))
    if not 200 <= status < 300:
        raise Refused(because(N_("The webhook answered with an error"), status))


def _signed(secret: str, message_id: str, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks; by the clock of the machine, as a receiver compares it with its own."""
    at = int(time.time())
    ids = {"webhook-id": message_id, "webhook-timestamp": str(at)}
    return {**ids, "webhook-signature": signature(secret, message_id, at, body)} if secret else ids


def _body(letter: Letter, link: str) -> bytes:
    return orjson.dumps(
        {
            "id": letter.key,
            "event": letter.event,
            "at": letter.at,
            "ticket": letter.number or None,
            "ticket_id": letter.about_id if letter.number else None,
            "type": letter.type or None,
            "status": letter.status or None,
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
        raise Refused(N_("The webhook's address lies inside a private network")) from None
    except OSError:
        raise Unreachable(N_("The webhook's name is unknown")) from None
    try:
        sock: socket.socket = socket.create_connection((found[0], port), TIMEOUT)
        if parts.scheme == "https":
            sock = encrypted(sock, host)
    except OSError as error:
        raise Unreachable(because(N_("The webhook can't be reached"), type(error).__name__)) from None
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    connection.sock = sock
    return connection
