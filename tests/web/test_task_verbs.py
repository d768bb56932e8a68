"""A task's verbs through the pages: their forms, who may, and what is kept when something is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.site import Site


@pytest.fixture(autouse=True)
def number(site: Site) -> str:
    """A crash report of zhoulan's that lina has claimed."""
    site.play.ship("crash_report")
    number = site.file_crash()
    site.play.claim("lina", "Task_Triage")
    return number


def test_the_menu_offers_what_the_reader_may_do(site: Site, number: str) -> None:
    page = site.browser("lina", language="en").get(f"/tickets/{number}")
    offered = ["Transfer", "Delegate", "Ask for advice", "Return to an earlier step", "Add a helper"]
    assert page.words("#task .gd-menu-item") == offered
    assert site.browser("zhangwei", language="en").get(f"/tickets/{number}").words("#side .gd-menu-item") == [
        "Transfer"
    ]
    assert (
        site.browser("zhoulan", language="en")
        .get(f"/tickets/{number}")
        .words("#task .gd-menu-item, #side .gd-menu-item")
        == []
    )


@pytest.mark.parametrize("verb", ["transfer", "delegate", "consult", "help"])
def test_each_verb_has_a_form_as_page_and_as_dialog(site: Site, verb: str) -> None:
    lina, task = site.browser("lina", language="en"), site.task("Task_Triage")
    assert lina.get(f"{task}/do/{verb}").words("h1")
    dialog = lina.get(f"{task}/do/{verb}", HX_Request="true")
    assert "<html" not in dialog.text
    assert dialog.tree.cssselect("[data-pick]")
    assert site.browser("zhoulan", language="en").get(f"{task}/do/{verb}").status == 404
    assert site.browser("chenxiao", language="en").get(f"{task}/do/{verb}").status == (
        200 if verb == "transfer" else 403
    )


def test_a_task_is_transferred(site: Site, number: str) -> None:
    lina = site.browser("lina", language="en")
    page = lina.follow(lina.post(f"{site.task('Task_Triage')}/transfer", {"to": "王磊", "why": "他熟悉"}))
    assert page.toasts == ["The task is transferred."]
    assert site.play.task("Task_Triage").assignee_id == site.cast.people["wanglei"]
    assert any("李娜 transferred “Triage” to 王磊: 他熟悉" in line for line in page.words(".ev"))


def test_what_is_refused_is_shown_again_with_what_was_typed(site: Site) -> None:
    answer = site.browser("lina", language="en").post(
        f"{site.task('Task_Triage')}/transfer", {"to": "没有这个人", "why": "他熟悉"}
    )
    assert answer.status == 422
    assert answer.value("[name=to]") == "没有这个人"
    assert answer.words("[name=why]") == ["他熟悉"]
    assert "type another name" in answer.words("[role=alert]")[0]


def test_advice_is_asked_for_and_given(site: Site, number: str) -> None:
    lina, task = site.browser("lina", language="en"), site.task("Task_Triage")
    asked = lina.follow(lina.post(f"{task}/consultations", {"to": "王磊, zhangwei", "question": "见过吗？"}))
    assert asked.words(".gd-share .gd-grow")[0].startswith("Asked 王磊")
    wanglei = site.browser("wanglei", language="en")
    inbox = wanglei.get("/inbox")
    assert inbox.words(".gd-nav a[aria-current]") == ["Inbox1"]
    assert inbox.value(".gd-empty a", "href") == "/inbox?view=asked"
    mine = wanglei.get(f"/tickets/{number}")
    assert mine.tree.cssselect("textarea[name=answer]")
    assert mine.words(".gd-share .gd-grow")[0].startswith("李娜 asks you for advice")
    assert mine.words(".gd-share .gd-grow")[1].startswith("Asked 张伟")
    site.cast.clock.advance(timedelta(hours=1))
    page = wanglei.follow(wanglei.post(f"{task}/advice", {"answer": "见过，重装即可。"}))
    assert page.toasts == ["Your advice is on the ticket."]
    seen = lina.get(f"/tickets/{number}")
    assert "见过，重装即可。" in seen.text
    advised, waiting = (words.split()[-1] for words in seen.words(".gd-share .gd-grow"))
    assert (advised, waiting) == ("10:00", "09:00")  # when he answered; when the other one was asked
    assert wanglei.post(f"{task}/advice", {"answer": "再说"}).status == 403
    assert site.browser("huangyi", language="en").post(f"{task}/advice", {"answer": "我来"}).status == 404


