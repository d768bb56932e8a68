"""What a ticket's page says first: its answer once it is over, why it stands still, by when, and the one way on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine import build
from tests.tickets.evidence.scene import Scene, field
from tests.web.site import Site
from tickets.conversation import ask, reply
from tickets.life.resolving import resolve


@pytest.fixture
def number(site: Site) -> str:
    """A crash report of zhoulan's, offered to support."""
    site.play.ship("crash_report")
    return site.file_crash()


@pytest.fixture
def owned(site: Site, number: str) -> str:
    """The same, with lina as its owner."""
    site.browser("lina").post(f"/tickets/{number}/acceptance")
    return number


@pytest.fixture
def answered(site: Site, owned: str) -> str:
    """The same, answered in the step that the requester sees."""
    site.play.complete("lina", "Task_Triage", finding="usage", severity="minor")
    site.play.complete("lina", "Task_Reply", outcome="usage", reply="在设置里打开自动设定时间。")
    return owned


@pytest.mark.parametrize("login", ["lina", "zhoulan"])
def test_a_ticket_that_is_over_opens_with_its_answer(site: Site, answered: str, login: str) -> None:
    site.play.complete("zhoulan", "Task_Confirm", solved="yes")
    page = site.browser(login).get(f"/tickets/{answered}")
    (answer,) = page.words(".gd-answer")
    assert "李娜" in answer
    assert "在设置里打开自动设定时间。" in answer
    assert not page.tree.cssselect("details .gd-answer")
    assert "在设置里打开自动设定时间。" not in " ".join(page.words("aside")), "it is said once"


def test_the_answer_is_said_once_where_its_reader_is_asked_what_they_think_of_it(site: Site, answered: str) -> None:
    page = site.browser("zhoulan").get(f"/tickets/{answered}")
    assert page.words("#task .gd-read")[0] == "在设置里打开自动设定时间。"
    assert page.words(".gd-answer") == []
    assert site.browser("lina").get(f"/tickets/{answered}").words(".gd-answer")


def test_what_the_owner_wrote_is_the_answer_where_no_form_holds_one(site: Site, owned: str) -> None:
    site.play.claim("lina", "Task_Triage")
    reply(site.play.runtime, site.cast.lina, owned, "请重启一次。")
    zhoulan = site.browser("zhoulan")
    assert not zhoulan.get(f"/tickets/{owned}").tree.cssselect(".gd-answer"), "it is worked on"
    resolve(site.play.runtime, site.cast.lina, owned, "重启后好了。")
    assert "重启后好了。" in zhoulan.get(f"/tickets/{owned}").words(".gd-answer")[0]


def test_whoever_resolves_with_work_still_open_is_told_what_becomes_of_it_and_so_is_who_has_it(
    site: Site, owned: str
) -> None:
    site.play.claim("lina", "Task_Triage")
    lina = site.browser("lina", language="en")
    asked = lina.get(f"/tickets/{owned}/do/resolve").words(".gd-note.t-orange p")
    assert asked[:2] == ["Still to be done", "Triage · 李娜"]
    assert lina.get(f"/tickets/{owned}").words(".gd-note.t-orange") == [], "it is worked on"
    resolve(site.play.runtime, site.cast.lina, owned, "重启后好了。")
    assert lina.get(f"/tickets/{owned}").words(".gd-note.t-orange p") == asked
    assert site.browser("zhoulan").get(f"/tickets/{owned}").words(".gd-note.t-orange") == []


def test_a_ticket_that_waits_for_its_requester_s_word_alone_has_nothing_to_be_done(site: Site, answered: str) -> None:
    assert site.browser("lina").get(f"/tickets/{answered}").words(".gd-note.t-orange") == []


def test_whoever_is_asked_something_is_led_to_the_form_that_asks_and_not_past_it(site: Site, owned: str) -> None:
    site.play.complete("lina", "Task_Triage", finding="need_info", question="哪个版本的系统？")
    page = site.browser("zhoulan", language="en").get(f"/tickets/{owned}")
    assert page.words("#task-form .card-footer .btn-primary") == ["Send"]
    assert len(page.tree.cssselect("details:not([open]) #composer")) == 1
    lina = site.browser("lina", language="en").get(f"/tickets/{owned}")
    assert lina.words("#side .gd-list li > .gd-sub") == ["Waits for the answer of 周岚"]
    assert not lina.tree.cssselect("details #composer")


def test_a_reopened_ticket_opens_with_why_until_it_is_answered_again(site: Site, answered: str) -> None:
    zhoulan, lina = site.browser("zhoulan", language="en"), site.browser("lina", language="en")
    site.play.complete("zhoulan", "Task_Confirm", solved="yes")
    assert zhoulan.post(f"/tickets/{answered}/reopening", {"why": "今天又闪退了。"}).status == 303
    (said,) = lina.get(f"/tickets/{answered}").words(".gd-note.t-orange")
    assert "周岚 reopened it" in said
    assert "今天又闪退了。" in said
    resolve(site.play.runtime, site.cast.lina, answered, "换了平板。")
    assert "今天又闪退了。" not in " ".join(lina.get(f"/tickets/{answered}").words(".gd-note.t-orange"))


def test_once_it_is_over_the_composer_is_folded_until_something_is_wrong_with_it(site: Site, answered: str) -> None:
    lina = site.browser("lina")
    assert len(lina.get(f"/tickets/{answered}").tree.cssselect("details:not([open]) #composer")) == 1
    refused = lina.post(f"/tickets/{answered}/replies", {"body": " "})
    assert refused.tree.cssselect("#composer")
    assert not refused.tree.cssselect("details #composer")


