"""The dashboard: every number is the length of the list it leads to, for whoever looks."""

from __future__ import annotations

import re

import pytest

from tests.web.site import Site


@pytest.fixture(autouse=True)
def work(site: Site) -> None:
    site.play.ship("crash_report")
    first = site.file_crash("zhoulan")
    site.file_crash("sunyue")
    site.file_crash("huangyi")
    site.browser("lina").post(f"/tickets/{first}/acceptance")
    site.play.pass_time(hours=30)
    site.play.settle()


@pytest.mark.parametrize("login", ["lina", "zhangwei", "zhaomin", "guohao", "chenxiao", "admin"])
def test_every_number_is_the_length_of_its_list(site: Site, login: str) -> None:
    visitor = site.browser(login)
    page = visitor.get("/dashboard")
    links = page.tree.cssselect("#main a[href^='/tickets']")
    assert len(links) > 20
    seen: dict[str, int] = {}
    for link in links:
        number = int(re.sub(r"\D", "", (link.cssselect(".v") or [link])[0].text_content()))
        assert seen.setdefault(link.get("href") or "", number) == number
    for address, number in seen.items():
        listed = visitor.get(address)
        assert not listed.tree.cssselect(".gd-note"), address
        assert listed.words("#list-count") == [str(number)], address


def test_the_dashboard_is_for_those_who_see_tickets(site: Site) -> None:
    assert site.browser("wanglei").get("/dashboard").status == 404
    assert site.browser("zhoulan").get("/dashboard").status == 404


def test_a_lead_sees_whom_they_lead_and_how_loaded_each_is(site: Site) -> None:
    rows = [
        row.split() for row in site.browser("zhangwei").get("/dashboard").words("[aria-labelledby=people] tbody tr")
    ]
    assert [row[0] for row in rows] == ["李娜", "王磊"]
    assert not site.browser("lina").get("/dashboard").tree.cssselect("#people")


def test_no_other_brand_is_named(site: Site) -> None:
    assert "木棉" not in site.browser("guohao").get("/dashboard").text
    assert "木棉" in site.browser("chenxiao").get("/dashboard").text
