"""A requester's own list: narrowed by how far its tickets are, and searched by number and words."""

from __future__ import annotations

import pytest

from tests.tickets.statements import counted
from tests.web.site import Page, Site
from tickets.conversation import ask
from tickets.life.ending import withdraw


@pytest.fixture
def numbers(site: Site) -> dict[str, str]:
    """Three of zhoulan's: one open, one that waits for her answer, one withdrawn."""
    site.play.ship("crash_report")
    made = {name: site.file_crash() for name in ("open", "turn", "ended")}
    site.browser("lina").post(f"/tickets/{made['turn']}/acceptance")
    ask(site.play.runtime, site.cast.lina, made["turn"], "哪个教室？")
    withdraw(site.play.runtime, site.cast.zhoulan, made["ended"], "自己好了")
    return made


def listed(page: Page) -> list[str]:
    return page.words(".gd-mine .gd-no")


def test_it_is_narrowed_by_how_far_they_are(site: Site, numbers: dict[str, str]) -> None:
    zhoulan = site.browser("zhoulan")
    assert listed(zhoulan.get("/my-tickets")) == [numbers["ended"], numbers["turn"], numbers["open"]]
    assert listed(zhoulan.get("/my-tickets?stage=open")) == [numbers["turn"], numbers["open"]]
    assert listed(zhoulan.get("/my-tickets?stage=turn")) == [numbers["turn"]]
    page = zhoulan.get("/my-tickets?stage=ended")
    assert listed(page) == [numbers["ended"]]
    assert len(page.tree.cssselect("[data-filters] [aria-current=true]")) == 1
    assert len(listed(zhoulan.get("/my-tickets?stage=x"))) == 3, "what is no stage narrows nothing"


def test_it_is_searched_by_number_and_words_within_the_stage(site: Site, numbers: dict[str, str]) -> None:
    zhoulan = site.browser("zhoulan")
    assert listed(zhoulan.get(f"/my-tickets?q={numbers['open'].lower()}")) == [numbers["open"]]
    page = zhoulan.get(f"/my-tickets?stage=ended&q={numbers['open']}")
    assert listed(page) == []
    assert page.value("[data-filters] [name=q]") == numbers["open"]
    assert page.tree.cssselect("a[href='/my-tickets']"), "there is a way back to all"
    assert listed(site.browser("sunyue").get(f"/my-tickets?q={numbers['open']}")) == [], "never another's"


@pytest.mark.parametrize("text", ["%", "_", "'", "\\", "%F0%9F%98%80", "x" * 3000])
def test_odd_words_find_nothing_and_break_nothing(site: Site, numbers: dict[str, str], text: str) -> None:
    page = site.browser("zhoulan").get(f"/my-tickets?q={text}")
    assert (page.status, listed(page)) == (200, [])


def test_the_rest_keeps_the_filters(site: Site) -> None:
    site.play.ship("crash_report")
    for _ in range(51):
        site.file_crash()
    (more,) = site.browser("zhoulan").get("/my-tickets?stage=open&q=CR").tree.cssselect(".gd-more a")
    assert {"stage=open", "q=CR"} <= set(more.get("href", "").partition("?")[2].split("&"))


def test_narrowing_costs_no_statement_more(site: Site, numbers: dict[str, str]) -> None:
    zhoulan, seen = site.browser("zhoulan"), []
    zhoulan.get("/my-tickets")
    for path in ("/my-tickets", "/my-tickets?stage=open&q=CR"):
        with counted(site.cast.runtime.database) as statements:
            zhoulan.get(path)
        seen.append(len(statements))
    assert seen[1] <= seen[0] <= 12