def test_a_suspended_ticket_says_who_when_why_and_until_when(site: Site, owned: str) -> None:
    lina = site.browser("lina", language="en")
    lina.post(f"/tickets/{owned}/suspension", {"why": "等供应商的补丁", "until": "2027-01-08T09:00"})
    (said,) = lina.get(f"/tickets/{owned}").words(".gd-note.t-orange")
    for part in ("Suspended until 8 Jan 2027 09:00", "等供应商的补丁", "李娜 Today 09:00", "Resume"):
        assert part in said
    assert "Resume" not in site.browser("zhoulan", language="en").get(f"/tickets/{owned}").words(".gd-note.t-orange")[0]
    assert " of service time once work goes on" in " ".join(lina.get(f"/tickets/{owned}").words("#side .gd-props dd"))


def test_a_clock_that_stands_still_sets_no_span_beside_the_moments_of_others(site: Site, owned: str) -> None:
    lina = site.browser("lina", language="en")
    reply(site.play.runtime, site.cast.lina, owned, "我们看看。")
    running = lina.get("/tickets").words("tbody .gd-chip")[-1]
    assert running.startswith("by ")
    ask(site.play.runtime, site.cast.lina, owned, "哪个教室？")
    assert lina.get("/tickets").words("tbody .gd-chip")[-1] == "Paused"


def test_accepting_comes_first_then_claiming_then_completing(site: Site, number: str) -> None:
    lina = site.browser("lina", language="en")
    page = lina.get(f"/tickets/{number}")
    assert page.words("main .btn-primary:not(.to-note):not(.to-letter):not(.to-ask)") == ["Accept"]
    assert "Claim" in page.words("#task .gd-menu-item")
    page = lina.follow(lina.post(f"/tickets/{number}/acceptance"))
    assert page.words("#task .btn-primary") == ["Complete task"]
    assert not page.tree.cssselect("#story .btn-primary")


def test_a_task_s_verb_leads_back_to_the_same_task(site: Site) -> None:
    scene = Scene(site.play)
    scene.define(field("textfield", "note"), evidence="confirmation")
    number = site.play.file("zhoulan", "proof")
    site.play.claim("lina", "prepare")
    task = site.task("prepare")
    asked = f"?task={task.removeprefix('/tasks/')}"
    here = f"/tickets/{number}{asked}"
    lina = site.browser("lina")
    assert lina.post(f"{task}/confirmation-requests", {"to": "zhangwei", "question": "在场吗？"}).location == here
    assert lina.post(f"{task}/release").location == here
    assert lina.post(f"{task}/claim").location == here
    assert lina.post(f"/tickets/{number}/notes{asked}", {"body": "拍了照"}).location == here


def test_a_teacher_s_tasks_keep_the_portal_they_came_from(site: Site) -> None:
    step = build.user("step", camunda__assignee="zhoulan", name="step")
    site.play.define(build.start(), step, build.end(), build.chain("begin", "step", "done"))
    number = site.play.file("sunyue")
    zhoulan = site.browser("zhoulan")
    for path in ("/inbox", f"/tickets/{number}", f"/tickets/{number}?task={site.task('step').removeprefix('/tasks/')}"):
        page = zhoulan.get(path)
        assert page.status == 200, path
        assert page.tree.cssselect(".gd-pmain"), path
        assert not page.tree.cssselect(".gd-app"), path
    assert site.browser("lina").get("/inbox").tree.cssselect(".gd-app")


def test_a_requester_s_task_shows_no_promise_made_to_them(site: Site, answered: str) -> None:
    zhoulan = site.browser("zhoulan")
    assert site.play.task("Task_Confirm").due == site.play.ticket(answered).due is not None
    page = zhoulan.get(f"/tickets/{answered}")
    assert page.tree.cssselect("#task")
    assert not page.tree.cssselect("#task .card-header time")
    assert not zhoulan.get("/inbox").tree.cssselect("tbody .gd-chip")


def test_own_tickets_say_when_they_were_filed_and_when_they_changed(site: Site, number: str) -> None:
    page = site.browser("zhoulan", language="en").get("/my-tickets")
    assert page.words(".gd-mine time") == ["Filed 09:00", "Updated 09:00"]


def test_a_ticket_that_waits_for_a_moment_says_which(site: Site) -> None:
    parts = (
        build.start(),
        build.catch("wait", build.timer("after", "PT2H")),
        build.user("look"),
        build.end(),
        build.chain("begin", "wait", "look", "done"),
    )
    site.play.define(*parts)
    number = site.play.file("zhoulan")
    lina = site.browser("lina")
    (said,) = lina.get(f"/tickets/{number}").words(".gd-awaited p")
    assert said.startswith("到时自动继续：")
    assert said.endswith("wait")
    assert site.browser("zhoulan").get(f"/tickets/{number}").words(".gd-awaited") == [], "who asked sees no process"
    site.play.pass_time(hours=3)
    assert lina.get(f"/tickets/{number}").words(".gd-awaited") == []


def test_a_task_says_that_it_is_overdue_on_its_card_and_among_the_others(site: Site) -> None:
    site.play.ship("crash_report")
    number, lina = site.file_crash(), site.browser("lina", language="en")
    lina.post(f"{site.task('Task_Triage')}/claim")
    assert "by " in lina.get(f"/tickets/{number}").words("#task .card-header")[0]
    due = site.play.task("Task_Triage").due
    assert due is not None
    site.cast.clock.advance(due - site.cast.clock.now() + timedelta(minutes=5))
    assert lina.get(f"/tickets/{number}").words("#task .card-header .gd-chip.t-red") == ["5 min over"]
    zhangwei = site.browser("zhangwei", language="en").get(f"/tickets/{number}")
    assert zhangwei.words("[aria-labelledby=other-tasks] .gd-chip.t-red") == ["5 min over"]
