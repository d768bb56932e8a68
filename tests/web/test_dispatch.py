"""The dispatch queue's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.engine import build
from tests.tickets.play import staff
from tests.tickets.statements import counted
from tests.web.site import Page, Site
from tickets.assigning.absences import NewAbsence, set_absence
from tickets.subjects import Subject


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


def test_the_queue_shows_what_waits_why_and_who_could_take_it(site: Site, numbers: list[str]) -> None:
    page = site.browser("zhangwei", language="en").get("/dispatch")
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
    zhangwei = site.browser("zhangwei", language="en")
    given = {"tickets": numbers[:2], "to": "李娜 (lina)", "owner": "on", "tasks": "on", "note": "一起看"}
    page = zhangwei.follow(zhangwei.post("/dispatch/assignments", given))
    assert page.toasts == ["2 assigned to 李娜."]
    assert site.play.ticket(numbers[0]).owner_id == site.cast.people["lina"]
    again = site.browser("chenxiao", language="en")
    page = again.follow(again.post("/dispatch/assignments", {**given, "to": "wanglei"}))
    assert page.toasts == [f"{number}: {number} is already assigned to 李娜." for number in numbers[:2]]


def test_nothing_ticked_or_nobody_chosen_keeps_what_was_typed(site: Site, numbers: list[str]) -> None:
    zhangwei = site.browser("zhangwei", language="en")
    answer = zhangwei.post("/dispatch/assignments", {"to": "lina", "owner": "on", "note": "一起看"})
    assert (answer.status, answer.words("[name=note]")) == (422, ["一起看"])
    answer = zhangwei.post("/dispatch/assignments", {"tickets": numbers[0], "other": "nobody such", "owner": "on"})
    assert answer.status == 422
    assert answer.value("[name=other]") == "nobody such"
    assert answer.tree.cssselect(f"[value='{numbers[0]}'][checked]")


def test_the_next_is_taken(site: Site, numbers: list[str]) -> None:
    zhangwei = site.browser("zhangwei", language="en")
    page = zhangwei.follow(zhangwei.post("/dispatch/next"))
    assert page.toasts == [f"{numbers[0]} is yours now."]


def test_the_page_asks_few_statements(site: Site) -> None:
    visitor = site.browser("zhangwei")
    visitor.get("/dispatch")
    with counted(site.cast.runtime.database) as statements:
        visitor.get("/dispatch")
    assert len(statements) <= 20


def names(page: Page) -> list[str]:
    return [name.split(" ")[0] for name in page.words("#able li strong")]


@pytest.fixture
def mixed(site: Site, numbers: list[str]) -> dict[str, str]:
    """A ticket offered to developers, and one of a lane that nobody near holds, about a student of liutao's."""
    site.play.define(
        build.start(),
        staff("mend", to="developer", name="修一修"),
        build.end(),
        build.chain("begin", "mend", "done"),
        key="mending",
    )
    subjects = site.cast.add_subjects()
    with site.play.runtime.reading() as session:
        about = session.scalars(sa.select(Subject).where(Subject.responsible_id == site.cast.people["liutao"])).first()
    assert about is not None
    assert about.id in subjects.values()
    filed = site.play.file("zhaomin", "errand", subject_id=about.public_id)
    return {"mend": site.play.file("zhoulan", "mending"), "about": filed}


def test_nobody_is_chosen_for_the_dispatcher(site: Site, numbers: list[str]) -> None:
    zhangwei = site.browser("zhangwei", language="en")
    assert not zhangwei.get("/dispatch").tree.cssselect("#able [checked]")
    answer = zhangwei.post("/dispatch/assignments", {"tickets": numbers[0], "owner": "on", "tasks": "on"})
    assert answer.status == 422
    assert "Choose who gets them: one of the candidates, or somebody else by name." in answer.text


def test_those_who_hold_the_role_come_first_and_it_says_why(site: Site, mixed: dict[str, str]) -> None:
    page = site.browser("zhangwei", language="en").get("/dispatch?view=offered")
    assert names(page)[0] == "王磊"
    assert page.words("#able li:first-child .gd-chip") == ["Role: Developer"]
    assert page.words("#able h3") == ["Suits", "Others"]


def test_whoever_declined_a_ticket_does_not_suit_it(site: Site, mixed: dict[str, str]) -> None:
    zhangwei, number = site.browser("zhangwei", language="en"), mixed["mend"]
    assert zhangwei.post(f"/tickets/{number}/assignment", {"to": "wanglei", "manner": "offer"}).status == 303
    assert site.browser("wanglei").post(f"/tickets/{number}/refusal", {"why": "在做别的"}).status == 303
    assert zhangwei.get(f"/dispatch?tickets={number}").words("#able h3") == []
    about = zhangwei.get(f"/dispatch?tickets={number}&tickets={mixed['about']}")
    assert names(about)[0] == "刘涛", "another ticket does not change by it"


def test_whoever_is_responsible_for_the_subject_comes_first(site: Site, mixed: dict[str, str]) -> None:
    zhangwei = site.browser("zhangwei", language="en")
    page = zhangwei.get(f"/dispatch?tickets={mixed['about']}")
    assert names(page)[0] == "刘涛"
    (reason,) = page.words("#able li:first-child .gd-chip")[:1]
    assert reason.startswith("Responsible for ")
    of_all = zhangwei.get("/dispatch").words("#able li:first-child .gd-chip")
    assert of_all[0].endswith("1 of 4 tickets")


def test_one_who_is_away_is_last_though_they_suit(site: Site, mixed: dict[str, str]) -> None:
    now = site.cast.clock.now()
    absent = NewAbsence(now, now + timedelta(days=2))
    set_absence(site.play.runtime, site.cast.wanglei, site.cast.people["wanglei"], absent)
    page = site.browser("zhangwei", language="en").get("/dispatch?view=offered")
    assert "王磊" not in names(page)
    (away,) = page.words("#able li.gd-sub")
    assert away.startswith("王磊 Away until ")
    assert away.endswith("Role: Developer")


def test_the_picker_of_a_ticket_says_who_suits_it(site: Site, mixed: dict[str, str]) -> None:
    zhangwei = site.browser("zhangwei", language="en")
    found = zhangwei.get(f"/people/suggestions?ticket={mixed['about']}&q=")
    assert found.words(".gd-pick-one strong")[0] == "刘涛"
    assert found.words(".gd-pick-one .gd-chip")[0].startswith("Responsible for ")
