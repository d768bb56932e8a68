"""Receivers of messages that mean harm: an answer that never ends keeps nothing waiting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from engine.expressions import Message
from tickets.notices.deliveries import Letter
from tickets.notices.models import Channel
from tickets.notices.news import Whither
from tickets.notices.urls import AddressKind
from web.post import webhook
from web.post.smtp import Unreachable


@contextmanager
def dripping(begin: bytes) -> Iterator[str]:
    """A server whose answer goes on, a byte at a time, for as long as somebody listens."""
    gone = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(begin)
                    while not gone.wait(0.02):
                        connection.sendall(b"x")

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"
        gone.set()
        thread.join()


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Endless: "])
def test_an_answer_that_drips_is_hung_up(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "LONGEST", 0.3)
    with dripping(begin) as url:
        letter = Letter(
            key="1:im:1",
            channel=Channel.IM,
            to=url,
            kind=AddressKind.WEBHOOK,
            name="坏人",
            language="zh",
            time_zone="Asia/Shanghai",
            words=Message("x"),
            body="",
            who="",
            event="test",
            at=datetime(2026, 11, 22, tzinfo=UTC),
            about=Whither("T-1"),
            title="x",
            about_id=uuid4(),
            brand="",
        )
        with suppress(Unreachable):  # a status that came in time counts
            webhook.post(letter, "https://gongdan.qiming.example/tickets/T-1", private=True)
