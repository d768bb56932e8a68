"""Drives a Chromium through Playwright: pages that fail on any console error, screenshots, axe, a live server."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, ViewportSize
from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).parents[2]
DESKTOP = ViewportSize(width=1360, height=940)
PHONE = ViewportSize(width=390, height=844)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_COLOURS = ["color-contrast", "link-in-text-block"]
"""Tags of all that axe looks for; the rules whose outcome can differ between light and dark."""


class NoChromium(Exception):
    """The browser tests need a Chromium on the PATH: apt-get install chromium (`make test` does that on Debian)."""


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that is installed; Playwright's own builds are not downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise NoChromium(NoChromium.__doc__)
    return playwright.chromium.launch(executable_path=found, headless=True, args=ARGUMENTS)


@dataclass
class Pages:
    """Opens pages for one test and keeps what went wrong in them. Each page is a person with cookies of their own."""

    browser: Browser
    faults: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, **options: Any) -> Page:
        """A blank page in a browser of its own; `options` as of `context`."""
        return self.context(**options).new_page()

    def context(
        self, *, phone: bool = False, dark: bool = False, locale: str = "zh-CN", **options: Any
    ) -> BrowserContext:
        """A browser with cookies of its own; `options` are those of Playwright's `new_context`, such as `base_url`."""
        context = self.browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            locale=locale,
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(15_000)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))
        context.on("request", self._see)
        self.contexts.append(context)
        return context

    def expect(self, pattern: str) -> None:
        """Let this test pass although a console message matches: a 409 that the test provokes, say."""
        self.expected.append(re.compile(pattern))

    def close(self) -> None:
        """Close every page, then fail with what went wrong in any of them."""
        self.leave()
        self.check()

    def leave(self) -> None:
        """Close every page, before the server goes that some may still be loading from."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()

    def check(self) -> None:
        """Fail with what went wrong since the last check; what is expected is expected no longer."""
        unexpected = [fault for fault in self.faults if not any(known.search(fault) for known in self.expected)]
        self.faults.clear()
        self.expected.clear()
        assert not unexpected, "the browser complained:\n" + "\n".join(unexpected)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _see(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.hostname not in ("127.0.0.1", "localhost"):
            self.faults.append(f"the page asks another host: {request.url}")


def shoot(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page in the folder GONGDAN_SHOTS, if that is set."""
    if folder := os.environ.get("GONGDAN_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        size = page.viewport_size or DESKTOP
        height = page.evaluate("document.documentElement.scrollHeight")
        # A tall window rather than a stitched picture: sticky bars then stand where they belong.
        page.set_viewport_size(ViewportSize(width=size["width"], height=max(size["height"], height)))
        page.screenshot(path=Path(folder) / f"{name}{_suffix(page, size)}.png")
        page.set_viewport_size(size)


def _suffix(page: Page, size: ViewportSize) -> str:
    dark = page.evaluate(
        "theme => theme === 'dark' || theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches",
        page.evaluate("document.documentElement.dataset.bsTheme"),
    )
    language = page.evaluate("document.documentElement.lang")
    return ("_phone" if size["width"] < 768 else "") + ("_dark" if dark else "") + ("_en" if language == "en" else "")


def complaints(page: Page, *, within: str = "html", rules: Sequence[str] = AXE_RULES) -> list[str]:
    """What axe finds wrong (WCAG 2.2 AA and best practice) and sideways overflow, a line each; empty if nothing."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(axe())  # evaluated by the debugger, so the page's content security policy may stay strict
    # Preloading fetches every style sheet and film anew, for rules that none of our pages can break.
    options = json.dumps({"runOnly": list(rules), "resultTypes": ["violations"], "preload": False})
    result = page.evaluate(f"axe.run({json.dumps(within)}, {options})")
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['target'][0]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
    over = overflow(page)
    return found + ([f"the page is {over} px wider than the window"] if over > 0 else [])


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window; a phone's own `innerWidth` grows with a page too wide."""
    width = (page.viewport_size or DESKTOP)["width"]
    return int(page.evaluate("document.documentElement.scrollWidth")) - width


@cache
def axe() -> str:
    """The script of axe; a window that lasts runs it in each page as it begins, and compiles it once."""
    return (ROOT / "node_modules/axe-core/axe.min.js").read_text() + ";0"


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Serve the app on a free port of 127.0.0.1, several requests at a time; gives its address without a slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: a failing test shows what the page said."""
