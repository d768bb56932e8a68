"""The server itself, with clients that keep it waiting."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPConnection

import click
import pytest
from waitress import wasyncore

from tests.web.site import Site
from web.serving import listen

IDLE = 150
"""More than waitress lets in by itself; few enough for any machine."""


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    """Where the site is served, by one thread."""
    server = listen(site.app, replace(site.config, port=0, threads=1))
    serving = threading.Thread(target=server.run)
    serving.start()
    yield server.effective_port
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))  # without sockets the loop ends
    serving.join(timeout=10)
    server.task_dispatcher.shutdown()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_that_is_taken_is_said_with_what_to_do(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(click.ClickException) as refused:
        listen(site.app, replace(site.config, port=taken.getsockname()[1]))
    assert "--port" in refused.value.message
    del refused
    gc.collect()  # waitress leaves the socket that it could not bind to us


def test_connections_that_say_nothing_keep_nobody_out(port: int) -> None:
    with ExitStack() as open_ones:
        for number in range(IDLE):
            idle = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            if number % 2:
                idle.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/login")
        assert connection.getresponse().status == 200
        connection.close()


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", b" 431 "),
        (b"GET /\xe5\xa5\xbd HTTP/1.1\r\n\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n", b" 413 "),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", b" 501 "),
        (b"nonsense\r\n\r\n", b" 400 "),
    ],
)
def test_what_is_no_http_is_answered_and_hung_up_on(port: int, sent: bytes, answer: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        assert answer in connection.recv(4096).partition(b"\r\n")[0]


def test_a_body_in_chunks_is_read(port: int) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked"}
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/login", iter([b"login=li", b"na"]), kind, encode_chunked=True)
    assert connection.getresponse().status == 400  # its forgery token is missing
    connection.close()
