"""The ticket's page from inside and from outside, and what people say there."""

from __future__ import annotations

import io
from datetime import timedelta

import lxml.etree
import pytest

from tests.engine.build import chain, end, script, start
from tests.tickets.play import staff
from tests.web.site import Page, Site


@pytest.fixture
def number(site: Site) -> str:
    """A crash report of zhoulan's, offered to support."""
    site.play.ship("crash_report")
    return site.file_crash()


@pytest.fixture
def owned(site: Site, number: str) -> str:
    """The same, with lina as its owner; wanglei develops."""
    lina = site.browser("lina")
    lina.post(f"/tickets/{number}/acceptance")
    site.play.complete("lina", "Task_Triage", finding="defect", severity="major")
    return number


def letters(page: Page) -> list[str]:
    return page.words(".gd-msg p")


def test_support_sees_the_process_and_the_task(site: Site, number: str) -> None:
    page = site.browser("lina").get(f"/tickets/{number}")
    assert page.value("[data-bpmn-src]", "data-current") == '["Task_Triage"]'
    assert "StartEvent_Reported" in page.value("[data-bpmn-src]", "data-done")
    assert page.words("#task-name") == ["分诊"]
    assert page.tree.cssselect("[name=finding]")
    assert page.words(".gd-tl li")[0].startswith("周岚 提交了这张工单")


def test_the_requester_sees_steps_and_never_the_process(site: Site, number: str) -> None:
    page = site.browser("zhoulan").get(f"/tickets/{number}")
    assert not page.tree.cssselect("[data-bpmn-src], #task")
    assert len(page.tree.cssselect(".gd-steps li")) == 5
    assert "分诊" not in page.text
    assert site.browser("zhoulan").get(f"/tickets/{number}/diagram.bpmn").status == 404


def test_the_diagram_is_the_file_that_was_uploaded(site: Site, number: str) -> None:
    answer = site.browser("lina").get(f"/tickets/{number}/diagram.bpmn")
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert 'id="crash_report"' in answer.text


def test_the_diagram_says_names_in_the_reader_s_language_and_the_file_both(site: Site, number: str) -> None:
    lina = site.browser("lina")
    chinese = names_drawn(lina.get(f"/tickets/{number}/diagram.bpmn", Accept_Language="zh"))
    english = names_drawn(lina.get(f"/tickets/{number}/diagram.bpmn", Accept_Language="en"))
    assert (chinese["Flow_Solved"], english["Flow_Solved"]) == ("是", "Yes")


def names_drawn(page: Page) -> dict[str, str]:
    """What elements are called, by id."""
    drawn = lxml.etree.fromstring(page.content)
    return {each.get("id", ""): each.get("name", "") for each in drawn.iter("{*}sequenceFlow")}


@pytest.mark.parametrize("login", ["sunyue", "huangyi", "hejing", "liutao"])
def test_who_has_nothing_to_do_with_it_does_not_learn_that_it_is_there(site: Site, number: str, login: str) -> None:
    visitor = site.browser(login)
    for path in ("", "/version", "/diagram.bpmn"):
        missing, hidden = visitor.get(f"/tickets/CR-9999{path}"), visitor.get(f"/tickets/{number}{path}")
        assert (missing.status, hidden.status) == (404, 404)
        assert missing.words("h2") == hidden.words("h2")
    for path in ("notes", "replies", "answers", "acceptance"):
        assert visitor.post(f"/tickets/{number}/{path}", {"body": "x"}).status == 404


def test_nobody_sees_it_without_signing_in(site: Site, number: str) -> None:
    visitor = site.anonymous()
    assert visitor.get(f"/tickets/{number}").location == f"/login?next=/tickets/{number}"
    assert visitor.post(f"/tickets/{number}/notes", {"body": "x"}).location == "/login"


def test_accepting_makes_one_the_owner(site: Site, number: str) -> None:
    lina = site.browser("lina")
    page = lina.follow(lina.post(f"/tickets/{number}/acceptance"))
    assert len(page.toasts) == 1
    assert page.words("#composer legend + label") == ["答复 周岚"]
    assert lina.post(f"/tickets/{number}/acceptance").status == 409


def test_a_developer_accepts_nothing_that_is_not_offered_to_developers(site: Site, owned: str) -> None:
    assert site.browser("wanglei").post(f"/tickets/{owned}/acceptance").status == 409


def test_the_owner_replies_and_the_requester_reads_it(site: Site, owned: str) -> None:
    lina = site.browser("lina")
    assert lina.get(f"/tickets/{owned}").words("#composer .to-letter")[-1].startswith("发送给 周岚")
    page = lina.follow(lina.post(f"/tickets/{owned}/replies", {"body": "原因已找到。\n<script>alert(1)</script>"}))
    assert letters(page) == ["原因已找到。 <script>alert(1)</script>"]
    assert not page.tree.cssselect("article script")
    assert letters(site.browser("zhoulan").get(f"/tickets/{owned}")) == letters(page)


