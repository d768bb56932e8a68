"""The pages of standards: set up with a preview, looked at, changed, switched, launched; who may, and who sees none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import build
from tests.tickets.play import Play
from tests.tickets.standards.campus import Campus, step
from tests.web.belongings import add_people
from tests.web.site import Page, Site, Visitor


@pytest.fixture
def campus(site: Site) -> Campus:
    """One with the type and two classes."""
    campus = Campus(Play(site.cast))
    said: dict[str, Any] = {"standard.start": "date start_date -P7D"}
    campus.define(**said)
    campus.add_class("小一班", start_date="2026-12-20", level="A")
    campus.add_class("小二班", start_date="2026-11-24", level="B")
    return campus


def form(campus: Campus, **other: str) -> dict[str, str]:
    """What setting up sends."""
    place = str(campus.place("qinghe"))
    return {
        "type": "kickoff",
        "place": place,
        "subject_kind": "class",
        "trigger": "date",
        "attribute": "start_date",
        "days": "7",
        "side": "before",
        "begins_on": "2026-11-01",
        **other,
    }


def set_up(campus: Campus, visitor: Visitor, **other: str) -> Page:
    made = visitor.post("/standards", form(campus, **other))
    assert made.status == 303, made.words(".gd-note")
    campus.play.settle()
    return visitor.get(made.location)


def test_headquarters_sets_a_standard_up_and_sees_what_it_comes_to(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    assert "kickoff" in chenxiao.get("/standards/new").text
    shown = chenxiao.get("/standards/new?type=kickoff")
    assert shown.value("input[name=trigger][checked]") == "date"
    assert shown.value("input[name=days]") == "7"
    previewed = chenxiao.post("/standards", form(campus, preview="1", attribute_name="level", value="A"))
    assert (previewed.status, campus.occurrences()) == (200, [])
    (told,) = previewed.words("#previewed p")
    assert "1" in told
    assert "2" in told
    assert "小一班" in previewed.text
    assert "小二班" not in previewed.text
    page = set_up(campus, chenxiao)
    assert page.status == 200
    assert [row.period for row in campus.occurrences()] == ["once", "once"]
    listed = chenxiao.get("/standards")
    assert "青禾英语" in listed.text


def test_what_was_just_set_up_says_that_it_is_being_planned(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    made = chenxiao.post("/standards", form(campus))
    before = chenxiao.get(made.location)
    assert before.value("#coming-starts", "hx-trigger") == "every 2s"
    assert before.words("#coming-starts [role=status]")
    campus.play.settle()
    after = chenxiao.get(made.location)
    assert after.words("#coming-starts [role=status]") == []
    assert "小二班" in after.text


def test_the_preview_warns_of_a_standard_of_the_same_type_around_it(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    wanted = {"preview": "1", "place": str(campus.place("qiming"))}
    assert not chenxiao.post("/standards", form(campus, **wanted)).words("#previewed .gd-note")
    set_up(campus, chenxiao)
    (warned,) = chenxiao.post("/standards", form(campus, **wanted)).words("#previewed .gd-note")
    assert "青禾英语" in warned
    elsewhere = form(campus, preview="1", place=str(campus.place("kapok")))
    assert not chenxiao.post("/standards", elsewhere).words("#previewed .gd-note")


def test_a_second_standard_of_a_type_is_said_before_and_refused_unless_it_is_meant(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    assert not chenxiao.get("/standards/new").words("main .t-orange")
    set_up(campus, chenxiao)
    (made,) = campus.standards()
    assert "青禾英语" in chenxiao.get("/standards/new").words("main .t-orange")[0]
    shown = chenxiao.get("/standards/new?type=kickoff")
    assert shown.value("main .gd-note.t-orange a", "href") == f"/standards/{made.public_id}"
    wanted = form(campus, place=str(campus.place("qiming")))
    refused = chenxiao.post("/standards", wanted)
    assert refused.status == 409
    assert "青禾英语" in refused.words("[role=alert]")[0]
    assert refused.tree.cssselect("input[name=alongside]")
    assert len(campus.standards()) == 1
    assert chenxiao.post("/standards", wanted | {"alongside": "1"}).status == 303
    assert len(campus.standards()) == 2


def test_the_form_warns_only_of_standards_that_meet_the_chosen_place(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    set_up(campus, chenxiao)
    form = "/standards/new?type=kickoff&place="
    assert chenxiao.get(f"{form}{campus.place('qiming')}").words("#twins a") == ["青禾英语"]
    assert chenxiao.get(f"{form}{campus.place('kapok')}").words("#twins a") == []


@pytest.mark.parametrize(
    ("asked", "kept", "said"),
    [
        ({"every": "week", "weekday": "TUE", "at": "18:30"}, "30 18 * * TUE", "每星期二 18:30"),
        ({"every": "month", "day": "12", "at": "09:00"}, "0 9 12 * *", "每月 12 日 09:00"),
        ({"every": "day", "at": "08:05"}, "5 8 * * *", "每天 08:05"),
        ({"every": "other", "cycle": "R/P2W"}, "R/P2W", "每 14 天"),
    ],
)
def test_a_cycle_is_asked_for_and_said_in_words(
    site: Site, campus: Campus, asked: dict[str, str], kept: str, said: str
) -> None:
    chenxiao = site.browser("chenxiao")
    set_up(campus, chenxiao, trigger="cycle", since="start_date", until="end_date", **asked)
    (made,) = campus.standards()
    assert made.timing == {"cycle": kept, "from": "start_date", "until": "end_date"}
    form = chenxiao.get(f"/standards/{made.public_id}/edit")
    assert form.value("[name=every] [selected]") == asked["every"]
    assert said in form.words("#cycle-says")[0]
    assert len(form.tree.cssselect("#cycle-says time")) == (0 if asked["every"] == "other" else 3)
    other = chenxiao.get(f"/standards/{made.public_id}/edit?every=day&at=07:00")
    assert "每天 07:00" in other.words("#cycle-says")[0], "as it is filled in"
    (said,) = chenxiao.get(f"/standards/{made.public_id}/edit?every=other&cycle=soon").words("#cycle-says")
    assert "soon" not in said


def test_a_cycle_without_a_time_is_refused_and_kept(site: Site, campus: Campus) -> None:
    for asked in ({"every": "month", "day": "", "at": "09:00"}, {"every": "week", "weekday": "MON", "at": "25:00"}):
        refused = site.browser("chenxiao").post("/standards", form(campus, trigger="cycle", **asked))
        assert refused.status == 422
        assert "31" in refused.words("[role=alert]")[0]
        assert refused.value("[name=every] [selected]") == asked["every"]


def test_facts_are_chosen_in_words_and_another_one_is_written_beside(site: Site, campus: Campus) -> None:
    campus.add_class("小三班", 校区等级="一级")
    chenxiao = site.browser("chenxiao")
    offered = chenxiao.get("/standards/new?type=kickoff").words("select[name=attribute] option")
    assert {"开课日期", "校区等级"} <= set(offered)
    assert "start_date" not in offered
    other = {"attribute": "?", "attribute_other": "trial_date", "attribute_name": "?", "attribute_name_other": "grade"}
    set_up(campus, chenxiao, **other, **{"is": "equals", "value": "A"})
    (made,) = campus.standards()
    assert made.timing["attribute"] == "trial_date"
    assert made.conditions == [{"attribute": "grade", "is": "equals", "value": "A"}]
    kept = chenxiao.get(f"/standards/{made.public_id}/edit")
    assert kept.value("select[name=attribute_name] [selected]") == "grade"


def test_one_elsewhere_or_told_apart_by_conditions_is_not_refused(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    for place, level in (("qinghe", "A"), ("qiming", "B"), ("kapok", "C")):
        where = {"place": str(campus.place(place)), "attribute_name": "level", "is": "equals", "value": level}
        set_up(campus, chenxiao, **where)
    assert len(campus.standards()) == 3


def test_standards_of_one_type_are_told_apart_in_the_matrix_by_their_places(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    set_up(campus, chenxiao)
    assert not chenxiao.get("/standards/matrix?period=2026-Q4").words(".gd-mx thead small")
    campus.set_up(at="qiming", alongside=True)
    heads = chenxiao.get("/standards/matrix?period=2026-Q4").words(".gd-mx thead small")
    assert set(heads) == {"启明教育集团", "青禾英语"}


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(site: Site, campus: Campus) -> None:
    refused = site.browser("chenxiao").post("/standards", form(campus, trigger="cycle", cycle="every day"))
    assert refused.status == 422
    assert "every day" in refused.words("[role=alert]")[0]
    assert refused.value("input[name=cycle]") == "every day"


def test_it_is_changed_switched_off_and_on(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    page = set_up(campus, chenxiao)
    (made,) = campus.standards()
    address = f"/standards/{made.public_id}"
    assert chenxiao.get(f"{address}/edit").value("select[name=attribute] [selected]") == "start_date"
    assert chenxiao.post(address, form(campus, days="3")).status == 303
    campus.play.settle()
    assert campus.standards()[0].timing == {"attribute": "start_date", "days": -3}
    asked = chenxiao.get(address).tree.cssselect("details:not([open]) form[action$='/activity']")
    assert len(asked) == 1, "it says what that means before"
    assert chenxiao.post(f"{address}/activity", {"active": "0"}).status == 303
    campus.play.settle()
    assert {row.state for row in campus.occurrences()} == {"cancelled"}
    chenxiao.post(f"{address}/activity", {"active": "1"})
    campus.play.settle()
    assert "planned" in {row.state for row in campus.occurrences()}
    assert page.status == 200


def test_a_launch_shows_its_progress_and_can_be_stopped(site: Site, campus: Campus) -> None:
    chenxiao = site.browser("chenxiao")
    set_up(campus, chenxiao, trigger="created", begins_on="2026-12-01")
    (made,) = campus.standards()
    address = f"/standards/{made.public_id}"
    asked = chenxiao.get(address).tree.cssselect("#launches details:not([open])")[0]
    assert asked.cssselect("form button"), "a launch begins no ticket before it has said for whom"
    assert chenxiao.post(f"{address}/launches").status == 303
    page = chenxiao.get(address)
    assert page.value("#launches", "hx-trigger") == "load delay:2s"
    assert page.value("#launches", "hx-select-oob") == "#occurrences", "what goes on is counted anew with it"
    assert page.tree.cssselect("#occurrences")
    (launch,) = campus.launches()
    assert chenxiao.post(f"{address}/launches/{launch.public_id}/cancellation").status == 303
    assert campus.launches()[0].state == "cancelled"
    chenxiao.post(f"{address}/launches")
    campus.play.settle()
    assert (campus.launches()[-1].state, campus.launches()[-1].started) == ("done", 2)
    assert "hx-trigger" not in chenxiao.get(address).tree.cssselect("#launches")[0].attrib


def test_a_campus_head_sees_the_brand_s_standard_and_changes_nothing(site: Site, campus: Campus) -> None:
    set_up(campus, site.browser("chenxiao"))
    (made,) = campus.standards()
    zhaomin, address = site.browser("zhaomin"), f"/standards/{made.public_id}"
    assert zhaomin.get(address).tree.cssselect("main form") == []
    assert zhaomin.get("/standards").status == 200
    assert zhaomin.get("/standards/new").status == 403
    assert zhaomin.get(f"{address}/edit").status == 403
    for path in (address, f"{address}/activity", f"{address}/launches", f"{address}/retries"):
        assert zhaomin.post(path, form(campus)).status == 403


@pytest.mark.parametrize(("login", "status"), [("yuxin", 404), ("huangyi", 403), ("zhoulan", 403)])
def test_another_brand_finds_nothing(site: Site, campus: Campus, login: str, status: int) -> None:
    add_people(site.cast)
    set_up(campus, site.browser("chenxiao"))
    (made,) = campus.standards()
    visitor, address = site.browser(login), f"/standards/{made.public_id}"
    assert visitor.get(address).status == status
    assert visitor.post(address, form(campus)).status == status
    for path in (f"{address}/activity", f"{address}/launches", f"{address}/retries"):
        assert visitor.post(path, form(campus)).status == 404
    assert [made.public_id] == [row.public_id for row in campus.standards()]


def test_its_steps_are_said_by_name_and_one_day_as_one(site: Site, campus: Campus) -> None:
    before: dict[str, Any] = {"standard.start": "date start_date -P7D"}
    prepare = step("prepare", deadline="P1DT1H")
    campus.define(build.start(), prepare, build.end(), build.chain("begin", "prepare", "done"), **before)
    page = set_up(campus, site.browser("chenxiao", language="en"))
    (row,) = page.words("#steps ~ * tbody tr, section[aria-labelledby=steps] tbody tr")
    assert row.split() == ["1.", "prepare", *"Due after the start".split(), "1", "day", "1", "h", "—"]
