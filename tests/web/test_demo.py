"""The demo in the browser: cards that sign in, the bar, the tour; and nothing of it in a real installation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from engine.models import ProcessDefinition
from tests.apps import create_app
from tests.cast import Cast
from tests.tickets.play import SHIPPED
from tests.web.site import Site, Visitor
from tickets.deploying import deploy
from tickets.passwords import hash_password
from tickets.people import Person
from web.demo import prepare
from web.demo.onwards import ONWARDS
from web.demo.roles import CARDS, LOGINS
from web.demo.tour import STEPS


@pytest.fixture
def demo(cast: Cast, tmp_path: Path) -> Site:
    """The site as `gongdan run --demo` serves it."""
    site = Site(cast, tmp_path)
    site.config = replace(site.config, demo=True)
    site.app = create_app(cast.runtime, site.config)
    site.app.testing = True
    return site


def try_as(visitor: Visitor, login: str, **more: str) -> int:
    return visitor.post("/demo/session", {"login": login, **more}).status


def test_the_first_page_offers_every_role_and_the_tour(demo: Site) -> None:
    page = demo.anonymous().get("/login")
    assert [form.get("value") for form in page.tree.cssselect(".gd-demo-card [name=login]")] == [c.login for c in CARDS]
    assert page.tree.cssselect("form[data-tour-start]")
    assert page.tree.cssselect("#password"), "one may still sign in with a password"


@pytest.mark.parametrize("login", sorted(LOGINS))
def test_one_click_signs_in_as_each(demo: Site, login: str) -> None:
    visitor = demo.anonymous()
    visitor.get("/login")
    assert try_as(visitor, login) == 303
    landed = visitor.follow(visitor.get("/"))
    assert landed.status == 200
    with demo.cast.runtime.reading() as session:
        name = session.get_one(Person, demo.cast.people[login]).name
    assert name in landed.words(".gd-demo summary")[0]


def test_what_somebody_has_published_stays_live_when_the_demo_starts_again(cast: Cast) -> None:
    prepare(cast.runtime)
    files = {path.name: path.read_bytes() for path in (SHIPPED / "crash_report").iterdir()}
    files["crash_report.bpmn"] = files["crash_report.bpmn"].replace(b"P3D", b"P4D")
    assert [made.version for made in deploy(cast.runtime, cast.actor("hejing"), files).types] == [2]
    prepare(cast.runtime)
    with cast.runtime.reading() as session:
        live = sa.select(sa.func.max(ProcessDefinition.version)).where(ProcessDefinition.key == "crash_report")
        assert session.scalar(live) == 2


def test_the_bar_makes_one_somebody_else_and_goes_where_asked(demo: Site) -> None:
    visitor = demo.anonymous()
    visitor.get("/login")
    try_as(visitor, "zhoulan")
    answer = visitor.post("/demo/session", {"login": "lina", "next": "/inbox"})
    assert answer.location == "/inbox"
    assert "李娜" in visitor.get("/inbox").words(".gd-demo summary")[0]


def test_the_cards_lead_to_the_page_one_was_at(demo: Site) -> None:
    page = demo.anonymous().get("/login?next=/notices")
    assert {each.get("value") for each in page.tree.cssselect(".gd-demo-card [name=next]")} == {"/notices"}
    first = demo.anonymous().get("/login")
    assert {each.get("value") for each in first.tree.cssselect(".gd-demo-card [name=next]")} == {""}


def test_the_other_language_is_offered_above_the_cards(demo: Site) -> None:
    first = demo.anonymous().get("/login?next=/notices")
    assert first.value(".gd-demo-first a[lang]", "href") == "/login?language=en&next=/notices"


def test_nobody_is_led_to_another_site(demo: Site) -> None:
    visitor = demo.anonymous()
    visitor.get("/login")
    assert visitor.post("/demo/session", {"login": "lina", "next": "//elsewhere.example"}).location == "/"


@pytest.mark.parametrize("path", ["/dashboard?days=30", "/tickets/ER-9", "/没有", "/logout#x"])
def test_who_may_not_see_the_page_begins_where_they_begin(demo: Site, path: str) -> None:
    visitor = demo.anonymous()
    visitor.get(f"/login?next={path}")
    answer = visitor.post("/demo/session", {"login": "zhoulan", "next": path})
    led = visitor.follow(answer)
    assert visitor.follow(visitor.follow(led)).status == 200
    assert visitor.follow(answer).status in (403, 404, 405), "who goes there by themselves is told"
    assert visitor.post("/demo/session", {"login": "chenxiao", "next": "/dashboard?days=30"}).status == 303
    assert visitor.get("/dashboard?days=30").status == 200


@pytest.mark.parametrize("login", ["", "wufang", "sunyue", "nobody", "lina "])
def test_others_are_not_entered_by_a_click(demo: Site, login: str) -> None:
    assert try_as(demo.anonymous(), login) == 404


def test_a_sign_in_needs_the_page_it_was_offered_on(demo: Site) -> None:
    assert demo.anonymous().client.post("/demo/session", data={"login": "lina"}).status_code in (400, 403)


def test_who_has_a_password_of_their_own_is_not_entered_by_a_click(demo: Site) -> None:
    with demo.cast.runtime.writing() as session, session.begin():
        session.get_one(Person, demo.cast.people["lina"]).password_hash = hash_password("三个奇怪的词连起来一二")
    visitor = demo.anonymous()
    assert try_as(visitor, "lina") == 409
    assert visitor.get("/inbox").status in (302, 303)


def test_the_tour_is_on_every_page_and_each_step_leads_somewhere(demo: Site) -> None:
    visitor = demo.anonymous()
    visitor.get("/login")
    try_as(visitor, "zhoulan")
    page = visitor.get("/my-tickets")
    steps = page.tree.cssselect("[data-tour-step][data-path]")
    assert [step.get("data-path") for step in steps] == [step.path for step in STEPS]
    assert all(step.cssselect("[data-tour-go]") for step in steps)
    assert page.tree.cssselect("[data-tour]")[0].get("hidden") is not None


def test_the_tour_can_be_read_without_signing_in_and_without_scripts(demo: Site) -> None:
    page = demo.anonymous().get("/demo/tour")
    assert page.status == 200
    assert len(page.tree.cssselect("main li")) == len(STEPS)


def test_the_tour_ends_with_what_was_seen_and_where_to_go_on(demo: Site) -> None:
    visitor = demo.anonymous()
    page = visitor.get("/demo/tour/seen")
    assert page.tree.cssselect(".gd-seen li")
    ways = [
        (form.cssselect("[name=login]")[0].get("value"), form.cssselect("[name=next]")[0].get("value"))
        for form in page.tree.cssselect(".gd-demo-card")
    ]
    assert ways == [(each.login, each.path) for each in ONWARDS]
    for login, path in ways:
        assert try_as(visitor, login or "", next=path or "") == 303
        assert visitor.get(path or "").status == 200, f"{login} goes on at {path}"


def test_what_the_tour_fills_in_files_a_report(demo: Site) -> None:
    files = {path.name: path.read_bytes() for path in (SHIPPED / "crash_report").iterdir()}
    assert deploy(demo.cast.runtime, None, files).report.accepted
    visitor = demo.anonymous()
    visitor.get("/login")
    try_as(visitor, "zhoulan")
    page = visitor.get("/my-tickets")
    values = orjson.loads(page.value("[data-tour-fill]", "data-tour-fill"))
    assert visitor.post("/tickets", {"type": "crash_report", **values}).status == 303


def test_a_real_installation_has_none_of_it(site: Site) -> None:
    assert not [rule for rule in site.app.url_map.iter_rules() if rule.endpoint.startswith("demo.")]
    first = site.anonymous().get("/login")
    inside = site.browser("lina").get("/inbox")
    for page in (first, inside):
        assert not page.tree.cssselect(".gd-demo, .gd-demo-card, [data-tour], [data-tour-start]")
    visitor = site.anonymous()
    visitor.get("/login")
    assert visitor.post("/demo/session", {"login": "lina"}).status in (302, 303, 404)
    assert visitor.get("/inbox").status in (302, 303), "nobody was signed in"