def test_an_assignee_can_not_reply_and_is_told_why(site: Site, owned: str) -> None:
    wanglei = site.browser("wanglei")
    page = wanglei.get(f"/tickets/{owned}")
    assert page.tree.cssselect("[name=to][value=reply][disabled]")
    assert page.words("#to-whom") == ["只有接单人 李娜 能答复"]
    assert not page.tree.cssselect(".to-letter")
    refused = wanglei.post(f"/tickets/{owned}/replies", {"body": "我来答复"})
    assert refused.status == 403
    assert "李娜" in refused.text
    assert letters(site.browser("zhoulan").get(f"/tickets/{owned}")) == []


def test_an_internal_note_stays_inside(site: Site, owned: str) -> None:
    wanglei = site.browser("wanglei")
    page = wanglei.follow(wanglei.post(f"/tickets/{owned}/notes", {"body": "权限被重置"}))
    assert page.words(".gd-internal p") == ["权限被重置"]
    assert "权限被重置" not in site.browser("zhoulan").get(f"/tickets/{owned}").text
    assert site.browser("zhoulan").post(f"/tickets/{owned}/notes", {"body": "x"}).status == 403


def test_the_requester_writes_back_with_a_file(site: Site, owned: str) -> None:
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get(f"/tickets/{owned}").words("#composer label.form-label") == ["补充信息给 李娜"]
    form = {"body": "又出现了", "files": (io.BytesIO(b"%PDF-1.4" + b"0" * 3000), "课堂.pdf")}
    page = zhoulan.follow(zhoulan.post(f"/tickets/{owned}/answers", form))
    assert letters(page) == ["又出现了"]
    assert page.words(".gd-msg .gd-att") == ["课堂.pdf 2.9 KB"]
    link = page.value(".gd-msg .gd-att", "href")
    assert site.browser("lina").get(link).status == 200
    assert site.browser("sunyue").get(link).status == 404


def test_a_choice_among_what_the_process_brought_is_said_by_its_words(site: Site) -> None:
    pick = {"type": "select", "key": "to", "label": "交给", "valuesKey": "colleagues"}
    bring = script("bring", "colleagues = [{'label': '刘涛', 'value': 'liutao'}]")
    look = staff("look", camunda__formRef="pick")
    site.play.define(
        start(), bring, look, staff("then"), chain("begin", "bring", "look", "then"), forms={"pick": [pick]}
    )
    number = site.play.file("zhoulan")
    site.play.complete("lina", "look", number, to="liutao")
    assert "刘涛" in site.browser("lina").get(f"/tickets/{number}").words("#answers-1")[0]


def test_who_answers_for_what_they_filed_is_not_asked_to_write_to_themselves(site: Site) -> None:
    site.play.define(start(), staff("look"), end(), chain("begin", "look", "done"), owner="${requester}")
    number = site.play.file("lina")
    page = site.browser("lina").get(f"/tickets/{number}")
    assert page.words("#composer fieldset label") == ["内部备注"]
    assert page.words("#to-whom") == ["接单人就是提单人，没有可以答复的人"]


@pytest.mark.parametrize("body", ["", "   ", "x" * 20_001])
def test_a_refused_text_is_kept_in_the_composer(site: Site, owned: str, body: str) -> None:
    answer = site.browser("lina").post(f"/tickets/{owned}/replies", {"body": body})
    assert answer.status == 422
    assert answer.tree.cssselect("#composer [role=alert]")
    assert (answer.tree.cssselect("#composer textarea")[0].text_content() or "").lstrip("\n") == body


def test_a_letter_with_a_file_that_is_too_large_is_kept_in_the_composer(site: Site, owned: str) -> None:
    object.__setattr__(site.cast.runtime, "max_file_bytes", 1000)
    form = {"body": "见附件", "files": (io.BytesIO(b"x" * 2000), "big.bin")}
    answer = site.browser("lina").post(f"/tickets/{owned}/replies", form)
    assert answer.status == 413
    assert "big.bin" in answer.words("#composer [role=alert]")[0]
    assert answer.words("#composer textarea") == ["见附件"]


def test_a_live_page_is_told_of_a_claim(site: Site, number: str) -> None:
    zhangwei, lina = site.browser("zhangwei"), site.browser("lina")
    version = zhangwei.get(f"/tickets/{number}").value("#story", "data-version")
    lina.post(f"{site.task('Task_Triage')}/claim")
    claimed = zhangwei.get(f"/tickets/{number}/version", If_None_Match=version)
    assert claimed.status == 200
    lina.post(f"{site.task('Task_Triage')}/release")
    assert zhangwei.get(f"/tickets/{number}/version", If_None_Match=claimed.headers["ETag"]).status == 200


