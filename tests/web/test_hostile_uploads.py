"""Attached files that are two things at once, names that lead elsewhere, and more bytes than anybody needs."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from io import BytesIO

import pytest

from tests.web.site import CRASH, Page, Site, Visitor
from tests.web.test_hostile_connections import port

__all__ = ["port"]

GIF = b"GIF89a/*\x01\x00\x01\x00\x80\x00\x00*/=1;alert(1)//"
POLYGLOTS = {
    "a picture that is script": ("a.gif", GIF),
    "a picture that is a page": ("a.png", b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>"),
    "a drawing with script": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "a drawing in disguise": ("a.png", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="a()"/>'),
    "a page": ("a.html", b"<script>alert(1)</script>"),
    "a page without a name for it": ("a", b"<!doctype html><script>alert(1)</script>"),
    "a page in another encoding": ("a.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
    "a document with script": (
        "a.pdf",
        b"%PDF-1.4 1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
    ),
    "an archive in a picture": ("a.jpg", b"\xff\xd8\xff\xe0PK\x03\x04"),
    "a style sheet": ("a.css", b"*{background:url(//evil.example)}"),
    "a program": ("a.js", b"alert(1)"),
    "XML with a style": ("a.xml", b'<?xml-stylesheet href="javascript:alert(1)"?><a/>'),
}
NAMES = (
    *("../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\x.txt", "a\r\nSet-Cookie: x=1.txt", 'a";x=".txt'),
    *(
        "\u202egnp.exe",
        "工" * 300 + ".txt",
        "a\0b.txt",
        ".htaccess",
        "CON",
        "%2e%2e%2fx",
        "a;filename*=utf-8''b.html",
        "",
    ),
)
RUN_BY_BROWSERS = re.compile(r"html|svg|xml|script|css|pdf|x-shockwave")


def attach(visitor: Visitor, name: str, content: bytes) -> Page:
    """A report with this file."""
    sent = {"type": "crash_report", **CRASH, "screenshots": (BytesIO(content), name)}
    return visitor.post("/tickets", sent)


def download(site: Site, filed: Page) -> Page | None:
    assert filed.status in (303, 400, 422), filed.text
    if filed.status != 303:
        return None
    page = site.browser("lina").get(filed.location)
    links = page.tree.cssselect("a[href^='/files/']")
    return site.browser("lina").get(str(links[0].get("href"))) if links else None


def check(saved: Page) -> None:
    assert saved.status == 200
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert not RUN_BY_BROWSERS.search(saved.headers["Content-Type"]), saved.headers["Content-Type"]


@pytest.mark.parametrize("how", POLYGLOTS)
def test_no_file_runs_in_a_browser(site: Site, how: str) -> None:
    site.play.ship("crash_report")
    saved = download(site, attach(site.browser("zhoulan"), *POLYGLOTS[how]))
    if saved is not None:
        check(saved)


def test_no_name_leads_elsewhere(site: Site) -> None:
    site.play.ship("crash_report")
    before = {path for path in site.config.data_folder.parent.rglob("*") if "files" not in path.parts}
    for name in NAMES:
        saved = download(site, attach(site.browser("zhoulan"), name, b"\x89PNG\r\n\x1a\n" + b"\0" * 60))
        if saved is None:
            continue
        disposition = saved.headers["Content-Disposition"]
        assert "Set-Cookie" not in saved.headers
        assert "\n" not in disposition
        assert not re.search(r"filename=\"?(/|[A-Z]:|\.\.[/\\])", disposition), disposition
        check(saved)
    after = {path for path in site.config.data_folder.parent.rglob("*") if "files" not in path.parts}
    assert {path.name for path in after - before} <= {"gongdan.db-wal", "gongdan.db-shm"}


HUGE = 100 * 1024 * 1024


@pytest.mark.parametrize("path", ["/login", "/tickets", "/types", "/api/v1/tickets", "/api/v1/definitions", "/nowhere"])
def test_a_hundred_megabytes_are_refused_before_they_are_sent(port: int, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {HUGE}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode() + b"x" * 1000)
        assert b" 413 " in connection.recv(4096).partition(b"\r\n")[0]


def test_a_hundred_megabytes_in_chunks_are_hung_up_on(port: int, site: Site) -> None:
    """Chunks say no size beforehand: it ends where the limit is passed."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        said = b""
        with suppress(OSError):
            while sent < HUGE:
                connection.sendall(chunk)
                sent += 0x10000
        with suppress(OSError):
            said = connection.recv(4096)
    assert sent <= 4 * site.config.max_request_bytes + (8 << 20)
    assert said == b"" or b" 413 " in said.partition(b"\r\n")[0]
