"""What is typed and not sent yet is not lost: by leaving, by a session that ends, by another language, by a refusal."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, desk, enter_password
from tests.browser.harness import complaints
from tests.cast import cast

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FORM = "/tickets/new/customer_inquiry"
WORDS = "周六班平板登录后白屏"


@pytest.fixture
def half(desk: Desk) -> Page:
    """An inquiry that zhoulan has begun on her phone, with a field that one of her answers has brought."""
    desk.play.ship("customer_inquiry")
    page = desk.enter("zhoulan", FORM, phone=True)
    page.get_by_label("一句话说明").fill(WORDS)
    page.get_by_text("影响接下来的课").click()
    page.get_by_label("下一节课的日期").fill("2026-11-28")
    return page


def is_back(page: Page) -> None:
    expect(page.get_by_label("一句话说明")).to_have_value(WORDS)
    expect(page.get_by_label("影响接下来的课")).to_be_checked()
    expect(page.get_by_label("下一节课的日期")).to_have_value("2026-11-28")


def test_who_leaves_a_form_half_way_finds_it_again_and_may_begin_anew(half: Page) -> None:
    half.goto("/my-tickets")
    half.goto(FORM)
    is_back(half)
    assert complaints(half) == []
    half.locator("[data-kept-note] button").click()
    expect(half.locator("[data-kept-note]")).to_be_hidden()
    expect(half.get_by_label("一句话说明")).to_have_value("")


def test_another_language_loses_nothing(half: Page) -> None:
    half.locator(".gd-menu summary").last.click()
    half.get_by_role("button", name="English").click()
    expect(half.locator("html")).to_have_attribute("lang", "en")
    expect(half.locator("[name=summary]")).to_have_value(WORDS)


def test_a_session_that_ends_meanwhile_loses_nothing(desk: Desk, half: Page) -> None:
    desk.pages.expect("40[01]")
    half.context.clear_cookies()
    half.get_by_label("详细情况").fill("三台都这样")
    expect(half).to_have_url(re.compile(rf"/login\?next={FORM}$"))
    enter_password(half, "zhoulan")
    expect(half).to_have_url(re.compile(f"{FORM}$"))
    is_back(half)


def test_what_was_sent_without_a_session_is_back_after_signing_in(desk: Desk, half: Page) -> None:
    desk.pages.expect("40[01]")
    half.context.clear_cookies()
    half.get_by_role("button", name="提交工单").click()
    expect(half).to_have_url(re.compile(rf"/login\?next={FORM}$"))
    enter_password(half, "zhoulan")
    is_back(half)


def test_a_refused_form_has_the_address_of_the_form_and_what_is_filed_is_kept_no_longer(desk: Desk, half: Page) -> None:
    desk.pages.expect("422")
    half.get_by_role("button", name="提交工单").click()
    expect(half.get_by_role("alert")).to_be_visible()
    expect(half).to_have_url(re.compile(f"{FORM}$"))
    half.reload()
    is_back(half)
    half.get_by_label("关于什么").select_option(index=1)
    half.get_by_label("你是").select_option(label="老师")
    half.get_by_label("详细情况").fill("三台都这样")
    half.get_by_label("时间").fill("09:00")
    half.get_by_role("button", name="提交工单").click()
    expect(half).to_have_url(re.compile("/tickets/CI-"))
    half.goto(FORM)
    expect(half.get_by_label("一句话说明")).to_have_value("")
    expect(half.locator("[data-kept-note]")).to_be_hidden()


def test_a_reply_half_written_is_there_again_and_a_sent_one_is_not(desk: Desk) -> None:
    desk.play.ship("crash_report")
    page = desk.enter("zhoulan", f"/tickets/{desk.file_crash()}")
    page.locator("#answer").fill("又出现了一次")
    page.goto("/my-tickets")
    page.go_back()
    page.reload()
    expect(page.locator("#answer")).to_have_value("又出现了一次")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator("#letters")).to_contain_text("又出现了一次")
    page.reload()
    expect(page.locator("#answer")).to_have_value("")


def test_signing_out_forgets_what_was_typed(desk: Desk, half: Page) -> None:
    desk.pages.expect("401")  # the form may just be asked anew
    half.locator(".gd-menu summary").last.click()
    half.get_by_role("button", name="退出登录").click()
    expect(half).to_have_url(re.compile("/login"))
    assert half.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('gongdan.kept')).length") == 0


def test_a_note_half_written_opens_the_folded_composer_of_a_ticket_that_is_over(desk: Desk) -> None:
    desk.play.ship("crash_report")
    number = desk.file_crash()
    desk.play.complete("lina", "Task_Triage", finding="usage", severity="minor")
    desk.play.complete("lina", "Task_Reply", outcome="usage", reply="重启即可。")
    page = desk.enter("lina", f"/tickets/{number}")
    expect(page.locator("#composer")).to_be_hidden()
    page.locator(".gd-fold summary").click()
    page.locator("#composer textarea").fill("下次直接答复")
    page.goto("/inbox")
    page.goto(f"/tickets/{number}")
    expect(page.locator("#composer textarea")).to_be_visible()
    expect(page.locator("#composer textarea")).to_have_value("下次直接答复")


def test_the_subject_one_had_chosen_is_chosen_again(desk: Desk) -> None:
    desk.play.ship("parent_meeting")
    desk.cast.add_subjects()
    page = desk.enter("zhaomin", "/tickets/new/parent_meeting")
    page.get_by_label("按姓名或编号搜索").press_sequentially("剑桥")
    page.get_by_text("周六上午 剑桥少儿三级").click()
    page.goto("/my-tickets")
    page.goto("/tickets/new/parent_meeting")
    expect(page.locator("[data-kept-note]")).to_be_visible()
    expect(page.get_by_label("周六上午 剑桥少儿三级")).to_be_checked()


def test_a_page_left_open_says_once_that_one_was_signed_out_and_asks_no_more(desk: Desk) -> None:
    desk.play.ship("crash_report")
    address = f"/tickets/{desk.file_crash()}"
    page = desk.enter("zhoulan", address, phone=True)
    page.get_by_label("补充信息").fill(WORDS)
    while not page.evaluate("localStorage.length"):
        page.wait_for_timeout(50)
    page.context.clear_cookies()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-toast]")).to_have_text(re.compile("^你已退出登录。 你填的内容还保留在这个浏览器里。"))
    assert len({url for url in asked if "/login" not in url}) == page.locator("[data-version-src]").count()
    asked.clear()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-toast]")).to_have_count(1)
    assert asked == []
    page.locator("[data-toast]").get_by_role("link", name="重新登录").click()
    enter_password(page, "zhoulan")
    expect(page).to_have_url(re.compile(f"{address}$"))
    expect(page.get_by_label("补充信息")).to_have_value(WORDS)