def test_a_closed_ticket_takes_notes_only(site: Site, owned: str) -> None:
    play = site.play
    play.complete("wanglei", "Task_Develop", **DEVELOPED)
    play.complete("lina", "Task_Reply", outcome="fixed", fix_version="3.2.1", reply="更新到 3.2.1 即可。")
    play.complete("zhoulan", "Task_Confirm", solved="yes")
    lina = site.browser("lina")
    page = lina.get(f"/tickets/{owned}")
    assert page.words(".gd-chip")[0] == "已关闭"
    refused = lina.post(f"/tickets/{owned}/replies", {"body": "还在吗"})
    assert refused.status == 409
    assert refused.words("#composer textarea") == ["还在吗"]
    assert lina.post(f"/tickets/{owned}/notes", {"body": "归档"}).status == 303
    assert not site.browser("zhoulan").get(f"/tickets/{owned}").tree.cssselect("#composer")


DEVELOPED = {
    "development_result": "fixed",
    "cause": "permission",
    "cause_detail": "升级后麦克风权限被重置，进课堂时未判断。",
    "fix_version": "3.2.1",
    "release_on": "2026-11-23",
}


def test_a_live_page_is_told_only_of_changes(site: Site, owned: str) -> None:
    lina = site.browser("lina")
    page = lina.get(f"/tickets/{owned}")
    source, version = page.value("#story", "data-version-src"), page.value("#story", "data-version")
    assert lina.get(source, If_None_Match=version).status == 304
    site.browser("wanglei").post(f"/tickets/{owned}/notes", {"body": "日志看完了"})
    assert lina.get(source, If_None_Match=version).status == 200


def test_what_was_filed_is_beside_the_story(site: Site, number: str) -> None:
    page = site.browser("lina").get(f"/tickets/{number}")
    facts = dict(zip(page.words("#answers-1 dt"), page.words("#answers-1 dd"), strict=True))
    assert facts["机型"] == "HUAWEI DBY2-W09"
    assert facts["系统"] == "HarmonyOS"
    assert facts["现象"] == "闪退"


def test_earlier_events_are_one_click_away(site: Site, owned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lina = site.browser("lina")
    for text in ("一", "二", "三"):
        lina.post(f"/tickets/{owned}/notes", {"body": text})
    monkeypatch.setattr("web.ticket.EVENTS", 2)
    page = lina.get(f"/tickets/{owned}")
    assert letters(page) == ["二", "三"]
    link = page.value("a[href*='events=all']", "href")
    assert letters(lina.get(link)) == ["一", "二", "三"]


def test_its_requester_reads_what_they_were_asked_with_what_they_answered(site: Site, number: str) -> None:
    zhoulan, asked = site.browser("zhoulan"), ("是哪个班的课？", "是哪几台平板？")
    site.browser("lina").post(f"/tickets/{number}/acceptance")
    for question, answer in zip(asked, ("三年级二班", "靠窗的两台"), strict=True):
        given = {"finding": "need_info", "severity": "minor", "question": question}
        site.play.complete("lina", "Task_Triage", number, **given)
        site.cast.clock.advance(timedelta(minutes=5))
        site.play.complete("zhoulan", "Task_Supply", number, more_info=answer)
        site.cast.clock.advance(timedelta(minutes=5))
    first, second = zhoulan.get(f"/tickets/{number}").words(".gd-tl .gd-msg dl")
    assert first == "需要你补充 是哪个班的课？ 你的回答 三年级二班"
    assert second == "需要你补充 是哪几台平板？ 你的回答 靠窗的两台"
    page = site.browser("lina").get(f"/tickets/{number}")
    assert page.text.count("是哪个班的课？") == 1, "who asked reads it where it was asked"


def test_its_requester_reads_what_forms_said_among_what_was_said_and_no_changes_of_status(
    site: Site, number: str
) -> None:
    lina, zhoulan = site.browser("lina"), site.browser("zhoulan")
    lina.post(f"/tickets/{number}/acceptance")
    site.play.complete("lina", "Task_Triage", number, finding="usage", severity="minor")
    site.play.complete("lina", "Task_Reply", number, outcome="usage", reply="打开麦克风权限就好。")
    site.play.complete("zhoulan", "Task_Confirm", number, solved="no", still_wrong="打开了还是闪退。")
    page = zhoulan.get(f"/tickets/{number}")
    letters = page.words(".gd-tl .gd-msg")
    assert ["打开麦克风权限就好" in letters[0], "打开了还是闪退" in letters[1]] == [True, True]
    assert not [line for line in page.words(".gd-tl li") if "状态" in line]
    assert page.text.count("打开麦克风权限就好") == 1, "it stands among what was said, and nowhere else"
    assert [line for line in lina.get(f"/tickets/{number}").words(".gd-tl li") if "状态" in line]
