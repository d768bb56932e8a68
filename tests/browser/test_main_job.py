"""The main job in a browser: a designer uploads, a requester files, staff work, the clock strikes, the owner writes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, choose, complete, desk
from tests.browser.harness import shoot
from tests.cast import cast
from tests.tickets.play import SHIPPED

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def upload(page: Page, key: str) -> None:
    page.goto("/types/new")
    page.locator("input#files").set_input_files(sorted((SHIPPED / key).iterdir()))
    page.locator("main form button.btn-primary").click()


def file_crash(page: Page) -> str:
    """The number of the crash report that is filed through the page's form."""
    page.goto("/tickets/new/crash_report")
    page.get_by_label("机型").fill("HUAWEI DBY2-W09")
    page.get_by_label("App 版本").fill("3.2.0")
    page.get_by_label("系统", exact=True).select_option(label="HarmonyOS")
    page.get_by_label("系统版本").fill("4.2")
    choose(page, "闪退")
    page.get_by_label("在做什么").select_option(index=1)
    choose(page, "每次都会")
    page.get_by_label("经过").fill("全班 6 台 Pad 中有 2 台一进课堂就退出，都是昨天升级到 3.2 的。")
    page.get_by_label("最近一次的日期").fill("2026-11-20")
    page.get_by_label("时间", exact=True).fill("08:40")
    page.get_by_label("影响几名学员").fill("2")
    shoot(page, "03-file")
    page.get_by_role("button", name="提交工单").click()
    expect(page).to_have_url(re.compile(r"/tickets/CR-\d+"))
    return page.url.rsplit("/", 1)[1]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_crash_report_from_the_upload_to_its_close(desk: Desk, phone: bool) -> None:
    designer = desk.sign_in("hejing", phone=phone)
    upload(designer, "crash_report")
    expect(designer.locator("main")).to_contain_text("崩溃上报")
    shoot(designer, "06-type")
    designer.goto("/types")
    shoot(designer, "06-types")

    requester = desk.sign_in("zhoulan", phone=phone)
    number = file_crash(requester)
    expect(requester.locator("main")).to_contain_text("HUAWEI DBY2-W09")
    shoot(requester, "04-my-ticket")
    requester.goto("/my-tickets")
    shoot(requester, "04-my-tickets")

    support = desk.sign_in("lina", phone=phone)
    support.goto("/inbox?view=roles")
    expect(support.locator("main")).to_contain_text(number)
    shoot(support, "12-inbox")
    support.get_by_role("link", name=re.compile("HUAWEI")).first.click()
    support.locator("#task .gd-menu summary").click()
    support.get_by_role("button", name="认领").click()
    expect(support.locator("[data-toast]")).to_be_visible()

    desk.play.pass_time(minutes=31)
    lead = desk.sign_in("zhangwei", phone=phone)
    lead.goto("/inbox?view=roles")
    expect(lead.locator("main")).to_contain_text("催办")

    support.goto(f"/tickets/{number}")
    if not phone:
        expect(support.locator("[data-bpmn-src][data-ready='1']")).to_be_visible()
    shoot(support, "13-ticket")
    choose(support, "新缺陷，转研发")
    choose(support, "能上课，功能受影响")
    complete(support)

    developer = desk.sign_in("wanglei", phone=phone)
    developer.goto(f"/tickets/{number}")
    expect(developer.locator("main")).to_contain_text("李娜")
    expect(developer.locator("input[name=to][value=reply]")).to_be_disabled()
    assert refuses_to_reply(developer, number) == 403
    desk.pages.expect("403")
    developer.locator("textarea[name=body]").fill("日志确认：升级后麦克风权限被系统重置。")
    developer.get_by_role("button", name="记为内部备注").click()
    expect(developer.locator(".gd-internal")).to_contain_text("麦克风权限")
    fill_development(developer)
    shoot(developer, "13-ticket-developer")
    complete(developer)

    support.goto(f"/tickets/{number}")
    support.locator("textarea[name=body]").fill("原因已找到，3.2.1 今天下午灰度。")
    support.get_by_role("button", name=re.compile("发送给 周岚")).click()
    expect(support.locator(".gd-msg.own")).to_contain_text("3.2.1 今天下午灰度")
    fill_reply(support)
    complete(support)

    requester.goto(f"/tickets/{number}")
    expect(requester.locator("main")).to_contain_text("3.2.1 今天下午灰度")
    expect(requester.locator("main")).not_to_contain_text("日志确认")
    shoot(requester, "04-my-ticket-confirm")
    choose(requester, "解决了")
    complete(requester)
    expect(requester.locator("main")).to_contain_text("已关闭")

    support.goto(f"/tickets/{number}")
    shoot(support, "13-ticket-closed")
    told = support.locator("ol.gd-tl").inner_text()
    for words in ("周岚", "李娜 认领", "李娜 接单", "30 分", "王磊", "分诊", "研发处理", "答复", "确认结果", "关闭"):
        assert words in told, f"the timeline does not tell of {words}:\n{told}"


def refuses_to_reply(page: Page, number: str) -> int:
    """What the server says to a reply that the page does not offer."""
    token = page.locator("input[name=csrf_token]").first.input_value()
    form: dict[str, str | float | bool] = {"csrf_token": token, "body": "我来答复。"}
    return page.request.post(f"/tickets/{number}/replies", form=form, max_redirects=0).status


def fill_development(page: Page) -> None:
    choose(page, "已修复")
    page.get_by_label("原因", exact=True).select_option(index=1)
    page.get_by_label("原因说明").fill("升级后麦克风权限被重置，进课堂时未判断。")
    page.get_by_label("修复版本").fill("3.2.1")
    page.locator("input[type=date]").fill("2026-11-23")


def fill_reply(page: Page) -> None:
    choose(page, "已修复")
    page.get_by_label("答复内容").fill("升级时麦克风权限被系统重置，3.2.1 已修复，更新后即可。")
