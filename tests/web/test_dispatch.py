"""The dispatch queue's page."""

from __future__ import annotations

import pytest

from tests.engine import build
from tests.tickets.statements import counted
from tests.web.site import Site, Visitor


@pytest.fixture(autouse=True)
def numbers(site: Site) -> list[str]:
    """Three tickets whose task names nobody."""
    site.play.define(
        build.start(),
        build.user("look", camunda__candidateGroups="nobody", name="看一看"),
        build.end(),
        build.chain("begin", "look", "done"),
    )
    return [site.play.file("zhoulan") for _ in range(3)]


def english(site: Site, login: str) -> Visitor:
    visitor = site.browser(login)
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return visitor


def test_the_queue_shows_what_waits_why_and_who_could_take_it(site: Site, numbers: list[str]) -> None:
    page = english(site, "zhangwei").get("/dispatch")
    assert [line.split(" · ")[0] for line in page.words("tbody td.main .gd-sub")] == numbers
    assert page.words("tbody td.full") == ["Nobody for “看一看”"] * 3
    assert any("李娜" in name for name in page.words(".gd-panel li strong"))


@pytest.mark.parametrize(("login", "status"), [("zhoulan", 403), ("lina", 403), ("wanglei", 403), ("zhaomin", 200)])
def test_only_dispatchers_see_it(site: Site, login: str, status: int) -> None:
    visitor = site.browser(login)
    assert visitor.get("/dispatch").status == status
    if status == 403:
        assert visitor.post("/dispatch/assignments", {"tickets": "x", "to": "lina"}).status == 403
        assert visitor.post("/dispatch/next").status == 403


def test_ticked_tickets_go_to_the_chosen_one(site: Site, numbers: list[str]) -> None:
    zhangwei = english(site, "zhangwei")
    given = {"tickets": numbers[:2], "to": "李娜 (lina)", "owner": "on", "tasks": "on", "note": "一起看"}
    page = zhangwei.follow(zhangwei.post("/dispatch/assignments", given))
    assert page.toasts == ["2 assigned to 李娜."]
    assert site.play.ticket(numbers[0]).owner_id == site.cast.people["lina"]
    again = english(site, "chenxiao")
    page = again.follow(again.post("/dispatch/assignments", {**given, "to": "wanglei"}))
    assert page.toasts == [f"{number}: {number} is already assigned to 李娜." for number in numbers[:2]]


def test_nothing_ticked_or_nobody_chosen_keeps_what_was_typed(site: Site, numbers: list[str]) -> None:
    zhangwei = english(site, "zhangwei")
    answer = zhangwei.post("/dispatch/assignments", {"to": "lina", "owner": "on", "note": "一起看"})
    assert (answer.status, answer.words("[name=note]")) == (422, ["一起看"])
    answer = zhangwei.post("/dispatch/assignments", {"tickets": numbers[0], "other": "nobody such", "owner": "on"})
    assert answer.status == 422
    assert answer.value("[name=other]") == "nobody such"
    assert answer.tree.cssselect(f"[value='{numbers[0]}'][checked]")


def test_the_next_is_taken(site: Site, numbers: list[str]) -> None:
    zhangwei = english(site, "zhangwei")
    page = zhangwei.follow(zhangwei.post("/dispatch/next"))
    assert page.toasts == [f"{numbers[0]} is yours now."]


def test_the_page_asks_few_statements(site: Site) -> None:
    visitor = site.browser("zhangwei")
    visitor.get("/dispatch")
    with counted(site.cast.runtime.database) as statements:
        visitor.get("/dispatch")
    assert len(statements) <= 20
