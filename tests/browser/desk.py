"""The product served on the cast's database, and each person's own browser window on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import BrowserContext, Page, expect

from tests.apps import create_app
from tests.browser.harness import Pages, serving
from tests.cast import Cast
from tests.tickets.play import Play
from tests.web.words import compile_words
from tickets.demo import PASSWORD
from tickets.people import Person
from tickets.tokens import issue_token
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
    "happened_at": "2026-11-20T08:40+08:00",
    "affected_students": 2,
}
"""Answers that file a crash report."""


@dataclass
class Desk:
    """What a test of pages needs: an address, windows to open on it, and the verbs for all that is not its point."""

    cast: Cast
    app: Flask
    address: str
    pages: Pages

    @property
    def play(self) -> Play:
        return Play(self.cast)

    def window(self, **options: Any) -> Page:
        """A window in which nobody is signed in; `options` as of `Pages.open`."""
        return self.pages.open(base_url=self.address, **options)

    def sign_in(self, login: str, **options: Any) -> Page:
        """Signed in through the page."""
        page = self.window(**options)
        page.goto("/login")
        enter_password(page, login)
        expect(page).not_to_have_url(re.compile("/login"))
        return page

    def enter(self, login: str, address: str = "", **options: Any) -> Page:
        """Signed in by a cookie, which is quicker, and at that address."""
        page = self.window(**options)
        self.admit(page.context, self.cookie(login))
        if address:
            page.goto(address)
        return page

    def token(self, login: str) -> str:
        """A token for the API, which acts as that person."""
        with self.cast.runtime.writing() as session, session.begin():
            person = session.get_one(Person, self.cast.people[login])
            return issue_token(session, person, "tests", now=self.cast.clock.now())

    def file_crash(self, login: str = "zhoulan", **values: Any) -> str:
        """The number of a crash report, of the shipped type."""
        return self.play.file(login, "crash_report", **{**CRASH, **values})

    def cookie(self, login: str) -> str:
        """A cookie's value, with which somebody's session begins now."""
        serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert serializer, "the application has a secret key"
        return str(serializer.dumps({"session": self.cast.sign_in(login)}))

    def admit(self, browser: BrowserContext, cookie: str) -> None:
        """Whose cookie it is, is signed in there."""
        browser.add_cookies([{"name": "gongdan", "value": cookie, "url": self.address}])


@pytest.fixture
def desk(cast: Cast, tmp_path: Path, pages: Pages) -> Iterator[Desk]:
    """The product on the cast's database; its clock is the cast's, which the test moves."""
    with open_desk(cast, tmp_path, pages) as made:
        yield made


@contextmanager
def open_desk(cast: Cast, folder: Path, pages: Pages, *, demo: bool = False) -> Iterator[Desk]:
    """Serve the product, which keeps its files in `folder`, until the block ends."""
    compile_words()
    url, long = str(cast.runtime.database.url), 9999
    config = Config(
        data_folder=folder,
        database_url=url,
        secret_key="k" * 40,
        session_hours=long,
        session_idle_hours=long,
        demo=demo,
    )
    app = create_app(cast.runtime, config)
    with serving(app) as address:
        try:
            yield Desk(cast, app, address, pages)
        finally:
            pages.leave()


def enter_password(page: Page, login: str, password: str = PASSWORD) -> None:
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.locator("form button.btn-primary").click()


def choose(page: Page, label: str) -> None:
    """The radio button or checkbox with these words."""
    page.locator("label", has_text=re.compile(rf"^\s*{label}\s*$")).click()


def complete(page: Page) -> None:
    page.locator("#task-form").get_by_role("button", name=re.compile("完成待办|发送")).click()
    expect(page.locator("[data-toast]")).to_be_visible()
