"""The page of absences."""

from __future__ import annotations

import pytest

from tests.web.site import Site

DAYS = {"from": "2026-11-23", "until": "2026-11-25"}


def test_an_absence_is_kept_shown_and_ended(site: Site) -> None:
    lina = site.browser("lina", language="en")
    page = lina.follow(lina.post("/absences", {**DAYS, "substitute": "王磊 (wanglei)", "reason": "年假"}))
    assert page.toasts == ["The absence is kept."]
    assert page.words("tbody td")[1].startswith("23 Nov – 25 Nov")
    assert "23 Nov" in site.browser("zhangwei", language="en").get("/absences").text
    page = lina.follow(lina.post(page.value("tbody form", "action")))
    assert page.words(".gd-empty h2") == ["Nobody is away"]


def test_an_absence_from_today_on_says_its_day_and_no_time(site: Site) -> None:
    lina = site.browser("lina", language="en")
    page = lina.follow(lina.post("/absences", {"from": "2026-11-20", "until": "2026-11-25"}))
    assert page.words("tbody td")[1].startswith("20 Nov – 25 Nov")


def test_a_head_says_it_for_others(site: Site) -> None:
    zhangwei = site.browser("zhangwei", language="en")
    page = zhangwei.follow(zhangwei.post("/absences", {**DAYS, "who": "lina"}))
    assert page.words("tbody td.main")[0].endswith("技术支持") or "李娜" in page.words("tbody td.main")[0]
    assert site.browser("zhaomin", language="en").post("/absences", {**DAYS, "who": "sunyue"}).status == 403


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"from": "x", "until": "2026-11-25"},
        {"from": "2026-11-25", "until": "2026-11-23"},
        {**DAYS, "substitute": "谁"},
    ],
)
def test_what_is_refused_keeps_what_was_typed(site: Site, given: dict[str, str]) -> None:
    answer = site.browser("lina", language="en").post("/absences", {**given, "reason": "年假"})
    assert answer.status == 422
    assert answer.value("[name=reason]") == "年假"
    assert answer.words("[role=alert]")


def test_requesters_have_no_such_page(site: Site) -> None:
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get("/absences").status == 403
    assert zhoulan.post("/absences", DAYS).status == 403


def test_who_is_away_is_marked_in_pickers_and_in_the_queue(site: Site) -> None:
    site.browser("lina").post("/absences", {"from": "2026-11-20", "until": "2026-11-25"})
    picker = site.browser("zhangwei", language="en").get("/people/suggestions?q=lina")
    assert picker.words(".gd-chip") == ["Away until 25 Nov"]
