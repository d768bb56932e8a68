"""A process that somebody only drew, in a browser: what the drawing leaves open is asked of people, step by step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, complete, desk
from tests.browser.harness import complaints, shoot
from tests.cast import cast

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DRAWING = Path(__file__).with_name("kickoff.bpmn")
"""A gateway without conditions, an ad-hoc sub-process, a collapsed one, and one for an event without a trigger."""


def test_a_drawing_from_the_upload_to_the_end(desk: Desk) -> None:
    designer = desk.sign_in("hejing")
    designer.goto("/types/new")
    designer.locator("input#files").set_input_files(DRAWING)
    designer.locator("main form button.btn-primary").click()
    report = designer.locator("ol.gd-list")
    expect(report).to_contain_text("「检查教室」会问走哪一条")
    expect(report).to_contain_text("由人来确认它已经发生")
    assert complaints(designer) == []
    shoot(designer, "06-type-drawn")

    requester = desk.sign_in("zhoulan")
    requester.goto("/tickets/new/kickoff")
    requester.get_by_role("button", name="提交工单").click()
    expect(requester).to_have_url(re.compile(r"/tickets/T-\d+"))

    page = desk.sign_in("lina")
    page.goto(requester.url)
    expect(page.locator("#task-name")).to_have_text("检查教室")
    choose_from(page, "教室能用吗", "否")
    stands_at(page, "换教室", "move")
    complete(page)
    stands_at(page, "准备工作", "prepare")
    choose_from(page, "接下来做什么", "做课件")
    stands_at(page, "做课件", "prepare", "slides")
    complete(page)
    stands_at(page, "准备工作", "prepare")
    choose_from(page, "接下来做什么", "备礼物")
    stands_at(page, "备礼物", "prepare", "gifts")
    page.get_by_role("link", name="准备工作").click()
    choose_from(page, "接下来做什么", "完成")
    stands_at(page, "举行典礼", "ceremony")
    page.get_by_title("打开典礼").click()
    expect(page.locator(".djs-element.gd-current[data-element-id=hold]")).to_be_visible()
    page.reload()
    stands_at(page, "举行典礼", "ceremony")
    assert complaints(page) == []
    shoot(page, "13-ticket-drawn")

    page.get_by_role("link", name="班级取消了").click()
    page.get_by_role("button", name="已经发生").click()
    stands_at(page, "通知家长", "tell")
    complete(page)
    expect(page.locator("main")).to_contain_text("已关闭")
    told = page.locator("ol.gd-tl").inner_text()
    for words in (
        "完成了「换教室」",
        "在「准备工作」中开始了「做课件」",
        "结束了「准备工作」，不用再办：备礼物",
        "确认「班级取消了」已经发生",
        "关闭",
    ):
        assert words in told, f"the timeline does not tell of {words}:\n{told}"
    requester.reload()
    expect(requester.locator("main")).to_contain_text("已关闭")


def choose_from(page: Page, label: str, option: str) -> None:
    """Answer the one question of the task that is shown."""
    page.get_by_label(label).select_option(label=option)
    complete(page)


def stands_at(page: Page, task: str, *elements: str) -> None:
    """The task's form is shown, and these elements are marked in the diagram."""
    expect(page.locator("#task-name")).to_have_text(re.compile(rf"(^|：){task}$"))
    expect(page.locator("[data-bpmn-src][data-ready='1']")).to_be_visible()
    marked = page.locator(".djs-element.gd-current")
    expect(marked).to_have_count(len(elements))
    assert {each.get_attribute("data-element-id") for each in marked.all()} == set(elements)