def test_a_delegated_task_comes_back(site: Site, number: str) -> None:
    lina, task = site.browser("lina", language="en"), site.task("Task_Triage")
    lina.post(f"{task}/delegation", {"to": "wanglei", "why": "先看日志"})
    wanglei = site.browser("wanglei", language="en")
    told = "Delegated by 李娜; once done, it goes back."
    page = wanglei.get(f"/tickets/{number}")
    assert page.words("#task .border-bottom p") == [told, "先看日志"]
    assert page.words("#task form[action$=complete] .gd-push") == ["Done: back to 李娜"]
    assert "You delegated it; once done, it comes back to you." in lina.get(f"/tickets/{number}").text
    done = {"finding": "defect", "severity": "major", "triage_note": "权限被重置"}
    page = wanglei.follow(wanglei.post(f"{task}/complete", done))
    assert page.toasts == ["李娜 has the task again, with what you filled in, and completes it."]
    page = lina.get(f"/tickets/{number}")
    assert page.words("#task-name") == ["My task: Triage"]
    assert page.words("#task .border-bottom p")[0].startswith("王磊 has filled it in; look it over and complete it.")
    assert page.words("[name=triage_note]") == ["权限被重置"]
    page = lina.follow(lina.post(f"{task}/complete", done))
    assert page.toasts == ["The task is done."]


def test_who_is_asked_comes_to_what_is_asked_first(site: Site, number: str) -> None:
    wanglei = site.browser("wanglei", language="en")
    task = site.task("Task_Triage")
    site.browser("lina").post(f"{task}/consultations", {"to": "wanglei", "question": "见过吗？"})
    site.browser("lina").post(f"{task}/helpers", {"to": "zhangwei"})
    (asked,) = {row.get("href") for row in wanglei.get("/inbox?view=asked").tree.cssselect("a.gd-subj")}
    assert asked == f"/tickets/{number}?task={task.rsplit('/', 1)[1]}"
    page = wanglei.get(asked)
    assert next(card.get("id") for card in page.tree.cssselect("#side > section")) == "named"
    assert page.words("#named h2") == ["Triage"]
    assert page.tree.cssselect("#named textarea[name=answer]")
    assert page.words("#other-tasks") == []
    helped = site.browser("zhangwei", language="en").get(f"/tickets/{number}?task={task.rsplit('/', 1)[1]}")
    assert (helped.words("#named"), helped.words("#task-name")) == ([], ["Triage"])


def test_a_helper_is_added_and_let_go(site: Site, number: str) -> None:
    lina, task = site.browser("lina", language="en"), site.task("Task_Triage")
    page = lina.follow(lina.post(f"{task}/helpers", {"to": "wanglei"}))
    end = page.value(".gd-share form", "action")
    assert (
        site.browser("wanglei", language="en")
        .get(f"/tickets/{number}")
        .tree.cssselect("#task textarea[name=triage_note]")
    )
    assert site.browser("huangyi", language="en").post(end).status == 404
    assert lina.post(end).status == 303
    assert (
        not site.browser("wanglei", language="en")
        .get(f"/tickets/{number}")
        .tree.cssselect("#task textarea[name=triage_note]")
    )


@pytest.fixture
def asked(site: Site, number: str) -> str:
    """The report once zhoulan is asked for more: her task as its requester."""
    values = {"finding": "need_info", "severity": "minor", "question": "是哪一节课？"}
    site.play.complete("lina", "Task_Triage", **values)
    return site.task("Task_Supply")


@pytest.mark.parametrize("verb", ["transfer", "delegate", "consult", "help", "step_back", "ask_confirmation"])
def test_a_requester_passes_what_they_are_asked_to_no_colleague(site: Site, asked: str, verb: str) -> None:
    zhoulan = site.browser("zhoulan", language="en")
    refused = zhoulan.get(f"{asked}/do/{verb}")
    assert refused.status == 403
    assert "complete it, or write to whoever answers for the ticket" in refused.text
    way = {"transfer": "transfer", "delegate": "delegation", "consult": "consultations", "help": "helpers"}
    way |= {"step_back": "return", "ask_confirmation": "confirmation-requests"}
    sent = zhoulan.post(f"{asked}/{way[verb]}", {"to": "zhangwei", "why": "请代答", "question": "？", "note": ""})
    assert sent.status == 403
    assert "complete it, or write to whoever answers for the ticket" in sent.text


def test_a_requester_completes_what_they_are_asked(site: Site, number: str, asked: str) -> None:
    zhoulan = site.browser("zhoulan", language="en")
    page = zhoulan.get(f"/tickets/{number}")
    assert page.tree.cssselect("#task")
    assert not page.tree.cssselect("#task .gd-menu")
    assert zhoulan.put(f"{asked}/draft", {"more_info": "周六"}).status == 200
    done = zhoulan.follow(zhoulan.post(f"{asked}/complete", {"more_info": "周六上午第一节"}))
    assert done.toasts == ["The task is done."]


def test_the_owner_still_returns_a_task_that_asks_the_requester(site: Site, number: str, asked: str) -> None:
    lina = site.browser("lina", language="en")
    assert "Return to an earlier step" in lina.get(f"/tickets/{number}").words("#side .gd-menu-item")
    assert lina.post(f"{asked}/return", {"why": "已经知道了"}).status == 303
