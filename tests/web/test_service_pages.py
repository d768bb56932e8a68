"""The pages of service levels: calendars, closures and policies, and who may change them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.web.site import Site, Visitor
from tickets.audit import AuditEntry
from tickets.places import Place
from tickets.service import holidays
from tickets.service.tables import BusinessCalendar, Closure, ServicePolicy

WEEK = {f"hours_{number}": "9:00-12:00，13:30-18:00" for number in range(5)}


def place(site: Site, key: str) -> str:
    with site.cast.runtime.reading() as session:
        return str(session.get_one(Place, site.cast.places[key]).public_id)


def make(site: Site, visitor: Visitor, **given: Any) -> str:
    """The address of a new calendar."""
    form = {"zh": "总部日历", "owner": place(site, "qiming"), "holidays": "china", **WEEK, **given}
    answer = visitor.post("/service/calendars", form)
    assert answer.status == 303, answer.words(".gd-note")
    return answer.location


def count(site: Site, model: type[Any]) -> int:
    with site.cast.runtime.reading() as session:
        return session.scalars(sa.select(sa.func.count()).select_from(model)).one()


def test_a_calendar_shows_holidays_make_up_days_and_days_of_its_own(site: Site) -> None:
    holidays.seed(site.cast.runtime)
    chenxiao = site.browser("chenxiao")
    made = make(site, chenxiao, days="2026-10-09 休 校庆\n2026-10-12 10:00-12:00 半天")
    month = chenxiao.get(f"{made}?month=2026-10", Accept_Language="en")
    words = " ".join(month.words(".gd-cal td"))
    for said in ("1 National Day off", "9 校庆 off", "10 National Day Make-up day 09:00", "12 半天 10:00-12:00"):
        assert said in words
    assert not month.words(".gd-note")
    assert "2027" in chenxiao.get(f"{made}?month=2027-01").words(".gd-note")[0]


def test_what_is_wrong_with_a_calendar_is_said_and_what_was_typed_is_kept(site: Site) -> None:
    chenxiao = site.browser("chenxiao")
    form = {"zh": "夜班", "owner": place(site, "qiming"), "holidays": "", "hours_0": "22:00-06:00"}
    answer = chenxiao.post("/service/calendars", form)
    assert answer.status == 422
    assert "22:00-24:00" in answer.words(".gd-note")[0]
    assert answer.value("#hours_0") == "22:00-06:00"
    assert answer.value("#zh") == "夜班"


@pytest.mark.parametrize(
    "wrong",
    [
        {"zh": ""},
        {"zh": "x" * 99},
        {"hours_0": "nine to five"},
        {"hours_0": "09:00-12:00, 11:00-13:00"},
        {"hours_0": "25:00-26:00"},
        {"holidays": "mars"},
        {"days": "soon"},
        {"days": "2026-02-30"},
        {"days": "\n".join(["2026-02-03"] * 401)},
        {"owner": ""},
        {f"hours_{number}": "" for number in range(5)},
    ],
)
def test_impossible_calendars_are_refused(site: Site, wrong: dict[str, str]) -> None:
    form = {"zh": "总部日历", "owner": place(site, "qiming"), "holidays": "", **WEEK, **wrong}
    assert site.browser("chenxiao").post("/service/calendars", form).status == 422
    assert count(site, BusinessCalendar) == 0


def test_a_place_keeps_a_calendar_and_those_below_inherit_it(site: Site) -> None:
    holidays.seed(site.cast.runtime)
    chenxiao = site.browser("chenxiao")
    made = make(site, chenxiao).rsplit("/", 1)[1]
    assert chenxiao.post(f"/service/places/{place(site, 'qinghe')}/calendar", {"calendar": made}).status == 303
    asked = f"place={place(site, 'sz-nanshan')}&moment=2026-09-30T17:00&number=3&unit=h"
    assert "2026-10-08 11:00" in " ".join(chenxiao.get(f"/service/due?{asked}").words("[role=status]"))
    assert "2026-09-30 20:00" in " ".join(chenxiao.get(f"/service/due?{asked}&clock=1").words("[role=status]"))
    assert chenxiao.get("/service/due?place=&moment=now").status == 422
    assert chenxiao.post(f"/service/calendars/{made}/removal").status == 303
    assert "2026-09-30 20:00" in " ".join(chenxiao.get(f"/service/due?{asked}").words("[role=status]"))


def test_a_campus_head_closes_their_campus_and_no_other(site: Site) -> None:
    zhaomin = site.browser("zhaomin")
    form = {"starts": "2026-11-30T14:00", "ends": "2026-12-01T12:00", "reason": "台风"}
    assert zhaomin.post("/service/closures", {**form, "place": place(site, "sz-nanshan")}).status == 303
    assert zhaomin.post("/service/closures", {**form, "place": place(site, "sz-nanshan")}).status == 303
    assert count(site, Closure) == 1
    assert zhaomin.post("/service/closures", {**form, "place": place(site, "gz-tianhe")}).status == 403
    assert zhaomin.post("/service/closures", {**form, "place": place(site, "cd-gaoxin")}).status == 404
    backwards = {**form, "place": place(site, "sz-nanshan"), "ends": "2026-11-29T00:00"}
    refused = zhaomin.post("/service/closures", backwards)
    assert refused.words(".gd-tabs [aria-current], #rail [aria-current]") == ["停业安排", "停业安排"]
    assert (refused.status, refused.value("#reason")) == (422, "台风")
    with site.cast.runtime.reading() as session:
        closure = session.scalars(sa.select(Closure)).one()
        entry = session.scalars(sa.select(AuditEntry)).one()
    assert entry.after == form
    assert site.browser("guohao").get("/service/closures").words("tbody tr")
    assert zhaomin.post(f"/service/closures/{closure.public_id}/removal").status == 303
    assert count(site, Closure) == 0


def test_a_brand_s_administrator_changes_their_brand_s_policies_only(site: Site) -> None:
    guohao = site.browser("guohao")
    form = {"type": "", "priority": "urgent", "working": "1", "response": "30", "response_unit": "m"}
    form |= {"resolution": "1", "resolution_unit": "d", "warn": "20", "warn_unit": "%", "escalate": "1"}
    form |= {"escalate_unit": "h", "to": "role:campus_head", "login": ""}
    qinghe, kapok, group = (place(site, key) for key in ("qinghe", "kapok", "qiming"))
    assert guohao.post("/service/policies", {**form, "brand": qinghe}).status == 303
    assert guohao.post("/service/policies", {**form, "brand": qinghe, "resolution": "2"}).status == 303
    assert guohao.post("/service/policies", {**form, "brand": kapok}).status == 404
    assert guohao.post("/service/policies", {**form, "brand": group}).status == 403
    with site.cast.runtime.reading() as session:
        policy = session.scalars(sa.select(ServicePolicy)).one()
        entries = list(session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
    assert (policy.response, policy.resolution, policy.warn_before) == ("PT30M", "P2D", "20%")
    assert (policy.escalate_after, policy.escalate_to) == ("PT1H", "role:campus_head")
    assert (entries[1].before["resolution"], entries[1].after["resolution"]) == ("P1D", "P2D")
    assert "30 min / 2 d" in guohao.get("/service/policies", Accept_Language="en").words("tbody tr")[0]
    assert guohao.get(f"/service/policies/form?brand={qinghe}&priority=urgent").value("#resolution") == "2"
    assert site.browser("zhaomin").post(f"/service/policies/{policy.public_id}/removal").status == 403
    assert guohao.post(f"/service/policies/{policy.public_id}/removal").status == 303
    assert count(site, ServicePolicy) == 0


def test_a_place_is_chosen_before_it_is_closed_unless_there_is_but_one(site: Site) -> None:
    closed = {"reason": "停电", "starts": "2026-11-24T09:00", "ends": "2026-11-24T18:00"}
    admin, zhaomin = site.browser("chenxiao"), site.browser("zhaomin")
    page = admin.get("/service/closures")
    assert page.tree.cssselect("#place[required] option")[0].get("value") == ""
    assert admin.post("/service/closures", {**closed, "place": ""}).status == 422
    assert zhaomin.get("/service/closures").value("#place option") == place(site, "sz-nanshan")


def test_a_person_is_told_whom_one_names_and_the_form_names_them_again(site: Site) -> None:
    guohao, brand = site.browser("guohao"), place(site, "qinghe")
    form = {"brand": brand, "type": "", "priority": "urgent", "working": "1", "response": "30", "response_unit": "m"}
    form |= {"escalate": "1", "escalate_unit": "h", "to": "person"}
    assert guohao.post("/service/policies", {**form, "login": "赵敏"}).status == 303
    with site.cast.runtime.reading() as session:
        assert session.scalars(sa.select(ServicePolicy.escalate_to)).one() == "person:zhaomin"
    page = guohao.get(f"/service/policies/form?brand={brand}&priority=urgent")
    assert page.value("#login") == "赵敏 (zhaomin)"
    assert guohao.post("/service/policies", {**form, "login": "赵敏 (zhaomin)"}).status == 303
    assert guohao.post("/service/policies", {**form, "login": "赵敏敏"}).status == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"resolution": " ", "warn": "20", "warn_unit": "%"},
        {"response": "soon", "response_unit": "m"},
        {"response": "0", "response_unit": "m"},
        {"response": "9" * 99, "response_unit": "m"},
        {"response": "5", "response_unit": "years"},
        {"warn": "100", "warn_unit": "%"},
        {"escalate": "1", "escalate_unit": "h", "to": "person", "login": "nobody"},
        {"escalate": "1", "escalate_unit": "h", "to": "person", "login": ""},
        {"escalate": "1", "escalate_unit": "h", "to": "role:none"},
        {"escalate": "1", "escalate_unit": "h", "to": "the moon"},
    ],
)
def test_impossible_policies_are_refused(site: Site, wrong: dict[str, str]) -> None:
    form = {"brand": place(site, "qiming"), "type": "", "priority": "", "working": "1", **wrong}
    assert site.browser("chenxiao").post("/service/policies", form).status == 422
    assert count(site, ServicePolicy) == 0


def test_nothing_is_promised_only_where_that_is_meant(site: Site) -> None:
    chenxiao, group = site.browser("chenxiao"), place(site, "qiming")
    form = {"brand": group, "type": "", "priority": "low", "working": "1", "nothing": "1"}
    assert chenxiao.post("/service/policies", form).status == 303
    with site.cast.runtime.reading() as session:
        policy = session.scalars(sa.select(ServicePolicy)).one()
    assert (policy.response, policy.resolution) == ("", "")
    page = chenxiao.get(f"/service/policies/form?brand={group}&priority=low")
    assert page.tree.cssselect("[name=nothing][checked]")


@pytest.mark.parametrize("login", ["zhoulan", "lina", "wanglei", "huangyi"])
@pytest.mark.parametrize("path", ["policies", "calendars", "calendars/new", "closures"])
def test_who_looks_after_nothing_sees_none_of_it(site: Site, login: str, path: str) -> None:
    assert site.browser(login).get(f"/service/{path}").status == 403


def test_another_brand_s_calendar_is_not_there(site: Site) -> None:
    made = make(site, site.browser("chenxiao"), owner=place(site, "kapok"))
    guohao = site.browser("guohao")
    assert guohao.get(made).status == 404
    assert guohao.post(made, {"zh": "我的", **WEEK}).status == 404
    assert guohao.post(f"{made}/removal").status == 404
    choice = {"calendar": made.rsplit("/", 1)[1]}
    assert guohao.post(f"/service/places/{place(site, 'qinghe')}/calendar", choice).status == 404
    assert "总部日历" not in guohao.get("/service/calendars").text
