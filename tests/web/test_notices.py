"""The bell, the list of notices, what one hears of, urging and copies on the pages."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.tickets.hearing import rows
from tests.web.outside import Receiver
from tests.web.site import Site, Visitor
from tickets import conversation
from tickets.notices.models import NoticeAddress, NoticeChoice
from tickets.people import Person
from web import context
from web.config import Config


def replied(site: Site) -> str:
    """The number of a ticket of zhoulan's that lina answers for and has replied to."""
    site.play.ship("crash_report")
    number = site.file_crash()
    site.play.claim("lina", "Task_Triage", number)
    conversation.reply(site.cast.runtime, site.cast.lina, number, "请更新到 3.2.1")
    rows(site.play, "zhoulan")
    return number


def badge(visitor: Visitor) -> list[str]:
    return visitor.get("/notices").words(".gd-badge")


def test_the_bell_counts_what_is_unread_and_the_ticket_s_page_takes_it_as_read(site: Site) -> None:
    number = replied(site)
    zhoulan = site.browser("zhoulan")
    assert badge(zhoulan)[0].startswith("2 ")
    page = zhoulan.get("/notices")
    assert "李娜" in page.words(".gd-notice")[0]
    assert number in page.words(".gd-notice")[0]
    zhoulan.get(f"/tickets/{number}")
    assert badge(zhoulan) == []
    assert len(zhoulan.get("/notices").words(".gd-notice.unread")) == 0
    assert "没有" in zhoulan.get("/notices?view=unread").words("h2")[0] or zhoulan.get("/notices?view=unread").words(
        "h2"
    )


def test_the_bell_polls_a_version_that_changes_with_each_notice(site: Site) -> None:
    number = replied(site)
    zhoulan = site.browser("zhoulan")
    first = zhoulan.get("/notices/version")
    assert first.status == 200
    etag = first.headers["ETag"]
    assert zhoulan.get("/notices/version", If_None_Match=etag).status == 304
    conversation.reply(site.cast.runtime, site.cast.lina, number, "还有")
    rows(site.play, "zhoulan")
    assert zhoulan.get("/notices/version", If_None_Match=etag).status == 200
    assert zhoulan.get("/notices/badge").words("span.gd-badge")[0].startswith("3 ")
    assert len(zhoulan.get("/notices/newest").words(".gd-notice")) == 3


def test_opening_a_notice_leads_to_its_ticket_and_nobody_opens_another_s(site: Site) -> None:
    number = replied(site)
    zhoulan = site.browser("zhoulan")
    address = zhoulan.get("/notices").value(".gd-notices form", "action")
    assert site.browser("sunyue").post(address).status == 404
    assert zhoulan.post(address).location == f"/tickets/{number}"
    clear = "main form[action='/notices/reading']"
    unread = len(zhoulan.get("/notices").tree.cssselect(clear))
    zhoulan.post("/notices/reading")
    assert badge(zhoulan) == []
    assert (unread, len(zhoulan.get("/notices").tree.cssselect(clear))) == (1, 0)


def test_one_chooses_what_to_hear_of(site: Site) -> None:
    zhoulan = site.browser("zhoulan")
    page = zhoulan.get("/me/notices")
    ticked = [box.get("value") for box in page.tree.cssselect("input[name=on][checked]")]
    assert "letters.mail" in ticked
    assert "notes.mail" not in ticked
    wanted = [value for value in ticked if value != "letters.mail"] + ["notes.mail", "nothing.mail", "x"]
    zhoulan.post("/me/notices", {"on": wanted})
    with site.cast.runtime.reading() as session:
        kept = {(row.topic, row.channel): row.wanted for row in session.scalars(sa.select(NoticeChoice))}
    assert kept == {("letters", "mail"): False, ("notes", "mail"): True}
    again = zhoulan.get("/me/notices")
    assert "notes.mail" in [box.get("value") for box in again.tree.cssselect("input[name=on][checked]")]


def test_an_address_is_added_tested_and_removed_and_never_shown(site: Site, hook: Receiver) -> None:
    site.app.extensions[context.CONFIG] = Config(**{**vars(site.config), "private_addresses": True})
    zhoulan = site.browser("zhoulan")
    added = zhoulan.post("/me/notices/addresses", {"name": "教研群", "url": hook.url})
    page = zhoulan.follow(added)
    assert "教研群" in page.text
    assert "a=b" not in page.text
    test, secret, removal = (str(form.get("action")) for form in page.tree.cssselect(".gd-list form"))
    assert site.browser("sunyue").post(test).status == 404
    assert site.browser("sunyue").post(secret).status == 404
    assert site.browser("sunyue").post(removal).status == 404
    zhoulan.post(test)
    assert [body["event"] for body in hook.bodies] == ["test"]
    hook.statuses = [500]
    assert "500" in zhoulan.follow(zhoulan.post(test)).toasts[-1]
    zhoulan.post(removal)
    with site.cast.runtime.reading() as session:
        assert session.scalar(sa.select(NoticeAddress)) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "https://localhost/x", "nothing", "file:///etc/passwd"])
def test_an_address_that_can_t_be_used_is_refused_and_kept_as_typed(site: Site, url: str) -> None:
    answer = site.browser("zhoulan").post("/me/notices/addresses", {"name": "群", "url": url})
    assert answer.status == 422
    assert answer.value("#address-url") == url
    assert answer.words("[role=alert]")


