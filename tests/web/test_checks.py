"""The pages of spot checks: drawing, judging with the evidence beside, results, proof and file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.models import TaskStatus, UserTask
from tests.tickets.standards.campus import KICKOFF, Campus
from tests.web.site import Page, Site
from tickets.standards.tables import Confirmation


@pytest.fixture
def campus(site: Site) -> Campus:
    """Two classes at two campuses, of which lina has prepared each."""
    campus = Campus(site.play)
    campus.define(*KICKOFF)
    campus.set_up()
    campus.add_class("向日葵班", at="sz-nanshan")
    campus.add_class("小雨点班", at="gz-tianhe")
    campus.begin_due()
    for number in campus.play.tickets():
        campus.play.complete("lina", "prepare", number)
    campus.play.cast.clock.advance(timedelta(hours=1))
    return campus


def drawn(site: Site, campus: Campus, by: str = "chenxiao", **typed: str) -> Page:
    browser = site.browser(by)
    form = browser.get("/standards/checks/new")
    assert form.status == 200, form.text
    given = {
        "standard": form.value("#standard option"),
        "place": str(campus.place("qiming")),
        "from": form.value("#from"),
        "until": form.value("#until"),
        "size": "5",
        "seed": form.value("#seed"),
    }
    return browser.post("/standards/checks", {**given, **typed})


def test_drawing_leads_to_the_sample_campus_by_campus(site: Site, campus: Campus) -> None:
    answer = drawn(site, campus, seed="s33d")
    assert answer.status == 303
    browser = site.browser("chenxiao")
    page = browser.follow(answer)
    assert "s33d" in page.text
    assert len(page.words("#campuses li a")) == 2
    assert len(page.words("[data-judged]")) == 1
    other = page.value("#campuses li:last-child a", "href")
    assert "小雨点班" in browser.get(other).text
    assert "5" in browser.get("/standards/checks").text
    assert drawn(site, campus, seed="s33d").location == answer.location, "sent twice, drawn once"


def test_what_cannot_be_drawn_keeps_what_was_typed(site: Site, campus: Campus) -> None:
    refused = drawn(site, campus, size="0", seed="kept")
    assert refused.status == 422
    assert refused.value("#seed") == "kept"
    assert refused.words("[role=alert]")
    for typed in ({"from": "soon"}, {"standard": "x"}, {"size": "99999999"}, {"seed": "<b>"}):
        assert drawn(site, campus, **typed).status == 422
    assert drawn(site, campus, **{"from": "2026-01-01", "until": "2026-01-02"}).status == 409


def test_a_verdict_with_and_without_script(site: Site, campus: Campus) -> None:
    browser = site.browser("chenxiao")
    page = browser.follow(drawn(site, campus))
    give = page.value("[data-judged] form", "action")
    refused = browser.post(give, {"verdict": "failed", "why": ""})
    assert refused.status == 422
    assert refused.words(".gd-err")
    part = browser.post(give, {"verdict": "failed", "why": ""}, HX_Request="true")
    assert part.status == 422
    assert part.words(".gd-err")
    done = browser.post(give, {"verdict": "failed", "why": "照片不清楚"}, HX_Request="true")
    assert "照片不清楚" in done.text
    assert done.value("#campuses", "hx-swap-oob") == "true"
    assert "1/2" in " ".join(done.words("#campuses"))
    other = browser.get(page.value("#campuses li:last-child a", "href"))
    after = browser.post(other.value("[data-judged] form", "action"), {"verdict": "passed"})
    assert "2/2" in " ".join(browser.follow(after).words("#campuses"))


def test_after_a_campus_one_goes_on_to_the_next_that_waits(site: Site, campus: Campus) -> None:
    browser = site.browser("chenxiao")
    page = browser.follow(drawn(site, campus))
    assert not page.tree.cssselect("[data-following]")
    verdict = {"verdict": "passed", "campus": page.value("[data-judged] [name=campus]")}
    part = browser.post(page.value("[data-judged] form", "action"), verdict, HX_Request="true")
    assert len(part.tree.cssselect("#campuses [aria-current]")) == 1
    there = browser.get(part.value("[data-following]", "href"))
    assert there.value("[data-judged] [name=campus]") != verdict["campus"]
    browser.post(there.value("[data-judged] form", "action"), {"verdict": "passed"})
    assert not browser.get(part.value("[data-following]", "href")).tree.cssselect("[data-following]")


def test_the_sample_is_proved_and_exported(site: Site, campus: Campus) -> None:
    browser = site.browser("chenxiao")
    sample = drawn(site, campus).location
    proved = browser.follow(browser.post(f"{sample}/proof"))
    assert "the very same steps" in " ".join(proved.toasts) or "完全相同" in " ".join(proved.toasts)
    file = browser.post(f"{sample}/exports", {"format": "csv"})
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert len(rows) == 3
    assert {row[2] for row in rows[1:]} == {"向日葵班", "小雨点班"}
    assert browser.post(f"{sample}/exports", {"format": "xlsx"}).content[:2] == b"PK"
    assert browser.post(f"{sample}/exports", {"format": "pdf"}).status == 422


def test_a_second_person_s_word_stands_beside_the_step_and_in_the_file(site: Site, campus: Campus) -> None:
    play = campus.play
    with play.writing() as session, session.begin():
        for task in session.scalars(sa.select(UserTask).where(UserTask.status == TaskStatus.COMPLETED)):
            person = play.cast.people["zhaomin"]
            word = {"brand_id": task.brand_id, "task_id": task.id, "person_id": person, "note": "我在场"}
            session.add(Confirmation(**word, at=play.cast.clock.now()))
    browser = site.browser("chenxiao")
    page = browser.follow(drawn(site, campus))
    said = " ".join(page.words("[data-judged] .gd-ck-proof p"))
    assert "赵敏" in said
    assert "我在场" in said
    file = browser.post(f"{drawn(site, campus, seed='again').location}/exports", {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert {row["旁证"] for row in rows} == {"赵敏"}
    assert {row["期次"] for row in rows} == {"一次"}
    sent = {"format": "csv", "query": "period=2026-Q4"}
    steps = browser.post(f"/standards/{campus.standards()[0].public_id}/records/exports", sent)
    listed = list(csv.DictReader(io.StringIO(steps.text.removeprefix("\ufeff"))))
    assert {row["旁证"] for row in listed if row["完成人"]} == {"赵敏"}
    assert {row["旁证"] for row in listed if not row["完成人"]} <= {""}


def test_a_campus_sees_its_own_results_and_judges_nothing(site: Site, campus: Campus) -> None:
    sample = drawn(site, campus).location
    head = site.browser("zhaomin")
    page = head.get(sample)
    assert page.status == 200
    assert len(page.words("#campuses li a")) == 1
    assert not page.tree.cssselect("[data-judged] form")
    assert "小雨点班" not in page.text
    assert head.get("/standards/checks/new").status == 403


def test_nobody_else_finds_it(site: Site, campus: Campus) -> None:
    browser = site.browser("chenxiao")
    sample = drawn(site, campus).location
    give = browser.get(sample).value("[data-judged] form", "action")
    for login, status in (("huangyi", 403), ("zhoulan", 403), ("lina", 403)):
        other = site.browser(login)
        assert other.get("/standards/checks").status == status
        assert other.get(sample).status == 404
        assert other.post(give, {"verdict": "passed"}).status == 404
        assert other.post(f"{sample}/proof").status == 404
        assert other.post(f"{sample}/exports", {"format": "csv"}).status in (403, 404)
