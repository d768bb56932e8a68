"""Canned replies: kept for oneself or for everybody, offered in the composer with their placeholders filled in."""

from __future__ import annotations

import pytest

from tests.web.site import Site
from tickets.canned.filling import filled


@pytest.fixture
def number(site: Site) -> str:
    site.play.ship("crash_report")
    number = site.file_crash()
    site.play.claim("lina", "Task_Triage")
    return number


GREETING = {"title": "问候", "body_zh": "{requester}，你的工单 {number}", "body_en": "Dear {requester}, {number} {x}"}


def keep(site: Site, login: str, **values: str) -> None:
    visitor = site.browser(login, language="en")
    assert visitor.follow(visitor.post("/replies", {**GREETING, **values})).toasts == ["The reply is kept."]


def test_ones_own_is_offered_filled_in_and_to_nobody_else(site: Site, number: str) -> None:
    keep(site, "lina")
    page = site.browser("lina", language="en").get(f"/tickets/{number}")
    assert page.value("[data-insert]", "data-insert") == f"Dear 周岚, {number} {{x}}"
    without_script = site.browser("lina", language="en").get(page.value("[data-insert]", "href"))
    assert without_script.words("#composer textarea") == [f"Dear 周岚, {number} {{x}}"]
    assert not site.browser("zhangwei", language="en").get(f"/tickets/{number}").tree.cssselect("[data-insert]")
    assert not site.browser("zhoulan", language="en").get(f"/tickets/{number}").tree.cssselect("[data-insert]")


def test_the_list_shows_each_in_the_readers_language_or_else_in_the_other(site: Site) -> None:
    keep(site, "lina")
    keep(site, "lina", title="Only Chinese", body_zh="请附截图", body_en="")
    english = site.browser("lina", language="en").get("/replies").words("td.main .gd-micro")
    assert sorted(english) == ["Dear {requester}, {number} {x}", "请附截图"]
    assert "{requester}，你的工单 {number}" in site.browser("lina").get("/replies").words("td.main .gd-micro")


def test_a_shared_one_is_everybodys_of_the_brand_and_of_its_type(site: Site, number: str) -> None:
    keep(site, "zhangwei", shared="yes", type_key="crash_report")
    keep(site, "zhangwei", shared="yes", type_key="renewal", title="续费")
    assert site.browser("lina", language="en").get(f"/tickets/{number}").words("#composer .gd-menu-item") == ["问候"]
    assert site.browser("lina", language="en").post("/replies", {**GREETING, "shared": "yes"}).status == 403


def test_one_is_changed_and_removed_by_whose_it_is(site: Site, number: str) -> None:
    keep(site, "lina")
    lina = site.browser("lina", language="en")
    address = lina.get("/replies").value("td a", "href")
    assert lina.get(address).value("[name=title]") == "问候"
    lina.follow(lina.post(address, {**GREETING, "title": "你好"}))
    assert lina.get("/replies").words("td a") == ["你好"]
    for login in ("zhangwei", "huangyi", "zhoulan"):
        assert site.browser(login, language="en").get(address).status == 404
        assert site.browser(login, language="en").post(f"{address}/removal").status == 404
    lina.follow(lina.post(f"{address}/removal"))
    assert "No replies yet" in lina.get("/replies").text


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"title": "x" * 81}, {"body_zh": "", "body_en": " "}, {"body_zh": "x" * 5001}]
)
def test_what_is_refused_is_shown_again(site: Site, wrong: dict[str, str]) -> None:
    answer = site.browser("lina", language="en").post("/replies", {**GREETING, **wrong})
    assert answer.status == 422
    assert answer.words("[role=alert]")


def test_who_writes_nothing_has_none(site: Site) -> None:
    assert site.browser("zhoulan", language="en").get("/replies").status == 404
    assert site.browser("zhoulan", language="en").post("/replies", GREETING).status == 403


def test_values_are_not_looked_into_again() -> None:
    assert filled("{title}{nothing}{", {"title": "{number}", "number": "1"}) == "{number}{nothing}{"