def test_only_administrators_see_the_channels(site: Site) -> None:
    for login in ("zhoulan", "lina", "hejing"):
        assert site.browser(login).get("/channels").status == 403
        assert site.browser(login).post("/channels", {"name": "x", "url": "https://1.1.1.1/"}).status == 403
    guohao = site.browser("guohao")
    assert guohao.get("/channels").status == 200
    refused = guohao.post("/channels", {"name": "群", "url": "https://localhost/x", "topic": "urges"})
    assert (refused.status, refused.value("#address-url")) == (422, "https://localhost/x")
    robot = "https://open.feishu.cn/open-apis/bot/v2/hook/1234abcd-5678"
    page = guohao.follow(guohao.post("/channels", {"name": "群", "url": robot, "topic": ["urges", "due"]}))
    assert "1234abcd" not in page.text
    address = str(page.tree.cssselect(".gd-list form")[1].get("action"))
    assert site.browser("huangyi").post(address).status in (403, 404)
    assert guohao.post(address).status == 303


def test_a_requester_urges_and_the_owner_answers(site: Site) -> None:
    number = replied(site)
    zhoulan, lina = site.browser("zhoulan"), site.browser("lina")
    assert zhoulan.get(f"/tickets/{number}/do/urge").status == 200
    assert lina.get(f"/tickets/{number}/do/urge").status == 403
    assert zhoulan.post(f"/tickets/{number}/urges", {"why": "明天开课"}).status == 303
    again = zhoulan.post(f"/tickets/{number}/urges", {"why": "急"})
    assert (again.status, again.value("#why")) == (409, "急")
    waiting = site.browser("zhoulan", language="en").get(f"/tickets/{number}").words(".card-footer .gd-sub")[0]
    assert re.search("^Urged; 李娜 says here .* Expected by ", waiting)
    assert lina.get(f"/tickets/{number}/do/answer_urge").status == 200
    refused = lina.post(f"/tickets/{number}/urge-answers", {"body": "等厂商", "expected": "soon"})
    assert (refused.status, refused.words("textarea")) == (422, ["等厂商"])
    assert lina.post(f"/tickets/{number}/urge-answers", {"body": "等厂商", "expected": ""}).status == 422
    expected = (site.cast.clock.now().replace(microsecond=0)).strftime("%Y-%m-%dT23:59")
    assert lina.post(f"/tickets/{number}/urge-answers", {"body": "等厂商", "expected": expected}).status == 303
    assert "等厂商" in zhoulan.get(f"/tickets/{number}").text
    answered = "李娜 答复了催单：预计今天 23:59"
    assert any(answered in words for words in zhoulan.get(f"/tickets/{number}").words("header"))
    rows(site.play, "zhoulan")
    assert any(answered in words for words in zhoulan.get("/notices").words(".gd-notice"))
    late = zhoulan.post(f"/tickets/{number}/urges")
    assert late.status == 409
    assert re.search(r"\d\d:\d\d", late.words("[role=alert]")[0])


def test_a_requester_is_told_who_answered_and_nothing_of_the_steps_within(site: Site) -> None:
    site.play.ship("crash_report")
    asked, answered = site.file_crash(), site.file_crash()
    site.play.complete("lina", "Task_Triage", asked, finding="need_info", question="哪个版本的系统？")
    site.play.complete("lina", "Task_Triage", answered, finding="usage", severity="minor")
    site.play.complete("lina", "Task_Reply", answered, outcome="usage", reply="请重启一次。")
    rows(site.play, "zhoulan")
    told = " ".join(site.browser("zhoulan").get("/notices").words(".gd-notice"))
    assert "李娜 完成了「答复」，「确认结果」由你处理" in told
    assert "「补充信息」由你处理" in told
    assert "分诊" not in told


def test_people_are_put_in_copy_see_it_listed_and_are_taken_out(site: Site) -> None:
    number = replied(site)
    lina, sunyue = site.browser("lina"), site.browser("sunyue")
    assert sunyue.get(f"/tickets/{number}").status == 404
    assert lina.post(f"/tickets/{number}/copies", {"people": "sunyue"}).status == 303
    assert len(sunyue.get("/cc").words(".gd-mine .gd-chip")) == 1
    assert number in sunyue.get("/cc").text
    assert sunyue.get(f"/tickets/{number}").status == 200
    assert sunyue.get("/cc").words(".gd-mine .gd-chip") == []
    for nobody in ("", "huangyi", "x" * 3000):
        assert lina.post(f"/tickets/{number}/copies", {"people": nobody}).status in (404, 422)
    with site.cast.runtime.reading() as session:
        person = session.scalars(sa.select(Person.public_id).where(Person.login == "sunyue")).one()
    removal = f"/tickets/{number}/copies/{person}/removal"
    assert sunyue.post(removal).status == 403
    assert lina.post(removal).status == 303
    assert number not in sunyue.get("/cc").text


def test_whoever_is_not_signed_in_is_led_to_sign_in(site: Site) -> None:
    for path in ("/notices", "/notices/badge", "/notices/newest", "/me/notices", "/channels", "/cc"):
        assert site.anonymous().get(path).status == 303
