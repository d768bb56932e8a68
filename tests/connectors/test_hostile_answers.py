"""What another system may answer with bad intent: slow, huge, packed, broken, redirecting, repeating secrets."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from engine.calling import Answered
from tests.connectors.other import Other, Say, other_system
from tests.connectors.stage import KEY, Stage, asks
from tickets.connectors.outgoing import NotSent, Outgoing
from tickets.connectors.stand_ins import needles
from web.post import http_call
from web.post.allowed import Allowed

HERE = Allowed.read("127.0.0.0/8")


def going(url: str, **more: Any) -> Outgoing:
    return Outgoing(**{"method": "GET", "url": url, "headers": {}, "body": None, "key": "k-1", "timeout": 5, **more})


def asked(other: Other, path: str = "/", **more: Any) -> Answered:
    return http_call.send(HERE, going(other.url + path, **more)).answered


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    for number in range(100):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if number == 0 else b"X-A: b\r\n")
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize("drip", [dripping, dripping_headers])
def test_the_time_is_for_all_of_the_answer(other: Other, drip: Callable[[BaseHTTPRequestHandler], None]) -> None:
    other.says = [Say(raw=drip)]
    began = time.monotonic()
    assert asked(other, timeout=1).trouble == "timeout"
    assert time.monotonic() - began < 5


def late(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def test_a_host_of_several_addresses_has_as_long_to_answer_as_any(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_call, "KNOCKING", 0.2)
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, other.port)) for address in ("127.0.0.1", "127.0.0.2")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    other.says = [Say(raw=late)]
    answered = http_call.send(HERE, going(f"http://other.example:{other.port}/")).answered
    assert (answered.status, answered.trouble) == (200, "")


@pytest.mark.parametrize(
    ("say", "trouble"),
    [
        (Say(200, b"x" * (1024 * 1024 + 1)), "too_large"),
        (Say(200, gzip.compress(b"x" * 50_000_000), {"Content-Encoding": "gzip"}), "too_large"),
        (Say(200, gzip.compress(b"x" * 999)[:-9], {"Content-Encoding": "gzip"}), "unreadable"),
        (Say(200, b"not packed", {"Content-Encoding": "gzip"}), "unreadable"),
        (Say(200, b"???", {"Content-Encoding": "br"}), "unreadable"),
        (Say(200, b"[" * 900 + b"]" * 900, {"Content-Type": "application/json"}), "unreadable"),
        (Say(200, b"cut", {"Content-Length": "1000"}), "network"),
        (Say(raw=lambda handler: handler.wfile.write(b"no http at all\r\n\r\n")), "network"),
        (Say(raw=lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500)), "network"),
        (Say(raw=lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)), "network"),
    ],
)
def test_what_can_t_be_read_is_trouble_and_nothing_worse(other: Other, say: Say, trouble: str) -> None:
    other.says = [say]
    answered = asked(other)
    assert answered.trouble == trouble
    assert answered.body is None


def test_what_is_packed_and_small_is_read(other: Other) -> None:
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    other.says = [Say(200, gzip.compress(b'{"a": "\\u0000\\ud83d\\ude00"}'), packed)]
    assert asked(other).body == {"a": "\ufffd😀"}


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:1/",
        "http://[::1]/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "http://0x7f.1/",
    ],
)
def test_a_redirect_inwards_is_not_followed(to: str) -> None:
    with other_system("127.0.0.9") as shop:
        shop.says = [Say(302, b"", {"Location": to})]
        with pytest.raises(NotSent, match="private network"):
            http_call.send(Allowed.read("127.0.0.9/32"), going(shop.url))


@pytest.mark.parametrize(
    "to", ["ftp://a.example/", "http://u:p@127.0.0.1/", "http://[", "javascript:1", "http://127.0.0.1:99999/"]
)
def test_a_redirect_to_no_address_is_the_answer(other: Other, to: str) -> None:
    other.says = [Say(302, b"", {"Location": to})]
    assert asked(other).status == 302


def test_at_most_three_redirects_are_followed(other: Other) -> None:
    other.usual = Say(302, b"", {"Location": "/again"})
    assert asked(other).status == 302
    assert len(other.came) == 4


def test_at_the_same_place_a_redirect_keeps_what_was_sent(other: Other) -> None:
    other.says = [Say(307, b"", {"Location": "/there"}), Say(200, {"a": 1})]
    answered = asked(other, method="POST", body=b"{}", headers={"X-Key": KEY})
    assert answered.body == {"a": 1}
    assert [came.headers.get("x-key") for came in other.came] == [KEY, KEY]
    assert [(came.method, came.path) for came in other.came] == [("POST", "/"), ("POST", "/there")]


def test_to_another_host_go_no_secrets_and_no_body(other: Other) -> None:
    with other_system() as elsewhere:
        other.says = [Say(302, b"", {"Location": elsewhere.url}), Say(307, b"", {"Location": elsewhere.url})]
        assert asked(other, headers={"X-Key": KEY, "Authorization": "Bearer x"}).status == 200
        (came,) = elsewhere.came
        assert not {"x-key", "authorization", "idempotency-key"} & came.headers.keys()
        assert asked(other, method="POST", body=b"{}").status == 307
        assert len(elsewhere.came) == 1


def test_a_secret_that_is_repeated_in_a_redirect_goes_nowhere(other: Other) -> None:
    with other_system() as elsewhere:
        other.says = [Say(302, b"", {"Location": f"{elsewhere.url}/?k={KEY}"})]
        with pytest.raises(NotSent):
            asked(other, hidden=needles([KEY]))
        assert elsewhere.came == []


def test_a_name_that_leads_elsewhere_a_moment_later_is_not_asked_again(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is allowed, the second would be this machine's own door."""
    known, asked_for = socket.getaddrinfo, []

    def changing(host: str, *rest: Any, **named: Any) -> Any:
        if host == "rebind.example":
            asked_for.append(host)
            return known("127.0.0.9" if len(asked_for) == 1 else "127.0.0.1", *rest, **named)
        return known(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    only = Allowed.read("127.0.0.9/32")
    answered = http_call.send(only, going(f"http://rebind.example:{other.port}/")).answered
    assert answered.trouble == "network"  # nobody listens at the address that was checked
    assert (asked_for, other.came) == (["rebind.example"], [])
    with pytest.raises(NotSent):
        http_call.send(only, going(f"http://rebind.example:{other.port}/"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:%d/", "http://localhost:%d/", "http://[::1]:%d/", "http://10.0.0.1:%d", "http://0:%d"]
)
def test_without_the_allow_list_nothing_inside_is_called(other: Other, url: str) -> None:
    with pytest.raises(NotSent):
        http_call.send(Allowed(), going(url % other.port))
    assert other.came == []


def test_what_comes_back_holds_no_secret(stage: Stage) -> None:
    stage.secret("echo_key")
    asks(
        stage.play,
        url=f"{stage.other.url}/${{secrets.echo_key}}",
        header__Authorization="Bearer ${secrets.echo_key}",
        result='{"answer": response, "seen": headers}',
    )
    stage.other.says = [Say(200, {"you": f"sent {KEY}", KEY: [KEY]}, {"X-Echo": KEY})]
    number = stage.play.file("zhoulan")
    stage.calls()
    assert stage.other.came[0].headers["authorization"] == f"Bearer {KEY}"
    data = stage.play.ticket(number).data
    assert data["answer"] == {"you": "sent •••", "•••": ["•••"]}
    assert data["seen"]["x-echo"] == "•••"
