"""Requests that no browser sends: each gets an answer that says how to mend it, and none costs much."""

from __future__ import annotations

import pytest

from tests.engine.build import chain, end, start
from tests.tickets.play import files, staff, text
from tests.web.site import Page, Site, Visitor
from tickets.deploying import deploy

URLENCODED = "application/x-www-form-urlencoded"


def send(visitor: Visitor, body: bytes, kind: str, path: str = "/tickets") -> Page:
    headers = {"X-CSRFToken": visitor.token, "Accept-Language": "en"}
    return Page(visitor.client.post(path, data=body, content_type=kind, headers=headers, buffered=True))


def part(disposition: str, content: str = "x") -> bytes:
    return f"--b\r\nContent-Disposition: {disposition}\r\n\r\n{content}\r\n--b--\r\n".encode()


@pytest.mark.parametrize("disposition", ["form-data", 'form-data; filename="a.txt"'])
def test_a_part_without_a_name_is_refused(site: Site, disposition: str) -> None:
    answer = send(site.anonymous(), part(disposition), "multipart/form-data; boundary=b")
    assert answer.status == 400
    assert "has no name" in answer.text


@pytest.mark.parametrize(
    "body",
    [b"&".join(b"a%d=1" % number for number in range(6000)), b"&" * 6000, b"a=" + b"x" * (2 * 1024 * 1024)],
    ids=["fields", "separators", "one long text"],
)
@pytest.mark.parametrize("path", ["/login", "/tickets", "/nowhere"])
def test_a_form_of_very_many_entries_is_refused_unread(site: Site, path: str, body: bytes) -> None:
    answer = send(site.anonymous(), body, URLENCODED, path)
    assert answer.status == 413
    assert "too large" in answer.text


@pytest.mark.parametrize(("came", "back"), [("http://localhost/tickets/new/x", True), ("http://elsewhere/x", False)])
def test_who_sends_too_much_is_led_back_to_what_they_wrote(site: Site, came: str, back: bool) -> None:
    headers = {"Referer": came}
    answer = site.browser("zhoulan").client.post("/tickets", data=b"&" * 6000, content_type=URLENCODED, headers=headers)
    assert answer.status_code == 413
    ways = [link.get("href") for link in Page(answer).tree.cssselect(".gd-empty a")]
    assert ways == ["/tickets/new/x"] * back + ["/"]


def test_as_many_entries_as_a_long_list_has_are_read(site: Site) -> None:
    parts = (start(camunda__formRef="ask"), staff("look"), end(), chain("begin", "look", "done"))
    deploy(site.cast.runtime, None, files(*parts, forms={"ask": [text("device")]}))
    surplus = {f"row-{number}": "1" for number in range(3000)}
    answer = site.browser("zhoulan").post("/tickets", {"type": "errand", "device": "投影仪", **surplus})
    assert answer.status == 303, answer.text


@pytest.mark.parametrize("number", ["2147483648", "9223372036854775808", "9" * 5000])
@pytest.mark.parametrize("rest", ["/diagram.bpmn", "/files/crash_report.bpmn", ".zip"])
def test_a_version_beyond_any_column_is_not_here(site: Site, number: str, rest: str) -> None:
    site.play.ship("crash_report")
    hejing = site.browser("hejing")
    type_page = hejing.get("/types").value("a[href^='/types/0']", "href")
    assert hejing.get(f"{type_page}/versions/{number}{rest}").status == 404


def test_what_the_pages_refuse_is_said_in_english_too(site: Site) -> None:
    answer = site.anonymous().get("/tickets?q=%00", Accept_Language="en")
    assert answer.status == 400
    assert "Remove it" in answer.text
    problem = site.anonymous().get("/api/v1/tasks?q=%00", Accept_Language="zh-CN")
    assert problem.status == 400
    assert "NUL" in problem.text
    assert "Remove it" not in problem.text


BROKEN = {
    "cut off": (b'--b\r\nContent-Disposition: form-data; name="body"\r\n\r\nabc', "multipart/form-data; boundary=b"),
    "no boundary": (b"abc", "multipart/form-data"),
    "no parts": (b"hello", "multipart/form-data; boundary=b"),
    "a name that is no text": (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="\xff\xfe"\r\n\r\nx\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "raw bytes": (b"body=\xff\xfe", URLENCODED),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_form_is_said_to_be_broken(site: Site, how: str) -> None:
    body, kind = BROKEN[how]
    for path in ("/tickets", "/login", "/types", "/nowhere"):
        answer = send(site.anonymous(), body, kind, path)
        assert answer.status == 400, path
        assert "cut off or not encoded" in answer.text, path


@pytest.mark.parametrize("path", ["/tickets//x", "/api//v1/tasks", "/login/", "/static//dist/app.js"])
def test_no_address_leads_to_the_host_that_a_request_names(site: Site, path: str) -> None:
    answer = site.browser("lina").get(path, Host="evil.example")
    assert answer.status == 404
    assert "evil.example" not in answer.text
