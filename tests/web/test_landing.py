"""Where each one starts, and what the side bar offers them."""

from __future__ import annotations

import pytest

from tests.web.site import Site
from tickets.people import Person
from tickets.staff import grant_role


@pytest.mark.parametrize(
    ("login", "where"),
    [
        ("zhoulan", "/my-tickets"),
        ("lina", "/inbox"),
        ("wanglei", "/inbox"),
        ("zhangwei", "/inbox"),
        ("liutao", "/inbox"),
        ("zhaomin", "/inbox"),
        ("guohao", "/inbox"),
        ("admin", "/dashboard"),
        ("tangyan", "/dispatch"),
        ("chenxiao", "/dashboard"),
        ("hejing", "/types"),
    ],
)
def test_everybody_starts_where_their_work_is(site: Site, login: str, where: str) -> None:
    assert site.browser(login).get("/").location == where


def test_a_designer_who_also_supports_starts_in_the_inbox(site: Site) -> None:
    with site.cast.runtime.writing() as session, session.begin():
        hejing = session.get_one(Person, site.cast.people["hejing"])
        grant_role(session, hejing, role_id=site.cast.roles["support"], place_id=site.cast.places["qiming"])
    assert site.browser("hejing").get("/").location == "/inbox"


def test_a_designer_who_also_files_starts_in_ticket_types(site: Site) -> None:
    with site.cast.runtime.writing() as session, session.begin():
        hejing = session.get_one(Person, site.cast.people["hejing"])
        grant_role(session, hejing, role_id=site.cast.roles["requester"], place_id=site.cast.places["qiming"])
    assert site.browser("hejing").get("/").location == "/types"


@pytest.mark.parametrize("login", ["lina", "zhangwei", "chenxiao", "hejing", "admin"])
def test_an_entry_is_called_what_its_page_is_called(site: Site, login: str) -> None:
    browser = site.browser(login)
    rail = browser.get("/my-tickets").tree.cssselect("#rail nav a")
    for entry in rail:
        name = next(text.strip() for text in entry.xpath("text()") if text.strip())
        page = browser.get(str(entry.get("href")))
        assert page.status == 200
        assert page.words("h1")[0].startswith(name), entry.get("href")


@pytest.mark.parametrize(
    ("login", "heading", "other"),
    [("zhaomin", "校区标准", "总部"), ("chenxiao", "总部", "校区标准"), ("guohao", "总部", "校区标准")],
)
def test_standards_stand_where_each_one_looks_for_them(site: Site, login: str, heading: str, other: str) -> None:
    rail = site.browser(login).get("/standards").words("#rail nav")[0].split()
    assert rail[rail.index(heading) + 1 :][:4] == ["执行矩阵", "标准", "抽查", "豁免"]
    assert other not in rail
