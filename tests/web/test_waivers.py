"""The pages of waivers: asking, deciding, ending, and the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.tickets.standards.campus import Campus
from tests.web.site import Page, Site
from tickets.notices.models import News, Notice
from tickets.people import Person
from tickets.subjects import Subject


@pytest.fixture
def campus(site: Site) -> Campus:
    campus = Campus(site.play)
    campus.define()
    campus.set_up()
    campus.add_class("向日葵班")
    campus.begin_due()
    return campus


def asked(site: Site, campus: Campus, by: str = "zhaomin", **typed: str) -> Page:
    browser = site.browser(by)
    number = campus.play.ticket().number
    form = browser.get(f"/standards/waivers/new?ticket={number}")
    assert form.status == 200, form.text
    given = {"ticket": number, "what": form.value("#what option"), "from": form.value("#from")}
    return browser.post(
        "/standards/waivers", {**given, "until": form.value("#until", "max"), "why": "台风停课", **typed}
    )


def test_asked_approved_and_ended(site: Site, campus: Campus) -> None:
    made = asked(site, campus)
    assert made.status == 303, made.words("[role=alert]")
    head = site.browser("zhaomin")
    own = head.follow(made)
    assert "台风停课" in own.text
    assert not own.tree.cssselect("form[action$=approval]")
    hq = site.browser("chenxiao")
    assert "1" in hq.get("/standards/waivers?stage=asked").words(".gd-tabs")[0]
    assert hq.get(made.location).tree.cssselect("form[action$=approval]")
    done = hq.follow(hq.post(f"{made.location}/approval", {"answer": "同意"}))
    assert "同意" in done.text
    assert "2" in done.words("#main dd")[-1]
    assert "台风停课" in hq.get("/standards/waivers?stage=running").text
    assert hq.post(f"{made.location}/end", {"why": ""}).status == 422
    hq.follow(hq.post(f"{made.location}/end", {"why": "复课"}))
    assert "台风停课" in hq.get("/standards/waivers?stage=over").text
    assert "台风停课" not in hq.get("/standards/waivers?stage=running").text


def test_a_waiver_is_asked_for_in_the_line_of_the_ticket_s_head(site: Site, campus: Campus) -> None:
    number = campus.play.ticket().number
    page = site.browser("zhaomin").get(f"/tickets/{number}")
    assert page.value(".gd-headline a.btn-quiet", "href") == f"/standards/waivers/new?ticket={number}"
    asked(site, campus)
    assert "台风停课" in site.browser("zhaomin").get(f"/tickets/{number}").words("#story .gd-note")[0]


def test_who_decides_reads_how_many_steps_it_would_be_and_which(site: Site, campus: Campus) -> None:
    where, hq = asked(site, campus).location, site.browser("chenxiao", language="en")
    (said,) = [words for words in hq.get(where).words("dl dd") if "would be waived" in words]
    hq.post(f"{where}/approval")
    (known,) = [words for words in hq.get(where).words("dl dd") if "known by now" in words]
    assert said.split()[0] == known.split()[0] != "0"
    assert said.endswith("prepare, welcome"), "and which they are"


def test_a_refusal_needs_a_reason(site: Site, campus: Campus) -> None:
    where, hq = asked(site, campus).location, site.browser("chenxiao")
    refused = hq.post(f"{where}/refusal", {"answer": " "})
    assert refused.status == 422
    assert refused.words("#answer ~ [role=alert]"), "beside the answer"
    assert refused.value("#answer", "aria-invalid") == "true"
    done = hq.follow(hq.post(f"{where}/refusal", {"answer": "照常"}))
    assert "标准动作" not in done.words("#main dt"), "what was refused waives none, and counts none"
    assert hq.post(f"{where}/approval").status == 409


def test_what_cannot_be_asked_keeps_what_was_typed(site: Site, campus: Campus) -> None:
    for typed in ({"until": "2020-01-01"}, {"until": "x"}, {"why": " "}, {"what": "nonsense:x", "ticket": ""}):
        refused = asked(site, campus, **typed)
        assert refused.status == 422, typed
        assert refused.words("[role=alert]")
    kept = asked(site, campus, until="2020-01-01", why="台风")
    assert "台风" in " ".join(kept.words("#why"))


def test_days_that_waive_nothing_are_said_on_the_form(site: Site, campus: Campus) -> None:
    form = site.browser("zhaomin").get(f"/standards/waivers/new?ticket={campus.play.ticket().number}")
    refused = asked(site, campus, until=form.value("#from"))
    assert refused.status == 422
    (said,) = refused.words("[role=alert]")
    assert "20" in said
    assert refused.value("#until") == form.value("#from")


def test_of_a_place_and_filtered(site: Site, campus: Campus) -> None:
    browser = site.browser("zhaomin")
    form = browser.get("/standards/waivers/new")
    places = [option.get("value") for option in form.tree.cssselect("#place option")]
    assert str(campus.place("sz-nanshan")) in places
    assert str(campus.place("gz-tianhe")) not in places
    given = {"what": form.value("#what option"), "place": str(campus.place("sz-nanshan"))}
    made = browser.post(
        "/standards/waivers", {**given, "from": form.value("#from"), "until": form.value("#from"), "why": "搬迁"}
    )
    assert made.status == 303, made.words("[role=alert]")
    hq = site.browser("chenxiao")
    assert "搬迁" in hq.get(f"/standards/waivers?place={campus.place('qinghe')}").text
    assert "搬迁" not in hq.get(f"/standards/waivers?place={campus.place('gz-tianhe')}").text
    standard = given["what"].partition(":")[0]
    assert "搬迁" in hq.get(f"/standards/waivers?standard={standard}").text
    assert hq.get("/standards/waivers?standard=x&place=y&stage=z&cursor=!").status == 200


def test_of_a_subject(site: Site, campus: Campus) -> None:
    browser, subject = site.browser("zhaomin"), campus.subject_id("向日葵班")
    form = browser.get(f"/standards/waivers/new?subject={subject}")
    assert "向日葵班" in form.text
    given = {"what": form.value("#what option:last-child"), "subject": subject, "from": form.value("#from")}
    made = browser.post("/standards/waivers", {**given, "until": form.value("#until", "max"), "why": "休学"})
    assert "向日葵班" in browser.follow(made).text
    assert "休学" in browser.get(f"/subjects/{subject}").text


def test_nobody_else_finds_it(site: Site, campus: Campus) -> None:
    where, number = asked(site, campus).location, campus.play.ticket().number
    for login in ("huangyi", "sunyue", "zhoulan"):
        other = site.browser(login)
        assert other.get("/standards/waivers").status == 404
        assert other.get(where).status == 404
        assert other.post(f"{where}/approval").status == 404
        assert other.get(f"/standards/waivers/new?ticket={number}").status == 404
    assert site.browser("zhaomin").post(f"{where}/approval").status == 403


def test_the_ticket_says_what_is_waived(site: Site, campus: Campus) -> None:
    number, head = campus.play.ticket().number, site.browser("zhaomin")
    assert f"/standards/waivers/new?ticket={number}" in head.get(f"/tickets/{number}").text
    where = asked(site, campus).location
    assert "台风停课" in head.get(f"/tickets/{number}").text
    told = site.browser("chenxiao", language="en").get(f"/tickets/{number}")
    assert (told.words(".gd-note.t-violet a"), told.value(".gd-note.t-violet a", "href")) == (["Decide"], where)
    assert "Decide" not in site.browser("zhaomin", language="en").get(f"/tickets/{number}").words(".gd-note.t-violet a")
    site.browser("chenxiao").post(f"{where}/approval", {"answer": "同意"})
    assert head.get(f"/tickets/{number}").words(".gd-note.t-violet")


def test_the_page_of_a_subject_offers_to_ask_for_one_to_who_works_there(site: Site, campus: Campus) -> None:
    with site.cast.runtime.reading() as session:
        subject = session.scalars(sa.select(Subject)).one()
    link = f".gd-top a[href$='subject={subject.public_id}']"
    for login, offered in (("zhaomin", 1), ("chenxiao", 1)):
        page = site.browser(login).get(f"/subjects/{subject.public_id}")
        assert len(page.tree.cssselect(link)) == offered, login
    assert site.browser("zhaomin").get(f"/standards/waivers/new?subject={subject.public_id}").status == 200


def test_a_waiver_of_a_brand_is_told_by_the_newest_ticket_below_it(site: Site, campus: Campus) -> None:
    hq = site.browser("chenxiao")
    form = hq.get("/standards/waivers/new")
    for place, told in (("qinghe", 1), ("kapok", 0)):
        given = {"place": str(campus.place(place)), "what": form.value("#what option"), "from": form.value("#from")}
        made = hq.post("/standards/waivers", {**given, "until": form.value("#until", "max"), "why": "台风停课"})
        assert made.status == 303, made.words("[role=alert]")
        kinds = campus.play.told(campus.play.ticket().number)
        assert kinds.count("waiver_asked") == 1, "once, for the brand whose ticket it is"
        assert len(news_of(campus)) == 1 - told, "where no ticket carries it, it is told as news"


def news_of(campus: Campus) -> list[News]:
    with campus.play.runtime.reading() as session:
        return list(session.scalars(sa.select(News)))


def test_a_waiver_that_no_ticket_carries_is_told_to_who_decides_and_its_decision_to_who_asked(
    site: Site, campus: Campus
) -> None:
    head = site.browser("chenxiao")
    form = head.get("/standards/waivers/new")
    given = {"place": str(campus.place("kapok")), "what": form.value("#what option"), "from": form.value("#from")}
    where = head.post("/standards/waivers", {**given, "until": form.value("#until", "max"), "why": "台风停课"}).location
    with campus.play.runtime.reading() as session:
        told = session.scalars(sa.select(Notice).where(Notice.news_id.is_not(None))).all()
    assert told
    assert campus.play.cast.people["chenxiao"] not in {notice.person_id for notice in told}
    (waiver,) = news_of(campus)
    assert where.endswith(str(waiver.target))
    assert head.post(f"/notices/{told[0].id}/reading").status == 404, "it is not theirs"
    with campus.play.runtime.reading() as session:
        login = session.get_one(Person, told[0].person_id).login
    decider = site.browser(login)
    assert "台风停课" in decider.get("/notices").text
    assert decider.post(f"/notices/{told[0].id}/reading").location.endswith(where)
    assert decider.post(f"{where}/refusal", {"answer": "照常上课"}).status == 303
    assert "照常上课" in head.get("/notices").text


@pytest.mark.parametrize(
    ("timing", "expected"), [("date stages P0D", ["第二阶段"]), ("created", []), ("cycle 0 9 1 * *", [])]
)
def test_a_ticket_of_a_standard_says_which_stage_it_is_for(site: Site, timing: str, expected: list[str]) -> None:
    campus = Campus(site.play)
    starts: dict[str, Any] = {"standard.start": timing}
    campus.define(**starts)
    date: dict[str, Any] = {"trigger": "date", "timing": {"attribute": "stages", "days": 0}}
    cycle: dict[str, Any] = {"trigger": "cycle", "timing": {"cycle": "0 9 * * *"}}
    campus.set_up(**(date if expected else cycle if "cycle" in timing else {}))
    stages = [{"name": "第一阶段", "date": "2026-09-01"}, {"name": "第二阶段", "date": "2026-11-20"}]
    campus.add_class("向日葵班", stages=stages)
    site.cast.clock.advance(timedelta(days=1))
    campus.begin_due()
    page = site.browser("zhaomin").get(f"/tickets/{campus.play.ticket().number}")
    chips = [words.removeprefix("所属阶段：").strip() for words in page.words(".gd-headline .gd-chip")]
    assert chips[1:] == expected
