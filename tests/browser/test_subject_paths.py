"""Subjects in a browser: made by hand, imported with an error and mended, and a contract that comes to its end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, choose, complete, desk
from tests.browser.harness import complaints, shoot
from tests.cast import cast
from tests.tickets.standards.campus import Campus

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HEADING = "类型,编号,姓名,校区,负责人,合同到期,属性.年级"


def test_a_campus_head_keeps_a_student_by_hand(desk: Desk) -> None:
    desk.pages.expect("422")
    page = desk.enter("zhaomin", "/subjects")
    page.get_by_role("link", name="新建业务对象").click()
    page.locator("#external_id").fill("QH-S-9001")
    page.get_by_label("地点").select_option(label="深圳南山校区")
    page.get_by_label("负责人").fill("liutao")
    page.get_by_label("合同到期").fill("2027-01-31")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#errors")).to_be_focused()
    page.locator("#errors").get_by_role("link").click()
    expect(page.get_by_label("名称", exact=True)).to_be_focused()
    assert complaints(page) == []
    page.keyboard.type("陆知行")
    expect(page.locator("#external_id")).to_have_value("QH-S-9001")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-toast]")).to_contain_text("陆知行")
    facts = page.get_by_role("region", name="基本信息")
    expect(facts).to_contain_text("刘涛")
    expect(facts).to_contain_text("2027-01-31")


def test_a_class_that_is_kept_by_hand_begins_its_standard_and_its_page_shows_so(desk: Desk) -> None:
    campus = Campus(desk.play)
    campus.define()
    campus.set_up()
    page = desk.enter("zhaomin", "/subjects", phone=True)
    page.get_by_role("link", name="新建业务对象").click()
    page.get_by_label("种类").select_option(label="班级")
    page.get_by_label("开课日期").fill("2026-12-01")
    page.get_by_label("阶段日期").fill("第一阶段 2027-01-09")
    page.get_by_label("学生").fill("安然、伯言")
    assert complaints(page) == []
    page.locator("#external_id").fill("QH-C-9001")
    page.get_by_label("名称", exact=True).fill("周日 拼读启蒙")
    page.get_by_label("地点").select_option(label="深圳南山校区")
    page.get_by_role("button", name="保存").click()
    tickets = page.locator("#tickets-about")
    expect(tickets).to_contain_text("稍后会出现在这里")
    desk.play.settle()
    campus.begin_due()
    expect(tickets.get_by_role("link")).to_have_count(1)


def test_an_import_tells_which_row_is_wrong_and_takes_the_mended_file(desk: Desk) -> None:
    desk.pages.expect("422")
    good = "student,QH-S-9002,许安,sz-nanshan,liutao,2027-03-31,三年级"
    wrong = "student,QH-S-9003,顾言,sz-nanshan,liutao,2027-02-30,四年级"
    page = desk.enter("zhaomin", "/subjects/import")
    send_sheet(page, HEADING, good, wrong)
    report = page.get_by_role("table")
    expect(report.get_by_role("row")).to_have_count(2)
    expect(report.get_by_role("cell").nth(0)).to_contain_text("3")
    expect(report.get_by_role("cell").nth(1)).to_have_text("合同到期")
    expect(page.get_by_role("alert")).to_be_visible()
    assert complaints(page) == []
    shoot(page, "10-import-refused")
    send_sheet(page, HEADING, good, "student,QH-S-9003,顾言,sz-nanshan,liutao,2027-02-28,四年级")
    expect(page).to_have_url(re.compile("/subjects$"))
    expect(page.locator("[data-toast]")).to_contain_text("2")
    expect(page.get_by_role("table")).to_contain_text("顾言")


def test_a_contract_near_its_end_comes_to_the_consultant_or_to_the_superior_of_one_who_left(desk: Desk) -> None:
    desk.play.ship("renewal_reminder")
    system = desk.window(extra_http_headers={"Authorization": f"Bearer {desk.token('admin')}"})
    for external_id, name, login in (("QH-S-9004", "沈禾", "liutao"), ("QH-S-9005", "唐果", "wufang")):
        facts = {"name": name, "place": "sz-nanshan", "responsible": login, "contract_end": "2027-01-10"}
        answer = system.request.put(f"/api/v1/subjects/student/{external_id}", data=facts)
        assert answer.status == 201, answer.text()
    desk.play.settle()
    consultant, head = desk.enter("liutao", "/inbox"), desk.enter("zhaomin", "/inbox")
    for page in (consultant, head):
        expect(page.locator(".gd-empty")).to_be_visible()

    desk.play.pass_time(days=21)  # 2026-12-11, 30 days before
    consultant.reload()
    row = consultant.get_by_role("row", name="沈禾")
    expect(row).to_contain_text("联系家长")
    expect(consultant.get_by_role("table")).not_to_contain_text("唐果")
    head.reload()
    expect(head.get_by_role("row", name="唐果")).to_contain_text("主管联系")
    expect(head.get_by_role("table")).not_to_contain_text("沈禾")

    row.get_by_role("link").click()
    consultant.get_by_label("沟通要点").fill("想改到周末上午，下周三前答复。")
    choose(consultant, "已续费")
    consultant.get_by_label("怎么联系的").select_option(label="电话")
    consultant.get_by_label("新合同到期日").fill("2028-01-10")
    shoot(consultant, "13-renewal")
    complete(consultant)
    expect(consultant.locator("main")).to_contain_text("已关闭")


def send_sheet(page: Page, *lines: str) -> None:
    """Upload a CSV file of these lines, as a spreadsheet in China saves it."""
    content = "\r\n".join(lines).encode("gbk")
    page.locator("input#file").set_input_files({"name": "学员.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="检查并导入").click()
