"""The application as a test meets it: somebody's browser that keeps cookies, sends forgery tokens and reads pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import lxml.html
from apiflask import APIFlask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from tests.apps import create_app
from tests.cast import Cast
from tests.tickets.play import Play
from web.config import Config

CRASH: dict[str, Any] = {
    "phone_model": "HUAWEI DBY2-W09",
    "app_version": "3.2.0",
    "os": "harmonyos",
    "os_version": "4.2",
    "symptom": "quit",
    "scene": "class",
    "how_often": "always",
    "what_happened": "全班 6 台 Pad 中有 2 台一进课堂就退出。",
    "happened_at": "2026-11-20",
    "happened_at:time": "08:40",
    "affected_students": "2",
}
"""What a page sends to file a crash report."""

A_YEAR = 365 * 24
"""Hours; so that a test may move the clock on without anybody's being signed out."""


class Page:
    """An answer, with what a reader would look for in it."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.content = response.get_data()
        self.text = self.content.decode("utf-8", "replace")

    @cached_property
    def tree(self) -> lxml.html.HtmlElement:
        return lxml.html.fromstring(self.text)

    def words(self, selector: str = "body") -> list[str]:
        """The text of each element that fits, spaces made one."""
        return [" ".join(element.text_content().split()) for element in self.tree.cssselect(selector)]

    def value(self, selector: str, attribute: str = "value") -> str:
        """An attribute of the first element that fits; fails when there is none."""
        found = self.tree.cssselect(selector)[0].get(attribute)
        assert found is not None, f"{selector} has no {attribute}"
        return str(found)

    @property
    def location(self) -> str:
        return str(self.headers["Location"])

    @property
    def toasts(self) -> list[str]:
        return self.words("#toasts [data-toast]")


@dataclass
class Visitor:
    """Somebody's browser."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> Page:
        return Page(self.client.get(path, headers=_names(headers), buffered=True))

    def post(self, path: str, data: Mapping[str, Any] | None = None, **headers: str) -> Page:
        """Send a form with this session's forgery token."""
        form = {"csrf_token": self.token, **(data or {})}
        return Page(self.client.post(path, data=form, headers=_names(headers), buffered=True))

    def put(self, path: str, data: Mapping[str, Any]) -> Page:
        """What htmx sends: the token in a header."""
        return Page(self.client.put(path, data=dict(data), headers={"X-CSRFToken": self.token, "HX-Request": "true"}))

    def follow(self, page: Page) -> Page:
        """Where a page sends one on to."""
        assert page.status == 303, page.text
        return self.get(page.location)

    @property
    def token(self) -> str:
        from flask_wtf.csrf import generate_csrf

        with self.client.session_transaction() as cookie, self.client.application.test_request_context():
            from flask import session

            session.update(cookie)
            token = str(generate_csrf())
            cookie.update(session)
        return token


class Templates(BytecodeCache):
    """Templates compiled once for all the applications that the tests make."""

    compiled: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


class Site:
    """The application on the cast's database."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.cast = cast
        self.config = Config(
            data_folder=folder,
            database_url=str(cast.runtime.database.url),
            secret_key="a key for tests only, of 32 characters",
            max_request_bytes=3 * 1024 * 1024,
            session_hours=A_YEAR,
            session_idle_hours=A_YEAR,
        )
        self.app: APIFlask = create_app(cast.runtime, self.config)
        self.app.testing = True
        self.app.jinja_env.bytecode_cache = Templates()

    def anonymous(self) -> Visitor:
        """A browser in which nobody is signed in."""
        return Visitor(self.app.test_client())

    def browser(self, login: str, *, language: str = "") -> Visitor:
        """The browser of one of the cast, signed in; the language is what it asks for if they have chosen none."""
        client = self.app.test_client()
        if language:
            client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        with client.session_transaction() as cookie:
            cookie["session"] = self.cast.sign_in(login)
        return Visitor(client)

    @property
    def play(self) -> Play:
        """The verbs, for all that is not the point of a test."""
        return Play(self.cast)

    def file_crash(self, login: str = "zhoulan", **values: Any) -> str:
        """The number of a crash report of the shipped type, filed through the page."""
        answer = self.browser(login).post("/tickets", {"type": "crash_report", **CRASH, **values})
        assert answer.status == 303, answer.words(".gd-err, .gd-empty")
        return answer.location.removeprefix("/tickets/")

    def task(self, element: str) -> str:
        """The address of an open task."""
        return f"/tasks/{self.play.task(element).public_id}"


def _names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
