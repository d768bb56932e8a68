"""What holds for every page: headers, forgery tokens, limits, and that no input makes it fall over."""

from __future__ import annotations

import logging

import pytest

from tests.web.site import Site

PAGES = ["/login", "/inbox", "/tickets", "/my-tickets", "/tickets/new", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers(site: Site, path: str) -> None:
    headers = site.browser("lina").get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES[1:])
def test_no_page_has_script_or_style_within(site: Site, path: str) -> None:
    page = site.browser("lina").get(path)
    assert not page.tree.cssselect("script:not([src]), style, [style]")
    handlers = [name for element in page.tree.iter() for name in element.attrib if name.startswith(("on", "hx-on"))]
    assert not handlers


def test_built_files_may_be_kept_for_ever(site: Site) -> None:
    answer = site.anonymous().get("/static/mark.svg")
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_form_without_its_token_is_refused(site: Site) -> None:
    answer = site.browser("lina").client.post("/preferences", data={"theme": "dark"})
    assert answer.status_code == 400
    assert "刷新后再发送" in answer.get_data(as_text=True)


def test_a_token_of_another_session_is_refused(site: Site) -> None:
    token = site.browser("wanglei").token
    answer = site.browser("lina").post("/preferences", {"theme": "dark", "csrf_token": token})
    assert answer.status == 400


def test_too_much_at_once_is_refused_with_advice(site: Site) -> None:
    lina = site.browser("lina")
    headers = {"X-CSRFToken": lina.token, "Content-Type": "application/x-www-form-urlencoded"}
    answer = lina.client.post("/tickets", data=b"type=" + b"x" * (4 << 20), headers=headers)
    assert answer.status_code == 413
    assert "换小一点的文件" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/tickets/%00", 400),
        ("/tickets?q=%00", 400),
        ("/tickets/%ff%fe", 404),
        ("/tickets?q=%ff", 200),
        ("/inbox?cursor=%F0%9F%92%A9", 200),
        ("/inbox?cursor=" + "A" * 22, 200),
        ("/inbox?view=everything", 200),
        ("/tickets?status=open&type=%27%3B--&owner=me", 200),
        ("/tickets?_external=1&_scheme=javascript", 200),
        ("/tickets?q=%25_", 200),
        ("/files/not-a-uuid", 404),
        ("/files/01234567-89ab-7def-8123-456789abcdef", 404),
        ("/tickets/CR-1?task=x&events=all", 404),
        ("/static/../cli.py", 404),
        ("/static/%2e%2e/cli.py", 404),
        ("/types/01234567-89ab-7def-8123-456789abcdef", 403),
    ],
)
def test_odd_addresses_get_an_answer(site: Site, path: str, status: int) -> None:
    answer = site.browser("lina").get(path)
    assert answer.status == status, answer.text
    assert "javascript:" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_an_odd_method_gets_an_answer(site: Site, method: str) -> None:
    lina = site.browser("lina")
    answer = lina.client.open("/inbox", method=method, headers={"X-CSRFToken": lina.token})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"------broken", "multipart/form-data; boundary=----x"),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n', "multipart/form-data; boundary=b"),
        (b"no boundary", "multipart/form-data"),
        (b"%ff%fe=%00", "application/x-www-form-urlencoded"),
        (b"{", "application/json"),
        (b"", ""),
    ],
)
def test_a_broken_body_gets_an_answer(site: Site, body: bytes, kind: str) -> None:
    lina = site.browser("lina")
    answer = lina.client.post("/tickets", data=body, content_type=kind, headers={"X-CSRFToken": lina.token})
    assert answer.status_code in (400, 404), answer.get_data(as_text=True)


def test_what_nobody_expected_is_logged_and_not_shown(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.app.testing = False
    site.app.add_url_rule("/broken", "broken", lambda: str({"a": 1}["a secret"]))
    with caplog.at_level(logging.ERROR):
        answer = site.browser("lina").get("/broken")
    assert answer.status == 500
    assert "a secret" not in answer.text
    assert "我们这边出了问题" in answer.text
    assert "a secret" in caplog.text


def test_an_error_asked_for_by_htmx_is_only_its_words(site: Site) -> None:
    answer = site.browser("lina").get("/nowhere", HX_Request="true")
    assert answer.status == 404
    assert "<html" not in answer.text


def test_the_api_answers_errors_as_problem_documents(site: Site) -> None:
    for path, status in (("/api/v1/nowhere", 404), ("/api/v1/tickets/CR-1", 401)):
        answer = site.browser("lina").get(path)
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/problem+json"
