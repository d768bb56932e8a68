"""The people picker: who is suggested to whom, and who a typed text means."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.web.site import Site
from tickets.assigning.picking import Purpose, picked, picked_all
from tickets.errors import Invalid


def names(site: Site, login: str, query: str, **more: str) -> list[str]:
    address = "&".join(f"{name}={value}" for name, value in {"q": query, **more}.items())
    return site.browser(login).get(f"/people/suggestions?{address}").words("[role=option] strong")


def test_people_are_found_by_a_part_of_name_or_login(site: Site) -> None:
    assert names(site, "lina", "王") == ["王磊"]
    assert names(site, "lina", "WANG") == ["王磊"]
    assert names(site, "lina", "没有这个人") == []


def test_only_those_who_may_work_are_suggested_for_work(site: Site) -> None:
    assert names(site, "lina", "zhoulan") == []
    assert names(site, "lina", "zhoulan", **{"for": "anyone"}) == ["周岚"]


def test_a_requester_is_not_told_how_much_is_open_with_people_or_who_is_away(site: Site) -> None:
    told = site.browser("lina").get("/people/suggestions?q=wanglei")
    assert len(told.words(".gd-micro")) == 1
    asked = site.browser("sunyue").get("/people/suggestions?q=wanglei&for=anyone")
    assert (asked.words("[role=option] strong"), asked.words(".gd-micro")) == (["王磊"], [])


def test_whoever_was_chosen_before_is_found_again(site: Site) -> None:
    assert names(site, "lina", "王磊 (wanglei)") == ["王磊"]
    assert names(site, "lina", "王磊（wang") == []


def test_whoever_is_away_is_not_suggested_as_their_own_substitute(site: Site) -> None:
    assert names(site, "lina", "", besides="").count("李娜") == 0
    assert "李娜" in names(site, "lina", "")
    assert "李娜" in names(site, "lina", "", besides="王磊 (wanglei)")
    assert names(site, "lina", "王", besides="王磊 (wanglei)") == names(site, "lina", "王", besides="wanglei") == []
    assert names(site, "lina", "王", besides="%01王") == ["王磊"]
    form = site.browser("lina").get("/absences")
    assert [each.get("data-besides") for each in form.tree.cssselect("[data-pick]:has(#pick-substitute)")] == [
        "pick-who"
    ]


def test_another_brand_s_people_and_leavers_are_not_suggested(site: Site) -> None:
    assert names(site, "zhaomin", "huangyi", **{"for": "anyone"}) == []
    assert names(site, "huangyi", "zhaomin", **{"for": "anyone"}) == []
    assert names(site, "chenxiao", "wufang", **{"for": "anyone"}) == []
    assert names(site, "chenxiao", "huangyi", **{"for": "anyone"}) == ["黄毅"]


def test_a_ticket_narrows_to_its_brand(site: Site) -> None:
    site.play.ship("crash_report")
    number = site.file_crash()
    assert names(site, "chenxiao", "huangyi", **{"for": "anyone", "ticket": number}) == []
    assert site.browser("huangyi").get(f"/people/suggestions?q=a&ticket={number}").status == 404


@pytest.mark.parametrize("text", ["lina", "LINA", "李娜", "李娜 (lina)", " 李娜（lina） "])
def test_a_text_means_one_person(cast: Cast, text: str) -> None:
    with cast.runtime.reading() as session:
        assert picked(session, cast.zhangwei, text).login == "lina"


@pytest.mark.parametrize("text", ["", "谁也不是", "huangyi", "wufang", "zhoulan", "\x00", "%"])
def test_a_text_that_means_nobody_says_so(cast: Cast, text: str) -> None:
    with cast.runtime.reading() as session, pytest.raises(Invalid):
        picked(session, cast.zhaomin, text)


def test_several_are_picked_with_commas_and_each_once(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        found = picked_all(session, cast.lina, ["lina，王磊 (wanglei)、lina,"], Purpose.WORK)
    assert [person.login for person in found] == ["lina", "wanglei"]
