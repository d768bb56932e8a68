"""The pages of departures."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.models import Job, JobStatus
from tests.web.site import Page, Site
from tickets.people import Person


def person(site: Site, login: str) -> str:
    with site.cast.runtime.reading() as session:
        return str(session.get_one(Person, site.cast.people[login]).public_id)


def leave(site: Site, login: str, by: str = "admin", **fields: str) -> Page:
    form = {"person": person(site, login), "default": "superior", "alone": "superior", "at": "", **fields}
    return site.browser(by).post("/departures", form)


def owned_by_lina(site: Site) -> str:
    """A crash report that lina answers for and has claimed."""
    site.play.ship("crash_report")
    number = site.file_crash()
    site.play.claim("lina", "Task_Triage", number)
    return number


def test_the_preview_shows_what_is_theirs(site: Site) -> None:
    owned_by_lina(site)
    page = site.browser("admin").get(f"/departures/new?person={person(site, 'lina')}")
    assert page.status == 200
    assert "崩溃上报" in page.text
    assert page.words("dl.gd-props dd")[:3] == ["1", "0", "1"], "nobody else is in support"
    assert page.words("select[name='type:crash_report'] option[selected]") == ["进分派队列"], "its file says so"
    assert any("「与其他相同」" in hint for hint in page.words(".form-hint")), "so the plan does not hold for it"


def test_somebody_leaves_and_comes_back(site: Site) -> None:
    number = owned_by_lina(site)
    made = leave(site, "lina")
    admin = site.browser("admin")
    assert admin.get(made.location).value("progress", "value") == "0"
    assert admin.get(made.location).value("#departure", "hx-trigger") == "every 1s"
    site.play.settle()
    page = admin.get(made.location)
    assert page.value("progress", "value") == page.value("progress", "max") == "2"
    assert "hx-trigger" not in page.tree.cssselect("#departure")[0].attrib
    assert site.play.ticket(number).owner_id == site.cast.people["zhangwei"]
    assert admin.follow(admin.post(f"{made.location}/undoing")).status == 200
    site.play.settle()
    assert site.play.ticket(number).owner_id == site.cast.people["lina"]
    assert admin.post(f"{made.location}/undoing").status == 409
    assert "李娜" in admin.get("/departures").text


def test_what_could_not_be_put_back_is_listed(site: Site) -> None:
    number = owned_by_lina(site)
    made = leave(site, "lina")
    site.play.settle()
    site.browser("zhangwei").post(f"/tickets/{number}/notes", {"body": "看过了"})
    admin = site.browser("admin")
    admin.post(f"{made.location}/undoing")
    site.play.settle()
    assert number in " ".join(admin.get(made.location).words("section[aria-labelledby=kept] li"))


def test_what_is_refused_keeps_what_was_chosen(site: Site) -> None:
    page = leave(site, "lina", default="split", at="2026-12-01T18:00")
    assert page.status == 422
    assert page.value("input[name=default][checked]") == "split"
    assert page.value("input[name=at]") == "2026-12-01T18:00"
    assert page.tree.cssselect("[role=alert]")
    assert leave(site, "lina", at="soon").status == 422
    assert leave(site, "wufang").status == 409


def test_a_planned_departure_is_cancelled(site: Site) -> None:
    made = leave(site, "lina", at="2027-01-01T18:00")
    admin = site.browser("admin")
    assert "2027-01-01 18:00" in admin.get(made.location).text
    assert admin.follow(admin.post(f"{made.location}/undoing")).status == 200
    assert not admin.get(made.location).tree.cssselect("form[action$=undoing]")


def test_one_that_stopped_is_set_going_again(site: Site) -> None:
    made = leave(site, "lina")
    with site.cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(Job).values(status=JobStatus.FAILED))
    site.cast.clock.advance(timedelta(minutes=5))
    admin = site.browser("admin")
    assert admin.get(made.location).tree.cssselect("form[action$=runs]")
    assert admin.post(f"{made.location}/runs").status == 303


def test_people_are_found_by_name(site: Site) -> None:
    page = site.browser("admin").get("/departures/new?q=李娜")
    assert page.value("#people-found a", "href").endswith(person(site, "lina"))
    assert not site.browser("guohao").get("/departures/new?q=黄毅").tree.cssselect("#people-found a")
    assert not site.browser("admin").get("/departures/new?q=吴芳").tree.cssselect("#people-found a")


def test_a_long_list_says_that_there_may_be_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    hint = "#people-found p.gd-sub"
    assert site.browser("admin").get("/departures/new?q=李娜").words(hint) == []
    monkeypatch.setattr("web.departures.FOUND", 2)
    page = site.browser("admin").get("/departures/new")
    assert (len(page.words("#people-found li")), "前 2 人" in page.words(hint)[0]) == (2, True)


def test_others_may_not(site: Site) -> None:
    made = leave(site, "liutao", by="guohao")
    for login, status in (("lina", 403), ("zhoulan", 403)):
        browser = site.browser(login)
        for path in (
            "/departures",
            "/departures/new",
            made.location,
            f"/departures/new?person={person(site, 'sunyue')}",
        ):
            assert browser.get(path).status == status
        assert browser.post(f"{made.location}/undoing").status == status
    kapok = leave(site, "huangyi")
    brand = site.browser("guohao")
    assert brand.get(kapok.location).status == 404
    assert brand.get(f"/departures/new?person={person(site, 'lina')}").status == 404
    assert brand.get("/departures/new?person=x").status == 404
    assert "黄毅" not in brand.get("/departures").text
    assert leave(site, "lina", by="guohao").status == 404
