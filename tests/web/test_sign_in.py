"""Signing in and out: with the right password only, without telling which part was wrong, and never led away."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.web.site import Site
from tickets.demo import PASSWORD
from tickets.people import Person


def test_the_right_password_leads_to_the_inbox(site: Site) -> None:
    visitor = site.anonymous()
    visitor.get("/login")
    answer = visitor.post("/login", {"login": "LiNa ", "password": PASSWORD})
    assert (answer.status, answer.location) == (303, "/")
    assert visitor.follow(answer).location == "/inbox"
    assert "李娜" in visitor.get("/inbox").text


@pytest.mark.parametrize(
    ("login", "password"),
    [("lina", "wrong"), ("nobody", PASSWORD), ("wufang", PASSWORD), ("lina", ""), ("lina'--", PASSWORD), ("李娜", "x")],
)
def test_a_wrong_login_and_a_wrong_password_read_alike(site: Site, login: str, password: str) -> None:
    answer = site.anonymous().post("/login", {"login": login, "password": password})
    assert answer.status == 422
    assert answer.words("[role=alert]") == ["登录名或密码不对。两项都核对一下，看看大写锁定是否打开。"]
    assert answer.value("#login") == login
    assert "password" not in {element.get("value") for element in answer.tree.cssselect("input")}


def test_guessing_is_limited_for_the_guesser_only(site: Site) -> None:
    guesser = site.anonymous()
    answers = [guesser.post("/login", {"login": "lina", "password": str(number)}).status for number in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert guesser.post("/login", {"login": "lina", "password": PASSWORD}).status == 429
    assert guesser.post("/login", {"login": "wanglei", "password": PASSWORD}).status == 303


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\t/evil.example",
        "inbox",
    ],
)
def test_nobody_is_led_away_after_signing_in(site: Site, next_page: str) -> None:
    answer = site.anonymous().post("/login", {"login": "lina", "password": PASSWORD, "next": next_page})
    assert answer.location == "/"


def test_one_comes_back_to_the_page_one_wanted(site: Site) -> None:
    visitor = site.anonymous()
    sent = visitor.get("/tickets?status=open&q=华为")
    assert sent.status == 303
    wanted = visitor.follow(sent).value("[name=next]")
    answer = visitor.post("/login", {"login": "lina", "password": PASSWORD, "next": wanted})
    assert answer.location == "/tickets?status=open&q=%E5%8D%8E%E4%B8%BA"


def test_signing_in_starts_a_new_session(site: Site) -> None:
    visitor = site.anonymous()
    with visitor.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    visitor.post("/login", {"login": "lina", "password": PASSWORD})
    with visitor.client.session_transaction() as cookie:
        assert set(cookie) == {"session"}


def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    answer = site.anonymous().post("/login", {"login": "lina", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie


def test_signing_out_ends_the_session(site: Site) -> None:
    lina = site.browser("lina")
    assert lina.post("/logout").location == "/login"
    assert lina.get("/inbox").status == 303


def test_what_a_page_still_asks_while_one_signs_out_leads_back_nowhere(site: Site) -> None:
    lina = site.browser("lina")
    before = lina.client.get_cookie("gongdan")
    assert before, "lina is signed in"
    lina.post("/logout")
    lina.client.set_cookie("gongdan", before.value)
    at = {"HX_Request": "true", "HX_Current_URL": "http://localhost/tickets/new/crash_report"}
    assert lina.get("/notices/badge", **at).headers["HX-Redirect"] == "/login"
    assert lina.get("/inbox").location == "/login"


def test_two_pages_can_be_signed_out_of(site: Site) -> None:
    lina = site.browser("lina")
    token = lina.token
    lina.post("/logout")
    answer = lina.client.post("/logout", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/login")


def test_a_raised_epoch_ends_every_session(site: Site) -> None:
    lina = site.browser("lina")
    assert lina.get("/inbox").status == 200
    with site.cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(Person).where(Person.login == "lina").values(session_epoch=1))
    assert lina.get("/inbox").location.startswith("/login")


def test_who_has_departed_is_signed_out(site: Site) -> None:
    assert site.browser("wufang").get("/").location.startswith("/login")


@pytest.mark.parametrize("value", ["garbage", "", "..", "eyJwZXJzb24iOjF9.aaaa.bbbb", "\udcff", "a" * 5000])
def test_a_broken_cookie_is_nobody(site: Site, value: str) -> None:
    visitor = site.anonymous()
    header = f"gongdan={value}".encode("utf-8", "surrogateescape").decode("latin-1")
    assert visitor.client.get("/inbox", headers={"Cookie": header}).status_code == 303


def test_a_page_that_htmx_asks_for_leads_to_the_sign_in_page_too(site: Site) -> None:
    answer = site.anonymous().get("/inbox", HX_Request="true")
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/login")


@pytest.mark.parametrize(
    ("at", "back"),
    [
        ("http://localhost/inbox?view=roles", "?next=/inbox?view%3Droles"),
        ("http://localhost/", ""),
        ("http://localhost.elsewhere.example/inbox", ""),
        ("http://[", ""),
    ],
)
def test_signing_in_leads_back_to_the_page_that_asked_for_a_part_of_itself(site: Site, at: str, back: str) -> None:
    answer = site.anonymous().get("/inbox", HX_Request="true", HX_Current_URL=at)
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, f"/login{back}")


def test_the_language_is_chosen_by_browser_before_signing_in(site: Site) -> None:
    visitor = site.anonymous()
    assert "登录" in visitor.get("/login").text
    assert "登录" in visitor.get("/login", Accept_Language="zh-TW,zh;q=0.9").text
    assert "Sign in" in visitor.get("/login", Accept_Language="de, en;q=0.5").text
    assert "Sign in" in visitor.get("/login", Accept_Language="fr").text
    visitor.follow(visitor.get("/login?language=en"))
    assert "Sign in" in visitor.get("/login").text
