"""The log: a line a request, bound to whom and what it is about; and nothing in it that is secret or private."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pytest
import structlog

from engine.secrets import MASK
from tests.web.site import Site
from web import logs

PASSWORD, TYPED = "hunter2-hunter2", "身份证 440305199001011234"


@dataclass(frozen=True)
class SignIn:
    login: str
    password: str


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as production does it."""
    root, access = logging.getLogger(), logging.getLogger(logs.ACCESS)
    before = (root.handlers[:], root.level, access.level)
    stream = io.StringIO()
    logs.start("json", stream)
    root.handlers += [each for each in before[0] if each not in root.handlers]
    yield stream
    structlog.reset_defaults()
    root.handlers[:], _, _ = before
    root.setLevel(before[1])
    access.setLevel(before[2])


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_every_request_has_a_line_with_its_id_and_person(site: Site, log: io.StringIO) -> None:
    answer = site.browser("lina").get("/inbox?q=private", X_Request_ID="from-the-proxy")
    (line,) = [line for line in lines(log) if line["event"] == "request"]
    assert line["request_id"] == answer.headers["X-Request-ID"] == "from-the-proxy"
    assert line["person"] == str(site.cast.lina.public_id)
    assert (line["endpoint"], line["path"], line["status"], line["level"]) == ("lists.inbox", "/inbox", 200, "info")
    assert line["ms"] >= 0


def test_what_is_asked_all_the_time_has_none(site: Site, log: io.StringIO) -> None:
    visitor = site.anonymous()
    for path in ("/healthz", "/readyz", "/metrics", "/static/mark.svg"):
        visitor.get(path)
    assert lines(log) == []


def test_one_request_knows_nothing_of_the_last_one_s_person(site: Site, log: io.StringIO) -> None:
    site.browser("lina").get("/inbox")
    site.anonymous().get("/login")
    assert "person" not in lines(log)[-1]


def test_no_password_token_cookie_or_answer_is_in_the_log(site: Site, log: io.StringIO) -> None:
    """Somebody signs in, files a ticket with private words, and sends a wrong token."""
    site.play.ship("crash_report")
    site.anonymous().post("/login", {"login": "lina", "password": PASSWORD})
    visitor = site.browser("zhoulan")
    site.file_crash(what_happened=TYPED)
    visitor.get(f"/my-tickets?q={TYPED}")
    token = "gdt_" + "x" * 43
    site.anonymous().get("/api/v1/tasks", Authorization=f"Bearer {token}")
    cookie = visitor.client.get_cookie("gongdan")
    assert cookie is not None
    for secret in (PASSWORD, TYPED, "440305199001011234", token, cookie.value, visitor.token):
        assert secret not in log.getvalue()


def test_what_a_database_refuses_is_logged_without_its_values(site: Site, log: io.StringIO) -> None:
    import sqlalchemy as sa

    logger = structlog.get_logger()
    try:
        with site.cast.runtime.database.begin() as connection:
            connection.execute(sa.text("INSERT INTO place (name) VALUES (:name)"), {"name": TYPED})
    except sa.exc.IntegrityError:
        logger.exception("failed", job=1)
    (line,) = lines(log)
    assert "IntegrityError" in line["exception"]
    assert TYPED not in log.getvalue()


@pytest.mark.parametrize(
    "facts",
    [
        {"password": PASSWORD},
        {"new_password": PASSWORD},
        {"headers": {"Authorization": PASSWORD, "Cookie": PASSWORD}},
        {"deep": [{"csrf_token": PASSWORD}]},
        {"values": {"id": PASSWORD}},
        {"payload": [PASSWORD]},
        {"deep": MappingProxyType({"inner": MappingProxyType({"password": PASSWORD})})},
        {"deep": ({"urls": (f"https://lina:{PASSWORD}@example.com/",)},)},
        {"who": SignIn("lina", PASSWORD)},
        {"deep": {"tried": [SignIn("lina", PASSWORD)]}},
        {"why": ValueError(f"refused Bearer {PASSWORD}")},
        {"deep": [ValueError(f"refused Bearer {PASSWORD}")]},
        {"why": f"refused Bearer {PASSWORD}".encode()},
        {"url": f"postgresql://gongdan:{PASSWORD}@db/gongdan"},
        {"why": f"refused Bearer {PASSWORD}"},
        {"why": f"POST https://oapi.example/robot/send?access_token={PASSWORD}&x=1"},
        {"why": f"POST https://open.example/open-apis/bot/v2/hook/{PASSWORD}"},
        {"why": f"duplicate key\nDETAIL:  Key (phone)=({PASSWORD}) already exists."},
    ],
)
def test_secrets_are_hidden_wherever_they_are(log: io.StringIO, facts: dict[str, Any]) -> None:
    structlog.get_logger().warning("told", **facts)
    logging.getLogger("somebody.else").warning("told too", extra=facts)
    assert PASSWORD not in log.getvalue()
    assert len(lines(log)) == 2


def test_what_is_no_secret_stays_as_it_was(log: io.StringIO) -> None:
    structlog.get_logger().warning("told", n=1, ok=True, deep={"n": [1.5, None, "a"]}, who=SignIn("lina", PASSWORD))
    (line,) = lines(log)
    assert (line["n"], line["ok"], line["deep"]) == (1, True, {"n": [1.5, None, "a"]})
    assert line["who"] == {"login": "lina", "password": MASK}


def test_a_line_break_in_an_address_makes_no_second_line(site: Site, log: io.StringIO) -> None:
    site.anonymous().get("/x%0Afake%1b[31m")
    assert len(log.getvalue().splitlines()) == 1
    assert "\x1b" not in log.getvalue()
