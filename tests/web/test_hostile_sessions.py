"""Cookies, forgery tokens and addresses to come back to, as an attacker would make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from werkzeug.exceptions import TooManyRequests

from tests.web.site import Site, Visitor
from tickets.demo import PASSWORD
from web.error_pages import answer_http_error

SPOILT: Mapping[str, Callable[[str], str]] = {
    "empty": lambda cookie: "",
    "nonsense": lambda cookie: "a.b.c",
    "cut": lambda cookie: cookie[:-2],
    "reversed": lambda cookie: cookie[::-1],
    "packed": lambda cookie: "." + cookie,
    "another person": lambda cookie: "eyJwZXJzb24iOjF9." + cookie.partition(".")[2],
    "huge": lambda cookie: "A" * 4000,
}


def test_a_tampered_cookie_is_nobodys(site: Site) -> None:
    cookie = site.browser("lina").client.get_cookie("gongdan")
    assert cookie is not None
    for how, spoil in SPOILT.items():
        attacker = site.anonymous()
        attacker.client.set_cookie("gongdan", spoil(cookie.value))
        assert attacker.get("/inbox").location.startswith("/login"), how


def test_a_cookie_planted_before_signing_in_is_worth_nothing_afterwards(site: Site) -> None:
    victim = site.anonymous()
    victim.get("/login")
    planted = victim.client.get_cookie("gongdan")
    assert planted is not None
    arrived = victim.post("/login", {"login": "lina", "password": PASSWORD, "next": "//evil.example"})
    assert arrived.location == "/"
    assert victim.get("/inbox").status == 200
    attacker = site.anonymous()
    attacker.client.set_cookie("gongdan", planted.value)
    assert attacker.get("/inbox").location.startswith("/login")


ELSEWHERE = (
    *("//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "\\\\evil", "@evil"),
    *("/\t/evil.example", "/\r\nSet-Cookie: a=b", "/\u2028", "///evil.example", "evil.example", "http:evil"),
)


def test_nobody_is_led_away(site: Site) -> None:
    lina = site.browser("lina")
    for address in ELSEWHERE:
        assert lina.post("/preferences", {"theme": "dark", "next": address}).location == "/", address


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "A" * 10_000])
def test_a_forged_form_does_nothing(site: Site, token: str) -> None:
    admin = site.browser("admin")
    for path in ("/logout", "/preferences", "/tickets", "/types", "/subjects", "/subjects/import"):
        answer = admin.client.post(path, data={"csrf_token": token, "theme": "dark", "_method": "GET"})
        assert answer.status_code == 400, path
    assert admin.get("/inbox").status == 200


def test_a_method_is_never_another_one(site: Site) -> None:
    lina = site.browser("lina")
    headers = {"X-HTTP-Method-Override": "GET", "X-CSRFToken": lina.token}
    assert lina.client.open("/inbox?_method=GET", method="DELETE", headers=headers).status_code == 405


def test_choosing_nothing_changes_nothing(site: Site) -> None:
    assert site.browser("lina").post("/preferences").location == "/"
    assert site.browser("lina").post("/preferences", {"theme": "pink"}).status == 422


def test_who_tries_too_often_is_told_to_wait_in_words(site: Site) -> None:
    with site.app.test_request_context("/login", headers={"Accept-Language": "en"}):
        answer = answer_http_error(TooManyRequests("10 per 5 minute"))
    assert "Wait a few minutes" in answer.get_data(as_text=True)
    assert "10 per" not in answer.get_data(as_text=True)


def stolen(site: Site, owner: Visitor) -> Visitor:
    """Somebody else's browser with a copy of the cookie."""
    cookie = owner.client.get_cookie("gongdan")
    assert cookie is not None
    thief = site.anonymous()
    thief.client.set_cookie("gongdan", cookie.value)
    return thief


def test_a_stolen_cookie_ends_when_its_owner_signs_out(site: Site) -> None:
    lina = site.browser("lina")
    thief = stolen(site, lina)
    assert thief.get("/inbox").status == 200
    lina.post("/logout")
    assert thief.get("/inbox").location.startswith("/login")
    assert thief.post("/preferences", {"theme": "dark"}).location.startswith("/login")


def test_a_stolen_cookie_ends_when_its_owner_signs_others_out(site: Site) -> None:
    here = site.browser("lina")
    there = site.anonymous()
    there.post("/login", {"login": "lina", "password": PASSWORD})
    thief = stolen(site, there)
    here.post("/me/sessions/end")
    assert here.get("/inbox").status == 200
    assert thief.get("/inbox").location.startswith("/login")


def test_a_stolen_cookie_ends_when_its_owner_chooses_another_password(site: Site) -> None:
    here, there = site.browser("lina"), site.anonymous()
    there.post("/login", {"login": "lina", "password": PASSWORD})
    thief = stolen(site, here)
    changed = there.post("/me/password", {"old": PASSWORD, "new": "a new one 2026!", "again": "a new one 2026!"})
    assert changed.status == 303, changed.text
    assert there.get("/inbox").status == 200
    assert thief.get("/inbox").location.startswith("/login")
